"""Drills: scenarios of a pack played through the live code, scored and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from drill_town import facts_of, quiet, with_fault
from huying.base.clock import MINUTE, SECOND
from huying.cli import main
from huying.domain.commands import ReceiveCall
from huying.sim.chance import Dice
from huying.sim.drill.compare import compare, measured
from huying.sim.drill.lines import Ring, answer
from huying.sim.drill.policies import POLICIES
from huying.sim.drill.score import POINTS
from huying.sim.drill.stage import Ask, Theatre, play, run_drill
from huying.system import SystemClock
from pack_files import FILES

ROOT = Path(__file__).resolve().parents[2]


def test_twelve_calls_about_one_brawl_are_one_happening(town: str, theatre: Theatre) -> None:
    found = run_drill(Ask(scenario="brawl", pack=town, seed=7), quiet, theatre=theatre)
    red = theatre.red(theatre.scenario("brawl"), 7)
    brawl = [each for each in red.rings if each.wave == "brawl"]
    assert len(brawl) == 12
    assert {each.happening for each in brawl} == {"brawl.1"}
    assert {each.type for each in brawl} == {"police.fight"}
    score = found["score"]
    assert score["arrivals"]["2"]["came"] == 1
    # One car, standing at the station 0.7 km away: it is there within minutes and the card is filled.
    assert 60 < score["arrivals"]["2"]["median_s"] < 600
    assert score["cards"]["asked"] == score["cards"]["in_time"] == 1
    assert score["closings_false"] == 0
    assert sum(POINTS.values()) == 100
    assert score["total"] == pytest.approx(sum(score["points"].values()), abs=0.1)


def test_a_flood_of_calls_loses_callers_and_more_takers_lose_fewer(
    town: str, tmp_path: Path, theatre: Theatre
) -> None:
    lost = {}
    for takers in (1, 2, 20):
        name = f"takers{takers}"
        with_fault(town, name, "", "takers = 2", f"takers = {takers}")
        lost[takers] = run_drill(Ask(scenario=name, pack=town, seed=7), quiet)["score"]["callers_lost"]
    assert lost[1] >= lost[2] >= lost[20] == 0
    assert lost[1] > 0


def ring(n: int, at: int) -> Ring:
    return Ring(f"r{n}", at, ReceiveCall("110", "x"), f"h{n}", "unknown", (28.05, 121.15))


def test_calls_are_answered_in_turn_and_the_dead_line_is_dialled_again() -> None:
    rings = [ring(n, n * SECOND) for n in range(5)]
    through = answer(rings, 0, Dice(1), lambda at, where: False)
    assert [each.id for each in sorted(through, key=lambda each: each.at)] == [each.id for each in rings]
    assert all(each.answered_at > each.at and each.tries == 1 for each in through)
    rings = [ring(n, n * SECOND) for n in range(50)]
    back = 20 * MINUTE
    through = answer(rings, 0, Dice(1), lambda at, where: at < back)
    assert all(each.answered_at >= back and each.tries > 1 for each in through)
    assert len(through) > 25  # most are patient; who isn't is lost


def test_the_county_has_scenarios_for_every_kind_of_fault(county: Theatre) -> None:
    found = county.scenarios()
    assert len(found) >= 8
    kinds = {fault.kind for each in found for fault in each.fault}
    wanted = {"network_cut", "notifier_dead", "unit_lost", "road_closed", "roads_slow", "surge"}
    assert kinds == wanted
    assert any(wave.wrong_m for each in found for wave in each.wave)
    assert any(wave.calls >= 60 and wave.happenings == 1 for each in found for wave in each.wave)
    for each in found:
        assert set(each.title) == set(each.about) == {"zh", "en"}


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["yunxi", "harbor", "starter"])
def test_every_shipped_scenario_is_played(pack: str) -> None:
    """Its first three quarters of an hour: what it asks for is there, and the journal verifies."""
    theatre = Theatre(pack)
    for scenario in theatre.scenarios():
        short = replace(scenario, hours=0.8, warm_up_min=5)
        ask = Ask(scenario=scenario.name, pack=pack, seed=1, policy="nearest-by-road")
        found = play(ask, theatre, theatre.red(short, 1), quiet, SystemClock())
        assert found["verify"] == "ok", scenario.name
        assert found["facts"] > 50, scenario.name
        assert sum(each["came"] for each in found["score"]["arrivals"].values()) > 0, scenario.name
        assert 0 < found["score"]["total"] < 100, scenario.name


@pytest.mark.slow
def test_units_of_a_drill_drive_the_roads(county: Theatre, tmp_path: Path) -> None:
    store = str(tmp_path / "roads.sqlite")
    run_drill(Ask(scenario="bridge_closed", seed=1, store=store), quiet, theatre=county)
    facts = facts_of(store)
    units = {fact.stream: fact.body.code for fact in facts if fact.type == "unit.registered"}  # type: ignore[attr-defined]
    cars = [
        fact.body
        for fact in facts
        if fact.type == "unit.moved" and county.pack.units[units[fact.stream]].kind == "car"
    ]
    net = county.net
    assert net is not None
    assert len(cars) > 50
    import numpy as np

    lats, lons = np.concatenate([net.lat, net.shape_lat]), np.concatenate([net.lon, net.shape_lon])
    near = [
        float(np.min(np.hypot(lats - each.lat, (lons - each.lon) * 0.88))) * 111_195  # type: ignore[attr-defined]
        for each in cars
    ]
    assert np.quantile(near, 0.8) < 400  # corners of roads lie that close together


def test_packs_without_drills_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert main(["drill", "list", "--pack", str(tmp_path)]) == 0
    assert "drills" in capsys.readouterr().out
    for argv in (["run", "market_fire"], ["compare", "recommended", "nearest-by-road"]):
        assert main(["drill", *argv, "--pack", str(tmp_path), "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["refusal"]["code"] == "pack_without_drills"


def test_a_new_pack_has_a_drill_to_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "mine")
    assert main(["pack", "new", folder]) == 0
    capsys.readouterr()
    assert main(["drill", "run", "market_fire", "--pack", folder, "--hindsight", "none", "--json"]) == 0
    # The fire and who collapsed; ordinary calls, drawn from the pack's types, may bring more.
    assert json.loads(capsys.readouterr().out)["score"]["arrivals"]["1"]["came"] >= 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_run_is_told_in_both_languages(
    town: str, lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUYING_LANG", lang)
    assert main(["drill", "run", "brawl", "--pack", town, "--seed", "7"]) == 0
    said = capsys.readouterr().out
    assert ("演练 · 打群架" if lang == "zh" else "DRILL · Brawl") in said
    assert ("时间线" if lang == "zh" else "What happened when") in said
    assert "drill." not in said, "a key has no sentence"
    assert "{" not in said


def test_a_run_for_programs(town: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", "run", "brawl", "--pack", town, "--seed", "7", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["scenario"] == "brawl"
    assert found["score"]["calls"] == 12
    assert {"score", "timeline", "hindsight", "digest"} <= set(found)


@pytest.mark.slow
def test_a_drill_is_played_again_by_every_rule(town: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = ["drill", "run", "busy", "--pack", town, "--seed", "7"]
    assert main([*run, "--policy", "nearest-by-line", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    again = {each["policy"]: each["score"] for each in found["otherwise"]["runs"]}
    assert set(again) == set(POLICIES)
    # The rule that was followed comes to what it came to; each of the others to what it comes to alone.
    assert again["nearest-by-line"] == found["score"]
    assert main([*run, "--policy", "hold-reserve", "--hindsight", "none", "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert alone["otherwise"] is None
    assert again["hold-reserve"] == alone["score"]
    most = max(score["total"] for score in again.values())
    assert again[found["otherwise"]["best"]]["total"] == most


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["run", "nothing"], "drill_not_found"),
        (["run", "brawl", "--policy", "wish"], "policy_not_known"),
        (["replay", "tomorrow", "--from", "x"], "bad_day"),
        (["replay", "2026-03-02"], "drill_source"),
        (["compare", "recommended", "wish"], "policy_not_known"),
        (["compare", "recommended", "recommended", "--seeds", "1"], "out_of_range"),
        (["run", "brawl", "--fitted", "/nowhere.csv"], "fitted_unreadable"),
    ],
)
def test_what_cannot_be_drilled_is_refused(
    town: str, argv: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drill", *argv, "--pack", town, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["refusal"]["code"] == code


@pytest.mark.slow
def test_policies_are_compared_on_the_same_days(town: str, theatre: Theatre) -> None:
    told: list[int] = []
    found = compare(
        town,
        ["brawl"],
        "nearest-by-line",
        ["nearest-by-road"],
        range(1, 4),
        1,
        lambda done, of: told.append(of),
    )
    assert told == [6] * 6
    # Without a road net both rules are one, so nothing differs, for sure.
    for each in found["brawl"]["nearest-by-road"]:
        assert each.a == each.b
        assert (each.difference, each.low, each.high, each.sure) == (0.0, 0.0, 0.0, False)
    score = run_drill(Ask(scenario="brawl", pack=town), quiet, theatre=theatre)["score"]
    assert measured(score)["total"] == score["total"]
