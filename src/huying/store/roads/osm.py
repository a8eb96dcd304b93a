"""An OpenStreetMap extract (`.osm.pbf`, `.osm`) → ways, turn rules and kilometre posts. Needs `osmium`.

Tags are read as the OpenStreetMap wiki has them: Key:highway, Key:oneway, Key:access, Key:maxspeed,
Relation:restriction, Tag:highway=milestone, Tag:route=ferry.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.geo.roads.build import Built, Post, Turn, Way, build
from huying.geo.roads.classes import CLASS_OF, FEET, WHEELS

HIGHWAYS = {
    **{name: name for name in CLASS_OF if name not in ("ferry", "water")},
    **{f"{name}_link": name for name in ("motorway", "trunk", "primary", "secondary", "tertiary")},
    "road": "unclassified",
    "busway": "service",
    "bus_guideway": "service",
    "footway": "path",
    "cycleway": "path",
    "bridleway": "path",
    "steps": "path",
}
_NOT_FOR_FEET = frozenset({"motorway", "motorway_link"})
_FEET_ONLY = frozenset({"footway", "cycleway", "bridleway", "steps", "path"})
# An emergency passes a private gate; what is not there is not passed.
_NO_WHEELS = frozenset({"no"})
_MPH = 1.609344
_KMH = re.compile(r"(\d{1,3}(?:\.\d)?)\s*(mph|km/h|kmh)?")
_KM = re.compile(r"\d{1,4}(?:\.\d{1,3})?")
NODES_MAX = 60_000_000
"""Points of all highways of a large province; a dictionary of these is what fits a machine of this kind."""


def read_osm(file: Path) -> Built:
    """The net in the extract. Refuses with `roads_unreadable`, `roads_empty` or `roads_needs` (no osmium)."""
    try:
        import osmium
    except ImportError:
        raise Refusal("roads_needs", package="osmium", extra="roads") from None
    ways: list[Way] = []
    turns: list[Turn] = []
    posts: list[Post] = []
    places: dict[int, tuple[float, float]] = {}
    strange: Counter[str] = Counter()
    try:
        reader: Any = osmium.FileProcessor(str(file)).with_filter(
            osmium.filter.KeyFilter("highway", "route", "type")
        )
        for each in reader:
            kind = each.type_str()
            if kind == "w":
                way = _way(each.id, dict(each.tags), [node.ref for node in each.nodes], strange)
                if way is not None:
                    ways.append(way)
            elif kind == "r" and each.tags.get("type") == "restriction":
                turns += _turns(each, strange)
            elif kind == "n" and each.tags.get("highway") == "milestone":
                posts += _post(dict(each.tags), each.location.lat, each.location.lon, strange)
        wanted = {id for way in ways for id in way.points}
        if len(wanted) > NODES_MAX:
            raise Refusal("roads_too_many", limit=NODES_MAX)
        nodes: Any = osmium.FileProcessor(str(file), osmium.osm.NODE)
        for node in nodes.with_filter(osmium.filter.IdFilter(wanted)):
            if node.location.valid():
                places[node.id] = (node.location.lat, node.location.lon)
    # A ValueError is of a number that is none, as in `id="021.0"`.
    except (RuntimeError, OSError, ValueError, osmium.InvalidLocationError) as error:
        raise Refusal("roads_unreadable", file=file.name, reason=str(error)[:200]) from error
    built = build(places, ways, turns, posts)
    return Built(built.graph, dict(sorted((Counter(built.strange) + strange).items())))


def _way(id: int, tags: Mapping[str, str], points: list[int], strange: Counter[str]) -> Way | None:
    highway, ferry = tags.get("highway", ""), tags.get("route") == "ferry"
    name = HIGHWAYS.get(highway)
    if tags.get("area") == "yes" or (name is None and not ferry):
        return None
    road = CLASS_OF["ferry" if name is None else name]
    users = WHEELS | FEET
    if highway in _NOT_FOR_FEET:
        users = WHEELS
    elif highway in _FEET_ONLY:
        users = FEET
    if tags.get("motor_vehicle", tags.get("vehicle", tags.get("access"))) in _NO_WHEELS:
        users &= ~WHEELS
    if tags.get("foot", tags.get("access")) in _NO_WHEELS:
        users &= ~FEET
    if ferry and tags.get("motor_vehicle", "yes") == "no":
        users &= ~WHEELS
    forth, back = _directions(tags, highway, users)
    ref = tags.get("ref", "").split(";")[0].strip()
    return Way(
        points, road, forth, back, _limit(tags.get("maxspeed", ""), strange), tags.get("name") or ref, id
    )


def _directions(tags: Mapping[str, str], highway: str, users: int) -> tuple[int, int]:
    """Who may go with and against the way's own direction; people on foot may always do both."""
    oneway = tags.get("oneway", "")
    circular = tags.get("junction") in ("roundabout", "circular") or highway == "motorway"
    if oneway in ("yes", "true", "1") or (circular and oneway != "no"):
        return users, users & ~WHEELS
    if oneway in ("-1", "reverse"):
        return users & ~WHEELS, users
    return users, users


def _limit(text: str, strange: Counter[str]) -> float:
    """km/h; 0 where nothing is posted. "none", "walk" and codes like "DE:urban" post no figure."""
    if not text or not text[0].isdigit():
        return 0.0
    found = _KMH.fullmatch(text.split(";")[0].strip())
    if found is None:
        strange["speed_unreadable"] += 1
        return 0.0
    return float(found[1]) * (_MPH if found[2] == "mph" else 1.0)


def _turns(relation: Any, strange: Counter[str]) -> list[Turn]:
    rule = relation.tags.get("restriction", "")
    if not rule.startswith(("no_", "only_")):
        return []  # of lorries or hours only
    before = [each.ref for each in relation.members if each.role == "from" and each.type == "w"]
    after = [each.ref for each in relation.members if each.role == "to" and each.type == "w"]
    via = [each.ref for each in relation.members if each.role == "via" and each.type == "n"]
    if not via:
        strange["turn_over_way"] += 1
        return []
    if not before or not after:
        strange["turn_unknown"] += 1
        return []
    return [Turn(b, via[0], a, rule.startswith("only_")) for b in before for a in after]


def _post(tags: Mapping[str, str], lat: float, lon: float, strange: Counter[str]) -> list[Post]:
    road, text = tags.get("ref", ""), tags.get("distance") or tags.get("pk") or tags.get("name", "")
    found = _KM.match(text.replace("+", ".").removeprefix("K"))
    if not road or found is None:
        strange["post_unreadable"] += 1
        return []
    return [Post(road, float(found[0]), lat, lon)]
