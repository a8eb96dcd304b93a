"""What no single row shows: circles of parents, points outside the city, rules that never get their turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from huying.domain.pack import Agency, Area, IncidentType, Pack, Rule
from huying.geo.areas import areas_of
from huying.service.packs import areas as geojson
from huying.service.packs.faults import Faults
from huying.service.packs.spans import parse_period
from huying.service.packs.tables import Row

Lines = Mapping[str, Mapping[str, int]]
"""File → code → line."""


def lines_of(tables: Mapping[str, list[Row]]) -> dict[str, dict[str, int]]:
    return {file: {row.raw("code"): row.line for row in rows} for file, rows in tables.items()}


def check_parents(
    file: str, items: Mapping[str, Agency] | Mapping[str, Area], lines: Mapping[str, int], faults: Faults
) -> None:
    """A fault for each circle of parents, on the line of its first member."""
    done: set[str] = set()
    for start in items:
        path: list[str] = []
        code = start
        while code in items and code not in done and code not in path:
            path.append(code)
            code = items[code].parent
        if code in path:
            circle = path[path.index(code) :]
            faults.add(
                file, lines.get(circle[0], 0), "parents_circle", value=" → ".join([*circle, circle[0]])
            )
        done.update(path)


def check_points(pack: Pack, lines: Lines, faults: Faults) -> None:
    """Everything that has a place lies in the jurisdiction, the areas of kind `county`."""
    counties = [area for area in pack.areas.values() if area.kind == "county"]
    inside = areas_of(counties).at
    if not counties:
        faults.notice(geojson.FILE, 0, "no_county")
        return
    if not inside(*pack.centre):
        faults.add("pack.toml", 0, "outside", value="centre", lat=pack.centre[0], lon=pack.centre[1])
    for file, items in (
        ("stations.csv", pack.stations),
        ("units.csv", pack.units),
        ("places.csv", pack.places),
    ):
        for code, item in items.items():
            if not inside(item.lat, item.lon):
                swapped = inside(item.lon, item.lat)
                fault = "outside_swapped" if swapped else "outside"
                faults.add(file, lines[file].get(code, 0), fault, value=code, lat=item.lat, lon=item.lon)


def check_standards(pack: Pack, faults: Faults) -> None:
    missing = [str(priority) for priority in range(1, 6) if priority not in pack.standards]
    if missing:
        faults.add("standards.csv", 0, "standards_missing", missing=" ".join(missing))


def check_types(pack: Pack, lines: Lines, faults: Faults) -> None:
    """Notices of types that may go to the duty desk, because nobody is named for them in every case."""
    for code, type in pack.types.items():
        named = type.agency or any(_always(rule) for rule in pack.rules_of_type[code])
        if not named and code != pack.default_type:
            faults.notice("types.csv", lines["types.csv"].get(code, 0), "type_to_duty", value=code)


def _always(rule: Rule) -> bool:
    return not (rule.areas or rule.hours or rule.answers) and rule.priority_max == 5


def check_rules(pack: Pack, faults: Faults) -> None:
    """Warnings of rules that can't fire first, because rules above them take all that they speak of."""
    types = {rule.code: frozenset(_types(rule, pack.types.values())) for rule in pack.rules}
    for place, rule in enumerate(pack.rules):
        left = set(types[rule.code])
        for above in pack.rules[:place]:
            if not left.isdisjoint(types[above.code]) and _covers(above, rule, pack.areas):
                left -= types[above.code]
                if not left:
                    faults.warn("rules.csv", rule.line, "rule_covered", value=rule.code, above=above.line)
                    break


def _types(rule: Rule, types: Iterable[IncidentType]) -> Iterable[str]:
    return (type.code for type in types if rule.speaks_of(type))


def _covers(above: Rule, below: Rule, areas: Mapping[str, Area]) -> bool:
    """Whether, of a type that both speak of, whatever fits `below` fits `above`."""
    if above.priority_max < below.priority_max or not above.answers.items() <= below.answers.items():
        return False
    if above.hours and above.hours != below.hours and not _within(below.hours, above.hours):
        return False
    if not above.areas or above.areas == below.areas:
        return True
    return bool(below.areas) and all(_lies_in(code, above.areas, areas) for code in below.areas)


@lru_cache(maxsize=4096)  # rules name the same few hours again and again
def _within(inner: str, outer: str) -> bool:
    inside, around = parse_period(inner), parse_period(outer)
    if inside is None or around is None:
        return False
    start, length = (inside[0] - around[0]) % 1440, (inside[1] - inside[0]) % 1440
    return start + length <= (around[1] - around[0]) % 1440


def _lies_in(code: str, wanted: tuple[str, ...], areas: Mapping[str, Area]) -> bool:
    seen: set[str] = set()
    while code in areas and code not in seen:
        if code in wanted:
            return True
        seen.add(code)
        code = areas[code].parent
    return False
