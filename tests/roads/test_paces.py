"""Paces of the hours of the week: in travel times by road and by line, and for whom they don't hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.base.clock import DAY, HOUR
from huying.domain.closure import Closure
from huying.domain.run_card import UnitRow
from huying.domain.unit import Unit
from huying.geo.paces import HOURS, PACE_MAX, Paces
from huying.geo.points import distance_m
from huying.geo.roads.cch import Hierarchy
from huying.geo.roads.dijkstra import Dijkstra
from huying.geo.roads.net import PACES_MAX
from huying.geo.roads.search import MakeSearcher
from huying.geo.roads.topology import Topology
from huying.geo.roads.travel import RoadTravel
from huying.geo.travel import StraightTravel
from small_roads import PLACES, small
from tiny_pack import MONDAY_10, text

EIGHT = MONDAY_10 - 2 * HOUR
WIDTH = distance_m(*PLACES[0], *PLACES[1])
RUSH = tuple(1.5 if hour % 24 == 8 else 0.8 if hour % 24 < 5 else 1.0 for hour in range(HOURS))


def hour_of(at: int) -> int:
    """Hours since Monday of the week of MONDAY_10, which is ten o'clock."""
    return (at - MONDAY_10 + 10 * HOUR) // HOUR % HOURS


def of(kind: str, at: tuple[float, float] = PLACES[0], kmh: float = 40.0) -> tuple[Unit, UnitRow]:
    row = UnitRow("u1", text("车", "unit"), "police", kind, frozenset({"patrol"}), "", *at, kmh)
    return Unit(1, "u1", lat=at[0], lon=at[1]), row


Make = Callable[[Topology], MakeSearcher]
SEARCHERS: dict[str, Make] = {"hierarchy": Hierarchy, "dijkstra": lambda topology: Dijkstra}


@pytest.fixture(params=list(SEARCHERS))
def travel(request: pytest.FixtureRequest) -> RoadTravel:
    return made(request.param)


def made(searcher: str) -> RoadTravel:
    graph = small().graph
    return RoadTravel(graph, make=SEARCHERS[searcher](Topology(graph)), hour_of=hour_of)


def test_without_paces_every_hour_is_as_usual_and_nothing_is_made(travel: RoadTravel) -> None:
    usual = travel.seconds([of("car")], PLACES[1])
    assert travel.seconds([of("car")], PLACES[1], EIGHT) == usual
    travel.obey((), RUSH[:50])  # a week has 168 hours
    assert travel.seconds([of("car")], PLACES[1], EIGHT) == usual
    assert [len(net._paces) for net in travel._nets.values()] == [1]


def test_at_eight_a_way_takes_half_as_long_again_and_at_ten_as_long_as_ever(travel: RoadTravel) -> None:
    usual = travel.seconds([of("car")], PLACES[1])[0]
    travel.obey((), RUSH)
    assert travel.seconds([of("car")], PLACES[1], EIGHT)[0] == pytest.approx(1.5 * usual, abs=0.01)
    assert travel.seconds([of("car")], PLACES[1], EIGHT + 7 * DAY)[0] == pytest.approx(1.5 * usual, abs=0.01)
    assert travel.seconds([of("car")], PLACES[1], MONDAY_10)[0] == usual
    assert travel.seconds([of("car")], PLACES[1])[0] == usual  # nobody said when
    way = travel.way(of("car")[1], PLACES[0], PLACES[1], EIGHT)
    assert way is not None and way.seconds == travel.seconds([of("car")], PLACES[1], EIGHT)[0]
    assert way.metres == pytest.approx(WIDTH, rel=1e-3)
    at_eight, usual_reach = (travel.reach("car", PLACES[0], [60], at)[0] for at in (EIGHT, 0))
    assert at_eight.metres == pytest.approx(usual_reach.metres / 1.5, rel=0.01)


