"""Facts become state: one small function for each type of fact, and the table at the foot.

Nothing here decides or refuses; what a fact says has happened. The same functions serve the live engine,
`huying rebuild` and the tests, so a rebuilt state equals the live one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from huying.domain import facts as f
from huying.domain.assignment import Assignment
from huying.domain.call import Call
from huying.domain.deadline import Deadline
from huying.domain.facts import Fact
from huying.domain.followup import FollowUp
from huying.domain.incident import Incident
from huying.domain.referral import Referral
from huying.domain.statuses import (
    AssignmentStatus,
    FollowUpStatus,
    IncidentStatus,
    ReferralStatus,
    UnitStatus,
)
from huying.domain.unit import Unit
from huying.service.evolve_correcting import EVOLVE_CORRECTING
from huying.service.evolve_erasing import EVOLVE_ERASING
from huying.service.evolve_models import EVOLVE_MODELS
from huying.service.evolve_office import EVOLVE_OFFICE, Office
from huying.service.evolve_oversight import EVOLVE_OVERSIGHT, clocks_of_looks
from huying.service.evolve_photos import EVOLVE_PHOTOS
from huying.service.evolve_roads import EVOLVE_CLOSURES, Roads
from huying.service.evolve_units import EVOLVE_UNITS, Units


class State(Office, Roads, Units, Protocol):
    """Where things are found to be changed, and put when they begin."""

    def incident_to_change(self, id: int) -> Incident: ...
    def call_to_change(self, id: int) -> Call: ...
    def unit_to_change(self, code: str) -> Unit: ...
    def add_incident(self, incident: Incident) -> None: ...
    def add_call(self, call: Call) -> None: ...


def evolve(state: State, fact: Fact) -> None:
    """Change `state` by what `fact` says."""
    EVOLVE[type(fact.body)](state, fact, fact.body)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────
def _incident(state: State, fact: Fact) -> Incident:
    incident = state.incident_to_change(fact.stream)
    incident.version = fact.version
    incident.changed_at = fact.at
    incident.changed_by = fact.actor
    if incident.erased:  # what is added later runs out anew
        incident.erased = ()
    return incident


def _unit(state: State, fact: Fact, code: str, status: UnitStatus, incident: int) -> None:
    unit = state.unit_to_change(code)
    unit.status = status
    unit.incident = incident
    unit.changed_at = fact.at
    unit.changed_by = fact.actor
    unit.why = ""


def _clock(incident: Incident, key: str, due: int, ladder: str) -> None:
    _stop(incident, key)
    if due:
        incident.deadlines.append(Deadline(key=key, due=due, next=due, ladder=ladder))


def _stop(incident: Incident, *keys: str) -> None:
    if incident.deadlines:
        incident.deadlines = [each for each in incident.deadlines if each.key not in keys]


def _unsent(incident: Incident) -> None:
    """Clocks of units are set anew for another type or priority."""
    if not incident.running_assignments:
        _stop(incident, "dispatch", "arrive")


def _idle(incident: Incident) -> None:
    """An incident on which nobody has done or is doing anything, since it was opened again, is open."""
    since = incident.reopened_at
    units = {each.status for each in incident.assignments if each.dispatched_at >= since}
    referrals = {each.status for each in incident.referrals if each.offered_at >= since}
    taken = {ReferralStatus.ACCEPTED, ReferralStatus.RESOLVED}
    worked = units - {AssignmentStatus.RECALLED} or referrals & taken
    if incident.status is IncidentStatus.ACTIVE and not worked:
        incident.status = IncidentStatus.OPEN


def _desk(incident: Incident) -> None:
    incident.duty_desk = any(each.running and each.rule == "none" for each in incident.referrals)


# ── the installation and calls ──────────────────────────────────────────────────────────────────────────
def _on_record(state: State, fact: Fact, body: f.Payload) -> None:
    """Only on record: the pack itself is in its folder, and the vault holds what was sealed."""


def _call_received(state: State, fact: Fact, body: f.CallReceived) -> None:
    state.add_call(
        Call(
            id=fact.stream,
            at=body.received_at or fact.at,
            channel=body.channel,
            words=body.words,
            lang=body.lang,
            stated_type=body.stated_type,
            place=body.place,
            answers=body.answers,
            contact=body.contact,
            source_id=body.source_id,
            code_hash=body.code_hash,
            media_url=body.media_url,
        )
    )


# ── incidents ───────────────────────────────────────────────────────────────────────────────────────────
def _opened(state: State, fact: Fact, body: f.IncidentOpened) -> None:
    incident = Incident(
        id=fact.stream,
        opened_at=fact.at,
        type=body.type,
        priority=body.priority,
        version=fact.version,
        changed_at=fact.at,
        changed_by=fact.actor,
        place=body.place,
        title=body.title,
        reasons=body.reasons,
        calls=[body.call],
    )
    if body.dispatch_due:
        _clock(incident, "dispatch", body.dispatch_due, body.ladder)
    if body.arrive_due:
        _clock(incident, "arrive", body.arrive_due, body.ladder)
    state.add_incident(incident)
    incident.sealed += _move_call(state, body.call, incident.id)


def _move_call(state: State, id: int, to: int) -> bool:
    """Whether the call has a contact."""
    call = state.call_to_change(id)
    call.was_in = call.incident
    call.incident = to
    return bool(call.contact)


def _call_joined(state: State, fact: Fact, body: f.CallJoined) -> None:
    incident = _incident(state, fact)
    call = state.call_to_change(body.call)
    call.incident = incident.id
    if body.call not in incident.calls:
        incident.calls.append(body.call)
        incident.sealed += bool(call.contact)


def _call_parted(state: State, fact: Fact, body: f.CallParted) -> None:
    incident = _incident(state, fact)
    incident.calls.remove(body.call)
    incident.sealed -= _move_call(state, body.call, 0)


def _retyped(state: State, fact: Fact, body: f.IncidentRetyped) -> None:
    incident = _incident(state, fact)
    _unsent(incident)
    incident.type = body.type
    incident.priority = body.priority
    incident.reasons = body.reasons


def _priority_set(state: State, fact: Fact, body: f.PrioritySet) -> None:
    incident = _incident(state, fact)
    _unsent(incident)
    incident.priority = body.priority


def _place_set(state: State, fact: Fact, body: f.PlaceSet) -> None:
    _incident(state, fact).place = body.place


def _noted(state: State, fact: Fact, body: f.Payload) -> None:
    _incident(state, fact)


def _deadline_set(state: State, fact: Fact, body: f.DeadlineSet) -> None:
    incident = _incident(state, fact)
    _clock(incident, body.key, body.due, body.ladder)
    kind, _, n = body.key.partition(":")
    if kind == "resolve" and n:
        incident.referrals[int(n) - 1].due = body.due


def _escalated(state: State, fact: Fact, body: f.Escalated) -> None:
    incident = _incident(state, fact)
    deadline = incident.deadline(body.key)
    if deadline is not None:
        if body.rung > deadline.rung:  # at rung 0 the late agency itself was told
            incident.escalations += 1
        deadline.rung = body.rung
        deadline.next = body.next


# ── referrals ───────────────────────────────────────────────────────────────────────────────────────────
def _offered(state: State, fact: Fact, body: f.ReferralOffered) -> None:
    incident = _incident(state, fact)
    incident.referrals.append(
        Referral(
            n=body.n,
            agency=body.agency,
            rule=body.rule,
            offered_at=fact.at,
            due=body.due,
            accept_due=body.accept_due,
            ladder=body.ladder,
            reasons=body.reasons,
        )
    )
    _stop(incident, "conclude")
    _clock(incident, f"accept:{body.n}", body.accept_due, body.ladder)
    _clock(incident, f"resolve:{body.n}", body.due, body.ladder)
    _desk(incident)


def _accepted(state: State, fact: Fact, body: f.ReferralAccepted) -> None:
    incident = _incident(state, fact)
    referral = incident.referrals[body.n - 1]
    referral.status = ReferralStatus.ACCEPTED
    referral.accepted_at = fact.at
    incident.status = IncidentStatus.ACTIVE
    _stop(incident, f"accept:{body.n}")


def _ended(state: State, fact: Fact, n: int, status: ReferralStatus, why: str) -> tuple[Incident, Referral]:
    incident = _incident(state, fact)
    referral = incident.referrals[n - 1]
    referral.status = status
    referral.ended_at = fact.at
    referral.why = why
    _stop(incident, f"accept:{n}", f"resolve:{n}")
    _desk(incident)
    _idle(incident)
    return incident, referral


def _returned(state: State, fact: Fact, body: f.ReferralReturned) -> None:
    _ended(state, fact, body.n, ReferralStatus.RETURNED, body.why)


def _withdrawn(state: State, fact: Fact, body: f.ReferralWithdrawn) -> None:
    _ended(state, fact, body.n, ReferralStatus.WITHDRAWN, body.why)


def _referral_resolved(state: State, fact: Fact, body: f.ReferralResolved) -> None:
    incident, referral = _ended(state, fact, body.n, ReferralStatus.RESOLVED, "")
    referral.answer = body.answer
    incident.disposition = body.disposition or incident.disposition


# ── assignments ─────────────────────────────────────────────────────────────────────────────────────────
def _dispatched(state: State, fact: Fact, body: f.UnitDispatched) -> None:
    incident = _incident(state, fact)
    incident.assignments.append(
        Assignment(n=body.n, unit=body.unit, agency=body.agency, dispatched_at=fact.at, reasons=body.reasons)
    )
    incident.status = IncidentStatus.ACTIVE
    _stop(incident, "dispatch", "conclude")
    _unit(state, fact, body.unit, UnitStatus.DISPATCHED, incident.id)


def _reported(
    state: State, fact: Fact, body: Any, status: AssignmentStatus, unit: UnitStatus
) -> tuple[Incident, Assignment]:
    incident = _incident(state, fact)
    assignment = incident.assignments[body.n - 1]
    assignment.status = status
    _unit(state, fact, body.unit, unit, 0 if unit is UnitStatus.AVAILABLE else incident.id)
    return incident, assignment


def _en_route(state: State, fact: Fact, body: f.UnitEnRoute) -> None:
    _, assignment = _reported(state, fact, body, AssignmentStatus.EN_ROUTE, UnitStatus.EN_ROUTE)
    assignment.en_route_at = fact.at


def _on_scene(state: State, fact: Fact, body: f.UnitArrived) -> None:
    incident, assignment = _reported(state, fact, body, AssignmentStatus.ON_SCENE, UnitStatus.ON_SCENE)
    assignment.on_scene_at = fact.at
    _stop(incident, "arrive")


def _clear(state: State, fact: Fact, body: f.UnitCleared) -> None:
    incident, assignment = _reported(state, fact, body, AssignmentStatus.CLEAR, UnitStatus.AVAILABLE)
    assignment.clear_at = fact.at
    incident.disposition = body.disposition or incident.disposition


def _recalled(state: State, fact: Fact, body: f.UnitRecalled) -> None:
    incident, assignment = _reported(state, fact, body, AssignmentStatus.RECALLED, UnitStatus.AVAILABLE)
    assignment.clear_at = fact.at
    _idle(incident)


# ── the end, and the return ─────────────────────────────────────────────────────────────────────────────
def _resolved(state: State, fact: Fact, body: f.IncidentResolved) -> None:
    incident = _incident(state, fact)
    incident.status = IncidentStatus.RESOLVED
    incident.disposition = body.disposition
    incident.resolved_at = fact.at
    incident.deadlines = clocks_of_looks(incident)


def _asked(state: State, fact: Fact, body: f.FollowUpAsked) -> None:
    incident = _incident(state, fact)
    incident.follow_up = FollowUp(n=body.n, asked_at=fact.at, due=body.due)
    _clock(incident, "follow_up", body.due, "")


def _answered(state: State, fact: Fact, body: f.FollowUpAnswered) -> None:
    incident = _incident(state, fact)
    _stop(incident, "follow_up", "close")
    if incident.follow_up is not None:
        incident.follow_up.status = FollowUpStatus.SOLVED if body.solved else FollowUpStatus.NOT_SOLVED
        incident.follow_up.answered_at = fact.at
        incident.follow_up.rating = body.rating
        incident.follow_up.words = body.words


def _lapsed(state: State, fact: Fact, body: f.FollowUpLapsed) -> None:
    incident = _incident(state, fact)
    _stop(incident, "follow_up")
    if incident.follow_up is not None:
        incident.follow_up.status = FollowUpStatus.LAPSED


def _closed(state: State, fact: Fact, body: f.IncidentClosed) -> None:
    incident = _incident(state, fact)
    incident.status = IncidentStatus.CLOSED
    incident.closed_at = fact.at
    incident.closed_how = body.how
    incident.deadlines = clocks_of_looks(incident)


def _reopened(state: State, fact: Fact, body: f.IncidentReopened) -> None:
    incident = _incident(state, fact)
    incident.status = IncidentStatus.OPEN
    incident.reopened += 1
    incident.disposition = ""
    incident.reopened_at = fact.at
    incident.resolved_at = incident.closed_at = 0
    incident.closed_how = ""
    incident.deadlines = clocks_of_looks(incident)


EVOLVE: dict[type[f.Payload], Callable[[State, Fact, Any], None]] = {
    f.PackLoaded: _on_record,
    f.ClockLeapt: _on_record,
    f.CallReceived: _call_received,
    f.IncidentOpened: _opened,
    f.CallJoined: _call_joined,
    f.CallParted: _call_parted,
    f.IncidentRetyped: _retyped,
    f.PrioritySet: _priority_set,
    f.PlaceSet: _place_set,
    f.NoteAdded: _noted,
    f.DeadlineSet: _deadline_set,
    f.Escalated: _escalated,
    f.ReferralOffered: _offered,
    f.ReferralAccepted: _accepted,
    f.ReferralReturned: _returned,
    f.ReferralResolved: _referral_resolved,
    f.ReferralWithdrawn: _withdrawn,
    f.UnitDispatched: _dispatched,
    f.UnitEnRoute: _en_route,
    f.UnitArrived: _on_scene,
    f.UnitCleared: _clear,
    f.UnitRecalled: _recalled,
    f.IncidentResolved: _resolved,
    f.FollowUpAsked: _asked,
    f.FollowUpAnswered: _answered,
    f.FollowUpLapsed: _lapsed,
    f.IncidentClosed: _closed,
    f.IncidentReopened: _reopened,
    **EVOLVE_UNITS,
    f.ContactSealed: _on_record,
    f.ContactErased: _on_record,
    **EVOLVE_CORRECTING,
    **EVOLVE_ERASING,
    **EVOLVE_MODELS,
    **EVOLVE_OFFICE,
    **EVOLVE_OVERSIGHT,
    **EVOLVE_PHOTOS,
    **EVOLVE_CLOSURES,
}
