"""What goes wrong by plan, and what the town did then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from drill_town import quiet, timeline, with_fault
from huying.base.clock import MINUTE
from huying.base.refusal import Refusal
from huying.sim.drill.stage import Ask, Theatre, play, run_drill
from huying.system import SystemClock

ROOT = Path(__file__).resolve().parents[2]


def test_a_lost_unit_is_out_of_service_and_comes_back(town: str, tmp_path: Path) -> None:
    more = '\n[[fault]]\nkind = "unit_lost"\nafter_min = 5\nfor_min = 40\nunits = ["p1"]\n'
    theatre = with_fault(town, "lost", more)
    found = run_drill(Ask(scenario="lost", pack=town, seed=7), quiet, theatre=theatre)
    assert [each["at"][11:16] for each in timeline(found, "unit_out")] == ["02:05"]
    assert [each["at"][11:16] for each in timeline(found, "unit_back")] == ["02:45"]
    sent = [each for each in timeline(found, "sent") if each["values"]["unit"] == "p1"]
    assert sent
    assert min(each["at"][11:16] for each in sent) >= "02:45"


def test_a_cut_network_lets_nobody_be_heard(town: str, tmp_path: Path) -> None:
    more = '\n[[fault]]\nkind = "network_cut"\nafter_min = 5\nfor_min = 25\nareas = ["west"]\n'
    theatre = with_fault(town, "cut", more)
    found = run_drill(Ask(scenario="cut", pack=town, seed=7), quiet, theatre=theatre)
    assert min(each["at"][11:16] for each in timeline(found, "called")) >= "02:30"
    red = theatre.red(theatre.scenario("cut"), 7)
    begins = red.begins_at
    west, east = (28.05, 121.15), (28.05, 121.25)
    assert red.cut.back_at(begins + 10 * MINUTE, west) == begins + 30 * MINUTE
    assert not red.cut.dead(begins + 10 * MINUTE, east)
    assert not red.cut.dead(begins + 30 * MINUTE, west)


def test_a_wrong_place_is_put_right_and_costs_the_rest_of_the_way(town: str, tmp_path: Path) -> None:
    right = run_drill(Ask(scenario="brawl", pack=town, seed=7), quiet)["score"]
    with_fault(town, "wrong", "wrong_m = 3000\ncorrected_min = 4\n")
    wrong = run_drill(Ask(scenario="wrong", pack=town, seed=7), quiet)
    assert timeline(wrong, "placed")
    assert wrong["score"]["arrivals"]["2"]["median_s"] > right["arrivals"]["2"]["median_s"]


def test_agencies_that_cannot_be_told_answer_late(town: str, tmp_path: Path) -> None:
    more = '\n[[fault]]\nkind = "notifier_dead"\nafter_min = 0\n'
    old, new = 'types = ["police.fight"]', 'types = ["city.noise"]'
    with_fault(town, "told", "", old, new)
    with_fault(town, "deaf", more, old, new)
    told, deaf = (run_drill(Ask(scenario=name, pack=town, seed=7), quiet) for name in ("told", "deaf"))
    assert timeline(told, "accepted")
    assert not timeline(deaf, "accepted")


def test_a_surge_brings_more_of_some_groups(town: str, tmp_path: Path) -> None:
    more = '\n[[fault]]\nkind = "surge"\nafter_min = 0\ngroups = ["city"]\ntimes = 20\n'
    theatre = with_fault(town, "surge", more, "calls_per_day = 0", "calls_per_day = 240")

    def noises(name: str) -> int:
        rings = theatre.red(theatre.scenario(name), 7).rings
        return sum(each.type == "city.noise" for each in rings)

    assert noises("surge") > 5 * noises("busy")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('kind = "unit_lost"\nafter_min = 5\nunits = ["nobody"]', "drill_unknown_code"),
        ('kind = "road_closed"\nafter_min = 5\nplace = "nowhere"', "drill_unknown_code"),
        ('kind = "earthquake"\nafter_min = 5', "drill_unreadable"),
        ('kind = "surge"\nafter_min = 5\nslip = 1', "drill_unreadable"),
        ('kind = "surge"\nafter_min = 5000', "out_of_range"),
    ],
)
def test_a_slip_in_a_scenario_is_refused(town: str, tmp_path: Path, text: str, code: str) -> None:
    theatre = with_fault(town, "slip", f"\n[[fault]]\n{text}\n")
    try:
        with pytest.raises(Refusal) as refused:
            theatre.scenario("slip")
    finally:
        (Path(town) / "drills" / "slip.toml").unlink()
    assert refused.value.code == code


# ── in the county, by road ──────────────────────────────────────────────────────────────────────────────
def played(county: Theatre, name: str, **how: Any) -> dict[str, Any]:
    """A shipped scenario with seed 1, nearest by road, changed by `how`."""
    scenario = replace(county.scenario(name), warm_up_min=10, **how)
    ask = Ask(scenario=name, seed=1, policy="nearest-by-road")
    return play(ask, county, county.red(scenario, 1), quiet, SystemClock())


def seconds_to(found: dict[str, Any], wave: str) -> float:
    """Summed over the wave's happenings: how long until the first unit came."""
    first: dict[str, float] = {}
    for each in timeline(found, "came"):
        if each["happening"].startswith(wave + "."):
            first.setdefault(each["happening"], each["values"]["after_s"])
    return sum(first.values())


