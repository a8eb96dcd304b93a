"""What is written short, misheard or misspelt is understood as written out; reasons stay in the words as they
came."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.domain.shorthand import Short
from huying.triage.modelled import ModelTriage
from huying.triage.normalise import tables
from huying.triage.reading import EXPANDED_MAX, Reader
from pack_files import check
from shipped_packs import pack
from tiny_pack import tiny_pack

ROWS = [
    Short(2, "JTSG", "交通事故"),
    Short(3, "人伤", "有人受伤"),
    Short(4, "转帐", "转账", "slip"),
    Short(5, "rtc", "road traffic collision"),
    Short(6, "大货", "大货车"),
    Short(7, "电驴", "电动车"),
    Short(8, "小电驴", "电动车"),
]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(ROWS)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("大街jtsg，2人伤", "大街交通事故,二有人受伤"),
        ("ＪＴＳＧ", "交通事故"),
        ("叫我轉 帳", "叫我转账"),
        ("RTC on the bridge, not rtcs", "road traffic collision on the bridge, not rtcs"),
        ("大货车", "大货车"),
        ("大货翻了", "大货车翻了"),
        ("小电驴", "电动车"),
        ("打一一零", "打110"),
        ("幺三八零零一二三四五六", "13800123456"),
        ("3楼着火", "三楼着火"),
        ("13楼着火", "13楼着火"),
        ("三十一二岁", "三十一二岁"),
        ("K3+3处", "k3+3处"),
        ("\uf973万元", "十万元"),
        ("", ""),
    ],
)
def test_read_as(reader: Reader, written: str, read: str) -> None:
    assert reader.read(written).text == read


def test_a_span_of_what_is_read_is_a_span_of_what_was_said(reader: Reader) -> None:
    said = "南门 轉　帳 后JTSG，一人伤。"
    got = reader.read(said)
    for read, came in (
        ("转账", "轉　帳"),
        ("交通事故", "JTSG"),
        ("通事", "JTSG"),
        ("有人受伤", "人伤"),
        ("南门", "南门"),
    ):
        at = got.text.index(read)
        start, end = got.span(at, at + len(read))
        assert said[start:end] == came


@given(st.text(alphabet=st.sampled_from("jtsg大货车人伤转 帐rtc三3一。")))
def test_every_span_lies_in_the_words(said: str) -> None:
    got = Reader(ROWS).read(said)
    for at in range(len(got.text)):
        start, end = got.span(at, at + 1)
        assert 0 <= start < end <= len(said)


@given(st.one_of(st.text(), st.text("大街jtsg，2人伤 电驴", max_size=30)))
def test_what_is_read_is_in_one_form(said: str) -> None:
    """So a model hears the same of a reading and of its text."""
    got = Reader(ROWS).read(said)
    again = Reader().read(got.text)
    assert again.codes.tolist() == got.codes.tolist()
    assert again.kinds.tolist() == got.kinds.tolist()


def test_every_character_is_read_in_its_last_form() -> None:
    plain, kinds = tables()
    assert (plain[plain] == plain).all()
    assert (kinds[plain] == kinds).all()


def test_what_grows_is_bounded(reader: Reader) -> None:
    got = reader.read("jtsg " * 20_000)
    assert len(got.text) <= 2_000 + EXPANDED_MAX * 60
    assert got.start is not None and (np.diff(got.start) >= 0).all()


def test_shorthand_slips_and_other_scripts_are_heard_with_reasons_in_the_callers_words() -> None:
    triage = ModelTriage(pack("yunxi"))
    for words, word, priority in (
        ("溪口路有人溺谁了", "溺谁", 1),
        ("三樓著火了", "著火", 3),
        ("住户煤汽谢漏", "煤汽", 3),
        ("电梯因人", "电梯因人", 3),
    ):
        said = triage.understand(words, "zh", "", {})
        assert said.priority <= priority, words
        spans = [words[each.span[0] : each.span[1]] for each in said.reasons if each.span]
        assert spans, words
        if word in words:
            assert any(word in span or span in word for span in spans), (words, spans)


def test_rows_of_the_pack_are_read_as_the_texts_are() -> None:
    """A word that is itself written short in the city's table is still found."""
    yunxi = pack("yunxi")
    plain, finder = tiny_pack(), ModelTriage(yunxi)
    assert not plain.shorthand
    for row in yunxi.words[:400]:
        said = finder.understand(row.words, "", "", {})
        assert said.type != yunxi.default_type or row.weight < 1 or row.type == yunxi.default_type, row.words


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("x,长,short,zh,", "short_bad"),
        ("abc,长,short,zh,\nABC,短,short,zh,", "short_twice"),
        ("abc,,short,zh,", "cell_empty"),
        ("abc,长,guess,zh,", "not_one_of"),
        ("abc,长,short,fr,", "not_one_of"),
        (f"abc,{'长' * 61},short,zh,", "words_too_long"),
    ],
)
def test_a_faulty_table_is_named_with_its_line(rows: str, code: str) -> None:
    found = check({"shorthand.csv": f"short,long,kind,lang,note\n{rows}\n"}).faults
    assert code in [each.code for each in found if each.file == "shorthand.csv"]
