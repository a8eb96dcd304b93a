"""Facts of corrections become state: what is right is shown, what was wrong is gone from every screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huying.domain import correction_facts as k
from huying.domain.correction import Correction, CorrectionStatus, Recipient
from huying.domain.deadline import Deadline
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.payload import Payload
from huying.service.evolve_erasing import Erasing, touch

# Clocks that go on when the incident is over.
CLOCKS = ("correct:", "told:")


def _stop(incident: Incident, key: str) -> None:
    incident.deadlines = [each for each in incident.deadlines if each.key != key]


def _asked(state: Erasing, fact: Fact, body: k.CorrectionAsked) -> None:
    incident = touch(state, fact)
    incident.corrections.append(
        Correction(
            n=body.n,
            of=body.of,
            at_field=body.at_field,
            asked_by=body.asked_by,
            basis=body.basis,
            asked_at=fact.at,
            due=body.due,
            right=body.right,
        )
    )
    incident.deadlines.append(Deadline(key=f"correct:{body.n}", due=body.due, next=body.due))
    incident.erased = ()  # there are words again


def _made(state: Erasing, fact: Fact, body: k.CorrectionMade) -> None:
    incident = touch(state, fact)
    correction = incident.corrections[body.n - 1]
    correction.status = CorrectionStatus.MADE
    correction.ended_at, correction.made_by = fact.at, fact.seq
    _stop(incident, f"correct:{body.n}")
    if body.due:
        incident.deadlines.append(Deadline(key=f"told:{body.n}", due=body.due, next=body.due))
    for seq, kind in body.kinds.items():
        left = body.left.get(seq)
        if left is not None:
            _PATCH.get(kind, _nothing)(state, incident, int(seq), left)


def _retitled(state: Erasing, fact: Fact, body: k.IncidentRetitled) -> None:
    touch(state, fact).title = body.title


def _call(state: Erasing, incident: Incident, of: int, left: dict[str, Any]) -> None:
    call = state.call_to_change(of)
    call.words = left.get("words", "")
    call.answers = dict(left.get("answers", {}))


def _follow_up(state: Erasing, incident: Incident, of: int, left: dict[str, Any]) -> None:
    if incident.follow_up is not None and incident.follow_up.n == left["n"]:
        incident.follow_up.words = left.get("words", "")


def _answer(state: Erasing, incident: Incident, of: int, left: dict[str, Any]) -> None:
    incident.referrals[left["n"] - 1].answer = left.get("answer", "")


def _why(state: Erasing, incident: Incident, of: int, left: dict[str, Any]) -> None:
    incident.referrals[left["n"] - 1].why = left.get("why", "")


def _nothing(state: Erasing, incident: Incident, of: int, left: dict[str, Any]) -> None:
    """A note, say: it stands in the story only."""


_PATCH: dict[str, Callable[[Erasing, Incident, int, dict[str, Any]], None]] = {
    "call.received": _call,
    "follow_up.answered": _follow_up,
    "referral.resolved": _answer,
    "referral.returned": _why,
    "referral.withdrawn": _why,
}


def _sent(state: Erasing, fact: Fact, body: k.CorrectionSent) -> None:
    incident = touch(state, fact)
    incident.corrections[body.n - 1].recipients.append(Recipient(to=body.to, sent_at=fact.at))


def _acknowledged(state: Erasing, fact: Fact, body: k.CorrectionAcknowledged) -> None:
    incident = touch(state, fact)
    recipients = incident.corrections[body.n - 1].recipients
    for each in recipients:
        if each.to == body.to:
            each.acknowledged_at = fact.at
    if all(each.acknowledged_at for each in recipients):
        _stop(incident, f"told:{body.n}")


def _refused(state: Erasing, fact: Fact, body: k.CorrectionRefused) -> None:
    incident = touch(state, fact)
    correction = incident.corrections[body.n - 1]
    correction.status = CorrectionStatus.REFUSED
    correction.ended_at, correction.why, correction.appeal = fact.at, body.why, body.appeal
    _stop(incident, f"correct:{body.n}")


def _told(state: Erasing, fact: Fact, body: Payload) -> None:
    touch(state, fact)


def _on_record(state: Erasing, fact: Fact, body: Payload) -> None:
    """Only on record."""


EVOLVE_CORRECTING: dict[type[Payload], Callable[[Any, Fact, Any], None]] = {
    k.CorrectionAsked: _asked,
    k.CorrectionMade: _made,
    k.IncidentRetitled: _retitled,
    k.CorrectionSent: _sent,
    k.CorrectionAcknowledged: _acknowledged,
    k.CorrectionRefused: _refused,
    k.CorrectionOpened: _told,
    k.IncidentDisclosed: _told,
    k.RecordDisclosed: _on_record,
}
