"""Which unfinished incidents a new call may be about: an index kept beside the journal."""

from __future__ import annotations

from collections.abc import Callable

from huying.base.clock import SECOND
from huying.domain.incident import Incident
from huying.domain.pack import IncidentType, Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.domain.statuses import IncidentStatus
from huying.triage.duplicates import SPANS_NAMED, Duplicates

# Unfinished incidents that are looked at when the engine starts; where there are more it is a disaster in
# which the newest are the ones that count.
LOOKED_AT_MAX = 20_000


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
