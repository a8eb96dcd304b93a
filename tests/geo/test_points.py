"""Distances that can be checked on a globe."""

from __future__ import annotations

from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.geo.points import EARTH_RADIUS_M, distance_m

lats = st.floats(-90, 90)
lons = st.floats(-180, 180)


def test_a_degree_of_latitude_is_111_km() -> None:
    assert distance_m(28.0, 121.0, 29.0, 121.0) == pytest.approx(EARTH_RADIUS_M * pi / 180)
    assert distance_m(28.0, 121.0, 29.0, 121.0) == pytest.approx(111_195, abs=1)


def test_a_degree_of_longitude_shrinks_to_half_at_60_north() -> None:
    assert distance_m(60.0, 10.0, 60.0, 10.001) == pytest.approx(111.195 / 2, rel=1e-4)


def test_the_antipode_is_half_way_round() -> None:
    assert distance_m(28.0, 121.0, -28.0, -59.0) == pytest.approx(EARTH_RADIUS_M * pi)


@given(lats, lons, lats, lons)
def test_there_is_as_far_as_back(a: float, b: float, c: float, d: float) -> None:
    assert 0 <= distance_m(a, b, c, d) <= EARTH_RADIUS_M * pi + 1
    assert distance_m(a, b, c, d) == pytest.approx(distance_m(c, d, a, b), abs=1e-6)
    assert distance_m(a, b, a, b) == 0
