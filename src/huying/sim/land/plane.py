"""Lines on a plane of metres: where they cross, what is nearest, how they wind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, floor, hypot, radians, sin, tau

from msgspec import Struct

from huying.geo.points import EARTH_RADIUS_M, RADIANS
from huying.sim.chance import Dice

XY = tuple[float, float]
CELL_M = 200.0


class Line(Struct):
    """A road in the making, corner by corner. `level` keeps lines apart that pass over each other."""

    points: list[XY]
    road_class: str
    name: str = ""
    oneway: bool = False
    level: str = "ground"


class Plane:
    """Metres east and north of a centre. Good to 0.1 % within 100 km, where a county ends."""

    def __init__(self, centre: tuple[float, float]) -> None:
        self._lat, self._lon = centre
        self._y = EARTH_RADIUS_M * RADIANS
        self._x = self._y * cos(radians(centre[0]))

    def xy(self, lat: float, lon: float) -> XY:
        return (lon - self._lon) * self._x, (lat - self._lat) * self._y

    def latlon(self, point: XY) -> tuple[float, float]:
        """Rounded to 0.1 m, so that the same net has the same bytes on every machine."""
        return round(self._lat + point[1] / self._y, 6), round(self._lon + point[0] / self._x, 6)


def length(a: XY, b: XY) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def nearest_on(point: XY, a: XY, b: XY) -> XY:
    """The spot on a–b that is nearest to the point."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    share = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square if square else 0.0
    share = min(1.0, max(0.0, share))
    return a[0] + share * dx, a[1] + share * dy


def crossing(a: XY, b: XY, c: XY, d: XY) -> XY | None:
    """Where a–b and c–d cross or touch; None when they don't, or run side by side."""
    rx, ry, sx, sy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    cross = rx * sy - ry * sx
    if abs(cross) < 1e-9:
        return None
    t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / cross
    u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / cross
    if -1e-9 <= t <= 1 + 1e-9 and -1e-9 <= u <= 1 + 1e-9:
        return a[0] + t * rx, a[1] + t * ry
    return None


class Pieces:
    """Straight pieces of lines by cells, to find what is near."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[XY, XY, int, int]]] = {}

    def add(self, line: int, points: Sequence[XY]) -> None:
        for n, (a, b) in enumerate(pairwise(points)):
            for cell in _cells(a, b):
                self._cells.setdefault(cell, []).append((a, b, line, n))

    def near(self, a: XY, b: XY) -> Iterator[tuple[XY, XY, int, int]]:
        """Pieces that share a cell with a–b, some of them more than once."""
        for cell in _cells(a, b):
            yield from self._cells.get(cell, ())

    def nearest(self, point: XY, rings: int = 60) -> tuple[float, XY] | None:
        """(metres, spot) of the nearest piece within so many cells."""
        column, row = floor(point[0] / CELL_M), floor(point[1] / CELL_M)
        best: tuple[float, XY] | None = None
        for ring in range(rings):
            if best is not None and best[0] <= (ring - 1) * CELL_M:
                return best
            for x in range(-ring, ring + 1):
                for y in range(-ring, ring + 1) if abs(x) == ring else (-ring, ring):
                    for a, b, _, _ in self._cells.get((column + x, row + y), ()):
                        spot = nearest_on(point, a, b)
                        found = length(point, spot), spot
                        best = found if best is None else min(best, found)
        return best


def _cells(a: XY, b: XY) -> set[tuple[int, int]]:
    """Cells of the boxes of pieces of a–b no longer than a cell."""
    parts = max(1, int(length(a, b) / CELL_M) + 1)
    found = set()
    for n in range(parts):
        ends = [(a[0] + (b[0] - a[0]) * k / parts, a[1] + (b[1] - a[1]) * k / parts) for k in (n, n + 1)]
        xs = sorted(floor(x / CELL_M) for x, _ in ends)
        ys = sorted(floor(y / CELL_M) for _, y in ends)
        found |= {(x, y) for x in range(xs[0], xs[1] + 1) for y in range(ys[0], ys[1] + 1)}
    return found


def winding(a: XY, b: XY, dice: Dice, bend: float) -> list[XY]:
    """A way from a to b along slopes: `bend` is how far it leaves the line, as a share of its length."""
    whole = length(a, b)
    corners = max(1, int(whole / 90))
    if whole < 60 or bend == 0:
        return [a, b]
    across = (-(b[1] - a[1]) / whole, (b[0] - a[0]) / whole)
    waves = [
        (dice.between(0.4, 1.0) * bend * whole / (k * 1.6), k, dice.between(0, tau))
        for k in (1, 2, 3, 5, max(6, corners // 4))
    ]
    points = [a]
    for n in range(1, corners):
        share = n / corners
        off = sum(size * sin(k * tau * share / 2 + start) for size, k, start in waves)
        off *= sin(tau * share / 2)  # both ends stay where they are
        x, y = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        points.append((x + across[0] * off, y + across[1] * off))
    return [*points, b]
