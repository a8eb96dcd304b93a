"""What a replay says of understanding: counted by hand on a few rows, and on a split by time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from huying.base.refusal import Refusal
from huying.channels.files.mapping import check, read_mapping
from test_replay import CALLS, HEAD, Run
from tiny_pack import tiny_pack

ROWS = (
    "when,type,lat,lon,text,found\n"
    "2026-03-02 10:00:00,fire,28.05,121.15,仓库着火了,Blaze\n"  # named, right by both
    "2026-03-02 10:20:00,noise,28.02,121.12,工地噪声太吵,Din\n"  # named, right by both
    "2026-03-02 11:00:00,theft,28.02,121.28,有人打架,Brawl\n"  # named, wrong by type, right by label
    "2026-03-02 12:00:00,quarrel,28.02,121.28,你们管不管,Brawl\n"  # nothing said of it
    "2026-03-02 13:00:00,fire,28.02,121.28,着火,Something\n"  # named; the label is not in the table
    "2026-03-02 14:00:00,noise,28.02,121.28,,Din\n"  # no words: not counted
)
LABEL = '[label]\nof = "{found}"\n'
TYPES = '[label.table]\nBLAZE = ["fire.building"]\nDin = ["city.noise"]\nBrawl = ["police.fight"]\n'
AGENCIES = (
    'means = "agency"\n[label.table]\nBlaze = ["fire"]\nDin = ["police"]\nBrawl = ["police", "urban"]\n'
)


def heard(tmp_path: Path, mapping: str, rows: str = ROWS) -> dict[str, Any]:
    found: dict[str, Any] = Run(tmp_path, rows, mapping).summary["understanding"]
    return found


def test_without_a_label_suggestions_are_judged_by_the_type_stated(tmp_path: Path) -> None:
    found = heard(tmp_path, CALLS)
    assert (found["texts"], found["suggestions"], found["pick_lists"], found["abstentions"]) == (5, 4, 0, 1)
    assert (found["labelled"], found["labelled_suggestions"], found["suggestions_right"]) == (5, 4, 3)
    assert (found["accuracy"], found["pick_list_accuracy"], found["judged_by"]) == (0.75, None, "type")
    assert found["learnt"] is None


def test_a_label_with_a_table_of_types_judges_in_place_of_the_stated_type(tmp_path: Path) -> None:
    found = heard(tmp_path, CALLS + LABEL + TYPES)
    assert (found["labelled"], found["labelled_suggestions"], found["suggestions_right"]) == (4, 3, 3)
    assert (found["accuracy"], found["judged_by"]) == (1.0, "found")
    assert found["learnt"] is None  # five texts are too few to learn from


def test_a_label_that_names_agencies_judges_the_agency_of_the_type(tmp_path: Path) -> None:
    found = heard(tmp_path, CALLS + LABEL + AGENCIES)
    # fire → fire: right; noise → urban and not police: wrong; fight → police: right
    assert (found["labelled_suggestions"], found["suggestions_right"]) == (3, 2)
    assert found["accuracy"] == 0.6667


def test_a_model_learns_from_the_earlier_records_and_is_judged_on_the_later_ones_alone(
    tmp_path: Path,
) -> None:
    """120 records, one a minute: 96 to learn from, 24 held out. Two kinds in turn; the last two records
    have words of a kind that the earlier part never had."""
    kinds = (("烟囱冒烟", "smoke"), ("水管漏水", "leak"))
    rows = "when,text,found\n"
    for n in range(118):
        words, label = kinds[n % 2]
        rows += f"2026-03-02 {10 + n // 60}:{n % 60:02d}:00,{words}第{n % 7}户,{label}\n"
    rows += "2026-03-02 11:58:00,kangaroo,zoo\n2026-03-02 11:59:00,kangaroo,zoo\n"
    mapping = HEAD + '[call]\nwords = "{text}"\n' + LABEL
    learnt = heard(tmp_path, mapping, rows)["learnt"]
    assert (learnt["learnt_from"], learnt["held_out"], learnt["classes"]) == (96, 24, 2)
    assert (learnt["learnt_until"], learnt["held_out_from"]) == (
        "2026-03-02T03:35:00+00:00",
        "2026-03-02T03:36:00+00:00",
    )
    assert (learnt["suggestions"], learnt["suggestions_right"], learnt["abstentions"]) == (22, 22, 2)
    assert (learnt["accuracy"], learnt["accuracy_without_abstaining"]) == (1.0, round(22 / 24, 4))
    assert learnt["most_frequent_alone"] == round(11 / 24, 4)
    assert learnt["same_words_before"] == round(22 / 24, 4)


def test_records_of_one_instant_stay_on_one_side_of_the_cut(tmp_path: Path) -> None:
    rows = "when,text,found\n"
    for n in range(120):
        hour = 10 if n < 90 else 11 if n < 100 else 12
        rows += f"2026-03-02 {hour}:00:00,{('烟囱冒烟', '水管漏水')[n % 2]},{('smoke', 'leak')[n % 2]}\n"
    mapping = HEAD + '[call]\nwords = "{text}"\n' + LABEL
    learnt = heard(tmp_path, mapping, rows)["learnt"]
    assert (learnt["learnt_from"], learnt["held_out"]) == (100, 20)


def test_a_label_that_names_what_the_pack_lacks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(CALLS + LABEL + '[label.table]\nBlaze = ["fire.moon"]\n', "utf-8")
    with pytest.raises(Refusal, match="mapping_unknown_code") as refused:
        check(read_mapping(tmp_path / "map.toml"), tiny_pack())
    assert refused.value.params["named"] == "fire.moon"
