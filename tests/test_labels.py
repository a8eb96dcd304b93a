"""The labelled reports agree with the pack, with themselves and with the frozen split."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
LABELLED = ROOT / "labelled"
REPORTS = sorted(LABELLED.glob("*/reports.csv"))


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return load("labels_check")


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.parent.name)
def test_every_report_keeps_the_rules(tool: ModuleType, path: Path) -> None:
    assert tool.check_reports(path) == []


@pytest.mark.parametrize("path", sorted(LABELLED.glob("*/places.csv")), ids=lambda path: path.parent.name)
def test_every_place_phrase_keeps_the_rules(tool: ModuleType, path: Path) -> None:
    assert tool.check_places(path) == []


def test_ids_say_their_language_and_english_names_find_their_town(tool: ModuleType, tmp_path: Path) -> None:
    for path in REPORTS:
        assert {row["id"].split("-")[0] for row in tool.rows(path)} == {path.parent.name}
    short = tmp_path / "short.txt"
    short.write_text("# agri.village 5\nThe pond wall in {Chaliao} leaks | farmer c:w\n", encoding="utf-8")
    (row,) = tool.read_short(short, [], "en")
    assert (row["id"], row["agency"], row["channel"]) == ("en-0001", "town_fengkeng", "web")
    assert tool.town_of("Baishawan Village") == "town_wangchao"


def test_one_happening_is_never_split(tool: ModuleType) -> None:
    rule = json.loads((LABELLED / "split.json").read_text("utf-8"))
    for path in REPORTS:
        parts: dict[str, set[str]] = {}
        for row in tool.rows(path):
            parts.setdefault(tool.happening(row), set()).add(tool.part(row, rule))
        assert all(len(names) == 1 for names in parts.values())


def test_a_near_repeat_and_a_wrong_place_are_found(tool: ModuleType) -> None:
    types, agencies = tool.table("types.csv"), tool.table("agencies.csv")
    row = dict.fromkeys(tool.COLUMNS, "") | {
        "id": "a", "text": "崇文路上有人打架，快点来", "type": "crime.fight", "priority": "2",
        "police": "yes", "agency": "police", "place": "崇文路", "place_start": "0", "place_end": "3",
        "channel": "phone",
    }  # fmt: skip
    assert tool.faults_of(row, types, agencies, {"a": row}) == []
    moved = row | {"place_start": "1", "place_end": "4"}
    assert tool.faults_of(moved, types, agencies, {"a": moved}) == ["place is not where it is said to be"]
    again = row | {"id": "b"}
    assert tool.near_repeats([row, again]) == [("a", "b", 1.0)]


def test_the_guide_has_the_same_headings_in_both_languages() -> None:
    levels = [
        [
            line.split()[0]
            for line in (LABELLED / f"guide.{lang}.md").read_text("utf-8").splitlines()
            if line[:1] == "#"
        ]
        for lang in ("zh", "en")
    ]
    assert levels[0] == levels[1]


def test_agreement_is_cohens() -> None:
    agree = load("labels_agree")
    # Cohen's own kind of table: 20 both yes, 15 both no, 5 and 10 apart: 0.7 seen, 0.5 by chance.
    pairs = [("y", "y")] * 20 + [("n", "n")] * 15 + [("y", "n")] * 5 + [("n", "y")] * 10
    assert agree.kappa(pairs) == pytest.approx(0.4)
    assert agree.kappa([("a", "a")] * 3) == 1.0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_said_of_the_second_labelling_is_so(lang: str) -> None:
    reports, both, found = load("labels_agree").agreement(LABELLED / lang)
    assert both == reports
    page = (LABELLED / "README.md").read_text("utf-8")
    for value, _ in found.values():
        assert f"{value:.3f}" in page
