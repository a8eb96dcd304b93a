"""Datums: published pairs of points, and the way there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.base.refusal import Refusal
from huying.geo.datum import from_wgs84, to_wgs84
from huying.geo.points import distance_m

# WGS-84 → GCJ-02 as the open implementations print them (the test tables of "eviltransform").
PAIRS = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]


@pytest.mark.parametrize(("wgs", "gcj"), PAIRS)
def test_published_pairs(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert from_wgs84(*wgs, "GCJ-02") == pytest.approx(gcj, abs=1e-10)
    assert distance_m(*to_wgs84(*gcj, "GCJ-02"), *wgs) < 0.01


def test_a_baidu_point_comes_back_where_it_is() -> None:
    assert distance_m(*to_wgs84(29.199786, 120.019809, "BD-09"), 29.196131605, 120.008779011) < 15


@pytest.mark.parametrize(("datum", "metres"), [("GCJ-02", 546), ("BD-09", 1102)])
def test_reading_the_wrong_datum_is_far_off(datum: str, metres: int) -> None:
    assert distance_m(28.1, 121.2, *from_wgs84(28.1, 121.2, datum)) == pytest.approx(metres, abs=1)


@given(st.floats(3.5, 53.5), st.floats(73.5, 135), st.sampled_from(["GCJ-02", "BD-09", "CGCS2000", "WGS-84"]))
def test_there_and_back_is_within_a_metre(lat: float, lon: float, datum: str) -> None:
    assert distance_m(lat, lon, *to_wgs84(*from_wgs84(lat, lon, datum), datum)) < 0.01


@given(st.floats(-90, 90), st.floats(-180, 72), st.sampled_from(["GCJ-02", "BD-09", "CGCS2000", "WGS-84"]))
def test_outside_china_nothing_moves(lat: float, lon: float, datum: str) -> None:
    assert to_wgs84(lat, lon, datum) == (lat, lon)
    assert from_wgs84(lat, lon, datum) == (lat, lon)


@pytest.mark.parametrize("name", ["gcj02", "GCJ02", " gcj-02 "])
def test_usual_spellings_are_the_same_datum(name: str) -> None:
    assert to_wgs84(28.1, 121.2, name) == to_wgs84(28.1, 121.2, "GCJ-02")


@pytest.mark.parametrize("name", ["", "Beijing 1954", "WGS-72", "x" * 1000])
def test_an_unknown_datum_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        to_wgs84(28.1, 121.2, name)
    assert caught.value.code == "datum_unknown"
