"""Who is on an incident beyond what its run card asks for: after calls about one thing were joined, each with
units of its own, say. A person lets them go."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from huying.dispatch.match import Candidate, match
from huying.dispatch.runcard import card_of, graded, slots
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.reason import Reason
from huying.domain.statuses import AssignmentStatus
from huying.domain.unit import Unit
from huying.geo.travel import TravelTime

_THERE = -1e6
"""Who is on scene fills a need before anybody who is still on the way."""


class Spare(Struct, frozen=True):
    """`unit` of `agency` is on the way, and all that it could fill is filled by others."""

    unit: str
    agency: str
    reasons: tuple[Reason, ...]


def spare_units(
    pack: Pack, incident: Incident, units: Mapping[str, Unit], travel: TravelTime, at: int
) -> tuple[Spare, ...]:
    """Units that may be let go: on the way, asked for by the card, and not among those who fill it best.

    Who is on scene is there and knows best; whom the card does not ask for somebody has sent for reasons of
    their own; and while a unit waits for help nobody is spare. Of those on the way the nearest stay.
    """
    card = card_of(pack, incident)
    running = [
        each for each in incident.running_assignments if each.unit in pack.units and each.unit in units
    ]
    if card is None or incident.backup_at or not incident.place.point:
        return ()
    wanted = slots(card, incident.alarm)
    if not wanted or len(running) < 2:
        return ()
    rows = [pack.units[each.unit] for each in running]
    away = travel.seconds([(units[row.code], row) for row in rows], incident.place.point, at)
    there = [each.status is AssignmentStatus.ON_SCENE for each in running]
    ranked: list[list[Candidate]] = []
    for slot in wanted:
        able = [
            (_THERE if there[n] else graded(slot.need, row, away[n]), row.code)
            for n, row in enumerate(rows)
            if slot.need.takes(row)
        ]
        ranked.append(sorted(able))
    filled = [each[1] if each else "" for each in match(ranked)]
    asked = {code for slot in ranked for _, code in slot}
    found = []
    for n, row in enumerate(rows):
        if row.code in filled or there[n] or row.code not in asked:
            continue
        ability = next(slot.need.ability for slot in wanted if slot.need.takes(row))
        by = sorted(code for slot, code in zip(wanted, filled, strict=True) if code and slot.need.takes(row))
        count = sum(slot.need.takes(row) for slot in wanted)
        values: dict[str, str | int | float] = {"unit": row.code, "ability": ability, "count": count}
        values |= {"seconds": round(away[n]) if away[n] < 1e9 else 0, "by": by[0] if by else ""}
        found.append(Spare(row.code, row.agency, (Reason("dispatch.spare", of=row.code, values=values),)))
    return tuple(found)
