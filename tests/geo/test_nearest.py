"""Moving points: the index answers as looking at all of them would."""

from __future__ import annotations

import h3.api.basic_int as h3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.geo.nearest import Nearby
from huying.geo.points import distance_m

Points = dict[int, tuple[float, float]]

# Yunxi, Norristown, the equator, far north, and a pentagon, where cells are smallest and most bent.
PENTAGON = h3.cell_to_latlng(h3.get_pentagons(8)[3])
CENTRES = [(28.05, 121.2), (40.12, -75.35), (0.01, 179.99), (83.0, 20.0), PENTAGON]


def filled(points: Points, metres: float) -> Nearby[int]:
    index: Nearby[int] = Nearby(metres)
    for key, point in points.items():
        index.put(key, *point)
    return index


def plain(points: Points, lat: float, lon: float) -> list[tuple[float, int]]:
    return sorted((distance_m(lat, lon, *point), key) for key, point in points.items())


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(CENTRES),
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), max_size=60),
    st.sampled_from([0.002, 0.02, 0.2]),
    st.sampled_from([50.0, 300.0, 3000.0]),
    st.integers(1, 8),
)
def test_equal_to_looking_at_all(
    centre: tuple[float, float], offsets: list[tuple[float, float]], size: float, metres: float, count: int
) -> None:
    lat, lon = centre
    points = {n: (lat + a * size, lon + b * size) for n, (a, b) in enumerate(offsets)}
    index = filled(points, metres)
    expected = plain(points, *centre)
    assert index.nearest(*centre, count) == expected[:count]
    for far in (0.0, metres / 3, metres, 4 * metres):
        assert index.within(*centre, far) == [each for each in expected if each[0] <= far]


@pytest.mark.parametrize("centre", CENTRES)
def test_equal_with_two_thousand_units(centre: tuple[float, float]) -> None:
    lat, lon = centre
    points = {n: (lat + (n % 50) / 250 - 0.1, lon + (n // 50) / 200 - 0.1) for n in range(2000)}
    index = filled(points, 300.0)
    for at in (centre, (lat + 0.05, lon - 0.03), (lat + 0.3, lon)):
        expected = plain(points, *at)
        assert index.nearest(*at, 5) == expected[:5]
        assert index.within(*at, 900.0) == [each for each in expected if each[0] <= 900.0]


@pytest.mark.parametrize("resolution", [7, 8, 9])
def test_a_ring_keeps_the_next_one_as_far_away_as_the_index_believes(resolution: int) -> None:
    """From every corner of a cell to every corner of the cells just outside one and two rings."""
    reach = h3.average_hexagon_edge_length(resolution, unit="m") * 0.5
    pentagons = h3.get_pentagons(resolution)
    homes = [h3.latlng_to_cell(*centre, resolution) for centre in CENTRES] + pentagons
    homes += [each for pentagon in pentagons[:3] for each in h3.grid_disk(pentagon, 2)]
    for home in homes:
        for ring in (1, 2):
            outside = set(h3.grid_disk(home, ring + 1)) - set(h3.grid_disk(home, ring))
            corners = {corner for cell in outside for corner in h3.cell_to_boundary(cell)}
            nearest = min(distance_m(*a, *b) for a in h3.cell_to_boundary(home) for b in corners)
            assert nearest >= reach * (1.5 * ring - 0.5)


def test_points_move_and_go() -> None:
    index: Nearby[str] = Nearby(300.0)
    index.put("a", 28.0, 121.0)
    index.put("b", 28.0, 121.0)
    assert index.nearest(28.0, 121.0, 5) == [(0.0, "a"), (0.0, "b")]
    index.put("a", 29.0, 121.0)
    assert [key for _, key in index.within(28.0, 121.0, 1000)] == ["b"]
    assert [key for _, key in index.nearest(28.9, 121.0, 1)] == ["a"]
    index.remove("b")
    index.remove("b")
    assert (len(index), index.within(28.0, 121.0, 1000)) == (1, [])
    index.remove("a")
    assert index.nearest(28.0, 121.0, 1) == []
