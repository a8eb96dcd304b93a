"""The end: work is done, the caller is asked, and only then it closes; a "no" opens it again."""

from __future__ import annotations

from typing import Any

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.domain import facts as f
from huying.domain.commands import AnswerFollowUp, CloseIncident, ReopenIncident, ResolveIncident
from huying.domain.incident import Incident
from huying.domain.photo import FOLLOW_UP
from huying.domain.reason import Reason
from huying.domain.statuses import INCIDENT, FollowUpStatus, IncidentStatus, step
from huying.service.offering import answers_of, clocks, promise, refer
from huying.service.photos import attach, named
from huying.service.work import Work

WORDS_MAX = 4_000


def conclude(work: Work, incident: Incident, words: str = "") -> None:
    """Resolve an incident when the last piece of its work ended; when nobody said how, a clock runs until
    somebody does."""
    if incident.running_assignments or incident.running_referrals:
        return
    if incident.status not in (IncidentStatus.OPEN, IncidentStatus.ACTIVE):
        return
    if incident.disposition:
        _resolve(work, incident, incident.disposition, words)
        return
    due, _, ladder = clocks(work, incident.priority)
    work.on(incident, f.DeadlineSet(key="conclude", due=due, ladder=ladder))


def _resolve(work: Work, incident: Incident, disposition: str, words: str) -> None:
    work.on(incident, f.IncidentResolved(disposition=disposition, words=words))
    row = work.pack.dispositions.get(disposition)  # a later edition may have dropped it
    if row is None or row.follow_up:
        asked = incident.follow_up.n if incident.follow_up else 0
        due = work.pack.worktime.add(work.at, work.pack.follow_up)
        work.on(incident, f.FollowUpAsked(n=asked + 1, due=due))
    else:
        close_by_machine(work, incident, "no_follow_up")


def by_a_person(work: Work, incident: Incident) -> None:
    """Whatever ends a priority 1, or makes it less, is for persons."""
    if work.automatic and incident.priority == 1:
        raise Refusal("person_must_close", id=incident.id)


def close_by_machine(work: Work, incident: Incident, how: str) -> None:
    """Close without a person; a priority 1 waits for one, and its ladder climbs until somebody does."""
    if incident.priority > 1:
        work.on(incident, f.IncidentClosed(how=how))
        return
    standard = work.pack.standards.get(1)
    work.on(
        incident,
        f.DeadlineSet(
            key="close", due=work.at, ladder=standard.ladder if standard else "", why="person_must_close"
        ),
    )


# ── what persons do ─────────────────────────────────────────────────────────────────────────────────────
def _answer(incident: Incident) -> dict[str, Any]:
    return {"incident_id": incident.id, "version": incident.version, "status": incident.status.value}


def resolve_incident(work: Work, command: ResolveIncident) -> dict[str, Any]:
    """A person says that the work is done; nobody may still be on it."""
    incident = work.incident(command.incident, command.version)
    step("incident", INCIDENT, incident.status, IncidentStatus.RESOLVED)
    if command.disposition not in work.pack.dispositions:
        raise Refusal("unknown_code", noun="disposition", code=command.disposition)
    _bounded(command.words)
    busy = [each.unit for each in incident.running_assignments]
    busy += [each.agency for each in incident.running_referrals if each.rule != "none"]
    if busy:
        raise Refusal("work_unfinished", id=incident.id, what=", ".join(busy))
    for each in incident.running_referrals:
        work.on(incident, f.ReferralResolved(n=each.n, answer=command.words or command.disposition))
    _resolve(work, incident, command.disposition, command.words)
    return _answer(incident)


def answer_follow_up(work: Work, command: AnswerFollowUp) -> dict[str, Any]:
    """The caller's word: a yes closes, a no reopens, also after silence closed it too early."""
    incident = work.incident(command.incident, command.version)
    follow_up = incident.follow_up
    done = incident.status in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    if follow_up is None or not done or not incident.calls:  # a call that was joined answers over there
        raise Refusal("not_asked_yet", id=incident.id)
    by_a_person(work, incident)
    if not 0 <= command.rating <= 5:
        raise Refusal("out_of_range", field="rating", low=1, high=5)
    _bounded(command.words)
    if incident.status is IncidentStatus.CLOSED:
        _still_open_to_answer(work, incident)
        if command.solved and follow_up.status is FollowUpStatus.SOLVED:
            raise Refusal("already_answered", id=incident.id)
    photos = named(work, command.photos, incident)
    work.on(
        incident,
        f.FollowUpAnswered(n=follow_up.n, solved=command.solved, rating=command.rating, words=command.words),
    )
    attach(work, incident, photos, FOLLOW_UP, follow_up.n)
    if not command.solved:
        reopen(work, incident, "caller_not_agreed")
    elif incident.status is IncidentStatus.RESOLVED:
        work.on(incident, f.IncidentClosed(how="caller_agreed"))
    return _answer(incident)


def _still_open_to_answer(work: Work, incident: Incident) -> None:
    if work.at > incident.closed_at + work.pack.reopen_days * DAY:
        raise Refusal("too_late", id=incident.id, days=work.pack.reopen_days)


def close_incident(work: Work, command: CloseIncident) -> dict[str, Any]:
    """A person closes it, with the reason; a machine may not close a priority 1."""
    incident = work.incident(command.incident, command.version)
    step("incident", INCIDENT, incident.status, IncidentStatus.CLOSED)
    if not command.why.strip():
        raise Refusal("reason_needed", field="why")
    _bounded(command.why)
    by_a_person(work, incident)
    busy = [each.unit for each in incident.running_assignments]
    if busy:
        raise Refusal("work_unfinished", id=incident.id, what=", ".join(busy))
    for each in incident.running_referrals:
        work.on(incident, f.ReferralWithdrawn(n=each.n, why="closed"))
    work.on(incident, f.IncidentClosed(how="person", why=command.why))
    return _answer(incident)


def reopen_incident(work: Work, command: ReopenIncident) -> dict[str, Any]:
    incident = work.incident(command.incident, command.version)
    step("incident", INCIDENT, incident.status, IncidentStatus.OPEN)
    if incident.status is IncidentStatus.ACTIVE:
        raise Refusal("not_from_here", noun="incident", at="active", to="open", possible="resolved")
    if not incident.calls:
        raise Refusal("last_call", call="–", incident=incident.id)
    if not command.why.strip():
        raise Refusal("reason_needed", field="why")
    _bounded(command.why)
    reopen(work, incident, command.why)
    return _answer(incident)


def reopen(work: Work, incident: Incident, why: str) -> None:
    """Open it again, hand it to who is competent now, and start the clocks for units anew."""
    work.on(incident, f.IncidentReopened(why=why))
    again = Reason("route.reopened", values={"times": incident.reopened})
    refer(work, incident, answers_of(work, incident), again)
    promise(work, incident)


def _bounded(words: str) -> None:
    if len(words) > WORDS_MAX:
        raise Refusal("too_long", field="words", limit=WORDS_MAX)