def test_who_walks_is_held_up_by_nobody_nor_is_the_walk_to_the_road(travel: RoadTravel) -> None:
    field = (PLACES[0][0] - 0.001, PLACES[0][1])
    on_foot, off = of("foot"), of("car", field)
    usual = travel.seconds([on_foot, off, of("car")], PLACES[1])
    travel.obey((), RUSH)
    assert (travel.pace("foot", EIGHT), travel.pace("car", EIGHT)) == (1.0, 1.5)
    late = travel.seconds([on_foot, off, of("car")], PLACES[1], EIGHT)
    assert late[0] == usual[0]
    walked = usual[1] - usual[2]
    assert late[1] == pytest.approx(walked + late[2], abs=0.05)


def test_a_closure_holds_at_every_pace_and_so_does_its_end(travel: RoadTravel) -> None:
    """From the middle of South Road to the middle of North Road's second half; Hill Street is closed."""
    hill = Closure(id=1, lat=(PLACES[1][0] + PLACES[4][0]) / 2, lon=PLACES[1][1], reach_m=20.0)
    car = of("car", (PLACES[0][0], (PLACES[0][1] + PLACES[1][1]) / 2))
    there = (PLACES[4][0], (PLACES[4][1] + PLACES[5][1]) / 2)
    free = travel.seconds([car], there)[0]
    around = {}
    for paces in ((), RUSH):
        travel.obey((hill,), paces)
        around[bool(paces)] = travel.seconds([car], there, EIGHT)[0]
    assert around[True] == pytest.approx(1.5 * around[False], abs=0.01) and around[False] > free + 50
    assert travel.seconds([car], there, MONDAY_10)[0] == around[False]
    travel.obey((), RUSH)
    assert travel.seconds([car], there, EIGHT)[0] == pytest.approx(1.5 * free, abs=0.01)
    travel.obey(())
    assert travel.seconds([car], there, EIGHT)[0] == free


def test_paces_that_are_kept_are_few_and_answers_do_not_depend_on_which(travel: RoadTravel) -> None:
    many = tuple(round(0.5 + hour / 100, 2) for hour in range(HOURS))
    travel.obey((), many)
    first = [travel.seconds([of("car")], PLACES[5], MONDAY_10 + n * HOUR)[0] for n in range(20)]
    assert all(len(net._paces) == PACES_MAX for net in travel._nets.values())
    again = [travel.seconds([of("car")], PLACES[5], MONDAY_10 + n * HOUR)[0] for n in reversed(range(20))]
    assert again[::-1] == first and first == sorted(first) and len(set(first)) == 20


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0.01, 9.0), min_size=HOURS, max_size=HOURS),
    st.lists(st.integers(0, HOURS - 1), min_size=1, max_size=6),
)
def test_both_searchers_agree_at_every_pace(factors: list[float], hours: list[int]) -> None:
    both = [made(each) for each in SEARCHERS]
    places = list(PLACES.values())
    there = [of("car", place) for place in places]
    for each in both:
        each.obey((), tuple(factors))
    for hour in hours:
        at = MONDAY_10 + hour * HOUR
        one, two = (each.matrix(there, places, at) for each in both)
        assert np.array_equal(one, two)
        assert both[0].pace("car", at) <= PACE_MAX


def test_by_line_paces_hold_for_what_drives_and_not_for_what_flies() -> None:
    line = StraightTravel(hour_of=hour_of)
    usual = line.seconds([of("car"), of("drone")], PLACES[2])
    line.obey((), RUSH)
    late = line.seconds([of("car"), of("drone")], PLACES[2], EIGHT)
    assert late == pytest.approx([1.5 * usual[0], usual[1]])
    way = line.way(of("car")[1], PLACES[0], PLACES[2], EIGHT)
    assert way is not None and way.seconds == pytest.approx(late[0])


def test_where_nobody_knows_the_citys_clock_it_is_always_as_usual() -> None:
    paces = Paces(None)
    paces.set(RUSH)
    assert (paces.known, paces.of(EIGHT)) == (False, 1.0)
