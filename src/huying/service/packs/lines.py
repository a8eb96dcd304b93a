"""Roads as lines with posts and house numbers, and the names of places that are not here."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence

from huying.base.text import Text
from huying.domain.pack import Road
from huying.service.packs.tables import Row, by_code
from huying.triage.alike import FEATURES

ROAD_KINDS = ("motorway", "national", "provincial", "county", "street")

# A cell of 2,000 characters holds about eighty corners; a road with more is listed simplified.
CORNERS_MAX = 200

_CORNER = re.compile(
    r"(-?[0-9]{1,3}(?:\.[0-9]{1,8})?) (-?[0-9]{1,3}(?:\.[0-9]{1,8})?)(?: ([0-9]{1,5}(?:\.[0-9]{1,3})?))?"
)
_NUMBERS = re.compile(r"([0-9]{1,6})-([0-9]{1,6})")


def read_roads(
    rows: Sequence[Row], areas: Mapping[str, object], languages: Collection[str]
) -> dict[str, Road]:
    def read(row: Row, code: str) -> Road:
        line, km = _line(row)
        name: Text = row.name("name", languages)
        return Road(
            code=code,
            kind=row.one_of("kind", ROAD_KINDS),
            name=name,
            aliases=tuple(filter(None, map(str.strip, row.raw("aliases").split("|")))),
            line=line,
            ref=row.raw("ref"),
            area=row.ref("area", areas, "area"),
            km=km,
            numbers=_numbers(row),
        )

    return by_code(rows, read)


def _line(row: Row) -> tuple[tuple[tuple[float, float], ...], tuple[float, ...]]:
    """`lat lon|lat lon|…`, each corner with its kilometre or none; the kilometres grow."""
    corners = [_CORNER.fullmatch(each.strip()) for each in row.filled("line").split("|")]
    read = [each for each in corners if each is not None]
    line = tuple((float(each[1]), float(each[2])) for each in read)
    km = tuple(float(each[3]) for each in read if each[3])
    on_earth = all(abs(lat) <= 90 and abs(lon) <= 180 for lat, lon in line)
    if len(read) < len(corners) or not 2 <= len(line) <= CORNERS_MAX or not on_earth:
        row.bad("line_bad", "line", max=CORNERS_MAX)
        return ((0.0, 0.0), (0.0, 0.0)), ()
    if km and (len(km) < len(line) or any(a >= b for a, b in itertools.pairwise(km))):
        row.bad("posts_bad", "line")
        return line, ()
    return line, km


def _numbers(row: Row) -> tuple[int, int] | None:
    said = row.raw("numbers")
    if not said:
        return None
    found = _NUMBERS.fullmatch(said)
    if found is None or int(found[1]) >= int(found[2]):
        row.bad("numbers_bad", "numbers")
        return None
    return int(found[1]), int(found[2])


def read_elsewhere(rows: Sequence[Row]) -> tuple[str, ...]:
    """Names that callers give and that are not here: neighbours, other counties and cities."""
    return tuple(dict.fromkeys(row.filled("name") for row in rows))


def read_weights(rows: Sequence[Row]) -> dict[str, float]:
    """The city's own weights of what speaks for two calls being about one thing."""
    weights: dict[str, float] = {}
    for row in rows:
        name = row.ref("feature", FEATURES, "feature", needed=True)
        weights[name] = row.number("weight", -100, 100)
    return weights
