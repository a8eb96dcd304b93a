"""Facts of erasing become state: the words are gone, the rest stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from huying.domain import erasing as e
from huying.domain.call import Call
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.payload import Payload
from huying.privacy.redaction import redact_call, redact_incident


class Erasing(Protocol):
    """Where incidents and calls are found to be changed."""

    def incident_to_change(self, id: int) -> Incident: ...
    def call_to_change(self, id: int) -> Call: ...


def touch(state: Erasing, fact: Fact) -> Incident:
    """The incident, with this fact as its last."""
    incident = state.incident_to_change(fact.stream)
    incident.version = fact.version
    incident.changed_at = fact.at
    incident.changed_by = fact.actor
    return incident


def _erased(state: Erasing, fact: Fact, body: e.IncidentErased) -> None:
    incident = touch(state, fact)
    incident.erased = tuple(kind for kind in e.KINDS if kind in incident.erased or kind in body.kinds)
    if body.facts:
        redact_incident(incident)
        for id in incident.calls:
            redact_call(state.call_to_change(id))


def _held(state: Erasing, fact: Fact, body: e.IncidentHeld) -> None:
    touch(state, fact).held = True


def _released(state: Erasing, fact: Fact, body: e.IncidentReleased) -> None:
    touch(state, fact).held = False


EVOLVE_ERASING: dict[type[Payload], Callable[[Any, Fact, Any], None]] = {
    e.IncidentErased: _erased,
    e.IncidentHeld: _held,
    e.IncidentReleased: _released,
}
