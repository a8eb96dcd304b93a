"""Which areas hold a point."""

from __future__ import annotations

import csv
import gzip
from itertools import islice, pairwise
from math import cos, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_dir import data_dir
from huying.base.refusal import Refusal
from huying.domain.pack import Area
from huying.geo.areas import Areas, size_m2
from tiny_pack import AREAS, EAST_STATION, IN_EAST, IN_WEST, OUTSIDE, WEST_STATION, box

Ring = tuple[tuple[float, float], ...]


def area(code: str, *rings: Ring) -> Area:
    return Area(code, "grid", {"en": code}, "", rings)


def holds(rings: tuple[Ring, ...], lat: float, lon: float) -> bool:
    """The plain even-odd rule over all edges: the oracle."""
    inside = False
    for ring in rings:
        for (x, y), (x2, y2) in pairwise((*ring, ring[0])):
            if y > y2:
                x, y, x2, y2 = x2, y2, x, y
            if y <= lat < y2 and lon < x + (lat - y) * ((x2 - x) / (y2 - y)):
                inside = not inside
    return inside


def star(lat: float, lon: float, corners: int, turn: float, sizes: list[float]) -> Ring:
    angles = [turn + 2 * pi * n / corners for n in range(corners)]
    return tuple(
        (lon + sizes[n % len(sizes)] * cos(a), lat + sizes[n % len(sizes)] * sin(a))
        for n, a in enumerate(angles)
    )


tiny = Areas(AREAS)


@pytest.mark.parametrize(
    ("point", "codes"),
    [
        (WEST_STATION, ("old-street", "west-1", "west", "xikou")),
        (EAST_STATION, ("east", "xikou")),
        (IN_WEST, ("west", "xikou")),
        (IN_EAST, ("east", "xikou")),
        (OUTSIDE, ()),
        ((0.0, 0.0), ()),
        ((-28.05, -121.15), ()),
    ],
)
def test_from_the_smallest_to_the_largest(point: tuple[float, float], codes: tuple[str, ...]) -> None:
    assert tiny.at(*point) == codes


def test_a_point_on_a_shared_border_is_in_one_of_the_two() -> None:
    assert [tiny.at(28.03, 121.20).count(town) for town in ("west", "east")] == [0, 1]


def test_nothing_is_held_where_there_are_no_areas() -> None:
    assert Areas([]).at(28.0, 121.0) == ()


def test_a_hole_is_outside() -> None:
    lake = area("round-the-lake", box(0, 0, 3, 3)[0], box(1, 1, 2, 2)[0])
    areas = Areas([lake])
    assert areas.at(0.5, 0.5) == ("round-the-lake",)
    assert areas.at(1.5, 1.5) == ()
    assert size_m2(lake) == pytest.approx(8 * 111_195**2, rel=0.01)


def test_areas_above_by_name() -> None:
    assert tiny.chain("old-street") == ("old-street", "west-1", "west", "xikou")
    assert tiny.chain("nowhere") == ()


@pytest.mark.parametrize(
    ("rings", "code"),
    [
        ((), "area_shape"),
        ((((0.0, 0.0), (1.0, 1.0)),), "area_shape"),
        (box(0, -170, 1, 170), "area_across_180"),
    ],
)
def test_a_shape_that_is_none_is_refused(rings: tuple[Ring, ...], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        Areas([area("a", *rings)])
    assert caught.value.code == code


@settings(deadline=None, max_examples=60)
@given(
    st.integers(3, 40),
    st.floats(0, 6),
    st.lists(st.floats(0.001, 0.3), min_size=1, max_size=5),
    st.lists(st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)), min_size=1, max_size=30),
)
def test_the_grid_answers_as_the_plain_rule(
    corners: int, turn: float, sizes: list[float], points: list[tuple[float, float]]
) -> None:
    shapes = [star(28.0, 121.0, corners, turn, sizes), star(28.1, 121.1, 7, turn, [0.05, 0.2])]
    areas = Areas([area(str(n), ring) for n, ring in enumerate(shapes)])
    corners_too = [(lat, lon) for ring in shapes for lon, lat in ring]
    for lat, lon in [(28 + a, 121 + b) for a, b in points] + corners_too:
        expected = {str(n) for n, ring in enumerate(shapes) if holds((ring,), lat, lon)}
        assert set(areas.at(lat, lon)) == expected


def test_tiles_without_gap_or_overlap() -> None:
    """Corners, borders and middles of 20 × 20 tiles are in exactly one tile (in none on the far border)."""
    tiles = Areas(
        area(f"{r}-{c}", *box(r / 10, c / 10, (r + 1) / 10, (c + 1) / 10))
        for r in range(20)
        for c in range(20)
    )
    for row in range(41):
        for column in range(41):
            assert len(tiles.at(row / 20, column / 20)) == (row < 40 and column < 40), (row, column)


def test_real_calls_of_a_county() -> None:
    """Montgomery County PA in four quarters round its middle: nearly all calls are in exactly one."""
    south, west, middle_lat, middle_lon, north, east = 39.9, -75.75, 40.2, -75.35, 40.5, -75.0
    quarters = [
        area("sw", *box(south, west, middle_lat, middle_lon)),
        area("se", *box(south, middle_lon, middle_lat, east)),
        area("nw", *box(middle_lat, west, north, middle_lon)),
        area("ne", *box(middle_lat, middle_lon, north, east)),
    ]
    areas = Areas(quarters)
    (path,) = list(data_dir("cfs_montgomery_pa_911").glob("*.csv.gz"))[:1]
    seen = {"sw": 0, "se": 0, "nw": 0, "ne": 0, "": 0}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in islice(csv.DictReader(file), 5000):
            held = areas.at(float(row["lat"]), float(row["lng"]))
            assert len(held) <= 1
            seen[held[0] if held else ""] += 1
    assert seen[""] < 50
    assert min(seen["sw"], seen["se"], seen["nw"], seen["ne"]) > 100
