"""`huying plan` from end to end: from a pack's rhythm and from a store, proposed and adopted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from huying.cli import main
from huying.cli.exits import Exit


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUYING_LANG", "en")


def plan(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    assert main(["plan", *argv, "--pack", "starter", "--seeds", "3", "--json"]) == Exit.OK
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


@pytest.mark.slow
def test_posts_of_a_packs_rhythm_repeat_from_their_seed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    chart = tmp_path / "posts.geojson"
    first = plan(capsys, "posts", "--geojson", str(chart))
    assert first == plan(capsys, "posts")
    assert first["posts"] and first["options"][0]["name"] == "today"
    assert sum(each["crews"] for each in first["posts"]) == first["options"][-1]["crews"]
    low, mean, high = (first["options"][-1]["mean_s"][n] for n in (1, 0, 2))
    assert low <= mean <= high
    assert json.loads(chart.read_text("utf-8"))["type"] == "FeatureCollection"
    other = plan(capsys, "posts", "--seed", "2")
    assert other["options"] != first["options"]


@pytest.mark.slow
def test_shifts_and_bases(capsys: pytest.CaptureFixture[str]) -> None:
    told = plan(capsys, "shifts", "--reserve", "1")
    assert len(told["hours"]) == 168 and told["shifts"]
    assert all(each["there"] >= each["needed"] or each["there"] == 0 for each in told["hours"])
    told = plan(capsys, "patrol-base", "--bases", "1")
    assert len(told["posts"]) == 1
    assert main(["plan", "posts", "--pack", "starter", "--seeds", "2"]) == Exit.OK
    assert "Today" in capsys.readouterr().out


def test_a_plan_is_put_on_the_table_of_a_store(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    store = str(tmp_path / "house.sqlite")
    told = plan(capsys, "posts", "--propose", store, "--title", "Autumn")
    assert told["plan_id"] > 0
    # The store has no closed incident yet, so nothing was asked of it.
    assert main(["plan", "posts", "--from", store, "--pack", "starter"]) == Exit.REFUSED
    assert "asked for" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        ["posts", "--ability", "fly"],
        ["posts", "--seeds", "0"],
        ["posts", "--from", "/nowhere/at.all"],
        ["shifts", "--wait", "2"],
        ["posts", "--geojson", "/nowhere/at/all.geojson"],
    ],
)
def test_bad_input_gets_a_refusal(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert main(["plan", *argv, "--pack", "starter"]) == Exit.REFUSED
    assert capsys.readouterr().err.strip()
