"""GeoJSON lines → the net. Lines meet where they share a point (to a centimetre or so)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from huying.base.refusal import Refusal
from huying.geo.roads.build import Built, Post, Way, build
from huying.geo.roads.classes import BOATS, CLASS_OF, FEET, WHEELS

BYTES_MAX = 1 << 30
"""A gigabyte of lines is a province; they are read whole."""

_DIGITS = 7  # of a degree: a centimetre
_USERS = {"motorway": WHEELS, "path": FEET, "water": BOATS}


def read_lines(file: Path) -> Built:
    """The net of a FeatureCollection of LineStrings and MultiLineStrings.

    Properties: `class` (or `highway`), `name` (or `ref`), `kmh` (or `maxspeed`), `oneway` (yes, -1); Points
    with `road` and `km` are kilometre posts. Refuses with `roads_unreadable` or `roads_empty`.
    """
    try:
        if file.stat().st_size > BYTES_MAX:
            raise ValueError("too large")
        document = msgspec.json.decode(file.read_bytes())
        features = document["features"]
        if not isinstance(features, list):
            raise TypeError("features")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal("roads_unreadable", file=file.name, reason=str(error)[:200]) from error
    return net_of_lines(features)


def net_of_lines(features: list[Any]) -> Built:
    """The net of these features; what can't be read is counted."""
    ids: dict[tuple[float, float], int] = {}
    ways: list[Way] = []
    posts: list[Post] = []
    unreadable = 0
    for n, feature in enumerate(features):
        try:
            geometry, told = feature["geometry"], feature.get("properties") or {}
            shape, points = geometry["type"], geometry["coordinates"]
            if shape == "Point":
                lon, lat = float(points[0]), float(points[1])
                posts.append(Post(str(told["road"]), float(told["km"]), lat, lon))
                continue
            for line in {"LineString": [points], "MultiLineString": points}[shape]:
                ways.append(_way(n, line, told, ids))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            unreadable += 1
    built = build({id: point for point, id in ids.items()}, ways, posts=posts)
    if unreadable:
        built.strange["feature_unreadable"] = unreadable
    return built


def _way(n: int, line: list[Any], told: dict[str, Any], ids: dict[tuple[float, float], int]) -> Way:
    points = []
    for lon, lat, *_ in line:
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            raise ValueError("not on Earth")
        key = round(float(lat), _DIGITS), round(float(lon), _DIGITS)
        points.append(ids.setdefault(key, len(ids)))
    road = str(told.get("class") or told.get("highway") or "unclassified")
    users = _USERS.get(road, WHEELS | FEET)
    oneway = str(told.get("oneway") or "")
    forth = users & ~WHEELS if oneway == "-1" else users
    back = users & ~WHEELS if oneway in ("yes", "true", "True", "1") else users
    kmh = float(told.get("kmh") or told.get("maxspeed") or 0)
    name = str(told.get("name") or told.get("ref") or "")
    return Way(points, CLASS_OF.get(road, -1), forth, back, kmh, name, n)
