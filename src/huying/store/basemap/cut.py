"""Features are cut into tiles: projected, made simpler zoom by zoom, clipped, rounded. Needs `shapely`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from huying.base.refusal import Refusal
from huying.store.basemap.archive import Bounds, Tile
from huying.store.basemap.feature import LAYERS, ZOOM_MAX, ZOOM_MIN, Feature
from huying.store.basemap.mvt import AREA, EXTENT, LINE, POINT, Drawn, Ring, layer

MARGIN = 96
"""Steps beyond the tile that are kept, so that a wide road isn't cut off at the edge."""

TOLERANCE = 3.0
"""Steps (a third of a pixel) by which a line may be simplified; more only where the browser enlarges less."""

SMALLEST = 180.0
"""Areas of fewer square steps than about two pixels are left out."""

TILES_MAX = 200_000
"""Of a province at zoom 14; beyond that a map is made by a tool for countries."""


def cut(features: Sequence[Feature]) -> dict[Tile, bytes]:
    """The tiles of all zooms that have something in them. Refuses with `map_too_large`."""
    flat = [_mercator(each.shape) for each in features]
    tiles: dict[Tile, bytes] = {}
    for zoom in range(ZOOM_MIN, ZOOM_MAX + 1):
        at: dict[tuple[int, int], dict[str, list[Drawn]]] = {}
        for each, shape in zip(features, flat, strict=True):
            if each.zoom_min <= zoom:
                for place, drawn in _drawn(each, shape, zoom):
                    at.setdefault(place, {}).setdefault(each.layer, []).append(drawn)
        for (x, y), layers in sorted(at.items()):
            tiles[zoom, x, y] = b"".join(layer(name, layers[name]) for name in LAYERS if name in layers)
        if len(tiles) > TILES_MAX:
            raise Refusal("map_too_large", limit=TILES_MAX)
    return tiles


def bounds_of(features: Sequence[Feature]) -> Bounds:
    west, south, east, north = shapely.total_bounds([each.shape for each in features]).tolist()
    return Bounds(*(round(each, 6) for each in (west, south, east, north)))


def _mercator(shape: Any) -> Any:
    """Web Mercator with the whole world as 0…1 on both axes, y down."""

    def turn(points: NDArray[np.float64]) -> NDArray[np.float64]:
        lat = np.radians(np.clip(points[:, 1], -85.0511, 85.0511))
        down = 0.5 - np.log(np.tan(np.pi / 4 + lat / 2)) / (2 * np.pi)
        return np.column_stack([points[:, 0] / 360 + 0.5, down])

    return shapely.transform(shape, turn)


def _drawn(feature: Feature, flat: Any, zoom: int) -> Iterator[tuple[tuple[int, int], Drawn]]:
    """The feature in each tile that it meets."""
    scale = EXTENT * 2.0**zoom
    shape = shapely.transform(flat, lambda points: points * scale)
    if shape.geom_type in ("Polygon", "MultiPolygon") and shape.area < SMALLEST:
        return
    if shape.geom_type != "Point":
        shape = shape.simplify(TOLERANCE if zoom < ZOOM_MAX else 1.0)
    tags = {"kind": feature.kind, **feature.tags}
    west, north, east, south = (
        (each + way * MARGIN) / EXTENT for each, way in zip(shape.bounds, (-1, -1, 1, 1), strict=True)
    )
    world = 1 << zoom
    for x in range(max(0, floor(west)), min(world, max(ceil(east), floor(west) + 1))):
        for y in range(max(0, floor(north)), min(world, max(ceil(south), floor(north) + 1))):
            left, top = x * EXTENT, y * EXTENT
            piece = shapely.clip_by_rect(
                shape, left - MARGIN, top - MARGIN, left + EXTENT + MARGIN, top + EXTENT + MARGIN
            )
            what, parts = _parts(piece, left, top)
            if parts:
                yield (x, y), Drawn(what, parts, tags)


def _parts(piece: Any, left: int, top: int) -> tuple[int, list[Ring]]:
    """Kind of geometry, and its points in whole steps from the tile's corner."""
    lines: list[Ring] = []
    rings: list[Ring] = []
    points: list[Ring] = []
    for each in shapely.get_parts(piece):
        if each.geom_type == "Polygon" and not each.is_empty:
            outer = _ring(each.exterior, left, top, clockwise=True)
            if outer:
                rings.append(outer)
                holes = [_ring(hole, left, top, clockwise=False) for hole in each.interiors]
                rings += [hole for hole in holes if hole]
        elif each.geom_type in ("LineString", "LinearRing"):
            line = _steps(each, left, top)
            if len(line) > 1:
                lines.append(line)
        elif each.geom_type == "Point" and not each.is_empty:
            points.append(_steps(each, left, top))
    if rings:
        return AREA, rings
    return (LINE, lines) if lines else (POINT, points)


def _steps(shape: Any, left: int, top: int) -> list[tuple[int, int]]:
    steps = np.rint(shapely.get_coordinates(shape) - (left, top)).astype(np.int64)
    kept = np.ones(len(steps), bool)
    kept[1:] = (np.diff(steps, axis=0) != 0).any(axis=1)
    return [(int(x), int(y)) for x, y in steps[kept]]


def _ring(shape: Any, left: int, top: int, clockwise: bool) -> list[tuple[int, int]]:
    """Without its last point (which is the first); empty when rounding left no area."""
    ring = _steps(shape, left, top)
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    if len(ring) < 3:
        return []
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    if twice == 0:
        return []
    # With y down, a ring that runs clockwise on the screen has a positive area.
    return ring if (twice > 0) == clockwise else ring[::-1]
