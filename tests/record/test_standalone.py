"""`verify/huying_verify.py` as an outsider runs it: alone, by subprocess, on what is sound and what isn't."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from huying.base.clock import MINUTE, ManualClock
from huying.record.book import Book
from huying.record.checkpoint import Checkpoint
from huying.record.mirror import write_mirror
from huying.record.notary import Notary
from huying.record.note import COSIGNED, Signer, read_lines, sign
from huying.record.witness import Witness, request_body
from huying.store import schema, tree
from huying.store.care import export_store
from huying.store.opening import open_store
from huying.system import SystemChance
from store.sample import NOON, Sample, calls

ROOT = Path(__file__).resolve().parents[2]
LOG = Signer("record.example/yunxi", b"l" * 32)
OTHER = Signer("record.example/yunxi", b"o" * 32)
COURTS = [Signer(f"court.example/w{n}", bytes([n]) * 32, COSIGNED) for n in (1, 2, 3)]
FACTS = 606


class Outsider:
    """What an outsider has: exports, mirror, checkpoints, proofs, in one folder; and the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *options: str, need: int = 0, key: str = LOG.verifier.vkey) -> tuple[int, str]:
        program = ROOT / "verify" / "huying_verify.py"
        witnesses = [part for each in COURTS[:2] for part in ("--witness", each.verifier.vkey)]
        done = subprocess.run(
            [sys.executable, "-I", program, "--key", key, *witnesses, "--need", str(need), *options],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == "", done.stderr
        return done.returncode, done.stdout

    def lines(self) -> list[bytes]:
        return (self.folder / "facts").read_bytes().splitlines(keepends=True)

    def write(self, lines: list[bytes]) -> None:
        (self.folder / "facts").write_bytes(b"".join(lines))


def build(folder: Path) -> None:
    """A journal of 606 facts with checkpoints over 303, 306 and 606, each cosigned by two witnesses."""
    opened = open_store(str(folder / "city.sqlite"), SystemChance(), {})
    clock, sample = ManualClock(NOON), Sample()
    notary = Notary(opened.store, opened.questions, clock, LOG.verifier.name, [LOG])
    book = Book(opened.questions, LOG.verifier.name, ())
    courts = [Witness(each, [LOG.verifier], folder / each.verifier.name[-2:], clock) for each in COURTS[:2]]
    old = 0
    for count in (101, 1, 100):
        calls(opened.store, sample, count, words="路灯不亮，电话 13800000000", at=clock.at)
        clock.at += MINUTE
        notary.look()
        text, size = book.checkpoint(), opened.store.head.seq
        path = book.consistency(old, size) if old else []
        for court in courts:
            (line,) = read_lines(court.add_checkpoint(request_body(old, path, text)).body)
            opened.store.put(schema.cosignature, [(size, line.name, clock.at, line.text)])
        (folder / f"c{size}").write_text(book.checkpoint(), "utf-8")
        old = size
        if size == 303:
            write_mirror(book, folder / "yesterday")
    growth = {"proof": [b64encode(each).decode() for each in book.consistency(303, 606)]}
    (folder / "growth").write_text(json.dumps(growth))
    write_mirror(book, folder / "mirror")
    (folder / "proof").write_text(book.proof(305, body=True), "utf-8")
    (folder / "quiet").write_text(book.proof(305, body=False), "utf-8")
    for court in courts:
        court.close()
    opened.close()
    export_store(str(folder / "city.sqlite"), folder / "facts", whole=True)
    export_store(str(folder / "city.sqlite"), folder / "masked")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outsider")
    build(folder)
    return folder


@pytest.fixture
def outsider(built: Path, tmp_path: Path) -> Outsider:
    shutil.copytree(built, tmp_path / "x")
    return Outsider(tmp_path / "x")


FACTS_AND_POINTS = [
    "--facts",
    "facts",
    "--checkpoint",
    "c303",
    "--checkpoint",
    "c306",
    "--checkpoint",
    "c606",
]


def test_it_is_one_short_file_that_stands_alone() -> None:
    text = (ROOT / "verify" / "huying_verify.py").read_text("utf-8")
    assert len(text.splitlines()) <= 200
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


@pytest.mark.parametrize("need", [0, 2])
def test_a_sound_record(outsider: Outsider, need: int) -> None:
    code, said = outsider.run(*FACTS_AND_POINTS, need=need)
    assert (code, said) == (
        0,
        "属实：606 条事实与签名时一致\nSOUND: 606 facts are as they were when they were signed\n",
    )
    assert outsider.run("--tiles", "mirror", "--facts", "facts", need=need)[0] == 0
    assert outsider.run("--tiles", "mirror", "--checkpoint", "c303", need=need)[0] == 0
    assert outsider.run("--tiles", "yesterday", "--facts", "facts", need=need) == (
        0,
        "属实：303 条事实与签名时一致\nSOUND: 303 facts are as they were when they were signed\n"
        "检查点之后还有 303 条，未经签名\n303 more are newer than the newest checkpoint and unsigned\n",
    )
    assert "fact 305 is in" in outsider.run("--proof", "proof", need=need)[1]
    assert "erased or not shown" in outsider.run("--proof", "quiet", need=need)[1]
    growth = ["--growth", "growth", "--checkpoint", "c606", "--checkpoint", "c303"]
    assert "SOUND: the record still begins with the 303" in outsider.run(*growth, need=need)[1]
    assert outsider.run(*FACTS_AND_POINTS, "--late", "5", need=need)[0] == 0


def test_masked_and_erased_words_are_counted(outsider: Outsider) -> None:
    shutil.copy(outsider.folder / "masked", outsider.folder / "facts")
    lines = outsider.lines()
    code, said = outsider.run(*FACTS_AND_POINTS)
    masked = sum(b'"digest"' in line for line in lines)
    assert (code, masked > 0) == (0, True)
    assert f"of these {masked} are masked" in said
    assert b"13800000000" not in b"".join(lines)
    fact = json.loads(lines[0])
    outsider.write([re.sub(rb'"body":.*}', b'"body":null}', lines[0]), *lines[1:]])
    assert "digest" in fact
    assert "of these 1 are erased" in outsider.run(*FACTS_AND_POINTS)[1]


def edit(seq: int, old: str, new: str) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        assert old.encode() in lines[seq - 1]
        lines[seq - 1] = lines[seq - 1].replace(old.encode(), new.encode())
        return lines

    return change


TAMPERINGS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int]] = {
    "words": (edit(4, "不亮", "很亮"), 4),
    "actor": (edit(300, "desk-1", "desk-2"), 300),
    "type": (edit(5, "incident.opened", "incident.closed"), 5),
    "salt": (edit(301, '"salt":"', '"salt":"00'), 301),
    "twice": (edit(7, '"actor":', '"actor":"x","actor":'), 7),
    "another field": (edit(7, '"actor":', '"note":1,"actor":'), 7),
    "not json": (edit(7, "{", "["), 7),
    "a wrong digest": (lambda lines: [re.sub(rb'"salt":"\w+"', b'"digest":"00"', lines[0]), *lines[1:]], 1),
    "dropped": (lambda lines: lines[:199] + lines[200:], 200),
    "swapped": (lambda lines: [*lines[:9], lines[10], lines[9], *lines[11:]], 10),
    "inserted": (lambda lines: [*lines[:50], lines[49], *lines[50:]], 51),
    "renumbered": (edit(200, '"seq":200', '"seq":201'), 200),
    "back-dated": (edit(305, '"at":1772424060', '"at":1772423060'), 305),
    "cut": (lambda lines: lines[:600], 601),
    "cut behind the first checkpoint": (lambda lines: lines[:303], 304),
    "emptied": (lambda lines: [], 1),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_every_tampering_is_found(outsider: Outsider, name: str) -> None:
    change, seq = TAMPERINGS[name]
    outsider.write(change(outsider.lines()))
    code, said = outsider.run(*FACTS_AND_POINTS)
    first, last = map(int, re.findall(r"facts (\d+) to (\d+)", said)[0])
    assert code == 1
    assert first <= seq <= last
    if name not in ("cut", "cut behind the first checkpoint", "emptied"):  # these lie behind its end
        code, said = outsider.run("--facts", "facts", "--tiles", "mirror")
        assert (code, re.findall(r"facts (\d+) to (\d+)", said)) == (1, [(str(seq), str(seq))])


def test_an_edit_before_the_first_checkpoint_is_bounded_by_it(outsider: Outsider) -> None:
    outsider.write(edit(4, "不亮", "很亮")(outsider.lines()))
    assert "facts 1 to 303" in outsider.run(*FACTS_AND_POINTS)[1]
    outsider.write(edit(305, "incident.opened", "incident.closed")(outsider.lines()))


def point(size: int, root: bytes, *signers: Signer) -> str:
    return sign(Checkpoint(LOG.verifier.name, size, root).body, signers)


def test_checkpoints_that_are_not_signed_as_they_should_be(outsider: Outsider) -> None:
    folder = outsider.folder
    c606 = (folder / "c606").read_text("utf-8")
    assert "no true signature" in outsider.run(*FACTS_AND_POINTS, key=OTHER.verifier.vkey)[1]
    assert "too few" in outsider.run(*FACTS_AND_POINTS, need=3)[1]
    for changed in (
        c606.replace("\n606\n", "\n605\n"),
        point(606, b"r" * 32, OTHER),
        c606.split("— ")[0],
        re.sub(r"— record\S* \S+", lambda m: m[0][:-9] + "AAAAAAA==", c606),
    ):
        (folder / "c606").write_text(changed, "utf-8")
        code, said = outsider.run(*FACTS_AND_POINTS)
        assert (code, "NOT SOUND" in said or "can't" in said) == (2 if "can't" in said else 1, True)
    lines = c606.split("\n")
    late = lines[-2].split(" ")
    raw = b64decode(late[2])
    moved = b64encode(raw[:4] + (int.from_bytes(raw[4:12]) + 3600).to_bytes(8) + raw[12:]).decode()
    (folder / "c606").write_text(c606.replace(late[2], moved), "utf-8")
    assert outsider.run(*FACTS_AND_POINTS, need=1)[0] == 0
    assert "too few" in outsider.run(*FACTS_AND_POINTS, need=2)[1]


def test_who_has_the_key_signs_another_past_and_is_found_by_an_older_checkpoint(outsider: Outsider) -> None:
    """All hashes recomputed, signed with the true key: sound by itself, not with what an outsider kept."""
    lines = edit(4, "不亮", "很亮")(outsider.lines())
    outsider.write(lines)
    sys.path.insert(0, str(ROOT / "verify"))
    try:
        from huying_verify import leaf_of  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    leaves = [leaf_of(line)[1] for line in lines]
    (outsider.folder / "forged").write_text(
        point(606, tree.Frontier().append(leaves)[0].head(), LOG), "utf-8"
    )
    alone = ["--facts", "facts", "--checkpoint", "forged"]
    assert outsider.run(*alone)[0] == 0
    assert "too few" in outsider.run(*alone, need=1)[1]
    for kept in ("c303", "c606"):
        code, said = outsider.run(*alone, "--checkpoint", kept)
        assert (code, "facts 1 to" in said) == (1, True)
    assert outsider.run("--growth", "growth", "--checkpoint", "c303", "--checkpoint", "forged")[0] == 1


def test_forged_proofs_growth_and_tiles(outsider: Outsider) -> None:
    folder = outsider.folder
    proof = (folder / "proof").read_text("utf-8")
    extra = b64decode(re.findall("extra (.*)", proof)[0])
    said = b64encode(extra.replace("不亮".encode(), "很亮".encode()).replace(b"desk-1", b"desk-9")).decode()
    for changed in (
        proof.replace("index 304", "index 303"),
        re.sub("extra .*", f"extra {said}", proof),
        re.sub(r"(index \d+\n).+\n", r"\1", proof),
        proof.replace("tlog-proof@v1", "tlog-proof@v9"),
    ):
        (folder / "proof").write_text(changed, "utf-8")
        assert outsider.run("--proof", "proof")[0] == 1, changed
    for hashes in ([], ["A" * 43 + "="] * 9):
        (folder / "growth").write_text(json.dumps({"proof": hashes}))
        code, _ = outsider.run("--growth", "growth", "--checkpoint", "c606", "--checkpoint", "c303")
        assert code in (1, 2)
    tile = folder / "mirror" / "tile" / "0" / "001"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    assert outsider.run("--tiles", "mirror")[0] == 1
    tile.unlink()
    assert outsider.run("--tiles", "mirror")[0] == 2


def test_facts_dated_before_a_witness_saw_the_journal_without_them(outsider: Outsider) -> None:
    """The clock was put back: fact 307 and on claim an hour that the witnesses had seen go by."""
    text = (outsider.folder / "c306").read_text("utf-8")
    body = text.rpartition("\n\n")[0] + "\n"
    later = [each.line(body, NOON // 1_000_000 + 7_200) for each in COURTS[:2]]
    (outsider.folder / "c306").write_text(sign(body, [LOG]) + "".join(later), "utf-8")
    assert outsider.run(*FACTS_AND_POINTS, need=2)[0] == 0
    code, said = outsider.run(*FACTS_AND_POINTS, "--late", "60", need=2)
    assert (code, "facts 307 to 307" in said, "before a witness" in said) == (1, True, True)


@pytest.mark.parametrize(
    "options",
    [[], ["--facts", "nothing", "--checkpoint", "c303"], ["--tiles", "nothing"], ["--proof", "c303"]],
)
def test_what_can_not_be_checked_is_no_verdict(outsider: Outsider, options: list[str]) -> None:
    code, said = outsider.run(*options)
    assert (code, "can't be checked" in said) == (2, True)


@pytest.mark.slow
def test_from_a_fresh_clone(built: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", "--depth=1", ROOT.as_uri(), tmp_path / "clone"], check=True)
    program = tmp_path / "clone" / "verify" / "huying_verify.py"
    if not program.exists():
        pytest.skip("not committed yet")
    command = [sys.executable, "-I", program, "--key", LOG.verifier.vkey, "--tiles", built / "mirror"]
    assert subprocess.run([*command, "--facts", built / "facts"], check=False).returncode == 0
    assert subprocess.run([*command, "--facts", built / "masked"], check=False).returncode == 0
