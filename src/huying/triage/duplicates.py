"""Has somebody called about this already? Unfinished incidents near in place and time; persons join."""

from __future__ import annotations

from collections import OrderedDict

from msgspec import Struct

from huying.base.clock import MINUTE, SECOND
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.geo.grid import Grid

REMEMBERED_MAX = 50_000
"""Incidents remembered: half an hour of a disaster in a city of ten million. Beyond it those remembered
longest go, and a duplicate is then not seen, which costs a person's look and nothing else."""

CROWD_MAX = 8
"""Incidents of one group remembered in one cell of the map: of a flood of calls about one fire the first are
the ones to join, and looking stays short however many come."""

SHOWN_MAX = 3
"""Suggestions that a desk can look at while the caller waits."""


class _Known(Struct, frozen=True, gc=False):
    type: str
    at: int
    error_m: float


class Duplicates:
    """Unfinished incidents of the last while, by place.

    A point that is only known to within more than `pack.duplicate_m` neither suggests nor is suggested: "the
    village" is no evidence that two calls mean one thing.
    """

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._metres, self._span = pack.duplicate_m, pack.duplicate_s * SECOND
        self._near: Grid[int] = Grid(pack.duplicate_m, pack.centre[0], CROWD_MAX)
        self._error_m = 0.0
        self._known: OrderedDict[int, _Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def add(self, incident: Incident) -> None:
        """Remember the incident as it is by now; without a point that is exact enough it is forgotten."""
        point, error_m = incident.place.point, incident.place.error_m or 0.0
        if point is None or error_m > self._metres:
            self.remove(incident.id)
            return
        if not self._near.put(incident.id, self._pack.type_of(incident.type).group, *point):
            self._known.pop(incident.id, None)
            return
        self._known[incident.id] = _Known(incident.type, incident.opened_at, error_m)
        self._error_m = max(self._error_m, error_m)
        if len(self._known) > REMEMBERED_MAX:
            self.remove(next(iter(self._known)))

    def remove(self, incident: int) -> None:
        """Forget the incident; one that is not remembered is no fault."""
        if self._known.pop(incident, None) is not None:
            self._near.remove(incident)

    def candidates(self, type: str, place: Place, at: int) -> list[tuple[int, Reason]]:
        """(incident, why) of what a call of `type` at `place` and `at` (UTC µs) may be about.

        Of the same type or its group, opened within `pack.duplicate_s`, and at most `pack.duplicate_m` away
        when the errors of both points (together at most as much again) are taken off. The same type goes
        first, then the nearest, then the newest.
        """
        self._forget(at)
        point, error_m = place.point, place.error_m or 0.0
        if point is None or error_m > self._metres:
            return []
        group = self._pack.type_of(type).group
        found: list[tuple[bool, float, int, int]] = []
        reach = self._metres + min(error_m + self._error_m, self._metres)
        for metres, incident in self._near.within(group, *point, reach):
            known = self._known[incident]
            if abs(at - known.at) > self._span:
                continue
            if metres - min(error_m + known.error_m, self._metres) <= self._metres:
                found.append((known.type != type, metres, -known.at, incident))
        found.sort()
        return [
            (incident, _why(incident, metres, at + newest, other))
            for other, metres, newest, incident in found[:SHOWN_MAX]
        ]

    def _forget(self, at: int) -> None:
        """Drop what is too old to be meant; incidents are remembered nearly in order of time."""
        while self._known:
            oldest = next(iter(self._known))
            if at - self._known[oldest].at <= self._span:
                return
            self.remove(oldest)


def _why(incident: int, metres: float, age: int, other_type: bool) -> Reason:
    values: dict[str, str | int | float] = {"metres": round(metres), "minutes": abs(age) // MINUTE}
    return Reason("duplicate.related" if other_type else "duplicate.near", of=str(incident), values=values)
