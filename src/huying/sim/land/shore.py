"""Where the land ends: a coast in the east that keeps every road dry, rivers that widen, islands."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import cos, floor, hypot, pi, sin, tau
from typing import Any

import numpy as np
import shapely
from msgspec import Struct
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from huying.base.refusal import Refusal
from huying.sim.chance import Dice
from huying.sim.land.plane import XY, Plane

BAY_M = 900.0
"""Inlets narrower than twice this are closed: there the road goes round, and so does the land."""

STRAND_M = 70.0
"""Land beyond the last road."""

BEYOND_M = 24_000.0
"""The map goes on so far beyond the county, so that its border never is the edge of the screen."""

ROW_M = 120.0
LINES_MAX = 500
"""Rivers, islands and seas of one county."""


class Water(Struct, frozen=True):
    """A row of `water.csv`: a river from `start_m` to `end_m` wide along `points`, an island
    `start_m` across."""

    kind: str
    name_zh: str
    name_en: str
    start_m: float
    end_m: float
    points: tuple[XY, ...]


def read_water(text: str, plane: Plane) -> list[Water]:
    """Rows `kind,name_zh,name_en,from_m,to_m,line`, a line as in roads.csv. Refuses with `water_broken`."""
    found = []
    for n, row in enumerate(csv.DictReader(text.splitlines()), 2):
        try:
            spots = [each.split() for each in row["line"].split("|")]
            points = tuple(plane.xy(float(lat), float(lon)) for lat, lon in spots)
            kind, start, end = row["kind"], float(row["from_m"]), float(row["to_m"])
            found.append(Water(kind, row["name_zh"], row["name_en"], start, end, points))
            if kind not in ("sea", "river", "island") or len(found) > LINES_MAX:
                raise ValueError(kind)
        except (KeyError, TypeError, ValueError) as error:
            raise Refusal("water_broken", line=n) from error
    return found


def cells(lines: Iterable[Sequence[XY]], size: float) -> Any:
    """The squares that the lines pass through, as one shape: what is near a thousand roads, without a
    thousand buffers."""
    found: set[tuple[int, int]] = set()
    for line in lines:
        for x, y in _along(line, size / 2):
            found.add((floor(x / size), floor(y / size)))
    squares = [shapely.box(x * size, y * size, (x + 1) * size, (y + 1) * size) for x, y in sorted(found)]
    return shapely.coverage_union_all(squares)


def mainland(roads: Iterable[Sequence[XY]], box: tuple[float, float, float, float], dice: Dice) -> Any:
    """All that lies west of the coast, within the box (west, south, east, north in metres).

    Args:
        roads: every road that is on land.
    """
    west, south, _, north = box
    rows = np.arange(south, north + ROW_M, ROW_M)
    outer = np.full(len(rows), -np.inf)
    for line in roads:
        for x, y in _along(line, ROW_M / 3):
            below = floor((y - south) / ROW_M)
            for row in (below, below + 1):  # both, so that the coast between them stays outside too
                if 0 <= row < len(rows):
                    outer[row] = max(outer[row], x)
    first, last = int(np.argmax(np.isfinite(outer))), len(rows) - 1 - int(np.argmax(np.isfinite(outer[::-1])))
    coast = _closed(outer, BAY_M) + STRAND_M
    coast[:first], coast[last + 1 :] = coast[first], coast[last]
    # Beyond the county the coast leans back, as if into the next bay.
    away = (
        np.maximum(first - 5 - np.arange(len(rows)), 0) * 0.9
        + np.maximum(np.arange(len(rows)) - last - 5, 0) * 0.35
    )
    coast -= away * ROW_M
    for k in range(1, 10):
        size, turn, start = dice.between(8, 34) / k**0.4, dice.between(0.7, 1.4) * k, dice.between(0, tau)
        coast += size * (1 + np.sin(turn * rows / 560 + start))
    line = shapely.LineString(np.column_stack([coast, rows])).simplify(6)
    return shapely.make_valid(shapely.Polygon([(west, rows[0]), *line.coords, (west, rows[-1])]))


def _closed(outer: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """The profile with every inlet filled that a disc of this radius can't enter."""
    reach = int(radius / ROW_M)
    disc = np.sqrt(radius**2 - (np.arange(-reach, reach + 1) * ROW_M) ** 2)
    padded = np.pad(outer, reach, constant_values=-np.inf)
    wide = np.max(sliding_window_view(padded, len(disc)) + disc, axis=1)
    wide = np.pad(wide, reach, mode="edge")
    return np.asarray(np.min(sliding_window_view(wide, len(disc)) - disc, axis=1), np.float64)


def _along(line: Sequence[XY], step: float) -> Iterator[XY]:
    for a, b in pairwise(line):
        parts = int(hypot(b[0] - a[0], b[1] - a[1]) / step) + 1
        for n in range(parts):
            yield a[0] + (b[0] - a[0]) * n / parts, a[1] + (b[1] - a[1]) * n / parts
    yield line[-1]


def island(centre: XY, across: float, dice: Dice) -> Any:
    """Round, but not quite."""
    waves = [(dice.between(0.05, 0.2) / k**0.6, k, dice.between(0, tau)) for k in (2, 3, 5, 7, 11)]
    ring = []
    for n in range(72):
        turn = tau * n / 72
        reach = across / 2 * (1 + sum(size * sin(k * turn + start) for size, k, start in waves))
        ring.append((centre[0] + cos(turn) * reach * 0.86, centre[1] + sin(turn) * reach))
    return shapely.Polygon(ring)


def river(water: Water, dice: Dice) -> Any:
    """Its surface: a line that meanders between the given points, wider towards the sea."""
    line = meander(water.points, dice)
    whole = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line)) or 1.0
    gone, parts = 0.0, []
    for a, b in pairwise(line):
        ends = []
        for point in (a, b):
            # Most of the widening is in the last fifth, where the tide comes in.
            share = gone / whole
            wide = water.start_m + (water.end_m - water.start_m) * (0.32 * share + 0.68 * share**7)
            ends.append(shapely.Point(point).buffer(wide / 2, quad_segs=4))
            gone += hypot(b[0] - a[0], b[1] - a[1]) if point is a else 0.0
        parts.append(shapely.MultiPolygon(ends).convex_hull)
    return shapely.union_all(parts)


def meander(points: Sequence[XY], dice: Dice) -> list[XY]:
    """A smooth line through the points (Catmull and Rom), with small bends between them."""
    ends = [points[0], *points, points[-1]]
    found: list[XY] = []
    for p, a, b, n in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        apart = hypot(b[0] - a[0], b[1] - a[1])
        steps = max(2, int(apart / 60))
        bend, waves = min(46.0, apart * 0.03) * dice.between(0.5, 1.0), 1 + dice.below(3)
        across = (-(b[1] - a[1]) / (apart or 1.0), (b[0] - a[0]) / (apart or 1.0))
        for k in range(steps):
            t = k / steps
            x, y = (_through(p[i], a[i], b[i], n[i], t) for i in (0, 1))
            off = bend * sin(waves * tau * t) * sin(pi * t)
            found.append((x + across[0] * off, y + across[1] * off))
    return [*found, points[-1]]


def _through(p: float, a: float, b: float, n: float, t: float) -> float:
    return a + 0.5 * t * (b - p + t * (2 * p - 5 * a + 4 * b - n + t * (3 * (a - b) + n - p)))
