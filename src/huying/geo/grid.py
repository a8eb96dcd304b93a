"""Points in square cells: which are near one, for searches whose reach is known beforehand.

For a reach of a few hundred metres nine dictionary look-ups beat a ring of H3 cells five to one, because
each H3 ring is a list made anew by a foreign library.
"""

from __future__ import annotations

from math import cos, floor, radians
from typing import Generic, TypeVar

from huying.geo.points import EARTH_RADIUS_M, RADIANS, distance_m

K = TypeVar("K", int, str)
Cell = tuple[int, int]

# Beyond this latitude columns would be needlessly narrow; nobody lives there.
_LATITUDE_MAX = 80.0
# A little more than rounding can take away.
_SAFE = 1.001


class Grid(Generic[K]):
    """Points by key, found within `reach_m` metres.

    Args:
        reach_m: the furthest that will be asked for.
        latitude: of the place where most points lie, degrees; cells are as wide there as they are high.
            Further from the equator they are narrower in metres, and the search takes more columns.
        cell_max: points that one cell takes; in a crowd the first stand for the rest.
    """

    def __init__(self, reach_m: float, latitude: float, cell_max: int) -> None:
        self.reach_m = reach_m
        self._cell_max = cell_max
        self._height = reach_m * _SAFE / (EARTH_RADIUS_M * RADIANS)
        self._width = self._height / _narrowing(latitude)
        self._cells: dict[Cell, dict[K, tuple[float, float]]] = {}
        self._cell_of: dict[K, Cell] = {}

    def __len__(self) -> int:
        return len(self._cell_of)

    def put(self, key: K, lat: float, lon: float) -> bool:
        """Add the point, or move it; False when its cell is full, and then it is not held."""
        cell = floor(lat / self._height), floor(lon / self._width)
        if self._cell_of.get(key, cell) != cell:
            self.remove(key)
        held = self._cells.setdefault(cell, {})
        if len(held) >= self._cell_max and key not in held:
            return False
        self._cell_of[key] = cell
        held[key] = (lat, lon)
        return True

    def remove(self, key: K) -> None:
        """Forget the point; an unknown key is no fault."""
        cell = self._cell_of.pop(key, None)
        if cell is not None:
            held = self._cells[cell]
            del held[key]
            if not held:
                del self._cells[cell]

    def within(self, lat: float, lon: float, metres: float) -> list[tuple[float, K]]:
        """(metres, key) of all points at most `metres` (≤ reach) away, nearest first, ties by key."""
        row, column = floor(lat / self._height), floor(lon / self._width)
        furthest = min(_LATITUDE_MAX, abs(lat) + self._height)
        columns = 1 + int(self._height / (self._width * _narrowing(furthest)))
        found: list[tuple[float, K]] = []
        cells = self._cells
        for y in (row - 1, row, row + 1):
            for x in range(column - columns, column + columns + 1):
                held = cells.get((y, x))
                if held:
                    for key, point in held.items():
                        away = distance_m(lat, lon, point[0], point[1])
                        if away <= metres:
                            found.append((away, key))
        found.sort()
        return found


def _narrowing(latitude: float) -> float:
    return cos(radians(min(_LATITUDE_MAX, abs(latitude))))
