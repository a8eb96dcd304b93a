"""Names in words, and where."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.geo.names import Names, fold

names = Names(
    [(name, name) for name in ["着火", "打架", "小偷", "KTV", "fire", "loud music", "4S店", "#119"]]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("三楼着火了！", [(2, 4, "着火")]),
        ("着火着火", [(0, 2, "着火"), (2, 4, "着火")]),
        ("Fire! FIRE in the fireplace", [(0, 4, "fire"), (6, 10, "fire")]),
        ("ＦＩＲＥ！有人在ｋｔｖ打架", [(0, 4, "fire"), (8, 11, "KTV"), (11, 13, "打架")]),
        ("loud　music", [(0, 10, "loud music")]),
        ("campfire, fires", []),
        ("4s店小偷", [(0, 3, "4S店"), (3, 5, "小偷")]),
        ("call #119 now", [(5, 9, "#119")]),
        ("", []),
        ("火", []),
    ],
)
def test_what_is_found(text: str, found: list[tuple[int, int, str]]) -> None:
    assert [(each.start, each.end, each.value) for each in names.find(text)] == found


def test_the_longest_comes_first_where_two_start() -> None:
    both = Names([("东溪", 1), ("东溪小学", 2), ("溪小", 3)])
    assert [each.value for each in both.find("东溪小学")] == [2, 1, 3]


def test_one_character_is_no_name() -> None:
    assert Names([("火", 1), (" ", 2), ("", 3)]).find("火 火") == []


@given(st.text(max_size=50))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(
    st.lists(st.text("ab火偷 Ａ", min_size=2, max_size=4), max_size=12), st.text("ab火偷 ，Ａ", max_size=40)
)
def test_equal_to_looking_for_each_name_by_itself(many: list[str], text: str) -> None:
    expected = set()
    for name in many:
        plain = fold(name.strip())
        if len(plain) >= 2:
            before = "(?<![a-z])" if plain[0].isascii() and plain[0] != " " else ""
            after = "(?![a-z])" if plain[-1].isascii() and plain[-1] != " " else ""
            pattern = f"(?={before}{re.escape(plain)}{after})"
            expected |= {(m.start(), m.start() + len(plain), name) for m in re.finditer(pattern, fold(text))}
    found = Names([(name, name) for name in many]).find(text)
    assert {(each.start, each.end, each.value) for each in found} == expected
