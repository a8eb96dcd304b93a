"""The packs that come with the project, read once for all tests."""

from __future__ import annotations

from collections import Counter
from functools import cache

from huying.domain.pack import Area, Pack
from huying.service.packs import Checked, check_pack
from huying.store.calendars import country_calendar
from huying.store.packdir import base_policy, read_files


@cache
def checked(name: str) -> Checked:
    return check_pack(read_files(name), country_calendar, base_policy())


def pack(name: str) -> Pack:
    found = checked(name).pack
    assert found is not None, checked(name).faults
    return found


def areas(name: str, kind: str) -> list[Area]:
    return [each for each in pack(name).areas.values() if each.kind == kind]


def kinds(name: str) -> Counter[str]:
    return Counter(each.kind for each in pack(name).areas.values())


def square_degrees(area: Area) -> float:
    """The area of the outer ring by the shoelace formula, on the plane of degrees."""
    ring = area.rings[0]
    pairs = zip(ring, (*ring[1:], ring[0]), strict=True)
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)) / 2
