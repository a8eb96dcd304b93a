"""Which unfinished incidents a new call may be about: an index kept beside the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, radians

from huying.base.clock import DAY, SECOND
from huying.domain.incident import Incident
from huying.domain.pack import IncidentType, Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.domain.statuses import IncidentStatus
from huying.domain.suggestion import Understood
from huying.geo.points import distance_m
from huying.service.questions import IncidentFilter
from huying.triage.duplicates import SHOWN_MAX, SPANS_NAMED, WIDE_REACH_M, Duplicates

# Unfinished incidents that are looked at when the engine starts; where there are more it is a disaster in
# which the newest are the ones that count.
LOOKED_AT_MAX = 20_000
# Unfinished incidents around one place that are compared with what a citizen is writing: one page.
AROUND_MAX = 60
_METRES_A_DEGREE = 111_195.0
# So long something that an agency has been asked for is still the same thing: a lamp that was told of a week
# ago and waits for its crew. Older promises are asked after by their own number.
WAITING_US = 30 * DAY


class Nearby:
    """Recent unfinished incidents by place and time. Suggests; never joins."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.index = Duplicates(pack)

    def forget(self) -> None:
        self.index = Duplicates(self.pack)

    def load(self, unfinished: Callable[[int, int], list[Incident]], at: int) -> None:
        """Read what is unfinished by now."""
        for incident in reversed(
            unfinished(at - SPANS_NAMED * self.pack.duplicate_s * SECOND, LOOKED_AT_MAX)
        ):
            self.note(incident)

    def note(self, incident: Incident) -> None:
        """Take in an incident as it is by now."""
        if incident.status is IncidentStatus.CLOSED:
            self.index.remove(incident.id)
        else:
            self.index.add(incident)

    def candidates(
        self, type: IncidentType, place: Place, at: int, title: str = ""
    ) -> list[tuple[int, Reason]]:
        """(incident, why) of those that may be the same, likeliest first."""
        return self.index.candidates(type.code, place, at, title)


def around(pack: Pack, understood: Understood, at: int, staff: bool = False) -> IncidentFilter | None:
    """Which unfinished incidents lie about where a call is: near its point, or in its smallest area. None
    where nothing is known of the place, or, but for staff, where citizens are not told of such types."""
    kind = pack.type_of(understood.suggestion.type)
    place = understood.place
    if not staff and kind.code not in pack.public_types:
        return None
    since = at - SPANS_NAMED * pack.duplicate_s * SECOND
    status = (IncidentStatus.OPEN.value, IncidentStatus.ACTIVE.value)
    if place.point is not None:
        return IncidentFilter(status, since=since, box=_box(place.point, pack.duplicate_m + WIDE_REACH_M))
    if place.areas:
        return IncidentFilter(status, since=since, area=place.areas[0])
    return None


def alike_among(
    pack: Pack, incidents: Sequence[Incident], understood: Understood, at: int
) -> list[tuple[Incident, Reason]]:
    """Those of `incidents` that a call so understood may be about, likeliest first, each with why."""
    index = Duplicates(pack)
    for each in sorted(incidents, key=lambda each: each.opened_at):
        index.add(each)
    found = index.candidates(understood.suggestion.type, understood.place, at, understood.title)
    by_id = {each.id: each for each in incidents}
    return [(by_id[id], why) for id, why in found if id in by_id]


def alike_near(
    pack: Pack,
    understood: Understood,
    at: int,
    read: Callable[[IncidentFilter], list[Incident]],
    staff: bool = False,
) -> list[tuple[Incident, Reason]]:
    """What a call so understood may be about as well: what was told just now first, and beside it what an
    agency has been asked for these days."""
    recent = around(pack, understood, at, staff)
    if recent is None:
        return []
    found = alike_among(pack, read(recent), understood, at)
    waiting = waiting_around(pack, understood, at)
    if waiting is not None and len(found) < SHOWN_MAX:
        known = {each.id for each, _ in found}
        more = waiting_among(pack, read(waiting), understood, at)
        found += [(each, why) for each, why in more if each.id not in known]
    return found[:SHOWN_MAX]


def waiting_around(pack: Pack, understood: Understood, at: int) -> IncidentFilter | None:
    """Which incidents of the call's own type near its point may still wait for an agency, also older ones."""
    point = understood.place.point
    if point is None or understood.suggestion.type in pack.open_types:
        return None
    status = (IncidentStatus.OPEN.value, IncidentStatus.ACTIVE.value)
    type, since = understood.suggestion.type, at - WAITING_US
    return IncidentFilter(status, type, since=since, box=_box(point, pack.duplicate_m))


def waiting_among(
    pack: Pack, incidents: Sequence[Incident], understood: Understood, at: int
) -> list[tuple[Incident, Reason]]:
    """Those of `incidents` near the call that an agency still owes an answer, the nearest first."""
    point = understood.place.point
    found: list[tuple[int, int, Incident, Reason]] = []
    for each in incidents:
        referral = next((one for one in each.referrals if one.running), None)
        if point is None or each.place.point is None or referral is None:
            continue
        metres = round(distance_m(*point, *each.place.point))
        if metres <= pack.duplicate_m:
            days = (at - each.opened_at) // DAY
            why = Reason(
                "duplicate.waiting", values={"metres": metres, "days": days, "agency": referral.agency}
            )
            found.append((metres, each.id, each, why))
    return [(each, why) for _, _, each, why in sorted(found)[:SHOWN_MAX]]


def _box(point: tuple[float, float], metres: float) -> tuple[float, float, float, float]:
    lat, lon = point
    high = metres / _METRES_A_DEGREE
    wide = high / max(cos(radians(lat)), 0.01)
    return lat - high, lon - wide, lat + high, lon + wide
