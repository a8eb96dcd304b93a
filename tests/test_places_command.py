"""`huying places evaluate`: the figures it prints, and what a file that can't be read gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huying.cli import main
from huying.cli.exits import Exit
from huying.geo.finding.judge import part

LABELLED = Path(__file__).resolve().parent.parent / "labelled"


def evaluate(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, dict[str, dict[str, float]]]:
    assert main(["places", "evaluate", *arguments, "--json"]) == Exit.OK
    answer: dict[str, dict[str, dict[str, float]]] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.parametrize(
    ("file", "pack"),
    [("en/places.csv", "harbor"), ("zh/places.csv", "yunxi"), ("zh/places_dev.csv", "yunxi")],
)
def test_the_labelled_phrases_are_found_and_none_of_another_city(
    capsys: pytest.CaptureFixture[str], file: str, pack: str
) -> None:
    if not (LABELLED / file).is_file():
        pytest.skip(f"labelled/{file} is not here")
    scores = evaluate(capsys, str(LABELLED / file), "--pack", pack)["scores"]
    assert scores["all"]["recall"] >= 0.97
    assert scores["test"]["recall"] >= 0.95
    assert scores["all"]["outside_hits"] == 0


def test_rows_are_counted_by_part_and_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "phrases.csv"
    file.write_text(
        "id,text,kind,code,lat,lon,within_m,notes\n"
        "a,临江菜场门口,name,market,,,,\n"
        "b,临江路与大桥街路口,junction,,30.045,120.048,50,\n"
        "c,临江路999号,number,none,,,,\n"
        "d,邻水县菜场,name,none,,,,outside\n"
        "e,临江菜场,name,bridge,,,,\n",
        "utf-8",
    )
    answer = evaluate(capsys, str(file), "--pack", "starter")
    score = answer["scores"]["all"]
    assert (score["places"], score["right"], score["wrong_first"]) == (3, 2, 1)
    assert (score["nowhere"], score["outside"], score["outside_hits"]) == (2, 1, 0)
    assert answer["scores"]["kind:junction"]["recall"] == 1.0
    assert "e" in answer["failed"]


def test_the_split_is_frozen() -> None:
    assert [part(f"en-p{n:03d}") for n in (1, 27, 43, 123)] == ["dev", "test", "dev", "train"]


@pytest.mark.parametrize(
    "content",
    ["id,text,code\na", "id,text,lat,lon\na,b,x,y\n", "text\nhello\n", "id,text,expected\na,b,没有的地方\n"],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "phrases.csv"
    file.write_text(content, "utf-8")
    assert main(["places", "evaluate", str(file), "--pack", "starter"]) == Exit.REFUSED
    assert "phrases.csv" in capsys.readouterr().err
    assert main(["places", "evaluate", str(tmp_path / "none.csv"), "--pack", "starter"]) == Exit.REFUSED
