"""Roads as lines: where a kilometre post, a house number or a junction of two of them is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from math import cos, hypot

from huying.domain.pack import Road
from huying.geo.points import EARTH_RADIUS_M, RADIANS

Point = tuple[float, float]

METRES = EARTH_RADIUS_M * RADIANS
"""Metres of a degree of latitude on the sphere."""

MEET_M = 60.0
"""Lines drawn by hand that come this near meet; a dual carriageway is as wide."""

NEAR_M = 350.0
"""Two roads that come this near each other may be named together though they don't meet."""


class Streets:
    """The roads of one city.

    Crossings are found when they are asked for, and kept: a city has 10⁴ roads and callers name few pairs.
    """

    def __init__(self, roads: Iterable[Road]) -> None:
        self.roads = {each.code: each for each in roads}
        self._far = {code: _lengths(each.line) for code, each in self.roads.items()}
        self._met: dict[tuple[str, str], tuple[Point, float] | None] = {}

    def length_m(self, code: str) -> float:
        return self._far[code][-1]

    def middle(self, code: str) -> Point:
        return self._along(code, self._far[code], self.length_m(code) / 2)

    def at_km(self, code: str, km: float) -> Point | None:
        """The point of a kilometre post; None where the road has none or doesn't reach in this city."""
        posts = self.roads[code].km
        if not posts or not posts[0] <= km <= posts[-1]:
            return None
        return self._along(code, posts, km)

    def at_number(self, code: str, house: float) -> Point | None:
        """The point of a house number, between the first and the last of the street."""
        numbers = self.roads[code].numbers
        if numbers is None or not numbers[0] <= house <= numbers[1]:
            return None
        share = (house - numbers[0]) / max(numbers[1] - numbers[0], 1)
        return self._along(code, self._far[code], share * self.length_m(code))

    def meet(self, one: str, other: str) -> tuple[Point, float] | None:
        """Where two roads meet, and how many metres apart they are there; None when further than `NEAR_M`."""
        if one == other:
            return None
        key = (one, other) if one < other else (other, one)
        if key not in self._met:
            self._met[key] = _nearest(self.roads[key[0]].line, self.roads[key[1]].line)
        return self._met[key]

    def _along(self, code: str, marks: tuple[float, ...], at: float) -> Point:
        line = self.roads[code].line
        after = min(max(bisect_right(marks, at), 1), len(line) - 1)
        span = marks[after] - marks[after - 1]
        share = (at - marks[after - 1]) / span if span > 0 else 0.0
        (lat, lon), (lat2, lon2) = line[after - 1], line[after]
        return lat + (lat2 - lat) * share, lon + (lon2 - lon) * share


def shifted(point: Point, metres_north: float, metres_east: float) -> Point:
    """The point moved by metres; exact enough for the few hundred that people say."""
    lat, lon = point
    level = max(cos(lat * RADIANS), 0.01)
    return lat + metres_north / METRES, lon + metres_east / (METRES * level)


def _lengths(line: tuple[Point, ...]) -> tuple[float, ...]:
    level = cos(line[0][0] * RADIANS)
    total, marks = 0.0, [0.0]
    for (lat, lon), (lat2, lon2) in pairwise(line):
        total += hypot((lat2 - lat) * METRES, (lon2 - lon) * METRES * level)
        marks.append(total)
    return tuple(marks)


def _nearest(one: tuple[Point, ...], other: tuple[Point, ...]) -> tuple[Point, float] | None:
    """The crossing of two lines, else the middle of where they come nearest."""
    lat0, lon0 = one[0]
    level = cos(lat0 * RADIANS)
    flat = [
        [((lon - lon0) * METRES * level, (lat - lat0) * METRES) for lat, lon in line] for line in (one, other)
    ]
    best: tuple[float, float, float] | None = None
    for a, b in pairwise(flat[0]):
        for c, d in pairwise(flat[1]):
            if _apart(a, b, c, d) > NEAR_M:
                continue
            found = _cross(a, b, c, d)
            if best is None or found < best:
                best = found
            if best[0] == 0.0:
                return _back(best, lat0, lon0, level)
    return _back(best, lat0, lon0, level) if best is not None and best[0] <= NEAR_M else None


def _back(best: tuple[float, float, float], lat0: float, lon0: float, level: float) -> tuple[Point, float]:
    apart, x, y = best
    return (lat0 + y / METRES, lon0 + x / (METRES * level)), apart


def _apart(a: Point, b: Point, c: Point, d: Point) -> float:
    """Metres between the boxes of two pieces: no less than between the pieces."""
    dx = max(min(a[0], b[0]) - max(c[0], d[0]), min(c[0], d[0]) - max(a[0], b[0]), 0.0)
    dy = max(min(a[1], b[1]) - max(c[1], d[1]), min(c[1], d[1]) - max(a[1], b[1]), 0.0)
    return hypot(dx, dy)


def _cross(a: Point, b: Point, c: Point, d: Point) -> tuple[float, float, float]:
    """(metres apart, x, y) of where two straight pieces cross or come nearest."""
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    turn = ux * vy - uy * vx
    if turn:
        t = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / turn
        s = ((c[0] - a[0]) * uy - (c[1] - a[1]) * ux) / turn
        if 0 <= t <= 1 and 0 <= s <= 1:
            return 0.0, a[0] + t * ux, a[1] + t * uy
    ends = (_foot(a, c, d), _foot(b, c, d), _foot(c, a, b), _foot(d, a, b))
    return min(ends)


def _foot(p: Point, a: Point, b: Point) -> tuple[float, float, float]:
    """From a point to the nearest of a piece: (metres, x and y half way)."""
    ux, uy = b[0] - a[0], b[1] - a[1]
    size = ux * ux + uy * uy
    t = min(max(((p[0] - a[0]) * ux + (p[1] - a[1]) * uy) / size, 0.0), 1.0) if size else 0.0
    x, y = a[0] + t * ux, a[1] + t * uy
    return hypot(p[0] - x, p[1] - y), (p[0] + x) / 2, (p[1] + y) / 2
