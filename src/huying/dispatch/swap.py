"""Somebody nearer is free now: a suggestion to exchange who is on the way. A person says yes by sending the
one and calling the other off; nothing is exchanged by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from huying.dispatch.cover import Cover
from huying.dispatch.runcard import barred, card_of, graded, may_go_alone, slots
from huying.domain.incident import Incident
from huying.domain.reason import Reason
from huying.domain.statuses import AssignmentStatus
from huying.domain.unit import Unit

SOONER_S, SOONER_SHARE = 120.0, 0.3
"""An exchange must bring two minutes, and a third of the time that is left: turning round costs trust."""

SWAPS_MAX = 10
"""Suggestions at once, the ones that bring most."""

_ON_THE_WAY = (AssignmentStatus.DISPATCHED, AssignmentStatus.EN_ROUTE)


class Swap(Struct, frozen=True):
    """Let `unit`, which is free, go to `incident` instead of `instead`, which is on the way: there in
    `seconds`, that much `sooner_s`."""

    incident: int
    unit: str
    instead: str
    seconds: float
    sooner_s: float
    reasons: tuple[Reason, ...]


def swaps(
    cover: Cover,
    units: Mapping[str, Unit],
    incidents: Sequence[Incident],
    taken: frozenset[str] = frozenset(),
) -> list[Swap]:
    """Exchanges that bring much, the best first, each unit in one at most.

    Args:
        taken: free units that the plan of the board sends elsewhere.
    """
    found: list[Swap] = []
    for incident in incidents:
        if incident.place.point is not None:
            found += _of(cover, units, incident, incident.place.point, taken)
    found.sort(key=lambda each: (-each.sooner_s, each.incident, each.unit))
    used: set[str] = set()
    kept = []
    for each in found:
        if used.isdisjoint((each.unit, each.instead)):
            used |= {each.unit, each.instead}
            kept.append(each)
    return kept[:SWAPS_MAX]


def _of(
    cover: Cover,
    units: Mapping[str, Unit],
    incident: Incident,
    point: tuple[float, float],
    taken: frozenset[str],
) -> list[Swap]:
    pack, card = cover.pack, card_of(cover.pack, incident)
    coming = [
        (units[each.unit], pack.units[each.unit])
        for each in incident.running_assignments
        if each.status in _ON_THE_WAY and each.unit in units and each.unit in pack.units
    ]
    free = [each for each in cover.free if each[1].code not in taken]
    if card is None or not coming or not free:
        return []
    needs = dict.fromkeys(slot.need for slot in slots(card, incident.alarm))
    travel, at = cover.travel, cover.at
    left, there = travel.seconds(coming, point, at), travel.seconds(free, point, at)
    found = []
    for (_, row), left_s in zip(coming, left, strict=True):
        need = next((each for each in needs if each.takes(row)), None)
        if need is None:
            continue
        for (_, other), seconds in zip(free, there, strict=True):
            fits = need.takes(other) and not barred(pack, incident, need, other)
            if not fits or not may_go_alone(pack, incident, other):
                continue
            sooner = left_s - seconds
            worth = graded(need, other, seconds) < graded(need, row, left_s)
            if worth and sooner >= max(SOONER_S, SOONER_SHARE * left_s):
                values: dict[str, str | int | float] = {
                    "unit": other.code,
                    "instead": row.code,
                    "seconds": round(seconds),
                    "sooner": round(sooner) if sooner < 86_400 else 86_400,
                }
                why = (Reason("board.swap", of=other.code, values=values),)
                found.append(Swap(incident.id, other.code, row.code, seconds, min(sooner, 86_400.0), why))
    return found
