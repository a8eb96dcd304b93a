"""The line by which an incident is told in a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.triage.title import TITLE_CHARS_MAX, title


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("三楼着火了", "三楼着火了"),
        ("  三楼\n\n着火了\t快来  ", "三楼 着火了 快来"),
        ("请回电13800138000，着火了", "请回电…，着火了"),
        ("call 138 0013-8000 please", "call … please"),
        ("身份证33010219900101123X的人", "身份证…的人"),
        ("电话１３８００１３８０００", "电话…"),
        ("电话幺三八零零幺三八零零零", "电话…"),
        ("330国道12公里，车牌浙A12345", "330国道12公里，车牌浙A12345"),
        ("", "Fire"),
        ("13800138000", "Fire"),
        ("\u202e\u200b\x00", "Fire"),
        ("a\u202eb", "a b"),
        ("街上有人打架，好几个人在那里。" + "后来" * 40, "街上有人打架，好几个人在那里"),
        ("火" * 100, "火" * 59 + "…"),
    ],
)
def test_lines(words: str, line: str) -> None:
    assert title(words, "Fire") == line


@given(st.text(max_size=600), st.text(min_size=1, max_size=100))
def test_a_title_is_one_bounded_line(words: str, name: str) -> None:
    line = title(words, name)
    assert 0 < len(line) <= TITLE_CHARS_MAX
    if line != name[:TITLE_CHARS_MAX]:
        assert "\n" not in line


@given(st.from_regex(r"[a-z。 ]{0,20}[0-9]{7,20}[a-z。 ]{0,60}", fullmatch=True))
def test_no_long_number_is_shown(words: str) -> None:
    longest = max(
        (len(run) for run in "".join(c if c.isdigit() else " " for c in title(words, "x")).split()), default=0
    )
    assert longest < 7
