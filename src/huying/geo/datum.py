"""Datums of mainland China to WGS-84 and back, within a metre.

GCJ-02 and BD-09 have no official text. The formulas here are the published reconstruction: Krasovsky 1940
ellipsoid and the shift polynomial for GCJ-02, the polar shift for BD-09 (Wikipedia, "Restrictions on
geographic data in China", GCJ-02 and BD-09, with the sources named there). Both are defined for the box
below only; outside it the map makers publish WGS-84, and so a point there stays as it is.
CGCS2000 and WGS-84 differ by centimetres (Yang Yuanxi, Chinese Geodetic Coordinate System 2000, 2009).
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, hypot, pi, sin, sqrt

from huying.base.refusal import Refusal

WGS84 = "WGS-84"
GCJ02 = "GCJ-02"
BD09 = "BD-09"
CGCS2000 = "CGCS2000"

Point = tuple[float, float]
"""(lat, lon) in degrees."""

_SOUTH, _NORTH = 0.8293, 55.8271
_WEST, _EAST = 72.004, 137.8347
_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943
_BD_ANGLE = pi * 3000 / 180

# Each round shrinks the error of the inverse by ~10³; two reach a millimetre, the third is for the edge.
_ROUNDS = 3


def _shifted(lat: float, lon: float) -> bool:
    return _SOUTH <= lat <= _NORTH and _WEST <= lon <= _EAST


def _waves(x: float) -> float:
    return (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3


def _gcj_shift(lat: float, lon: float) -> Point:
    x, y = lon - 105, lat - 35
    root = sqrt(abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + _waves(x)
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + _waves(x)
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    phi = lat / 180 * pi
    magic = 1 - _ECCENTRICITY_2 * sin(phi) ** 2
    metres_north = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / (magic * sqrt(magic)) * pi / 180
    metres_east = _SEMI_MAJOR_M / sqrt(magic) * cos(phi) * pi / 180
    return north / metres_north, east / metres_east


def _wgs_to_gcj(lat: float, lon: float) -> Point:
    if not _shifted(lat, lon):
        return lat, lon
    north, east = _gcj_shift(lat, lon)
    return lat + north, lon + east


def _gcj_to_bd(lat: float, lon: float) -> Point:
    if not _shifted(lat, lon):
        return lat, lon
    radius = hypot(lon, lat) + 0.00002 * sin(lat * _BD_ANGLE)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BD_ANGLE)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065


def _wgs_to_bd(lat: float, lon: float) -> Point:
    return _gcj_to_bd(*_wgs_to_gcj(lat, lon))


def _same(lat: float, lon: float) -> Point:
    return lat, lon


def _inverse(forth: Callable[[float, float], Point], lat: float, lon: float) -> Point:
    """The point that `forth` takes to (lat, lon): the shift changes slowly, so it is corrected in place."""
    if not _shifted(lat, lon):
        return lat, lon
    a, b = lat, lon
    for _ in range(_ROUNDS):
        there = forth(a, b)
        a, b = a + lat - there[0], b + lon - there[1]
    return a, b


_FORTH: dict[str, Callable[[float, float], Point]] = {
    WGS84: _same,
    CGCS2000: _same,
    GCJ02: _wgs_to_gcj,
    BD09: _wgs_to_bd,
}
_NAMES = {
    **{name: name for name in _FORTH},
    "WGS84": WGS84,
    "EPSG:4326": WGS84,
    "GCJ02": GCJ02,
    "BD09": BD09,
    "CGCS-2000": CGCS2000,
    "EPSG:4490": CGCS2000,
}


def datum_named(name: str) -> str:
    """The datum's one name for any of its usual spellings; an unknown one is refused."""
    known = _NAMES.get(name) or _NAMES.get(name.strip().upper()[:20])
    if known is None:
        raise Refusal("datum_unknown", datum=name[:40], known=", ".join(_FORTH))
    return known


def to_wgs84(lat: float, lon: float, datum: str) -> Point:
    """Degrees of `datum` → WGS-84 degrees."""
    forth = _FORTH[datum_named(datum)]
    return (lat, lon) if forth is _same else _inverse(forth, lat, lon)


def from_wgs84(lat: float, lon: float, datum: str) -> Point:
    """WGS-84 degrees → degrees of `datum`."""
    return _FORTH[datum_named(datum)](lat, lon)
