"""What an incident needs, and which shifts are on."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.pack import Need, Pack, RunCard

# Twenty-odd units are the largest first response that is usual; a card beyond this is a typing mistake.
SLOTS_MAX = 24


class Slot(Struct, frozen=True):
    """Room for one unit: the `n`-th of the units that a need asks for."""

    need: Need
    n: int


def slots(card: RunCard) -> list[Slot]:
    """One slot for every unit that the card asks for, in the card's order, at most SLOTS_MAX."""
    return [Slot(need, n) for need in card.needs for n in range(need.count)][:SLOTS_MAX]


def shifts_on(pack: Pack, at: int) -> frozenset[str]:
    """Codes of the shifts that are on at the instant (UTC µs), in the city's local time.

    A shift that crosses midnight belongs to the day on which it starts. Equal start and end mean all day.
    """
    minute, today = pack.worktime.minute_of_day(at), pack.worktime.weekday(at)
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