@pytest.mark.slow
def test_a_closed_bridge_is_driven_around(county: Theatre) -> None:
    closed = played(county, "bridge_closed", hours=2.0)
    open_road = played(county, "bridge_closed", hours=2.0, fault=())
    assert [each["at"][11:16] for each in timeline(closed, "road_closed")] == ["22:35", "23:30"]
    assert not timeline(open_road, "road_closed")
    # The same calls, with the same words, from the same places; who was across the river waited longer.
    assert closed["score"]["calls"] == open_road["score"]["calls"]
    assert seconds_to(closed, "heart") > seconds_to(open_road, "heart") > 0


@pytest.mark.slow
def test_a_flood_of_calls_about_one_fire_is_one_fire(county: Theatre) -> None:
    found = played(county, "market_fire", hours=1.2)
    fire = [each for each in timeline(found, "opened") if each["happening"] == "fire.1"]
    joined = [each for each in timeline(found, "joined") if each["happening"] == "fire.1"]
    came = {each["values"]["unit"] for each in timeline(found, "came") if each["happening"] == "fire.1"}
    # Every call opens an incident of its own; the desk joins most of them to the first within seconds.
    assert len(fire) == 60
    assert len(joined) >= 0.6 * len(fire)
    # One fire doesn't empty the county: others who need help at the same time get it.
    assert 4 <= len(came) < len(fire)
    assert seconds_to(found, "elsewhere") > 0
    assert found["score"]["callers_lost"] < 12


@pytest.mark.slow
def test_a_typhoon_day_slows_the_roads_and_boats_find_a_berth(county: Theatre) -> None:
    calm = played(county, "typhoon_shelter", hours=3.6, fault=())
    storm = played(county, "typhoon_shelter", hours=3.6)
    assert [each["at"][11:16] for each in timeline(storm, "road_slow")] == ["06:00"]
    assert [each["at"][11:16] for each in timeline(storm, "road_closed")] == ["07:30"]
    assert storm["score"]["calls"] > 1.1 * calm["score"]["calls"]
    opened = timeline(storm, "opened")
    boats = {each["incident"] for each in opened if each["happening"].startswith("shelter.")}
    offered = [each for each in timeline(storm, "offered") if each["incident"] in boats]
    accepted = {each["incident"] for each in timeline(storm, "accepted")} & boats
    assert len(boats) >= 12
    assert {each["values"]["agency"] for each in offered} >= {"harbour"}
    assert len(accepted) >= 0.7 * len(boats)
    # The storm costs time: the same calls of the calm day are reached later.
    assert storm["score"]["total"] < calm["score"]["total"]
