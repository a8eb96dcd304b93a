"""Who is sent, by which rule: what a blue desk may be told to follow, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from huying.dispatch.board import plan_board
from huying.dispatch.cover import Cover, first_abilities
from huying.dispatch.recommend import choose
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.statuses import UnitStatus
from huying.domain.unit import Unit
from huying.geo.travel import StraightTravel, TravelTime

Choice = tuple[tuple[str, float], ...]
"""(unit, expected seconds) of those who are sent, first the first needed."""

Policy = Callable[[Pack, Sequence[Incident], Mapping[str, Unit], TravelTime, int], Choice]
"""(pack, incidents, units, travel, instant UTC µs) → who is sent now to the first of the incidents; the
others wait for somebody as well."""

RESERVE = 1
"""Units of a first ability that stay for life in danger, of those at one station."""


def recommended(
    pack: Pack, incidents: Sequence[Incident], units: Mapping[str, Unit], travel: TravelTime, at: int
) -> Choice:
    """As the board plans it: road time, priority and what stays covered weighed together."""
    plan = plan_board(Cover(pack, units, travel, at), incidents, at)
    this = incidents[0].id
    return tuple((each.unit, each.expected_s) for each in plan.sent if each.incident == this)


def nearest_by_road(
    pack: Pack, incidents: Sequence[Incident], units: Mapping[str, Unit], travel: TravelTime, at: int
) -> Choice:
    """The nearest fit units for the run card by the time that they need on roads."""
    return choose(pack, incidents[0], units, travel, at)


_STRAIGHT = StraightTravel()


def nearest_by_line(
    pack: Pack, incidents: Sequence[Incident], units: Mapping[str, Unit], travel: TravelTime, at: int
) -> Choice:
    """The nearest as the crow flies, as most dispatch systems have it."""
    return choose(pack, incidents[0], units, _STRAIGHT, at)


def hold_reserve(
    pack: Pack, incidents: Sequence[Incident], units: Mapping[str, Unit], travel: TravelTime, at: int
) -> Choice:
    """The nearest by road, but at each station one unit of every first ability waits for priority 1 and 2."""
    if incidents[0].priority <= 2:
        return nearest_by_road(pack, incidents, units, travel, at)
    kept: dict[str, Unit] = {}
    firsts = [each.ability for each in first_abilities(pack)]
    left: dict[tuple[str, str], int] = {}
    for code, unit in units.items():
        row = pack.units.get(code)
        if row is None:
            continue
        mine = [(row.station, ability) for ability in firsts if ability in row.abilities]
        free = unit.status is UnitStatus.AVAILABLE and not unit.incident
        if free and any(left.get(each, 0) < RESERVE for each in mine):
            for each in mine:
                left[each] = left.get(each, 0) + 1
        else:
            kept[code] = unit
    return nearest_by_road(pack, incidents, kept, travel, at)


POLICIES: dict[str, Policy] = {
    "recommended": recommended,
    "nearest-by-road": nearest_by_road,
    "nearest-by-line": nearest_by_line,
    "hold-reserve": hold_reserve,
}
