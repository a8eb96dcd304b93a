"""Many ways of writing the same words become one, and every character knows where it came from."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from huying.triage import normalise as form_of
from huying.triage.form import SEPARATOR
from huying.triage.normalise import TEXT_CHARS_MAX, normalise, normalise_all, plain_text


@pytest.mark.parametrize(
    ("written", "one_form"),
    [
        ("轉 账", "转账"),
        ("转*账.给_他", "转账给他"),
        ("ＨＥＬＰ １１０", "help 110"),
        ("h e l p me", "help me"),
        ("着\u200b火\ufe0f了", "着火了"),
        ("pаypal раssword", "paypal password"),
        ("𝐇𝐞𝐥𝐩 café", "help cafe"),
        ("壹万贰仟", "一万二千"),
        ("电话13812345678", "电话00000000000"),
        ("K12+300", "k12+300"),
        ("救   命！！", "救命!!"),
        ("A路与B路", "a路与b路"),
        ("Street Light - Outage", "street light - outage"),
        ("\x00aa\x07bb", " aa bb"),
        ("", ""),
    ],
)
def test_one_form(written: str, one_form: str) -> None:
    assert normalise(written).text() == one_form


def test_a_span_of_the_one_form_is_a_span_of_the_callers_words() -> None:
    said = "他叫我 轉 账 两万"
    normal = normalise(said)
    start = normal.text().index("转账")
    begin, end = normal.span(start, start + 2)
    assert said[begin:end] == "轉 账"


@given(st.text())
def test_every_character_comes_from_the_words_in_order(said: str) -> None:
    normal = normalise(said)
    inside = normal.origin[:-1]
    assert (np.diff(inside) > 0).all()
    assert len(inside) == 0 or (inside[0] >= 0 and inside[-1] < min(len(said), TEXT_CHARS_MAX))
    assert normal.codes[-1] == SEPARATOR and (normal.codes[:-1] != SEPARATOR).all()


@given(st.one_of(st.text(), st.text("一零3楼 a*.\u200bx帳", max_size=20)))
@example("一 一 零")
@example("在 3\u200b楼")
@example("3楼 2号 h e l p")
def test_the_one_form_is_its_own_one_form(said: str) -> None:
    """So a text that was read may be read again, in training as at the desk."""
    once = normalise_all((said,), hide=False).text()
    assert normalise_all((once,), hide=False).text() == once


@given(st.one_of(st.text(), st.text("一二〇零壹貳百门門h e3A", max_size=20)))
@example("一" * TEXT_CHARS_MAX + "二")
def test_the_words_of_a_pack_get_the_same_form(said: str) -> None:
    assert plain_text(said) == normalise_all((said,), hide=False).text()


WITHOUT_NUMBA = """
import json, sys
sys.modules["numba"] = None
from huying.triage import normalise
assert not normalise.HERE
for text in json.load(sys.stdin):
    got = normalise.normalise(text)
    print(json.dumps([got.codes.tolist(), got.kinds.tolist(), got.origin.tolist()]))
"""


def test_without_numba_the_same_loop_gives_the_same() -> None:
    if not form_of.HERE:
        pytest.skip("numba (extra `compiled`) is not installed")
    mixed = np.random.default_rng(7)
    some = list("一二零百3 07楼室  a b z*·.帳ＡÉ着火\u200b\ufe0f🔥\0")
    texts = ["".join(mixed.choice(some, size)) for size in mixed.integers(0, 30, 400).tolist()]
    asked = [sys.executable, "-c", WITHOUT_NUMBA]
    done = subprocess.run(asked, input=json.dumps(texts), capture_output=True, text=True, check=True)
    for text, line in zip(texts, done.stdout.splitlines(), strict=True):
        got = normalise(text)
        assert [got.codes.tolist(), got.kinds.tolist(), got.origin.tolist()] == json.loads(line), text


@given(st.lists(st.text(max_size=40), max_size=8))
def test_many_at_once_are_as_each_alone(said: list[str]) -> None:
    together = normalise_all(said)
    ends = np.flatnonzero(together.codes == SEPARATOR)
    assert len(ends) == len(said)
    for n, (one, end) in enumerate(zip(said, ends.tolist(), strict=True)):
        begin = int(ends[n - 1]) + 1 if n else 0
        alone = normalise(one)
        assert together.codes[begin : end + 1].tolist() == alone.codes.tolist()
        assert together.origin[begin : end + 1].tolist() == alone.origin.tolist()


def test_a_hundred_kilobytes_are_cut() -> None:
    assert len(normalise("火" * 100_000).codes) == TEXT_CHARS_MAX + 1
