"""`areas.geojson`: the named areas of a city, each with its line in the file."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection
from typing import Any

from huying.base.text import Text
from huying.domain.pack import Area
from huying.geo.areas import CORNERS_MAX as CORNERS_OF_ONE_MAX
from huying.service.packs.faults import Faults, nearest
from huying.service.packs.tables import CODE, decode, is_clean, visible

FILE = "areas.geojson"
KINDS = ("county", "town", "beat", "grid", "community", "village")

# A province's grid cells fit; all corners are held in memory.
AREAS_MAX = 50_000
CORNERS_MAX = 2_000_000

_FEATURES = re.compile(r'"features"\s*:\s*\[')
_COMMA = re.compile(r"[\s,]*")

Ring = tuple[tuple[float, float], ...]


def read_areas(
    content: bytes, languages: Collection[str], faults: Faults
) -> tuple[dict[str, Area], dict[str, int]]:
    """Areas by code, and the line on which each begins."""
    text = decode(FILE, content, faults)
    features = _features(text, faults) if text is not None else []
    areas: dict[str, Area] = {}
    lines: dict[str, int] = {}
    corners = 0
    for line, feature in features:
        if len(areas) == AREAS_MAX or corners > CORNERS_MAX:
            faults.add(FILE, line, "too_many_areas", max=AREAS_MAX, corners=CORNERS_MAX)
            break
        area = _area(line, feature, languages, faults)
        if area is None:
            continue
        if area.code in areas:
            faults.add(FILE, line, "code_twice", column="code", value=area.code, first=lines[area.code])
            continue
        corners += sum(map(len, area.rings))
        areas[area.code], lines[area.code] = area, line
    for code, area in areas.items():
        if area.parent and area.parent not in areas:
            hint = nearest(area.parent, areas)
            faults.add(
                FILE, lines[code], "area_unknown", column="parent", value=visible(area.parent), hint=hint
            )
    return areas, lines


def _features(text: str, faults: Faults) -> list[tuple[int, Any]]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        faults.add(FILE, error.lineno, "json_bad", column=error.colno)
        return []
    except (ValueError, RecursionError):
        faults.add(FILE, 0, "json_bad", column=0)
        return []
    features = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(features, list):
        faults.add(FILE, 1, "feature_collection")
        return []
    lines = _lines(text)
    if len(lines) != len(features):
        lines = [1] * len(features)
    return list(zip(lines, features, strict=True))


def _lines(text: str) -> list[int]:
    """The line on which each feature begins."""
    start = _FEATURES.search(text)
    if not start:
        return []
    decoder, at, line = json.JSONDecoder(), start.end(), 1 + text.count("\n", 0, start.end())
    lines: list[int] = []
    while True:
        gap = _COMMA.match(text, at)
        assert gap is not None
        line, at = line + text.count("\n", at, gap.end()), gap.end()
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return lines
        lines.append(line)
        line, at = line + text.count("\n", at, end), end


def _area(line: int, feature: Any, languages: Collection[str], faults: Faults) -> Area | None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or not isinstance(geometry, dict):
        faults.add(FILE, line, "feature_bad")
        return None
    words = {key: value.strip() if isinstance(value, str) else "" for key, value in properties.items()}
    code, kind = words.get("code", ""), words.get("kind", "")
    if not CODE.fullmatch(code):
        faults.add(FILE, line, "code_bad", column="code", value=visible(str(properties.get("code"))))
        return None
    if kind not in KINDS:
        faults.add(FILE, line, "not_one_of", column="kind", value=visible(kind), allowed=" ".join(KINDS))
    for value in words.values():
        if not is_clean(value):
            faults.add(FILE, line, "control_character", value=visible(value))
            return None
    name: Text = {lang: words.get(f"name_{lang}", "") for lang in languages}
    for lang, said in name.items():
        if not said:
            faults.add(FILE, line, "language_missing", column=f"name_{lang}", value="", lang=lang)
    if geometry.get("type") != "Polygon":
        faults.add(FILE, line, "polygon_only", value=visible(str(geometry.get("type"))))
        return None
    rings = _rings(geometry.get("coordinates"))
    if rings is None:
        faults.add(FILE, line, "ring_bad", value=code)
        return None
    corners = sum(map(len, rings))
    lons = [lon for ring in rings for lon, _ in ring]
    if corners > CORNERS_OF_ONE_MAX or max(lons) - min(lons) > 180:
        faults.add(FILE, line, "area_too_large", value=code, corners=corners, max=CORNERS_OF_ONE_MAX)
        return None
    return Area(code, kind, name, words.get("parent", ""), rings)


def _rings(coordinates: Any) -> tuple[Ring, ...] | None:
    """Rings of (lon, lat), closed and of at least three corners; None when they are anything else."""
    if not isinstance(coordinates, list) or not coordinates:
        return None
    rings = []
    for each in coordinates:
        if not isinstance(each, list) or len(each) < 4:
            return None
        ring = tuple(corner for corner in map(_corner, each) if corner is not None)
        if len(ring) != len(each) or ring[0] != ring[-1] or len(set(ring)) < 3:
            return None
        rings.append(ring)
    return tuple(rings)


def _corner(pair: Any) -> tuple[float, float] | None:
    if not isinstance(pair, list) or len(pair) < 2:
        return None
    lon, lat = pair[0], pair[1]
    for value, most in ((lon, 180), (lat, 90)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if not math.isfinite(value) or abs(value) > most:
            return None
    return float(lon), float(lat)
