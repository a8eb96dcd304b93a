"""What a run came to: counted from the facts as they happen, in memory that does not grow with the run."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import Any

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.facts import Fact
from huying.sim.agenda import Ears


class Tally:
    """Counts facts by type, and takes the times from a call to the first dispatch and the first arrival."""

    def __init__(self, ears: Ears) -> None:
        self.facts: Counter[type[f.Payload]] = Counter()
        self.how_closed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.overdue = 0
        self.queue_s = array("f")
        self.response_s = array("f")
        # incident → when it was opened, and whether its first unit is dispatched already
        self._opened: dict[int, tuple[int, bool]] = {}
        ears.listen(f.IncidentOpened, self._open)
        ears.listen(f.UnitDispatched, self._dispatched)
        ears.listen(f.UnitArrived, self._arrived)
        ears.listen(f.IncidentResolved, self._ended)
        ears.listen(f.IncidentClosed, self._closed)
        ears.listen(f.Escalated, self._escalated)

    def _open(self, fact: Fact, body: f.IncidentOpened) -> None:
        self._opened[fact.stream] = (fact.at, False)

    def _dispatched(self, fact: Fact, body: f.UnitDispatched) -> None:
        opened, already = self._opened.get(fact.stream, (0, True))
        if not already:
            self.queue_s.append((fact.at - opened) / SECOND)
            self._opened[fact.stream] = (opened, True)

    def _arrived(self, fact: Fact, body: f.UnitArrived) -> None:
        opened, _ = self._opened.pop(fact.stream, (0, True))
        if opened:
            self.response_s.append((fact.at - opened) / SECOND)

    def _ended(self, fact: Fact, body: f.IncidentResolved) -> None:
        self._opened.pop(fact.stream, None)

    def _closed(self, fact: Fact, body: f.IncidentClosed) -> None:
        self._opened.pop(fact.stream, None)
        self.how_closed[body.how] += 1

    def _escalated(self, fact: Fact, body: f.Escalated) -> None:
        self.overdue += body.rung == 1

    def summary(self) -> dict[str, Any]:
        """JSON values; times in seconds, None where nothing was measured."""
        count = self.facts
        return {
            "calls": count[f.CallReceived],
            "incidents": count[f.IncidentOpened],
            "joined": count[f.CallJoined],
            "assignments": count[f.UnitDispatched],
            "referrals": count[f.ReferralOffered],
            "accepted": count[f.ReferralAccepted],
            "returned": count[f.ReferralReturned],
            "resolved": count[f.ReferralResolved],
            "follow_ups": count[f.FollowUpAsked],
            "follow_ups_answered": count[f.FollowUpAnswered],
            "closed": count[f.IncidentClosed],
            "closed_how": dict(sorted(self.how_closed.items())),
            "reopened": count[f.IncidentReopened],
            "overdue": self.overdue,
            "escalations": count[f.Escalated],
            "refused": dict(sorted(self.refused.items())),
            "queue_time_s_p50": _quantile(self.queue_s, 0.5),
            "queue_time_s_p90": _quantile(self.queue_s, 0.9),
            "response_time_s_p50": _quantile(self.response_s, 0.5),
            "response_time_s_p90": _quantile(self.response_s, 0.9),
            "facts": count.total(),
        }


def _quantile(values: array[float], share: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[int(share * (len(ordered) - 1))], 1)
