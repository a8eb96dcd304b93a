"""Ways and times on a net that can be counted by hand, by both searchers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.base.refusal import Refusal
from huying.domain.closure import Closure
from huying.geo.points import distance_m
from huying.geo.roads.build import Post, Turn, Way, build
from huying.geo.roads.cch import Hierarchy
from huying.geo.roads.classes import BOATS, CLASS_OF, FEET, SPEEDS, WHEELS, Speeds
from huying.geo.roads.closed import Closings
from huying.geo.roads.dijkstra import Dijkstra
from huying.geo.roads.graph import RoadGraph
from huying.geo.roads.net import Net
from huying.geo.roads.reach import reach
from huying.geo.roads.search import MakeSearcher
from huying.geo.roads.snap import Snap
from huying.geo.roads.topology import Topology
from huying.geo.roads.way import cut_line, find_way
from huying.geo.travel import Way as Leg
from small_roads import FOOT, PLACES, PLAIN, SIDE, boat_lane, seconds, small, way

Make = Callable[[Topology], MakeSearcher]


@pytest.fixture(params=[Hierarchy, lambda topology: Dijkstra], ids=["hierarchy", "dijkstra"])
def make(request: pytest.FixtureRequest) -> Make:
    return request.param  # type: ignore[no-any-return]


def net_of(make: Make, *turns: Turn, speeds: Speeds = PLAIN, more: tuple[Way, ...] = ()) -> Net:
    topology = Topology(small(*turns, more=more).graph)
    return Net(topology, speeds, make(topology))


def time_of(net: Net, start: tuple[float, float], end: tuple[float, float]) -> float:
    return float(net.times(net.pins([net.snap(*start)]), net.snap(*end))[0])


def leg_of(net: Net, start: tuple[float, float], end: tuple[float, float]) -> Leg | None:
    a, b = net.snap(*start), net.snap(*end)
    assert a is not None and b is not None
    return find_way(net, a, b)


HEIGHT = distance_m(*PLACES[0], *PLACES[3])
WIDTH = distance_m(*PLACES[0], *PLACES[1])
WIDTH_NORTH = distance_m(*PLACES[3], *PLACES[4])


def test_a_way_takes_its_metres_at_the_speed_of_the_class(make: Make) -> None:
    assert time_of(net_of(make), PLACES[0], PLACES[1]) == pytest.approx(seconds(WIDTH), abs=0.01)


def test_a_one_way_street_is_gone_around_by_wheels_and_not_by_feet(make: Make) -> None:
    assert time_of(net_of(make), PLACES[1], PLACES[4]) == pytest.approx(seconds(HEIGHT), abs=0.01)
    around = seconds(WIDTH_NORTH + HEIGHT + WIDTH)
    assert time_of(net_of(make), PLACES[4], PLACES[1]) == pytest.approx(around, abs=0.01)
    on_foot = net_of(make, speeds=FOOT)
    assert time_of(on_foot, PLACES[4], PLACES[1]) == pytest.approx(seconds(HEIGHT, 5.0), abs=0.01)


def test_a_forbidden_turn_is_gone_around_by_wheels_and_not_by_feet(make: Make) -> None:
    no_right = Turn(10, 1, 13, only=False)
    net = net_of(make, no_right)
    west, north = (PLACES[0][0], PLACES[0][1] + SIDE / 2), PLACES[4]
    around = seconds(WIDTH / 2 + HEIGHT + WIDTH_NORTH)
    assert time_of(net, west, north) == pytest.approx(around, abs=0.01)
    on_foot = net_of(make, no_right, speeds=FOOT)
    assert time_of(on_foot, west, north) == pytest.approx(seconds(WIDTH / 2 + HEIGHT, 5.0), abs=0.01)


def test_who_stands_in_the_street_beyond_the_forbidden_turn_may_go_on(make: Make) -> None:
    net = net_of(make, Turn(10, 1, 13, only=False))
    half_way = (PLACES[1][0] + SIDE / 2, PLACES[1][1])
    assert time_of(net, half_way, PLACES[4]) == pytest.approx(seconds(HEIGHT / 2), abs=0.01)


def test_only_straight_on_forbids_every_other_way(make: Make) -> None:
    net = net_of(make, Turn(10, 1, 10, only=True))
    west = (PLACES[0][0], PLACES[0][1] + SIDE / 2)
    assert time_of(net, west, PLACES[2]) == pytest.approx(seconds(WIDTH * 1.5), abs=0.01)
    assert time_of(net, west, PLACES[4]) > seconds(WIDTH / 2 + HEIGHT) + 1


def test_within_one_edge_nobody_drives_around(make: Make) -> None:
    net = net_of(make)
    a, b = (PLACES[0][0], PLACES[0][1] + SIDE * 0.2), (PLACES[0][0], PLACES[0][1] + SIDE * 0.7)
    assert time_of(net, a, b) == pytest.approx(seconds(WIDTH / 2), abs=0.02)
    assert time_of(net, b, a) == pytest.approx(seconds(WIDTH / 2), abs=0.02)
    uphill, downhill = (10 + SIDE * 0.2, 20 + SIDE), (10 + SIDE * 0.7, 20 + SIDE)
    assert time_of(net, uphill, downhill) == pytest.approx(seconds(HEIGHT / 2), abs=0.02)
    assert time_of(net, downhill, uphill) > seconds(HEIGHT)


def test_away_from_the_road_one_walks(make: Make) -> None:
    net = net_of(make)
    field = (PLACES[0][0] - 0.001, PLACES[0][1])
    walked = distance_m(*field, *PLACES[0]) * 3.6 / PLAIN.off_kmh
    assert time_of(net, field, PLACES[1]) == pytest.approx(seconds(WIDTH) + walked, abs=0.1)


def test_a_closed_road_is_gone_around_and_a_cut_off_place_is_not_reached(make: Make) -> None:
    net = net_of(make)
    slowed = np.ones(net.topology.graph.edges)
    south = net.snap(PLACES[0][0], PLACES[0][1] + SIDE / 2)
    assert south is not None
    slowed[south.edge] = inf
    net.slow(slowed)
    west, hill = (10 + SIDE * 0.2, 20.0), (10 + SIDE * 0.2, 20 + SIDE)
    around = seconds(HEIGHT * 0.8 + 2 * WIDTH_NORTH + HEIGHT + WIDTH + HEIGHT * 0.2)
    assert time_of(net, west, hill) == pytest.approx(around, abs=0.05)
    slowed[:] = inf
    net.slow(slowed)
    assert time_of(net, west, hill) == inf
    net.slow(None)
    assert time_of(net, west, hill) == pytest.approx(seconds(HEIGHT * 0.4 + WIDTH), abs=0.05)


def test_an_area_closes_what_lies_in_it_and_what_leads_into_it() -> None:
    graph = small(more=(boat_lane(30, 1, 2),)).graph

    def closed(*ring: tuple[float, float]) -> set[frozenset[int]]:
        far = Closure(id=1, lat=0.0, lon=0.0, reach_m=1.0, ring=ring)
        slowed = Closings(graph).slowed([far], on_foot=False)
        edges = [] if slowed is None else np.flatnonzero(np.isinf(slowed)).tolist()
        known = {point: n for n, point in PLACES.items()}
        ends = [(int(graph.a[n]), int(graph.b[n])) for n in edges]
        at = list(zip(graph.lat.tolist(), graph.lon.tolist(), strict=True))
        return {frozenset(known[at[node]] for node in each) for each in ends}

    assert PLACES[2] == (10.0, 20 + 2 * SIDE)
    # Around one corner; a band across two roads with no corner in it; a field between the roads; all.
    corner = ((9.99, 20.015), (10.005, 20.015), (10.005, 20.03), (9.99, 20.03))
    assert closed(*corner) == {frozenset((1, 2)), frozenset((2, 5))}
    band = ((9.99, 20.004), (10.02, 20.004), (10.02, 20.006), (9.99, 20.006))
    assert closed(*band) == {frozenset((0, 1)), frozenset((3, 4))}
    assert closed((10.002, 20.002), (10.008, 20.002), (10.008, 20.008)) == set()
    whole = closed((9.0, 19.0), (11.0, 19.0), (11.0, 21.0), (9.0, 21.0))
    assert len(whole) == 7 and closed((11.0, 21.0), (12.0, 21.0), (12.0, 22.0)) == set()


def test_what_happened_in_the_closed_street_is_driven_up_to(make: Make) -> None:
    net = net_of(make)
    middle = (PLACES[0][0], PLACES[0][1] + SIDE / 2)
    spot = net.snap(*middle)
    assert spot is not None
    slowed = np.ones(net.topology.graph.edges)
    slowed[spot.edge] = inf
    net.slow(slowed)
    assert time_of(net, PLACES[3], middle) == pytest.approx(seconds(HEIGHT + WIDTH / 2), abs=0.05)


def test_an_island_is_reached_by_boat_and_not_by_car(make: Make) -> None:
    isle = {100: (10.05, 20.0), 101: (10.05, 20.01)}
    ways = [way(10, 0, 1), way(11, 1, 2), way(20, 100, 101), boat_lane(30, 0, 100)]
    graph = build({**PLACES, **isle}, ways).graph
    topology = Topology(graph)
    searcher = make(topology)
    car, boat = Net(topology, PLAIN, searcher), Net(topology, SPEEDS["boat"], searcher)
    assert time_of(car, PLACES[2], isle[101]) == inf
    assert time_of(boat, PLACES[0], isle[100]) == pytest.approx(
        seconds(distance_m(*PLACES[0], *isle[100]), 35), 1
    )


def test_a_unit_in_the_sea_and_a_call_in_the_sea_are_not_reached(make: Make) -> None:
    net = net_of(make)
    assert net.snap(11.0, 21.0) is None
    assert time_of(net, (11.0, 21.0), PLACES[0]) == inf
    assert time_of(net, PLACES[0], (11.0, 21.0)) == inf


def test_a_thousand_units_at_one_point_take_the_same_time(make: Make) -> None:
    net = net_of(make)
    times = net.times(net.pins([net.snap(*PLACES[0])] * 1000), net.snap(*PLACES[5]))
    assert len(times) == 1000 and len(set(times.tolist())) == 1


def test_the_way_is_drawn_from_door_to_door(make: Make) -> None:
    leg = leg_of(net_of(make), (PLACES[0][0], PLACES[0][1] + SIDE / 2), PLACES[4])
    assert leg is not None and leg.roads == ("South Road", "Hill Street")
    assert leg.metres == pytest.approx(WIDTH / 2 + HEIGHT, rel=1e-3)
    assert leg.line[-1] == pytest.approx(PLACES[4])
    assert leg.seconds == pytest.approx(
        time_of(net_of(make), (PLACES[0][0], PLACES[0][1] + SIDE / 2), PLACES[4])
    )


def test_a_line_is_cut_by_its_length() -> None:
    line = [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0)]
    assert np.allclose(cut_line(line, 0.25, 0.75), [(0.0, 0.5), (0.0, 1.0), (0.0, 1.5)])
    assert np.allclose(cut_line(line, 0.5, 0.5), [(0.0, 1.0)])


def test_strange_things_are_counted_and_left_out() -> None:
    ways = [
        way(1, 0, 1),
        way(2, 0, 999),  # a point that is not there
        way(3, 2, 2, 2),
        Way([0, 3], 99, WHEELS, WHEELS),
        Way([1, 2], CLASS_OF["tertiary"], WHEELS, WHEELS, kmh=-5.0),
        Way([0, 3], CLASS_OF["tertiary"], 0, 0),
    ]
    built = build(dict(PLACES), ways, [Turn(1, 7, 2, only=False)], [Post("G1", -3.0, 10, 20)])
    assert built.strange == {
        "point_missing": 1,
        "post_impossible": 1,
        "speed_impossible": 1,
        "turn_unknown": 1,
        "way_for_nobody": 2,
        "way_without_length": 2,
    }
    assert built.graph.edges == 2


def test_nothing_to_build_is_refused() -> None:
    with pytest.raises(Refusal, match="roads_empty"):
        build({}, [])


@st.composite
def nets(draw: st.DrawFn) -> tuple[RoadGraph, list[float]]:
    """Random nets with one-ways, turn rules, parallel roads, loops and islands."""
    n = draw(st.integers(2, 14))
    places = {i: (draw(st.floats(10, 10.03)), draw(st.floats(20, 20.03))) for i in range(n)}
    ways = []
    for id in range(draw(st.integers(1, 30))):
        points = draw(st.lists(st.integers(0, n - 1), min_size=2, max_size=4))
        if len(set(points)) > 1:
            back = FEET | (WHEELS if draw(st.booleans()) else 0)
            ways.append(Way(points, draw(st.integers(0, 11)), WHEELS | FEET, back, 0.0, "", id))
    ways.append(Way([0, 1], CLASS_OF["primary"], WHEELS | FEET, WHEELS | FEET, 0.0, "", 999))
    turns = [
        Turn(
            draw(st.integers(0, 29)),
            draw(st.integers(0, n - 1)),
            draw(st.integers(0, 29)),
            draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]
    return build(places, ways, turns).graph, [draw(st.floats(0, 1)) for _ in range(6)]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(nets(), st.sampled_from(["car", "foot"]))
def test_both_searchers_give_the_same_times_and_ways(made: tuple[RoadGraph, list[float]], kind: str) -> None:
    graph, shares = made
    topology = Topology(graph)
    nets = [Net(topology, SPEEDS[kind], each(topology)) for each in (Hierarchy, lambda _: Dijkstra)]
    spots = [Snap(int(share * (graph.edges - 1)), share, 0.0) for share in shares]
    one, two = (net.matrix(net.pins(spots), spots) for net in nets)
    assert np.array_equal(one, two)
    for row, target in enumerate(spots):
        # Asked for a few, once more of what is remembered, and for one who is off the net.
        assert nets[0].seconds(spots[:2], target) == one[row, :2].tolist()
        assert nets[1].seconds(spots, target) == nets[0].seconds(spots, target) == one[row].tolist()
        assert nets[0].seconds([None], target) == nets[0].seconds(spots[:1], None) == [inf]
        for column, source in enumerate(spots):
            legs = [find_way(net, source, target) for net in nets]
            assert [leg and leg.seconds for leg in legs] == [
                None if one[row, column] == inf else one[row, column]
            ] * 2


def test_only_wheels_lanes_and_paths_of_the_mode_are_used() -> None:
    graph = small(more=(boat_lane(30, 0, 5),)).graph
    assert (graph.forth == BOATS).sum() == 1


def test_reach_is_every_street_until_the_time_runs_out(make: Make) -> None:
    net = net_of(make)
    start = net.snap(*PLACES[0])
    assert start is not None
    near, far = reach(net, start, [50, 150])
    assert near.metres == pytest.approx(2 * 50 * 40 / 3.6, rel=0.01)  # 50 s at 40 km/h, both ways
    # 150 s: to both neighbours (about 100 s), and 50 s on from each: east, north up Hill Street, east again
    spent = {1: seconds(WIDTH), 3: seconds(HEIGHT)}
    onward = (150 - spent[1]) * 2 + (150 - spent[3])
    whole = WIDTH + HEIGHT + onward * 40 / 3.6
    assert near.metres + far.metres == pytest.approx(whole, rel=0.01)


def test_reach_of_everything_draws_every_street_once(make: Make) -> None:
    net = net_of(make)
    start = net.snap(PLACES[0][0], PLACES[0][1] + SIDE / 3)
    assert start is not None
    (band,) = reach(net, start, [3_600])
    drawn = sum(distance_m(*a, *b) for line in band.lines for a, b in pairwise(line))
    assert drawn == pytest.approx(float(net.topology.graph.metres.sum()), rel=0.01)
