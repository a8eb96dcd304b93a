"""An OpenStreetMap extract (`.osm.pbf`, `.osm`) → what a map shows. Needs `osmium` and `shapely`.

Tags are read as the OpenStreetMap wiki has them: Map features, Key:place, Tag:natural=coastline (land lies on
the left of it), Key:admin_level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely

from huying.base.refusal import Refusal
from huying.store.basemap.feature import Feature, named
from huying.store.roads.osm import HIGHWAYS

ROAD_ZOOM = {
    "motorway": 8,
    "trunk": 8,
    "primary": 8,
    "secondary": 9,
    "tertiary": 10,
    "unclassified": 11,
    "residential": 12,
    "ferry": 10,
}
"""Other classes from 13 on."""

_LANDUSE = {
    ("landuse", "residential"): "residential",
    ("landuse", "industrial"): "industrial",
    ("landuse", "commercial"): "commercial",
    ("landuse", "retail"): "commercial",
    ("landuse", "railway"): "railway",
    ("landuse", "forest"): "wood",
    ("natural", "wood"): "wood",
    ("natural", "beach"): "beach",
    ("leisure", "park"): "park",
    ("amenity", "school"): "school",
    ("amenity", "university"): "school",
    ("amenity", "hospital"): "hospital",
}
_POIS = {
    ("amenity", "hospital"): ("hospital", 12),
    ("amenity", "townhall"): ("gov", 12),
    ("amenity", "police"): ("gov", 13),
    ("amenity", "fire_station"): ("gov", 13),
    ("railway", "station"): ("station", 12),
    ("amenity", "ferry_terminal"): ("quay", 12),
    ("amenity", "school"): ("school", 13),
    ("amenity", "marketplace"): ("market", 13),
    ("natural", "peak"): ("scenic", 13),
}
_PLACES = {
    "city": ("town", 8),
    "town": ("town", 8),
    "village": ("village", 10),
    "suburb": ("community", 12),
    "hamlet": ("village", 12),
}
_STREAMS = ("river", "stream", "canal")
FEATURES_MAX = 4_000_000
"""Of a large province; they are held in memory while tiles are cut."""


def read_features(file: Path) -> list[Feature]:
    """What the extract shows.

    Refuses with `roads_needs`, `roads_unreadable`, `map_empty`, `map_too_large`.
    """
    try:
        import osmium
    except ImportError:
        raise Refusal("roads_needs", package="osmium", extra="roads") from None
    found: list[Feature] = []
    coast: list[Any] = []
    wkb = osmium.geom.WKBFactory()
    try:
        reader: Any = osmium.FileProcessor(str(file)).with_locations().with_areas()
        for each in reader:
            if not each.tags:
                continue
            tags, what = dict(each.tags), each.type_str()
            try:
                if what == "a":
                    found += _area(tags, lambda area=each: shapely.from_wkb(wkb.create_multipolygon(area)))
                elif what == "w":
                    line = shapely.from_wkb(wkb.create_linestring(each)) if _is_line(tags) else None
                    if line is not None and tags.get("natural") == "coastline":
                        coast.append(line)
                    elif line is not None:
                        found += _line(tags, line)
                elif what == "n":
                    found += _point(tags, shapely.Point(each.location.lon, each.location.lat))
            except (RuntimeError, osmium.InvalidLocationError, shapely.errors.GEOSException):
                continue  # a ring that does not close, a way cut off at the edge of the extract
            if len(found) > FEATURES_MAX:
                raise Refusal("map_too_large", limit=FEATURES_MAX)
    except (RuntimeError, OSError) as error:
        raise Refusal("roads_unreadable", file=file.name, reason=str(error)[:200]) from error
    if not any(each.layer == "roads" for each in found):
        raise Refusal("map_empty", file=file.name)
    box = shapely.box(*shapely.total_bounds([each.shape for each in found if each.layer == "roads"]))
    return [Feature("earth", "earth", land(coast, box)), *found]


def land(coast: list[Any], box: Any) -> Any:
    """The part of the box that is land: all of it without a coast, else what lies left of the coast."""
    inside = list(shapely.get_parts(shapely.intersection(shapely.MultiLineString(coast), box)))
    lines = [each for each in inside if each.geom_type == "LineString" and each.length > 0]
    if not lines:
        return box
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([*lines, box.exterior])]).normalize())
    tree = shapely.STRtree(faces)
    sea: set[int] = set()
    for line in lines:
        (ax, ay), (bx, by) = line.coords[0], line.coords[1]
        # A hair to the right of the middle of its first piece.
        away = 1e-7 / ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        spot = shapely.Point((ax + bx) / 2 + (by - ay) * away, (ay + by) / 2 - (bx - ax) * away)
        sea |= {int(face) for face in tree.query(spot, predicate="within")}
    return shapely.union_all([face for n, face in enumerate(faces) if n not in sea])


def _names(tags: Mapping[str, str]) -> dict[str, str | int]:
    name = tags.get("name", "")
    return named(tags.get("name:zh", name), tags.get("name:en", name))


def _is_line(tags: Mapping[str, str]) -> bool:
    return tags.get("area") != "yes" and (
        "highway" in tags
        or tags.get("route") == "ferry"
        or tags.get("waterway") in _STREAMS
        or tags.get("natural") == "coastline"
        or tags.get("man_made") in ("pier", "breakwater")
    )


def _area(tags: Mapping[str, str], shape: Any) -> Iterator[Feature]:
    """`shape` is called only when the area is wanted: most of an extract's areas are houses."""
    kind = next((kind for (key, value), kind in _LANDUSE.items() if tags.get(key) == value), "")
    if kind:
        yield Feature("landuse", kind, shape(), {}, 9 if kind == "wood" else 10)
    elif tags.get("natural") == "water" or tags.get("waterway") == "riverbank":
        yield Feature("water", "lake", shape(), _names(tags), 9)
    elif tags.get("boundary") == "administrative" and tags.get("admin_level") in ("6", "7", "8"):
        border = "county" if tags["admin_level"] == "6" else "town"
        yield Feature("boundaries", border, shape().boundary, {}, 8 if border == "county" else 9)


def _line(tags: Mapping[str, str], shape: Any) -> Iterator[Feature]:
    if tags.get("waterway") in _STREAMS:
        yield Feature("water", "river_line", shape, _names(tags), 9 if tags["waterway"] == "river" else 12)
        return
    if "man_made" in tags and "highway" not in tags:
        yield Feature("roads", "pier", shape, {}, 12)
        return
    kind = "ferry" if tags.get("route") == "ferry" else HIGHWAYS.get(tags.get("highway", ""))
    if kind:
        named_ = _names(tags)
        ref = tags.get("ref", "").split(";")[0].strip()
        more: dict[str, str | int] = {"ref": ref} if ref else {}
        if tags.get("oneway") == "yes" and kind != "motorway":
            more["oneway"] = 1
        yield Feature("roads", kind, shape, {**named_, **more}, ROAD_ZOOM.get(kind, 13))


def _point(tags: Mapping[str, str], shape: Any) -> Iterator[Feature]:
    names = _names(tags)
    place = _PLACES.get(tags.get("place", ""))
    if not names:
        return
    if place:
        kind, zoom = place
        yield Feature("places", kind, shape, {**names, "rank": zoom}, zoom)
    else:
        poi = next((poi for (key, value), poi in _POIS.items() if tags.get(key) == value), None)
        if poi:
            yield Feature("pois", poi[0], shape, {**names, "rank": poi[1]}, poi[1])
