"""Points in square cells: which of a kind are near one.

For a reach of a few hundred metres a few dictionary look-ups beat a ring of H3 cells five to one, because
each H3 ring is a list made anew by a foreign library. Points of other kinds are never looked at.
"""

from __future__ import annotations

from math import asin, cos, floor, radians, sin, sqrt
from typing import Generic, TypeVar

from huying.geo.points import DIAMETER_M, EARTH_RADIUS_M, HALF, RADIANS

K = TypeVar("K", int, str)
Cell = tuple[str, int, int]

# Beyond this latitude columns would be needlessly narrow; nobody lives there.
_LATITUDE_MAX = 80.0
# A little more than rounding can take away.
_SAFE = 1.001
_DEGREE_M = EARTH_RADIUS_M * RADIANS


class Grid(Generic[K]):
    """Points by key, found within some metres.

    Args:
        side_m: of a cell; about the reach that is asked for.
        latitude: of the place where most points lie, degrees; cells are as wide there as they are high.
            Further from the equator they are narrower in metres, and the search takes more columns.
        cell_max: points of one kind that one cell takes; in a crowd the first stand for the rest.
    """

    def __init__(self, side_m: float, latitude: float, cell_max: int) -> None:
        self._cell_max = cell_max
        self._height = side_m / _DEGREE_M
        self._width = self._height / _narrowing(latitude)
        self._cells: dict[Cell, dict[K, tuple[float, float]]] = {}
        self._cell_of: dict[K, Cell] = {}

    def __len__(self) -> int:
        return len(self._cell_of)

    def put(self, key: K, kind: str, lat: float, lon: float) -> bool:
        """Add the point, or move it; False when its cell is full, and then it is not held."""
        cell = kind, floor(lat / self._height), floor(lon / self._width)
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

    def within(self, kind: str, lat: float, lon: float, metres: float) -> list[tuple[float, K]]:
        """(metres, key) of all points of a kind at most `metres` away, nearest first, ties by key."""
        up = metres * _SAFE / _DEGREE_M
        over = up / _narrowing(abs(lat) + up)
        height, width, cells = self._height, self._width, self._cells
        level = cos(lat * RADIANS)
        columns = range(floor((lon - over) / width), floor((lon + over) / width) + 1)
        found: list[tuple[float, K]] = []
        for y in range(floor((lat - up) / height), floor((lat + up) / height) + 1):
            for x in columns:
                held = cells.get((kind, y, x))
                if held:
                    for key, (lat2, lon2) in held.items():
                        north, east = lat2 - lat, lon2 - lon
                        if -up < north < up and -over < east < over:
                            # The haversine of `points.distance_m`, written out: it is half of a search.
                            a, b = sin(north * HALF), sin(east * HALF)
                            chord = a * a + level * cos(lat2 * RADIANS) * b * b
                            away = DIAMETER_M * asin(sqrt(chord))
                            if away <= metres:
                                found.append((away, key))
        found.sort()
        return found


def _narrowing(latitude: float) -> float:
    return cos(radians(min(_LATITUDE_MAX, abs(latitude))))
