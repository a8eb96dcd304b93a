"""Signed notes, checkpoints and tile addresses: against others' own examples, and what is refused."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.base.refusal import Refusal
from huying.record.checkpoint import Checkpoint, read_checkpoint
from huying.record.note import COSIGNED, Signer, read_lines, read_note, read_vkey, sign, with_lines
from huying.record.tiles import path_of, read_path, widths

# From the documentation of golang.org/x/mod/sumdb/note, which the C2SP text describes.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAID = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    SAID
    + "\n— PeterNeumann "
    + "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ROOT = bytes(range(32))
LOG = Signer("record.example/yunxi", b"l" * 32)
COURT = Signer("court.example/w1", b"c" * 32, COSIGNED)


def test_a_note_of_another_s_verifies_and_a_changed_one_does_not() -> None:
    peter = read_vkey(PETER)
    assert peter.vkey == PETER
    assert peter.signed(read_note(SIGNED))
    assert not peter.signed(read_note(SIGNED.replace("don't", "do")))
    assert not LOG.verifier.signed(read_note(SIGNED))


def test_a_checkpoint_with_its_cosignature() -> None:
    point = Checkpoint("record.example/yunxi", 42, ROOT)
    text = sign(point.body, [LOG])
    line = COURT.line(point.body, 1_772_424_000)
    cosigned = with_lines(text, [line, line])
    found, note = read_checkpoint(cosigned)
    assert (found, note.text, len(note.lines)) == (point, cosigned, 2)
    assert LOG.verifier.signed(note)
    court = read_vkey(COURT.verifier.vkey)
    assert [court.time_of(each, note.body) for each in note.lines] == [None, 1_772_424_000]
    (late,) = read_lines(line)
    moved = late._replace(signature=(1_772_424_001).to_bytes(8) + late.signature[8:])
    assert court.time_of(moved, note.body) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no signature\n",
        "text\n\n",
        "text\n\n— name !!!\n",
        "text\n\n— name QUJD\n",
        "text\n\n- name QUJDREVG\n",
        "text\n\n— na me QUJDREVG\n",
        "te\tt\n\n— name QUJDREVG\n",
        "text\n\n— name QUJDREVG",
        "x" * 20_000 + "\n\n— name QUJDREVG\n",
        "text\n\n" + "— name QUJDREVG\n" * 65,
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="bad_note"):
        read_note(text)


@pytest.mark.parametrize(
    "body",
    [
        "origin\n",
        "origin\n1\n",
        "origin\n01\n" + b64encode(ROOT).decode() + "\n",
        "origin\n-1\n" + b64encode(ROOT).decode() + "\n",
        "origin\n1\nQUJD\n",
        "\n1\n" + b64encode(ROOT).decode() + "\n",
        "origin\n1\n" + b64encode(ROOT).decode() + "\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(body: str) -> None:
    with pytest.raises(Refusal, match="bad_note"):
        read_checkpoint(sign(body, [LOG]))


@pytest.mark.parametrize(
    "vkey",
    ["", "name", "name+1+2", PETER[:-4], PETER.replace("Peter", "Pete"), PETER.replace("c74f", "c74e")],
)
def test_what_is_no_key_is_refused(vkey: str) -> None:
    with pytest.raises(Refusal, match="bad_vkey"):
        read_vkey(vkey)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "\u3000", "x" * 256])
def test_a_key_has_a_name_that_fits_into_a_line(name: str) -> None:
    with pytest.raises(Refusal, match="bad_key_name"):
        Signer(name, b"k" * 32)


@given(st.integers(0, 5), st.integers(0, 10**15 - 1), st.integers(1, 256))
def test_tile_addresses_there_and_back(level: int, n: int, width: int) -> None:
    assert read_path(path_of(level, n, width)) == (level, n, width)


def test_the_formats_own_examples() -> None:
    assert path_of(0, 1_234_067) == "0/x001/x234/067"
    assert read_path("entries/000.p/7") == ("entries", 0, 7)
    count = {level: [w for at, _, w in widths(70_000) if at == level] for level in range(3)}
    assert [(len(all), all[-1]) for all in count.values()] == [(274, 112), (2, 17), (1, 1)]


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/1", "64/000", "00/000", "0/x000/001", "0/000.p/0", "0/000.p/256", "0/000/001", "0/../x"],
)
def test_other_addresses_are_refused(path: str) -> None:
    with pytest.raises(Refusal, match="no_such_address"):
        read_path(path)


def test_a_signer_shows_no_secret() -> None:
    assert b64encode(b"l" * 32).decode() not in repr(LOG)
    assert b64decode(LOG.verifier.vkey.split("+")[2])[0] == 1
