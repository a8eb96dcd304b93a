"""Where a point meets the net: the nearest edge that may be used, and how far along it."""

from __future__ import annotations

from math import cos, inf, radians

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.geo.points import EARTH_RADIUS_M, RADIANS
from huying.geo.roads.graph import Floats, Ints, RoadGraph

CELLS_M = (250.0, 2_000.0)
"""Two grids: about two blocks, where nine cells hold some dozens of segments in a town; and a valley, for
points that are far from every road."""

NEAR_RINGS = 3
"""Rings of the first grid that are looked at before the second one."""


class Snap(Struct, frozen=True):
    """`along` of edge `edge` (0 at a … 1 at b), `off_m` metres away from the point."""

    edge: int
    along: float
    off_m: float


class Snapper:
    """The nearest edge to a point among those that are allowed.

    Args:
        allowed: (m) edges that may be used.
        reach_m: how far away an edge is looked for.
    """

    def __init__(self, graph: RoadGraph, allowed: NDArray[np.bool_], reach_m: float) -> None:
        self._reach_m = reach_m
        self._narrow = cos(radians(float(np.median(graph.lat)))) or 1e-6
        self._metre = EARTH_RADIUS_M * RADIANS
        edge, from_m, part, ends = segments_of(graph, allowed)
        self._edge, self._from, self._part = edge, from_m, part
        self._metres = graph.metres
        x1, y1 = self._flat(ends[0], ends[1])
        x2, y2 = self._flat(ends[2], ends[3])
        dx, dy = x2 - x1, y2 - y1
        # A row for each segment: few of them are taken at a time, and one look brings all of a segment.
        self._rows = np.column_stack([x1, y1, dx, dy, np.maximum(dx**2 + dy**2, 1e-9)])
        self._cells = [_cells(size, x1, y1, dx, dy) for size in CELLS_M]

    def __len__(self) -> int:
        return len(self._edge)

    def snap(self, lat: float, lon: float) -> Snap | None:
        """The nearest spot on an allowed edge; None when none is within reach. Ties go to the lower edge."""
        if not len(self._edge):
            return None
        x, y = lon * self._metre * self._narrow, lat * self._metre
        best, least, sure = self._within(0, NEAR_RINGS, x, y)
        if not sure:
            best, least, _ = self._within(1, int(self._reach_m / CELLS_M[1]) + 1, x, y)
        return self._spot(best, x, y, least) if best >= 0 and least <= self._reach_m**2 else None

    def _within(self, grid: int, rings: int, x: float, y: float) -> tuple[int, float, bool]:
        """(segment, metres², whether nothing outside can be nearer) of the nearest in so many rings."""
        size, cells = CELLS_M[grid], self._cells[grid]
        column, row = int(x // size), int(y // size)
        best, least = -1, inf
        for ring in range(1, rings + 1):
            if least <= ((ring - 1) * size) ** 2 and ring > 1:
                return best, least, True
            around = _ring(column, row, ring)
            if ring == 1:
                around.insert(0, (column, row))
            found = [cells[cell] for cell in around if cell in cells]
            if found:
                near = np.concatenate(found) if len(found) > 1 else found[0]
                at, square = self._nearest(near, x, y)
                if square < least:
                    best, least = at, square
        return best, least, least <= (rings * size) ** 2

    def _nearest(self, segments: NDArray[np.int64], x: float, y: float) -> tuple[int, float]:
        x1, y1, dx, dy, square = self._rows[segments].T
        px, py = x - x1, y - y1
        t = np.minimum(np.maximum((px * dx + py * dy) / square, 0.0), 1.0)
        px -= t * dx
        py -= t * dy
        away = px**2 + py**2
        n = int(away.argmin())
        return int(segments[n]), float(away[n])

    def _spot(self, segment: int, x: float, y: float, square: float) -> Snap:
        x1, y1, dx, dy, whole = self._rows[segment].tolist()
        t = min(1.0, max(0.0, ((x - x1) * dx + (y - y1) * dy) / whole))
        edge = int(self._edge[segment])
        along = (float(self._from[segment]) + t * float(self._part[segment])) / float(self._metres[edge])
        return Snap(edge, min(1.0, max(0.0, along)), square**0.5)

    def _flat(self, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        return lon * self._metre * self._narrow, lat * self._metre


def segments_of(graph: RoadGraph, allowed: NDArray[np.bool_]) -> tuple[Ints, Floats, Floats, Floats]:
    """Straight pieces of the edges: edge, metres before it, its metres, and its ends in degrees."""
    edges = np.flatnonzero(allowed)
    inner = np.diff(graph.shape_at)[edges]
    points = int((inner + 2).sum())
    at = np.concatenate([[0], np.cumsum(inner + 2)]).astype(np.int64)
    lat, lon = np.empty(points), np.empty(points)
    lat[at[:-1]], lon[at[:-1]] = graph.lat[graph.a[edges]], graph.lon[graph.a[edges]]
    lat[at[1:] - 1], lon[at[1:] - 1] = graph.lat[graph.b[edges]], graph.lon[graph.b[edges]]
    middle = np.ones(points, bool)
    middle[at[:-1]] = middle[at[1:] - 1] = False
    spans = [np.arange(graph.shape_at[e], graph.shape_at[e + 1]) for e in edges[inner > 0].tolist()]
    taken = np.concatenate(spans) if spans else np.empty(0, np.int64)
    lat[middle], lon[middle] = graph.shape_lat[taken], graph.shape_lon[taken]
    first = np.ones(points, bool)
    first[at[1:] - 1] = False
    start = np.flatnonzero(first)
    owner = np.repeat(np.arange(len(edges)), inner + 1)
    up = np.sin(np.radians(lat[start + 1] - lat[start]) / 2)
    over = np.sin(np.radians(lon[start + 1] - lon[start]) / 2)
    chord = up**2 + np.cos(np.radians(lat[start])) * np.cos(np.radians(lat[start + 1])) * over**2
    part = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    whole = np.cumsum(part) - part
    before = whole - (whole[np.searchsorted(owner, np.arange(len(edges)))])[owner] if len(part) else part
    ends = np.stack([lat[start], lon[start], lat[start + 1], lon[start + 1]])
    return edges[owner].astype(np.int32), before, part, ends


def _cells(
    size: float,
    x: Floats,
    y: Floats,
    dx: Floats,
    dy: Floats,
) -> dict[tuple[int, int], NDArray[np.int64]]:
    """Segments by the cells that they may touch: those of the boxes of pieces no longer than a cell."""
    pieces = np.maximum(1, np.ceil(np.maximum(np.abs(dx), np.abs(dy)) / size)).astype(np.int64)
    segment = np.repeat(np.arange(len(x)), pieces)
    n = np.arange(len(segment)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = n / pieces[segment], (n + 1) / pieces[segment]
    columns = [np.floor((x[segment] + t * dx[segment]) / size).astype(np.int64) for t in share]
    rows = [np.floor((y[segment] + t * dy[segment]) / size).astype(np.int64) for t in share]
    if not len(segment):
        return {}
    # One number for cell and segment: sorting numbers takes a tenth of the time that sorting rows does.
    left, low = min(int(c.min()) for c in columns), min(int(r.min()) for r in rows)
    high = max(int(r.max()) for r in rows) - low + 1
    cells = [(c - left) * high + (r - low) for c in columns for r in rows]
    touched = np.unique(np.concatenate([cell * len(x) + segment for cell in cells]))
    cell, segment = np.divmod(touched, len(x))
    starts = np.flatnonzero(np.r_[True, np.diff(cell) != 0])
    groups = np.split(segment, starts[1:])
    where = ((left + each // high, low + each % high) for each in cell[starts].tolist())
    return dict(zip(where, groups, strict=True))


def _ring(column: int, row: int, ring: int) -> list[tuple[int, int]]:
    """Cells at Chebyshev distance `ring` ≥ 1."""
    sides = range(-ring, ring + 1)
    return [
        *((column + x, row + y) for x in sides for y in (-ring, ring)),
        *((column + x, row + y) for y in sides[1:-1] for x in (-ring, ring)),
    ]
