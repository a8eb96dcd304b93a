"""Which unfinished incidents a new call may be about: an index kept beside the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, radians

from huying.base.clock import SECOND
from huying.domain.incident import Incident
from huying.domain.pack import IncidentType, Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.domain.statuses import IncidentStatus
from huying.domain.suggestion import Understood
from huying.service.ports import IncidentFilter
from huying.triage.duplicates import SPANS_NAMED, WIDE_REACH_M, Duplicates

# Unfinished incidents that are looked at when the engine starts; where there are more it is a disaster in
# which the newest are the ones that count.
LOOKED_AT_MAX = 20_000
# Unfinished incidents around one place that are compared with what a citizen is writing: one page.
AROUND_MAX = 60
_METRES_A_DEGREE = 111_195.0


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
        lat, lon = place.point
        high = (pack.duplicate_m + WIDE_REACH_M) / _METRES_A_DEGREE
        wide = high / max(cos(radians(lat)), 0.01)
        return IncidentFilter(status, since=since, box=(lat - high, lon - wide, lat + high, lon + wide))
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
