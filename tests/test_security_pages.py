"""The pages about threats and the standard: made from their tables, complete; each named test is there."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import security_pages as tool  # noqa: E402

# Requirements of levels 1 and 2 in OWASP ASVS 5.0.0, by section: they are numbered from 1 without a gap.
_SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4
5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2
8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3
11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3
15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""
REQUIREMENTS = {
    f"{section}.{n}"
    for section, count in (each.split(":") for each in _SECTIONS.split())
    for n in range(1, int(count) + 1)
}
ALL = [("threats", row) for row in tool.rows("threats")] + [("asvs", row) for row in tool.rows("asvs")]


@cache
def named_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("name", ["threats", "asvs"])
def test_every_named_test_and_page_is_there(name: str) -> None:
    missing = []
    for table, row in ALL:
        for each in tool.references(row) if table == name else ():
            file, _, test = each.partition("::")
            path = ROOT / file
            if not path.is_file() or (test and test not in named_in(path)):
                missing.append(each)
    assert missing == []


def test_the_pages_are_made_from_their_tables() -> None:
    for path, text in tool.pages().items():
        assert path.read_text("utf-8") == text, "python tools/security_pages.py"


def test_every_requirement_of_both_levels_has_one_line() -> None:
    assert len(REQUIREMENTS) == 253
    ids = [id for row in tool.rows("asvs") for id in row["ids"].split()]
    assert sorted(ids) == sorted(set(ids))
    assert set(ids) == REQUIREMENTS


def test_what_is_met_shows_how_and_what_is_not_says_why() -> None:
    for row in tool.rows("asvs"):
        assert row["status"] in tool.STATUS and row["en"].strip() and row["zh"].strip(), row
        if row["status"] == "met":
            assert tool.references(row), row["ids"]


def test_every_threat_is_held_and_every_part_has_some() -> None:
    lines = tool.rows("threats")
    for row in lines:
        assert row["kind"] in tool.KINDS and row["en"].strip() and row["zh"].strip(), row
        assert tool.references(row), row["en"]
    assert {row["part"] for row in lines} == tool.PARTS.keys()
    assert {row["kind"] for row in lines} == tool.KINDS.keys()
