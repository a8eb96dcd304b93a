"""Facts of who looked become state: wishes and glass are parts of their incident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from huying.domain import facts as facts
from huying.domain import oversight_facts as f
from huying.domain.deadline import Deadline
from huying.domain.facts import Fact
from huying.domain.glass import Glass, Wish
from huying.domain.incident import Incident
from huying.domain.payload import Payload
from huying.service.evolve_correcting import CLOCKS as OF_CORRECTIONS

# Clocks of looks go on when an incident ends: whoever looked still answers for it.
CLOCKS = ("glass:", "glass_end:")


class Incidents(Protocol):
    """Where incidents are found to be changed."""

    def incident_to_change(self, id: int) -> Incident: ...


def clocks_of_looks(incident: Incident) -> list[Deadline]:
    """What is left of an incident's deadlines when it ends."""
    if not incident.glass and not incident.corrections:
        return []
    return [each for each in incident.deadlines if each.key.startswith((*CLOCKS, *OF_CORRECTIONS))]


def _incident(state: Incidents, fact: Fact) -> Incident:
    incident = state.incident_to_change(fact.stream)
    incident.version = fact.version
    incident.changed_at = fact.at
    incident.changed_by = fact.actor
    return incident


def _wished(state: Incidents, fact: Fact, body: f.ContactWished) -> None:
    wish = Wish(n=body.n, actor=fact.actor, contact=body.contact, purpose=fact.purpose, until=body.until)
    _incident(state, fact).wishes.append(wish)


def _agreed(state: Incidents, fact: Fact, body: f.ContactAgreed) -> None:
    wish = _incident(state, fact).wishes[body.n - 1]
    wish.agreed_by = fact.actor
    wish.until = body.until


def _contact_opened(state: Incidents, fact: Fact, body: facts.ContactOpened) -> None:
    incident = _incident(state, fact)
    if body.wish:
        incident.wishes[body.wish - 1].used = True


def _broken(state: Incidents, fact: Fact, body: f.GlassBroken) -> None:
    incident = _incident(state, fact)
    incident.glass.append(
        Glass(n=body.n, actor=fact.actor, broken_at=fact.at, until=body.until, why=body.why)
    )
    incident.deadlines.append(Deadline(key=f"glass_end:{body.n}", due=body.until, next=body.until))
    incident.deadlines.append(Deadline(key=f"glass:{body.n}", due=body.due, next=body.due))


def _stop(incident: Incident, key: str) -> None:
    incident.deadlines = [each for each in incident.deadlines if each.key != key]


def _ended(state: Incidents, fact: Fact, body: f.GlassEnded) -> None:
    incident = _incident(state, fact)
    incident.glass[body.n - 1].ended = True
    _stop(incident, f"glass_end:{body.n}")


def _reviewed(state: Incidents, fact: Fact, body: f.GlassReviewed) -> None:
    incident = _incident(state, fact)
    glass = incident.glass[body.n - 1]
    glass.reviewed_at, glass.reviewed_by = fact.at, fact.actor
    _stop(incident, f"glass:{body.n}")


def _on_record(state: Any, fact: Fact, body: Payload) -> None:
    """Looks are only on record; the store finds them by whom they were at."""


EVOLVE_OVERSIGHT: dict[type[Payload], Callable[[Any, Fact, Any], None]] = {
    f.ContactWished: _wished,
    f.ContactAgreed: _agreed,
    facts.ContactOpened: _contact_opened,
    f.GlassBroken: _broken,
    f.GlassEnded: _ended,
    f.GlassReviewed: _reviewed,
    f.LooksRecorded: _on_record,
}
