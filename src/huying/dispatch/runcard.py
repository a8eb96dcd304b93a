"""What an incident needs, and which shifts are on."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.pack import Need, Pack, RunCard, UnitRow

# Twenty-odd units are the largest first response that is usual; a card beyond this is a typing mistake.
SLOTS_MAX = 24


class Slot(Struct, frozen=True):
    """Room for one unit: the `n`-th of the units that a need asks for."""

    need: Need
    n: int


def slots(card: RunCard) -> list[Slot]:
    """One slot for every unit that the card asks for, in the card's order, at most SLOTS_MAX."""
    return [Slot(need, n) for need in card.needs for n in range(need.count)][:SLOTS_MAX]


def fits(need: Need, row: UnitRow) -> bool:
    """Whether a unit of the row has the ability and is of one of the agencies."""
    return need.ability in row.abilities and (not need.agencies or row.agency in need.agencies)


def shifts_on(pack: Pack, at: int) -> frozenset[str]:
    """Codes of the shifts that are on at the instant (UTC µs), in the city's local time.

    A shift that crosses midnight belongs to the day on which it starts. Equal start and end mean all day.
    """
    local = pack.worktime.local(at)
    minute, today = local.hour * 60 + local.minute, local.weekday()
    yesterday = (today - 1) % 7
    on = []
    for each in pack.shifts.values():
        if each.start_min < each.end_min:
            runs = today in each.days and each.start_min <= minute < each.end_min
        else:
            runs = (today in each.days and minute >= each.start_min) or (
                yesterday in each.days and minute < each.end_min
            )
        if runs:
            on.append(each.code)
    return frozenset(on)


def is_on(row: UnitRow, on: frozenset[str]) -> bool:
    """Whether the unit can be sent during the shifts that are on; without shifts of its own, always."""
    return not row.shifts or not on.isdisjoint(row.shifts)
