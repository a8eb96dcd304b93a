"""What a map is made of, before it is cut into tiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

LAYERS = ("earth", "landuse", "water", "boundaries", "roads", "pois", "places")
"""In the order in which they are drawn. `earth` is land; what is no land is sea."""

ZOOM_MIN, ZOOM_MAX = 8, 14
"""At 8 a county is the size of a hand; at 14 a tile is 2 km wide and a browser enlarges it from there."""


class Feature(Struct, frozen=True):
    """One thing on the map.

    Attributes:
        layer: one of `LAYERS`.
        kind: what it is, in OpenStreetMap's word where there is one: `residential`, `village`, `river`.
        shape: a shapely geometry; x is the longitude, y the latitude in degrees (WGS-84).
        tags: `name_zh`, `name_en` and what a style needs besides; numbers or texts.
        zoom_min: shown from this zoom on.
    """

    layer: str
    kind: str
    shape: Any
    tags: Mapping[str, str | int] = {}
    zoom_min: int = ZOOM_MIN


def named(zh: str = "", en: str = "") -> dict[str, str | int]:
    """The tags of a name; a language without a name borrows the other's."""
    if not zh and not en:
        return {}
    return {"name_zh": zh or en, "name_en": en or zh}
