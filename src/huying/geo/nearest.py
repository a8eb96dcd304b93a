"""Moving points by H3 cell: which are within so many metres, which are nearest. The answer is that of looking
at all of them."""

from __future__ import annotations

from heapq import nsmallest
from math import inf
from typing import Generic, TypeVar

import h3.api.basic_int as h3

from huying.geo.points import EARTH_RADIUS_M, RADIANS, distance_m

# Cells shrink and bend towards the corners of H3's icosahedron: the smallest hexagons have 0.6 of the mean
# area. Half the mean edge is below every distance by which a ring of cells keeps the next ring away.
_SAFE = 0.5

# Degrees of latitude in a metre, and a little more than rounding can take away.
_DEGREE_PER_M = 1.000001 / (EARTH_RADIUS_M * RADIANS)

RESOLUTION_MIN, RESOLUTION_MAX = 4, 12
"""Cell edges from 26 km to 11 m: nothing in one jurisdiction asks for coarser or finer."""


K = TypeVar("K", int, str)


class Nearby(Generic[K]):
    """Points by key.

    Args:
        metres: the distance that is asked for most; cells are cut so that two rings of them cover it, which
            looks at least ground for the price of asking for the rings.
    """

    def __init__(self, metres: float) -> None:
        fine = range(RESOLUTION_MAX, RESOLUTION_MIN - 1, -1)
        self._resolution = next((n for n in fine if _reach_m(_edge_m(n), 2) >= metres), RESOLUTION_MIN)
        self._edge_m = _edge_m(self._resolution)
        self._cells: dict[int, dict[K, tuple[float, float]]] = {}
        self._cell_of: dict[K, int] = {}

    def __len__(self) -> int:
        return len(self._cell_of)

    def put(self, key: K, lat: float, lon: float) -> None:
        """Add the point, or move it."""
        cell = h3.latlng_to_cell(lat, lon, self._resolution)
        old = self._cell_of.get(key)
        if old is not None and old != cell:
            self.remove(key)
        self._cell_of[key] = cell
        self._cells.setdefault(cell, {})[key] = (lat, lon)

    def remove(self, key: K) -> None:
        """Forget the point; an unknown key is no fault."""
        cell = self._cell_of.pop(key, None)
        if cell is not None:
            held = self._cells[cell]
            del held[key]
            if not held:
                del self._cells[cell]

    def within(self, lat: float, lon: float, metres: float) -> list[tuple[float, K]]:
        """(metres, key) of all points at most `metres` away, nearest first, ties by key."""
        ring = 1
        while _reach_m(self._edge_m, ring) < metres and not self._all_cheaper(ring):
            ring += 1
        return sorted(each for each in self._measured(lat, lon, ring, metres) if each[0] <= metres)

    def nearest(self, lat: float, lon: float, count: int) -> list[tuple[float, K]]:
        """(metres, key) of the `count` nearest points, nearest first, ties by key."""
        ring = 1
        while True:
            found = nsmallest(count, self._measured(lat, lon, ring, inf))
            if self._all_cheaper(ring) or (
                len(found) == count and found[-1][0] <= _reach_m(self._edge_m, ring)
            ):
                return found
            ring *= 2

    def _all_cheaper(self, ring: int) -> bool:
        """Whether there are fewer cells with points than cells within the rings."""
        return len(self._cells) <= 3 * ring * (ring + 1) + 1

    def _measured(self, lat: float, lon: float, ring: int, metres: float) -> list[tuple[float, K]]:
        """(metres, key) of the points in the rings, without those that lie too far north or south."""
        cells = self._cells
        if self._all_cheaper(ring):
            held = list(cells.values())
        else:
            disk = h3.grid_disk(h3.latlng_to_cell(lat, lon, self._resolution), ring)
            held = [cells[cell] for cell in disk if cell in cells]
        band = metres * _DEGREE_PER_M
        return [
            (distance_m(lat, lon, *point), key)
            for points in held
            for key, point in points.items()
            if -band <= point[0] - lat <= band
        ]


def _reach_m(edge_m: float, ring: int) -> float:
    """No point outside so many rings of cells is nearer than this: the first ring keeps others an edge away,
    each further one an edge and a half."""
    return _SAFE * edge_m * (1.5 * ring - 0.5)


def _edge_m(resolution: int) -> float:
    return float(h3.average_hexagon_edge_length(resolution, unit="m"))
