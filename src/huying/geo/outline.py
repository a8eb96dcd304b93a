"""The ground around streets as areas: what lies within some metres of a street that is reached in time.

A lattice is laid over the streets; the distance to the nearest street is known at its points, and the line
where it is `edge_m` is followed through the squares between them (marching squares; Lorensen and Cline,
Marching cubes, SIGGRAPH 1987, in the plane). So every reached street lies inside, nothing lies inside that is
further from one than `edge_m` and a square's diagonal, and a longer time has the larger area.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, cos, radians

import numpy as np
import scipy  # its parts load when they are first used
from msgspec import Struct
from numpy.typing import NDArray

from huying.geo.points import EARTH_RADIUS_M, RADIANS
from huying.geo.travel import Band, Point

LATTICE_MAX = 220
"""Points of the lattice along its longer side: a screen shows no more, and the outline stays below 100 kB."""

CELL_M = 50.0
"""The finest lattice: half a block."""

EDGE_M, EDGE_CELLS = 100.0, 1.5
"""How far around a street counts as reached: the house behind the first row of houses; on a coarse lattice
one and a half of its squares, so that a street's own squares lie inside."""

HOLE_CELLS = 6.0
"""Smaller holes (in squares of the lattice) are yards, not valleys that nobody gets to."""

Floats = NDArray[np.float64]
Ring = tuple[Point, ...]
"""Corners (lat, lon), the first again at the end; an outer ring counterclockwise, a hole clockwise."""


class Outline(Struct, frozen=True):
    """Where one is within `seconds`: `polygons`, each an outer ring and its holes; `edge_m` around
    streets."""

    seconds: int
    polygons: tuple[tuple[Ring, ...], ...]
    square_km: float
    edge_m: float


def outlines(bands: Sequence[Band]) -> list[Outline]:
    """One area for each band of `TravelTime.reach`, with all that is reached before it."""
    lines = [np.array(line, np.float64) for band in bands for line in band.lines]
    if not lines:
        return []
    lattice = _Lattice(np.concatenate(lines))
    reached = np.zeros(lattice.shape, bool)
    found = []
    for band in bands:
        lattice.mark(reached, band.lines)
        rings: list[Floats] = []
        if reached.any():  # a unit that first walks to its car has gone nowhere after a second
            away = scipy.ndimage.distance_transform_edt(~reached) * lattice.cell_m
            rings = [each for each in _rings(away, lattice.edge_m) if not -HOLE_CELLS < _turned(each) < 0]
        square_km = sum(map(_turned, rings)) * lattice.cell_m**2 / 1e6
        polygons = _polygons([lattice.degrees(each) for each in rings])
        found.append(Outline(band.seconds, polygons, round(square_km, 3), round(lattice.edge_m, 1)))
    return found


class _Lattice:
    """Points `cell_m` apart over all of the streets, with room around them."""

    def __init__(self, points: Floats) -> None:
        low, high = points.min(axis=0), points.max(axis=0)
        self._metre = EARTH_RADIUS_M * RADIANS
        self._narrow = cos(radians(float(low[0] + high[0]) / 2)) * self._metre
        tall, wide = (high[0] - low[0]) * self._metre, (high[1] - low[1]) * self._narrow
        self.cell_m = max(CELL_M, float(max(tall, wide)) / LATTICE_MAX)
        self.edge_m = max(EDGE_M, EDGE_CELLS * self.cell_m)
        room = ceil(self.edge_m / self.cell_m) + 2
        self._south = float(low[0]) - room * self.cell_m / self._metre
        self._west = float(low[1]) - room * self.cell_m / self._narrow
        self.shape = ceil(tall / self.cell_m) + 2 * room + 1, ceil(wide / self.cell_m) + 2 * room + 1

    def mark(self, reached: NDArray[np.bool_], lines: Sequence[Sequence[Point]]) -> None:
        """Set the lattice points nearest to the lines, at every half square along them."""
        for line in lines:
            at = self._flat(np.array(line, np.float64))
            a, b = (at[:-1], at[1:]) if len(at) > 1 else (at, at)
            counts = np.ceil(np.hypot(*(b - a).T) * 2).astype(int) + 1
            start = np.repeat(np.cumsum(counts) - counts, counts)
            share = (np.arange(counts.sum()) - start) / np.maximum(np.repeat(counts, counts) - 1, 1)
            every = np.repeat(a, counts, axis=0) + share[:, None] * np.repeat(b - a, counts, axis=0)
            y, x = np.rint(every).astype(int).T
            reached[y, x] = True

    def _flat(self, line: Floats) -> Floats:
        """(lat, lon) in squares north and east of the lattice's corner."""
        scale = np.array([self._metre, self._narrow]) / self.cell_m
        flat: Floats = (line - (self._south, self._west)) * scale
        return flat

    def degrees(self, ring: Floats) -> Ring:
        corners = ring * (self.cell_m / np.array([self._metre, self._narrow])) + (self._south, self._west)
        return tuple((float(lat), float(lon)) for lat, lon in corners)


