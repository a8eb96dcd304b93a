"""What happened in a drill and when, what was decided, and what the best known policy would have sent."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from msgspec import Struct

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.closure import RoadClosed, RoadReopened
from huying.domain.facts import Fact
from huying.domain.statuses import UnitStatus
from huying.sim.agenda import Ears
from huying.sim.drill.policies import Choice
from huying.sim.drill.red import Red
from huying.sim.drill.score import Happening, Score

# A timeline is read by people after a drill: more lines than this nobody reads.
LINES_MAX = 400
# Incidents of which it is worked out who should have gone: those of the scenario and the most urgent.
URGENT = 2

Advise = Callable[[int, int], Choice]
"""(incident, instant) → what the best known policy would send now."""


class Line(Struct, frozen=True):
    """`what` is a key of the word files under `drill.line`; `values` fill its sentence."""

    at: int
    what: str
    happening: str = ""
    incident: int = 0
    values: dict[str, str | int | float] = {}


class Decision(Struct):
    """Who was sent to an incident, beside what the best known policy would have sent when it was opened.

    `lost_s`: how much later the first of them was to be there than with that policy, sent at once; negative
    where it was better.
    """

    incident: int
    happening: str
    type: str
    priority: int
    opened_at: int
    advised: tuple[str, ...] = ()
    advised_s: float = 0.0
    sent_at: int = 0
    sent: list[str] = []
    expected_s: float = 0.0
    lost_s: float = 0.0


class Timeline:
    """Listens to the facts of one drill. `advise` is asked when an incident is opened."""

    def __init__(self, red: Red, score: Score, ears: Ears, advise: Advise) -> None:
        self.red, self.score, self.advise = red, score, advise
        self.lines: list[Line] = []
        self.decisions: dict[int, Decision] = {}
        self._calls: dict[str, int] = {}
        self._units: dict[int, str] = {}
        for payload, ear in (
            (f.CallReceived, self._received),
            (f.IncidentOpened, self._opened),
            (f.CallJoined, self._joined),
            (f.UnitDispatched, self._dispatched),
            (f.UnitArrived, self._arrived),
            (f.UnitRecalled, self._recalled),
            (f.PlaceSet, self._placed),
            (f.Escalated, self._escalated),
            (f.ReferralOffered, self._offered),
            (f.ReferralAccepted, self._accepted),
            (f.IncidentResolved, self._resolved),
            (f.UnitRegistered, self._registered),
            (f.UnitStatusSet, self._status),
            (RoadClosed, self._closed),
            (RoadReopened, self._reopened),
        ):
            ears.listen(payload, ear)

    def _tell(self, fact: Fact, what: str, happening: str = "", **values: Any) -> None:
        if len(self.lines) < LINES_MAX and fact.at >= self.red.begins_at:
            self.lines.append(Line(fact.at, what, happening, fact.stream, values))

    def _mine(self, fact: Fact) -> Happening | None:
        """What the incident is about, when it is of the scenario."""
        found = self.score.of_incident.get(fact.stream)
        return found if found is not None and found.wave else None

    def _received(self, fact: Fact, body: f.CallReceived) -> None:
        ring = self.red.by_id.get(body.source_id)
        if ring is None or not ring.wave:
            return
        count = self._calls[ring.wave] = self._calls.get(ring.wave, 0) + 1
        # The first, and then ever more rarely: sixty calls are a handful of lines.
        if count & (count - 1) == 0:
            self._tell(fact, "called", ring.happening, wave=ring.wave, count=count)

    def _opened(self, fact: Fact, body: f.IncidentOpened) -> None:
        happening = self.score.of_incident.get(fact.stream)
        if happening is None or fact.at < self.red.begins_at:
            return
        if happening.wave:
            self._tell(fact, "opened", happening.id, type=body.type, priority=body.priority)
        if happening.wave or body.priority <= URGENT:
            choice = self.advise(fact.stream, fact.at)
            first = min((seconds for _, seconds in choice), default=inf)
            self.decisions[fact.stream] = Decision(
                fact.stream,
                happening.id,
                body.type,
                body.priority,
                fact.at,
                tuple(unit for unit, _ in choice),
                round(first, 1) if first < inf else 0.0,
            )

    def _joined(self, fact: Fact, body: f.CallJoined) -> None:
        if happening := self._mine(fact):
            self._tell(fact, "joined", happening.id, call=body.call)

    def _dispatched(self, fact: Fact, body: f.UnitDispatched) -> None:
        happening, made = self._mine(fact), self.decisions.get(fact.stream)
        if made is not None:
            made.sent_at = made.sent_at or fact.at
            if made.sent_at == fact.at:
                made.sent = [*made.sent, body.unit]
                made.expected_s = min(made.expected_s or body.expected_s, float(body.expected_s))
                if made.advised:
                    waited = (made.sent_at - made.opened_at) / SECOND
                    made.lost_s = round(waited + made.expected_s - made.advised_s, 1)
        if happening:
            self._tell(fact, "sent", happening.id, unit=body.unit, expected_s=body.expected_s)

    def _arrived(self, fact: Fact, body: f.UnitArrived) -> None:
        if happening := self._mine(fact):
            after_s = round((fact.at - happening.rang_at) / SECOND)
            self._tell(fact, "came", happening.id, unit=body.unit, after_s=after_s)

    def _recalled(self, fact: Fact, body: f.UnitRecalled) -> None:
        if happening := self._mine(fact):
            self._tell(fact, "recalled", happening.id, unit=body.unit)

    def _placed(self, fact: Fact, body: f.PlaceSet) -> None:
        if happening := self._mine(fact):
            self._tell(fact, "placed", happening.id)

    def _escalated(self, fact: Fact, body: f.Escalated) -> None:
        if happening := self._mine(fact):
            self._tell(fact, "escalated", happening.id, deadline=body.key, agency=body.to)

    def _offered(self, fact: Fact, body: f.ReferralOffered) -> None:
        if happening := self._mine(fact):
            self._tell(fact, "offered", happening.id, agency=body.agency)

    def _accepted(self, fact: Fact, body: f.ReferralAccepted) -> None:
        if happening := self._mine(fact):
            self._tell(fact, "accepted", happening.id)

    def _resolved(self, fact: Fact, body: f.IncidentResolved) -> None:
        if happening := self._mine(fact):
            self._tell(fact, "resolved", happening.id)

    def _registered(self, fact: Fact, body: f.UnitRegistered) -> None:
        self._units[fact.stream] = body.code

    def _status(self, fact: Fact, body: f.UnitStatusSet) -> None:
        what = "unit_back" if body.status == UnitStatus.AVAILABLE else "unit_out"
        self._tell(fact, what, unit=self._units.get(fact.stream, ""))

    def _closed(self, fact: Fact, body: RoadClosed) -> None:
        self._tell(fact, "road_slow" if body.slow else "road_closed", why=body.why)

    def _reopened(self, fact: Fact, body: RoadReopened) -> None:
        self._tell(fact, "road_open")

    def hindsight(self, most: int) -> list[Decision]:
        """The decisions that cost most beside the best known policy, the costliest first."""
        made = [each for each in self.decisions.values() if each.sent_at and each.advised]
        return sorted(made, key=lambda each: (-each.lost_s, each.incident))[:most]
