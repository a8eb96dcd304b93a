"""Areas of time: every node reached in time lies inside, nothing far from a reached street does, bands
nest."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.geo.outline import CELL_M, EDGE_M, Outline, contains, inside, outlines
from huying.geo.points import distance_m
from huying.geo.roads.dijkstra import Dijkstra
from huying.geo.roads.net import Net
from huying.geo.roads.reach import reach
from huying.geo.roads.search import NEVER
from huying.geo.roads.topology import Topology
from huying.geo.travel import Band
from huying.store.packdir import read_net
from small_roads import PLACES, PLAIN, SIDE, small

BANDS = (300, 600, 900)


@cache
def county() -> Net:
    from huying.geo.roads.classes import SPEEDS

    graph = read_net("yunxi")
    assert graph is not None
    return Net(Topology(graph), SPEEDS["car"], Dijkstra)


@cache
def square() -> Net:
    return Net(Topology(small().graph), PLAIN, Dijkstra)


def told(net: Net, lat: float, lon: float, bands: tuple[int, ...]) -> tuple[list[Outline], np.ndarray]:
    """The areas, and seconds to every node."""
    start = net.snap(lat, lon)
    assert start is not None
    walked = net.off_s(start.off_m)
    sources = [(node, spent) for node, spent in net.starts(start) if spent < NEVER]
    within = max(0, round((bands[-1] - walked) * 1_000))
    seconds = Dijkstra(net.topology, net.weights).reached(sources, within) / 1_000 + walked
    return outlines(reach(net, start, bands)), seconds


def law(net: Net, lat: float, lon: float, bands: tuple[int, ...]) -> list[Outline]:
    found, seconds = told(net, lat, lon, bands)
    graph = net.topology.graph
    assert [each.seconds for each in found] in ([], list(bands))
    for each in found:
        for node in np.flatnonzero(seconds < each.seconds - 0.01).tolist():
            assert inside(each, (float(graph.lat[node]), float(graph.lon[node]))), (node, each.seconds)
    for shorter, longer in pairwise(found):
        assert shorter.square_km <= longer.square_km
        corners = [point for rings in shorter.polygons for ring in rings for point in ring]
        # On the edge of both the last digit decides.
        out = [point for point in corners if not inside(longer, point)]
        assert all(near_edge(longer, point) < 0.01 for point in out)
    return found


def near_edge(outline: Outline, point: tuple[float, float]) -> float:
    """Metres from the point to the nearest corner or side of the outline."""
    best = float("inf")
    metre, narrow = 111_195.0, 111_195.0 * np.cos(np.radians(point[0]))
    for rings in outline.polygons:
        for ring in rings:
            at = (np.array(ring) - point) * (metre, narrow)
            a, along = at[:-1], np.diff(at, axis=0)
            share = np.clip(-(a * along).sum(1) / np.maximum((along**2).sum(1), 1e-12), 0, 1)
            best = min(best, float(np.hypot(*(a + share[:, None] * along).T).min()))
    return best


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(28.11489, 121.21634), (28.09416, 121.34774), (28.2, 121.1)],
    ids=["town", "port", "hill"],
)
def test_every_node_reached_in_time_lies_inside_and_bands_nest(lat: float, lon: float) -> None:
    found = law(county(), lat, lon, BANDS)
    assert found[-1].square_km > found[0].square_km > 0


@settings(max_examples=40, deadline=None)
@given(
    st.floats(PLACES[0][0] - SIDE, PLACES[5][0] + SIDE),
    st.floats(PLACES[0][1] - SIDE, PLACES[5][1] + SIDE),
    st.lists(st.integers(1, 900), min_size=1, max_size=4, unique=True).map(sorted).map(tuple),
)
def test_the_same_from_anywhere_on_a_small_net(lat: float, lon: float, bands: tuple[int, ...]) -> None:
    if square().snap(lat, lon) is not None:
        law(square(), lat, lon, bands)


def test_the_area_is_no_larger_than_what_lies_around_the_streets() -> None:
    """A straight street of a kilometre: a strip with round ends, and no more than a square further out."""
    line = ((10.0, 20.0), (10.0, 20.009))
    (area,) = outlines([Band(60, (line,), 984.0)])
    metres = distance_m(*line[0], *line[1])
    assert area.edge_m == EDGE_M
    assert area.square_km == pytest.approx((metres * 2 * EDGE_M + np.pi * EDGE_M**2) / 1e6, rel=0.12)
    ((ring,),) = area.polygons
    assert ring[0] == ring[-1]
    for lat, lon in ring:
        nearest = min(distance_m(lat, lon, 10.0, 20.0 + 0.009 * share / 200) for share in range(201))
        assert EDGE_M - CELL_M <= nearest <= EDGE_M + CELL_M


def test_a_valley_that_nobody_gets_to_is_a_hole() -> None:
    """Around the outer streets of the small net lies everything but the insides of its squares."""
    ends = [PLACES[n] for n in (0, 2, 5, 3, 0)]
    (area,) = outlines([Band(900, (tuple(ends),), 0.0)])
    ((outer, hole),) = area.polygons
    middle = (PLACES[0][0] + SIDE / 2, PLACES[1][1])
    assert contains(outer, middle) and contains(hole, middle) and not inside(area, middle)
    assert inside(area, PLACES[1])


def test_where_nothing_is_reached_there_is_no_area() -> None:
    assert outlines([]) == []
    assert outlines([Band(300, (), 0.0)]) == []