def _rings(away: Floats, edge_m: float) -> list[Floats]:
    """Closed lines (y, x in squares) along which `away` is `edge_m`; what is nearer lies on their left."""
    inside = away < edge_m
    code = (
        inside[:-1, :-1] * 1 + inside[:-1, 1:] * 2 + inside[1:, 1:] * 4 + inside[1:, :-1] * 8
    )  # corners counterclockwise from south-west
    follows: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for y, x in np.argwhere((code > 0) & (code < 15)).tolist():
        sides = ((y, x, 0), (y, x + 1, 1), (y + 1, x, 0), (y, x, 1))  # south, east, north, west
        for start, end in _STEPS[int(code[y, x])]:
            follows[sides[start]] = sides[end]
    rings = []
    while follows:
        first, at = follows.popitem()
        ring = [first]
        while at != first:
            ring.append(at)
            at = follows.pop(at)
        rings.append(np.array([_crossing(away, edge_m, *each) for each in (*ring, first)]))
    return rings


# For each square by the corners inside (1 south-west, 2 south-east, 4 north-east, 8 north-west) by which side
# the line enters and by which it leaves: 0 south, 1 east, 2 north, 3 west; the inside on its left. Opposite
# corners are not joined.
_STEPS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((0, 3),),
    2: ((1, 0),),
    3: ((1, 3),),
    4: ((2, 1),),
    5: ((0, 3), (2, 1)),
    6: ((2, 0),),
    7: ((2, 3),),
    8: ((3, 2),),
    9: ((0, 2),),
    10: ((1, 0), (3, 2)),
    11: ((1, 2),),
    12: ((3, 1),),
    13: ((0, 1),),
    14: ((3, 0),),
}


def _crossing(away: Floats, edge_m: float, y: int, x: int, upright: int) -> tuple[float, float]:
    """Where the line crosses the side from (y, x) to the east, or to the north where it is upright."""
    here = float(away[y, x])
    there = float(away[y + 1, x] if upright else away[y, x + 1])
    share = (edge_m - here) / (there - here)
    return (y + share, float(x)) if upright else (float(y), x + share)


def _turned(ring: Floats) -> float:
    """Area within, positive counterclockwise (x east, y north)."""
    y, x = ring[:, 0], ring[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def _polygons(rings: Sequence[Ring]) -> tuple[tuple[Ring, ...], ...]:
    """Outer rings, the largest first, each with the holes that lie in it and in no smaller one."""
    sized = [(_turned(np.array(ring)), ring) for ring in rings]
    outer = sorted((each for each in sized if each[0] > 0), reverse=True)
    holes: list[list[Ring]] = [[] for _ in outer]
    for size, ring in sized:
        if size < 0:
            around = [n for n, (_, each) in enumerate(outer) if contains(each, ring[0])]
            if around:
                holes[around[-1]].append(ring)
    return tuple((ring, *holes[n]) for n, (_, ring) in enumerate(outer))


def contains(ring: Ring, point: Point) -> bool:
    """Whether the point lies in the ring (even-odd)."""
    lat, lon = point
    corners = np.array(ring, np.float64)
    a, b = corners[:-1], corners[1:]
    level = (a[:, 0] > lat) != (b[:, 0] > lat)
    a, b = a[level], b[level]
    crossed = a[:, 1] + (lat - a[:, 0]) * (b[:, 1] - a[:, 1]) / (b[:, 0] - a[:, 0]) > lon
    return bool(np.count_nonzero(crossed) % 2)


def inside(outline: Outline, point: Point) -> bool:
    """Whether the point lies in one of the polygons and in none of its holes."""
    return any(
        contains(rings[0], point) and not any(contains(hole, point) for hole in rings[1:])
        for rings in outline.polygons
    )
