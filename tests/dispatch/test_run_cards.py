"""Alarm levels, chains, rules for volunteers and drones: the same for one incident and the whole board."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from huying.dispatch.board import plan_board
from huying.dispatch.cover import Cover
from huying.dispatch.recommend import Recommendation, recommend
from huying.dispatch.swap import swaps
from huying.domain.assignment import Assignment
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.run_card import Need, RunCard, UnitRow, UnitRule
from huying.domain.statuses import AssignmentStatus, UnitStatus
from huying.domain.unit import Unit
from huying.geo.travel import StraightTravel
from pack_files import check
from tiny_pack import EAST_STATION, IN_EAST, IN_WEST, MONDAY_10, WEST_STATION, text, tiny_pack

travel = StraightTravel(detour=1.0)


def unit(code: str, kind: str, ability: str, at: tuple[float, float], agency: str = "police") -> UnitRow:
    return UnitRow(code, text(code, code), agency, kind, frozenset(ability.split()), "", *at, 40.0)


def city(*rows: UnitRow, needs: tuple[Need, ...], rules: tuple[UnitRule, ...] = (), **card: Any) -> Pack:
    return tiny_pack(
        units={each.code: each for each in rows},
        run_cards={"patrol": RunCard("patrol", needs, **card), "fire": RunCard("fire", needs, **card)},
        unit_rules=rules,
    )


def free(pack: Pack) -> dict[str, Unit]:
    return {
        row.code: Unit(n, row.code, lat=row.lat, lon=row.lon) for n, row in enumerate(pack.units.values(), 1)
    }


def theft(at: tuple[float, float] = WEST_STATION, priority: int = 3, **more: Any) -> Incident:
    return Incident(1, MONDAY_10, "police.theft", priority, place=Place(*at), **more)


def both(pack: Pack, incident: Incident) -> tuple[Recommendation, list[tuple[str, str]]]:
    """What one incident is recommended, which the board, with nothing else open, must plan as well."""
    one = recommend(pack, incident, free(pack), travel, MONDAY_10)
    board = plan_board(Cover(pack, free(pack), travel, MONDAY_10), [incident], MONDAY_10)
    lines = [(each.unit, each.ability) for each in one.lines]
    assert sorted((each.unit, each.ability) for each in board.sent) == sorted(lines)
    return one, lines


def test_a_higher_alarm_asks_for_more() -> None:
    cars = [unit(f"c{n}", "car", "patrol", WEST_STATION) for n in range(3)]
    pack = city(*cars, needs=(Need("patrol", 1),), alarms=((2, Need("patrol", 2)),))
    assert len(both(pack, theft())[1]) == 1
    assert len(both(pack, theft(alarm=2))[1]) == 3


CHAIN = Need("als", 1, within_s=600, others=(Need("bls", 1, within_s=600), Need("first_aid", 1)))


def test_the_next_of_a_chain_goes_only_where_the_one_before_is_late() -> None:
    """West to east are 9.8 km, 883 s at 40 km/h: too late for ten minutes."""
    near = unit("a1", "car", "als", WEST_STATION)
    far = replace(near, code="a2", lat=EAST_STATION[0], lon=EAST_STATION[1])
    basic = unit("b1", "car", "bls", WEST_STATION)
    helper = unit("h1", "car", "first_aid", WEST_STATION)
    assert both(city(far, near, basic, needs=(CHAIN,)), theft())[1] == [("a1", "als")]
    found, lines = both(city(far, basic, helper, needs=(CHAIN,)), theft())
    assert lines == [("b1", "bls")]
    keys = [each.key for each in found.lines[0].reasons]
    assert "dispatch.alternative" in keys and "dispatch.late" not in keys
    assert both(city(far, helper, needs=(CHAIN,)), theft())[1] == [("h1", "first_aid")]
    assert both(city(far, needs=(CHAIN,)), theft())[1] == [("a2", "als")]  # late is better than nobody


def test_chains_levels_and_rules_are_rows_of_the_pack() -> None:
    card = "run_card,ability,count,within_s,alarm,else,ask\n"
    rules = "code,kind,priorities,alone\nv,volunteers,3 4,no\n"
    lines = "patrol,patrol,1,600,,,\npatrol,mediate,1,,,yes,police\npatrol,patrol,2,,2,,\n"
    read = check({"run_cards.csv": card + lines, "unit_rules.csv": rules}).pack
    assert read is not None
    got = read.run_cards["patrol"]
    assert [each.ability for each in got.needs[0].chain] == ["patrol", "mediate"]
    assert got.needs[0].others[0].ask == "police" and [level for level, _ in got.alarms] == [2]
    assert read.unit_rules[0].priorities == {3, 4} and not read.unit_rules[0].alone
    first = card + "patrol,patrol,1,,,yes,\n"
    assert "else_of_nothing" in {each.code for each in check({"run_cards.csv": first}).faults}
    nine = "code,kind,priorities\nv,volunteers,9\n"
    assert "priorities_bad" in {each.code for each in check({"unit_rules.csv": nine}).faults}


def test_when_short_it_says_whom_to_ask() -> None:
    found, _ = both(city(needs=(Need("als", 1, ask="fire"),)), theft())
    assert found.shortfalls[0].reasons[-1].key == "dispatch.ask"
    assert found.shortfalls[0].reasons[-1].values == {"agency": "fire"}


VOLUNTEERS = UnitRule("v", "volunteers", types=("police.*",), priorities=frozenset({1, 2, 3}), alone=False)
DRONES = UnitRule("d", "drone", abilities=frozenset({"look"}), alone=False)


def test_volunteers_go_where_their_rule_says_and_never_alone_into_danger() -> None:
    helper = unit("v1", "volunteers", "patrol", WEST_STATION)
    car = unit("c1", "car", "scene", WEST_STATION)
    pack = city(helper, needs=(Need("patrol", 1),), rules=(VOLUNTEERS,))
    assert both(pack, theft(priority=3))[1] == [("v1", "patrol")]
    alone, lines = both(pack, theft(priority=1))
    assert lines == [] and alone.shortfalls[0].reasons[0].key == "dispatch.not_alone"
    both_go = city(helper, car, needs=(Need("patrol", 1), Need("scene", 1)), rules=(VOLUNTEERS,))
    assert len(both(both_go, theft(priority=1))[1]) == 2
    there = theft(priority=1, assignments=[Assignment(1, "c1", "police", MONDAY_10)])
    one = recommend(both_go, there, free(both_go), travel, MONDAY_10)
    assert [each.unit for each in one.lines] == ["v1"] and one.already == ("c1",)
    late = recommend(pack, theft(priority=4), free(pack), travel, MONDAY_10)
    assert late.lines == () and late.shortfalls[0].reasons[0].key == "dispatch.rule_priority"
    fire = recommend(pack, replace_type(theft(), "fire.building"), free(pack), travel, MONDAY_10)
    assert fire.shortfalls[0].reasons[0].key == "dispatch.rule_type"


def replace_type(incident: Incident, type: str) -> Incident:
    return replace(incident, type=type)


def test_a_drone_looks_and_does_not_act() -> None:
    drone = unit("d1", "drone", "look patrol", WEST_STATION)
    pack = city(drone, needs=(Need("patrol", 1),), rules=(DRONES,))
    found, lines = both(pack, theft())
    assert lines == [] and found.shortfalls[0].reasons[0].key == "dispatch.rule_ability"
    looks = city(drone, needs=(Need("look", 1),), rules=(DRONES,))
    assert both(looks, theft())[1] == [("d1", "look")]


class Island(StraightTravel):
    """No road: only what flies or floats gets there."""

    def seconds(self, units: Any, to: Any, at: int = 0) -> list[float]:
        times = super().seconds(units, to, at)
        return [
            each if row.kind in ("drone", "boat") else inf
            for each, (_, row) in zip(times, units, strict=True)
        ]

    def matrix(self, units: Any, to: Any, at: int = 0) -> np.ndarray:
        return np.array([self.seconds(units, each) for each in to])


def test_where_no_road_leads_it_says_who_gets_there_and_when() -> None:
    rows = (
        unit("c1", "car", "patrol", WEST_STATION),
        unit("d1", "drone", "look", EAST_STATION),
        unit("b1", "boat", "boat", IN_EAST),
    )
    pack = city(*rows, needs=(Need("patrol", 1),))
    found = recommend(pack, theft(), free(pack), Island(detour=1.0), MONDAY_10)
    assert [each.key for each in found.ways] == ["dispatch.no_road", *["dispatch.by_kind"] * 2]
    assert [each.values["kind"] for each in found.ways[1:]] == ["drone", "boat"]
    assert found.ways[1].values["minutes"] == 15  # 9.8 km at 40 km/h, straight
    assert recommend(pack, theft(), free(pack), travel, MONDAY_10).ways == ()


def test_who_is_free_and_much_nearer_is_suggested_and_nothing_happens_by_itself() -> None:
    far, near = unit("c1", "car", "patrol", EAST_STATION), unit("c2", "car", "patrol", WEST_STATION)
    pack = city(far, near, needs=(Need("patrol", 1),))
    units = free(pack)
    units["c1"].status, units["c1"].incident = UnitStatus.EN_ROUTE, 1
    coming = theft(assignments=[Assignment(1, "c1", "police", MONDAY_10, status=AssignmentStatus.EN_ROUTE)])
    cover = Cover(pack, units, travel, MONDAY_10)
    (found,) = swaps(cover, units, [coming])
    assert (found.unit, found.instead) == ("c2", "c1") and found.sooner_s == pytest.approx(883, abs=2)
    assert swaps(cover, units, [coming], frozenset({"c2"})) == []
    arrived = theft(assignments=[Assignment(1, "c1", "police", MONDAY_10, status=AssignmentStatus.ON_SCENE)])
    assert swaps(cover, units, [arrived]) == []
    units["c1"].lat, units["c1"].lon = IN_WEST  # 4.4 km away already: a minute and a half is not worth it
    units["c2"].lat, units["c2"].lon = IN_WEST
    assert swaps(cover, units, [coming]) == []


def test_where_a_road_leads_it_is_not_said_that_none_does() -> None:
    """Only a boat is asked for, and can't come: a car could."""
    rows = (unit("b1", "boat", "boat", IN_EAST), unit("c1", "car", "patrol", WEST_STATION))
    pack = city(*rows, needs=(Need("boat", 1),))

    class Inland(StraightTravel):
        def seconds(self, units: Any, to: Any, at: int = 0) -> list[float]:
            times = super().seconds(units, to, at)
            return [inf if row.kind == "boat" else each for each, (_, row) in zip(times, units, strict=True)]

    found = recommend(pack, theft(), free(pack), Inland(detour=1.0), MONDAY_10)
    assert found.ways == () and found.lines == ()
