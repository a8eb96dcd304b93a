"""`huying duplicates evaluate` and `fit`: what they print, and that goals once reached stay reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huying.cli import main
from huying.cli.exits import Exit
from huying.sim.chance import Dice
from huying.sim.sameness import distorted
from huying.triage.alike import FEATURES

REPORTS = Path(__file__).resolve().parent.parent / "labelled" / "zh" / "reports.csv"
FEW = (
    "id,text,type,duplicate_of,at\n"
    "a,临江菜场着火了，快来,fire.building,,\n"
    "b,临江菜场里面着火，有烟,fire.building,a,3\n"
    "c,临江大桥上有人打架,unknown,,\n"
)


@pytest.mark.slow
def test_repeats_with_points_are_told_and_rightly(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["duplicates", "evaluate", str(REPORTS), "--json"]) == Exit.OK
    sets = json.loads(capsys.readouterr().out)["sets"]
    assert sets["generated:words:test"]["recall"] >= 0.95
    assert sets["generated:points:test"]["precision"] >= 0.97
    assert sets["labelled:points:test"]["recall"] >= 0.82
    assert sets["labelled:words:test"]["precision"] >= 0.9


def test_a_day_of_three_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "reports.csv"
    file.write_text(FEW, "utf-8")
    assert main(["duplicates", "evaluate", str(file), "--pack", "starter", "--json"]) == Exit.OK
    answer = json.loads(capsys.readouterr().out)
    told = [row for name, row in answer["sets"].items() if name.startswith("labelled:words:")]
    assert sum(row["repeats"] for row in told) == 1 == sum(row["told"] for row in told)
    assert main(["duplicates", "fit", str(file), "--pack", "starter", "--json"]) == Exit.OK
    assert tuple(json.loads(capsys.readouterr().out)["weights"]) == FEATURES


@pytest.mark.parametrize(
    "content", ["", "id,text,type\n", FEW.replace("unknown", "nonsense"), FEW.replace(",3\n", ",x\n")]
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "reports.csv"
    file.write_text(content, "utf-8")
    assert main(["duplicates", "evaluate", str(file), "--pack", "starter"]) == Exit.REFUSED
    assert main(["duplicates", "evaluate", str(file), "--pack", "starter", "--hours", "0"]) == Exit.REFUSED


def test_a_distorted_copy_is_the_same_from_the_same_seed() -> None:
    words = "前宅村有人家烧起来了，火从窗口冒出来"
    assert distorted(words, Dice(1)) == distorted(words, Dice(1)) != words
