"""The county as a map shows it: land and water, what is built and what grows, roads, borders and names.

All of it follows from the pack, its road net and a seed; the same three give the same map.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import cos, pi, sin
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from huying.base.refusal import Refusal
from huying.domain.pack import GazetteerPlace, Pack
from huying.geo.roads.classes import CLASSES
from huying.geo.roads.graph import RoadGraph
from huying.sim.chance import Dice
from huying.sim.land.plane import XY, Plane
from huying.sim.land.shore import BEYOND_M, Water, cells, island, mainland, meander, read_water, river
from huying.store.basemap.feature import Feature, named
from huying.store.packdir import find_folder, read_net, read_pack

ROAD_ZOOM = {
    "motorway": 8,
    "trunk": 8,
    "primary": 8,
    "secondary": 8,
    "tertiary": 10,
    "unclassified": 11,
    "residential": 12,
    "living_street": 13,
    "service": 13,
    "pedestrian": 13,
    "track": 12,
    "path": 13,
    "ferry": 10,
}
POI_ZOOM = {
    "hospital": 12,
    "gov": 12,
    "station": 12,
    "quay": 12,
    "reservoir": 12,
    "scenic": 13,
    "bridge": 13,
    "school": 13,
    "market": 13,
    "park": 13,
    "temple": 14,
    "factory": 14,
    "estate": 14,
    "elder_home": 14,
    "hotel": 14,
    "shop": 14,
    "bank": 14,
    "restaurant": 14,
}
_PLOTS = {
    "factory": ("industrial", 190, 130),
    "market": ("commercial", 120, 90),
    "school": ("school", 150, 110),
    "hospital": ("hospital", 150, 110),
    "park": ("park", 260, 200),
    "station": ("railway", 170, 90),
}
AT_SEA = ("锚地", "Anchorage")
"""A quay so named is water: whoever lies there needs no land, though the net has a drive to it."""


class Ground:
    """One county in the making; `features` are in degrees."""

    def __init__(self, pack: Pack, net: RoadGraph, waters: Iterable[Water], seed: int) -> None:
        self.pack, self.net, self.waters = pack, net, list(waters)
        self.plane, self.dice = Plane(pack.centre), Dice(seed).fork("ground")
        self.lines = [_metres(net.line(edge), self.plane) for edge in range(net.edges)]
        self.kinds = [CLASSES[each] for each in net.road_class.tolist()]
        self.county = shapely.union_all([self._area(each.rings) for each in pack.areas.values()])
        self.box = tuple(
            edge + way * BEYOND_M for edge, way in zip(self.county.bounds, (-1, -1, 1, 1), strict=True)
        )
        at_sea = [p for p in self._places("quay") if any(each in str(p.name) for each in AT_SEA)]
        self.moorings = shapely.MultiPoint([self.plane.xy(p.lat, p.lon) for p in at_sea]).buffer(40)
        islands = [each for each in self.waters if each.kind == "island"]
        self.islands = shapely.union_all(
            [island(each.points[0], each.start_m, self.dice.fork(each.name_en)) for each in islands]
        )
        self.land = mainland(self._ashore(), self.box, self.dice.fork("coast")).union(self.islands)
        self.land = self.land.intersection(shapely.box(*self.box))

    def _ashore(self) -> Iterator[list[XY]]:
        """Roads that are on the mainland."""
        away = self.islands.buffer(400).union(self.moorings)
        shapely.prepare(away)
        for line, kind in zip(self.lines, self.kinds, strict=True):
            if kind not in ("ferry", "water") and not away.intersects(shapely.LineString(line)):
                yield line

    def features(self) -> list[Feature]:
        found = [*self._earth(), *self._landuse(), *self._water(), *self._borders()]
        return [*found, *self._roads(), *self._pois(), *self._names()]

    def _earth(self) -> Iterator[Feature]:
        yield self._feature("earth", "earth", self.land)

    def _landuse(self) -> Iterator[Feature]:
        built = (
            self._built(60, "residential", "living_street").buffer(45, quad_segs=3).buffer(-30, quad_segs=3)
        )
        roads = self._built(120, *(each for each in ROAD_ZOOM if each not in ("track", "path", "ferry")))
        open_land = roads.buffer(270, quad_segs=3).union(built.buffer(160, quad_segs=3))
        woods = self.land.difference(open_land).buffer(-140, quad_segs=3).buffer(200, quad_segs=3)
        woods = woods.intersection(self.land.buffer(-60)).simplify(12)
        yield self._feature("landuse", "wood", woods)
        yield self._feature("landuse", "residential", built.intersection(self.land).simplify(3))
        for place in self.pack.places.values():
            plot = _PLOTS.get(place.kind)
            if plot:
                kind, wide, deep = plot
                shape = self._plot(place, wide, deep).intersection(self.land)
                if not shape.is_empty:
                    yield self._feature("landuse", kind, shape, zoom=11)
        beach = [p for p in self._places("scenic") if "沙滩" in str(p.name)]
        for place in beach:
            spot = shapely.Point(self.plane.xy(place.lat, place.lon)).buffer(900)
            strand = self.land.boundary.intersection(spot).buffer(55).intersection(self.land)
            yield self._feature("landuse", "beach", strand, zoom=10)

    def _water(self) -> Iterator[Feature]:
        shelf = self.land.buffer(620, quad_segs=4).buffer(-140, quad_segs=4).simplify(15)
        yield self._feature("water", "shallow", shelf.difference(self.land))
        for each in self.waters:
            dice = self.dice.fork(each.name_en)
            if each.kind == "river":
                names = named(each.name_zh, each.name_en)
                yield self._feature("water", "river", river(each, dice), zoom=9)
                line = shapely.LineString(meander(each.points, self.dice.fork(each.name_en)))
                yield self._feature("water", "river_line", line, names, zoom=8)
        for place in self._places("reservoir"):
            lake = island(self.plane.xy(place.lat, place.lon), 560, self.dice.fork(place.code))
            yield self._feature("water", "lake", lake, zoom=9)

    def _borders(self) -> Iterator[Feature]:
        beyond = shapely.box(*self.box).difference(self.county)
        yield self._feature("boundaries", "outside", beyond)
        towns = [self._area(each.rings) for each in self.pack.areas.values() if each.kind == "town"]
        if towns:
            lines = shapely.union_all([each.boundary for each in towns])
            inner = lines.difference(self.county.boundary.buffer(20))
            yield self._feature("boundaries", "town", shapely.line_merge(inner), zoom=9)
        yield self._feature("boundaries", "county", self.county.boundary)

    def _roads(self) -> Iterator[Feature]:
        english = {road.name.get("zh", ""): road for road in self.pack.roads.values()}
        runs: dict[tuple[str, str, bool], list[list[XY]]] = {}
        sea = self.land.buffer(60)
        for edge, (line, kind) in enumerate(zip(self.lines, self.kinds, strict=True)):
            if kind == "water" or (kind == "service" and not shapely.LineString(line).within(sea)):
                continue
            oneway = bool(self.net.forth[edge] & 1) != bool(self.net.back[edge] & 1)
            name = self.net.names[int(self.net.name[edge])]
            runs.setdefault((kind, name, oneway and kind != "motorway"), []).append(line)
        for (kind, name, oneway), lines in sorted(runs.items()):
            road = english.get(name)
            tags = named(name, road.name.get("en", "") if road else "")
            if road and road.ref:
                tags["ref"] = road.ref
            if oneway:
                tags["oneway"] = 1
            yield self._feature(
                "roads", kind, shapely.line_merge(shapely.MultiLineString(lines)), tags, ROAD_ZOOM[kind]
            )
        for place in self._places("quay"):
            spot = shapely.Point(self.plane.xy(place.lat, place.lon))
            shore = shapely.shortest_line(self.land.boundary, spot)
            start = shore.coords[0]
            if not spot.intersects(self.moorings) and shore.length < 400:
                pier = shapely.LineString([(start[0] - 20, start[1]), (start[0] + 130, start[1] + 12)])
                yield self._feature("roads", "pier", pier, zoom=12)
        for place in self._places("seawall"):
            spot = shapely.Point(self.plane.xy(place.lat, place.lon)).buffer(1_400)
            wall = self.land.boundary.intersection(spot)
            if not wall.is_empty:
                yield self._feature("roads", "seawall", wall, zoom=11)

    def _pois(self) -> Iterator[Feature]:
        for place in self.pack.places.values():
            zoom = POI_ZOOM.get(place.kind)
            if zoom is not None:
                tags = {**named(place.name.get("zh", ""), place.name.get("en", "")), "rank": zoom}
                yield self._feature("pois", place.kind, self._spot(place), tags, zoom)

    def _names(self) -> Iterator[Feature]:
        """Towns stand where people live, at the middle of their communities, not in the middle of a wood."""
        for area in self.pack.areas.values():
            if area.kind == "town":
                homes = [
                    each
                    for each in self.pack.areas.values()
                    if each.kind == "community" and self._under(each.code, area.code)
                ]
                spot = shapely.union_all([self._area(each.rings) for each in homes or [area]]).centroid
                names = named(area.name.get("zh", ""), area.name.get("en", ""))
                yield self._feature("places", "town", spot, {**names, "rank": 1})
            elif area.kind == "community":
                spot = self._area(area.rings).representative_point()
                names = named(area.name.get("zh", ""), area.name.get("en", ""))
                yield self._feature("places", "community", spot, {**names, "rank": 3}, 13)
        for place in self._places("village"):
            names = named(place.name.get("zh", ""), place.name.get("en", ""))
            yield self._feature("places", "village", self._spot(place), {**names, "rank": 2}, 10)
        for each in self.waters:
            if each.kind in ("sea", "island"):
                spot = shapely.Point(each.points[0])
                names = {**named(each.name_zh, each.name_en), "rank": 2}
                yield self._feature("places", each.kind, spot, names, 8 if each.kind == "sea" else 10)

    def _under(self, code: str, town: str) -> bool:
        for _ in range(8):  # community, beat, town, county: no pack has more steps
            if code == town:
                return True
            area = self.pack.areas.get(code)
            if area is None:
                return False
            code = area.parent
        return False

    def _feature(
        self, layer: str, kind: str, shape: Any, tags: dict[str, str | int] | None = None, zoom: int = 8
    ) -> Feature:
        return Feature(layer, kind, self._degrees(shape), tags or {}, zoom)

    def _degrees(self, shape: Any) -> Any:
        def turn(points: NDArray[np.float64]) -> NDArray[np.float64]:
            spots = [self.plane.latlon((float(x), float(y))) for x, y in points]
            return np.array([(lon, lat) for lat, lon in spots]).reshape(-1, 2)

        return shapely.transform(shape, turn)

    def _area(self, rings: Iterable[Iterable[tuple[float, float]]]) -> Any:
        turned = [[self.plane.xy(lat, lon) for lon, lat in ring] for ring in rings]
        return shapely.make_valid(shapely.Polygon(turned[0], turned[1:]))

    def _built(self, size: float, *kinds: str) -> Any:
        """The squares of that size that roads of these kinds pass through."""
        lines = zip(self.lines, self.kinds, strict=True)
        return cells((line for line, kind in lines if kind in kinds), size)

    def _places(self, kind: str) -> list[GazetteerPlace]:
        return [each for each in self.pack.places.values() if each.kind == kind]

    def _spot(self, place: GazetteerPlace) -> Any:
        return shapely.Point(self.plane.xy(place.lat, place.lon))

    def _plot(self, place: GazetteerPlace, wide: float, deep: float) -> Any:
        dice = self.dice.fork(place.code)
        x, y = self.plane.xy(place.lat, place.lon)
        turn, size = dice.between(-0.15, pi / 5), dice.between(0.7, 1.25)
        a, b = (
            (cos(turn) * wide * size / 2, sin(turn) * wide * size / 2),
            (-sin(turn) * deep * size / 2, cos(turn) * deep * size / 2),
        )
        corners = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
        return shapely.Polygon([(x + s * a[0] + t * b[0], y + s * a[1] + t * b[1]) for s, t in corners])


def ground_of(name_or_dir: str, seed: int) -> list[Feature]:
    """The map of a pack, with the waters of its folder `demo`. Refuses with `map_no_net`, `water_broken`."""
    pack, net = read_pack(name_or_dir), read_net(name_or_dir)
    if net is None:
        raise Refusal("map_no_net", pack=pack.name)
    rows = find_folder(name_or_dir) / "demo" / "water.csv"
    waters = read_water(rows.read_text("utf-8"), Plane(pack.centre)) if rows.is_file() else []
    return Ground(pack, net, waters, seed).features()


def _metres(line: Iterable[tuple[float, float]], plane: Plane) -> list[XY]:
    return [plane.xy(lat, lon) for lat, lon in line]
