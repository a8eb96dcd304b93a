"""Which of a city's areas hold a point.

A uniform grid over the city: where no border passes through a cell the answer is ready; elsewhere a ray is
cast against the few edges that lie in the cell's row and not west of it. Borders are half open, so a point on
the border of two areas that share it is in exactly one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import cos
from typing import NamedTuple

from huying.base.refusal import Refusal
from huying.domain.pack import Area
from huying.geo.points import EARTH_RADIUS_M, RADIANS

Edge = tuple[float, float, float, float]
"""(lat south, lon there, lat north, the lon gained per degree of lat). Both areas of a border compute with
the same four numbers, so no point falls between them or into both."""

Ring = tuple[tuple[float, float], ...]

# 64 × 64 cells: in a county of 50 km a cell is 0.8 km, and borders pass through about one in five.
CELLS = 64

# Corners of one area: a coast in full detail has some 10⁴; more is a mistake of units or format.
CORNERS_MAX = 100_000

# Rounding in the cell arithmetic is ~10⁻¹³ degrees; borders are widened by far more when cells are marked.
_SLACK = 1e-9


# Cities whose index is kept: a process serves one, and reads its pack again when it is about to change.
KEPT_MAX = 4


class Shape(NamedTuple):
    """What the index takes of an area."""

    code: str
    parent: str
    rings: tuple[Ring, ...]


def areas_of(areas: Iterable[Area]) -> Areas:
    """The areas of a city, ready to be asked; of the same areas the same index."""
    return _kept(tuple(Shape(each.code, each.parent, each.rings) for each in areas))


class Areas:
    """The areas of one city, ready to be asked.

    Args:
        areas: rings are (lon, lat) degrees, outer ring first, holes after it (even-odd rule). An area across
            the 180th meridian is refused.
    """

    def __init__(self, areas: Iterable[Area | Shape]) -> None:
        ranked = sorted(areas, key=lambda each: (size_m2(each), each.code))
        self.parents = {each.code: each.parent for each in ranked}
        for each in ranked:
            _check(each)
        lats = [lat for each in ranked for ring in each.rings for _, lat in ring] or [0.0]
        lons = [lon for each in ranked for ring in each.rings for lon, _ in ring] or [0.0]
        self._south, self._west = min(lats), min(lons)
        self._north, self._east = max(lats), max(lons)
        self._rows = CELLS / max(self._north - self._south, _SLACK)
        self._columns = CELLS / max(self._east - self._west, _SLACK)
        cells: dict[int, list[tuple[str, tuple[Edge, ...]]]] = {}
        for each in ranked:
            self._mark(each, cells)
        bordered = {cell for cell, held in cells.items() if any(edges for _, edges in held)}
        self._sure = {
            cell: tuple([code for code, _ in held]) for cell, held in cells.items() if cell not in bordered
        }
        self._close = {cell: tuple(cells[cell]) for cell in bordered}

    def at(self, lat: float, lon: float) -> tuple[str, ...]:
        """Codes of the areas that hold the point, from the smallest to the largest; none outside."""
        if not (self._south <= lat <= self._north and self._west <= lon <= self._east):
            return ()
        cell = int((lat - self._south) * self._rows) << 8 | int((lon - self._west) * self._columns)
        sure = self._sure.get(cell)
        if sure is not None:
            return sure
        found = []
        for code, edges in self._close.get(cell, ()):
            if edges:
                inside = False
                for south, start, north, slope in edges:
                    if south <= lat < north and lon < start + (lat - south) * slope:
                        inside = not inside
                if not inside:
                    continue
            found.append(code)
        return tuple(found)

    def chain(self, code: str) -> tuple[str, ...]:
        """The area and those above it, from the smallest to the largest; () for an unknown code."""
        found: list[str] = []
        while code in self.parents and code not in found:
            found.append(code)
            code = self.parents[code]
        return tuple(found)

    def _mark(self, area: Area | Shape, cells: dict[int, list[tuple[str, tuple[Edge, ...]]]]) -> None:
        """Enter the area into every cell that it touches: with edges where its border passes, without
        where the cell lies wholly inside."""
        edges, by_row, border = _edges(area.rings), dict[int, list[Edge]](), set[tuple[int, int]]()
        for edge in edges:
            south, start, north, slope = edge
            first, last = self._row(south - _SLACK), self._row(north + _SLACK)
            for row in range(first, last + 1):
                by_row.setdefault(row, []).append(edge)
                ends = (self._lat(row) - _SLACK, self._lat(row + 1) + _SLACK)
                reach = [start + (min(max(lat, south), north) - south) * slope for lat in ends]
                columns = self._column(min(reach) - _SLACK), self._column(max(reach) + _SLACK)
                border.update((row, column) for column in range(columns[0], columns[1] + 1))
        border.update(self._flat(area.rings))
        lons = [lon for ring in area.rings for lon, _ in ring]
        west, east = self._column(min(lons)), self._column(max(lons))
        for row, close in by_row.items():
            reaching = [(max(edge[1], _end(edge)), edge) for edge in close]
            known = inside = False
            for column in range(west, east + 1):
                if (row, column) in border:
                    known = False
                    edge_lon = self._west + column / self._columns - _SLACK
                    ahead = tuple(edge for most, edge in reaching if most >= edge_lon)
                    if ahead:
                        cells.setdefault(row << 8 | column, []).append((area.code, ahead))
                    continue
                if not known:  # from here to the next border cell of the row all are inside, or none is
                    middle = self._west + (column + 0.5) / self._columns
                    known, inside = True, _inside(close, self._lat(row + 0.5), middle)
                if inside:
                    cells.setdefault(row << 8 | column, []).append((area.code, ()))

    def _flat(self, rings: tuple[Ring, ...]) -> Iterable[tuple[int, int]]:
        """Cells under edges along a parallel, which no ray crosses but which are borders all the same."""
        for ring in rings:
            for (lon, lat), (lon2, lat2) in zip(ring, ring[1:] + ring[:1], strict=True):
                if lat == lat2:
                    for row in {self._row(lat - _SLACK), self._row(lat + _SLACK)}:
                        start, end = min(lon, lon2) - _SLACK, max(lon, lon2) + _SLACK
                        yield from ((row, each) for each in range(self._column(start), self._column(end) + 1))

    def _lat(self, row: float) -> float:
        return self._south + row / self._rows

    def _row(self, lat: float) -> int:
        return min(max(int((lat - self._south) * self._rows), 0), CELLS)

    def _column(self, lon: float) -> int:
        return min(max(int((lon - self._west) * self._columns), 0), CELLS)


@lru_cache(KEPT_MAX)
def _kept(shapes: tuple[Shape, ...]) -> Areas:
    return Areas(shapes)


def size_m2(area: Area | Shape) -> float:
    """Square metres of the area: outer ring less holes, on a plane at its own latitude."""
    sizes = []
    for ring in area.rings:
        level = cos(sum(lat for _, lat in ring) / max(len(ring), 1) * RADIANS)
        twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
        sizes.append(abs(twice) / 2 * level * (EARTH_RADIUS_M * RADIANS) ** 2)
    return sizes[0] - sum(sizes[1:]) if sizes else 0.0


def _check(area: Area | Shape) -> None:
    corners = sum(len(ring) for ring in area.rings)
    lons = [lon for ring in area.rings for lon, _ in ring]
    if corners > CORNERS_MAX or any(len(ring) < 3 for ring in area.rings) or not area.rings:
        raise Refusal("area_shape", area=area.code, corners=corners, most=CORNERS_MAX)
    if max(lons) - min(lons) > 180:
        raise Refusal("area_across_180", area=area.code)


def _edges(rings: tuple[Ring, ...]) -> list[Edge]:
    edges = []
    for ring in rings:
        for (lon, lat), (lon2, lat2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if lat < lat2:
                edges.append((lat, lon, lat2, (lon2 - lon) / (lat2 - lat)))
            elif lat2 < lat:
                edges.append((lat2, lon2, lat, (lon - lon2) / (lat - lat2)))
    return edges


def _end(edge: Edge) -> float:
    south, start, north, slope = edge
    return start + (north - south) * slope


def _inside(edges: Iterable[Edge], lat: float, lon: float) -> bool:
    crossed = (
        south <= lat < north and lon < start + (lat - south) * slope for south, start, north, slope in edges
    )
    return sum(crossed) % 2 == 1
