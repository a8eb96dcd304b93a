"""Who works on which shift, so that every shift has its crews and as little as possible changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct


class Turn(Struct, frozen=True):
    """`unit` works on `shifts`; before it was on `before` (empty: at all hours)."""

    unit: str
    shifts: tuple[str, ...]
    before: tuple[str, ...] = ()


class Roster(Struct, frozen=True):
    """Turns of all units; `short` crews by shift for which there is no unit left."""

    turns: tuple[Turn, ...]
    short: dict[str, int]


def roster_of(units: Mapping[str, Sequence[str]], wanted: Mapping[str, int]) -> Roster:
    """The units' shifts for so many crews on each.

    Who works at all hours goes on so and counts on every shift. Who is on a shift today stays on it while
    crews are wanted there; then those with the fewest shifts join. Nobody is left without any: who would be
    keeps the first of before. Ties go by code.

    Args:
        units: the shifts of today by unit, empty for one that works at all hours.
    """
    always = sum(not shifts for shifts in units.values())
    turns: dict[str, list[str]] = {unit: [] for unit in sorted(units) if units[unit]}
    left = {code: crews - always for code, crews in wanted.items() if crews > always}
    order = sorted(left, key=lambda each: (-left[each], each))
    for shift in order:
        for unit in [each for each in turns if shift in units[each]][: left[shift]]:
            turns[unit].append(shift)
    short = {}
    for shift in order:
        others = [unit for unit in turns if shift not in turns[unit]]
        others.sort(key=lambda each: (len(turns[each]), each))
        missing = left[shift] - (len(turns) - len(others))
        for unit in others[:missing]:
            turns[unit].append(shift)
        if missing > len(others):
            short[shift] = missing - len(others)
    for unit, mine in turns.items():
        if not mine:
            mine.append(units[unit][0])
    made = (Turn(unit, tuple(sorted(turns.get(unit, ()))), tuple(units[unit])) for unit in sorted(units))
    return Roster(tuple(made), short)
