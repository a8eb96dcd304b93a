"""Facts become state: one small function for each type of fact, and the table at the foot.

Nothing here decides or refuses; what a fact says has happened. The same functions serve the live engine,
`huying rebuild` and the tests, so a rebuilt state equals the live one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huying.domain import facts as f
from huying.domain.assignment import Assignment
from huying.domain.call import Call
from huying.domain.drilling import DrillBegun
from huying.domain.facts import Fact
from huying.domain.followup import FollowUp
from huying.domain.incident import Incident
from huying.domain.referral import Referral
from huying.domain.shadow import DispatchShadowed
from huying.domain.statuses import (
    AssignmentStatus,
    FollowUpStatus,
    IncidentStatus,
    ReferralStatus,
    UnitStatus,
)
from huying.service.evolve_correcting import EVOLVE_CORRECTING
from huying.service.evolve_deployments import EVOLVE_DEPLOYMENTS
from huying.service.evolve_erasing import EVOLVE_ERASING
from huying.service.evolve_models import EVOLVE_MODELS
from huying.service.evolve_office import EVOLVE_OFFICE
from huying.service.evolve_oversight import EVOLVE_OVERSIGHT, clocks_of_looks
from huying.service.evolve_parts import (
    State,
    helped,
    idle,
    incident_of,
    note_desk,
    set_unit,
    start,
    stop,
    unsent,
)
from huying.service.evolve_photos import EVOLVE_PHOTOS
from huying.service.evolve_roads import EVOLVE_CLOSURES
from huying.service.evolve_units import EVOLVE_UNITS


def evolve(state: State, fact: Fact) -> None:
    """Change `state` by what `fact` says."""
    EVOLVE[type(fact.body)](state, fact, fact.body)


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
        start(incident, "dispatch", body.dispatch_due, body.ladder)
    if body.arrive_due:
        start(incident, "arrive", body.arrive_due, body.ladder)
    state.add_incident(incident)
    incident.sealed += _move_call(state, body.call, incident.id)


def _move_call(state: State, id: int, to: int) -> bool:
    """Whether the call has a contact."""
    call = state.call_to_change(id)
    call.was_in = call.incident
    call.incident = to
    return bool(call.contact)


def _call_joined(state: State, fact: Fact, body: f.CallJoined) -> None:
    incident = incident_of(state, fact)
    call = state.call_to_change(body.call)
    call.incident = incident.id
    if body.call not in incident.calls:
        incident.calls.append(body.call)
        incident.sealed += bool(call.contact)


def _call_parted(state: State, fact: Fact, body: f.CallParted) -> None:
    incident = incident_of(state, fact)
    incident.calls.remove(body.call)
    incident.sealed -= _move_call(state, body.call, 0)


def _retyped(state: State, fact: Fact, body: f.IncidentRetyped) -> None:
    incident = incident_of(state, fact)
    unsent(incident)
    incident.type = body.type
    incident.priority = body.priority
    incident.reasons = body.reasons
    incident.asked_at = fact.at  # another type has another run card


def _priority_set(state: State, fact: Fact, body: f.PrioritySet) -> None:
    incident = incident_of(state, fact)
    unsent(incident)
    incident.priority = body.priority


def _shadowed(state: State, fact: Fact, body: DispatchShadowed) -> None:
    """What a rule would have done changes nothing."""
    incident_of(state, fact)


def _alarm_raised(state: State, fact: Fact, body: f.AlarmRaised) -> None:
    incident = incident_of(state, fact)
    incident.alarm = body.alarm
    incident.asked_at = fact.at


def _place_set(state: State, fact: Fact, body: f.PlaceSet) -> None:
    incident_of(state, fact).place = body.place


def _noted(state: State, fact: Fact, body: f.Payload) -> None:
    incident_of(state, fact)


def _deadline_set(state: State, fact: Fact, body: f.DeadlineSet) -> None:
    incident = incident_of(state, fact)
    start(incident, body.key, body.due, body.ladder)
    kind, _, n = body.key.partition(":")
    if kind == "dispatch":  # the clock by which units are to be sent runs anew: they are asked for anew
        incident.asked_at = fact.at
    if kind == "resolve" and n:
        incident.referrals[int(n) - 1].due = body.due


def _escalated(state: State, fact: Fact, body: f.Escalated) -> None:
    incident = incident_of(state, fact)
    deadline = incident.deadline(body.key)
    if deadline is not None:
        if body.rung > deadline.rung:  # at rung 0 the late agency itself was told
            incident.escalations += 1
        deadline.rung = body.rung
        deadline.next = body.next


# ── referrals ───────────────────────────────────────────────────────────────────────────────────────────
def _offered(state: State, fact: Fact, body: f.ReferralOffered) -> None:
    incident = incident_of(state, fact)
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
    stop(incident, "conclude")
    start(incident, f"accept:{body.n}", body.accept_due, body.ladder)
    start(incident, f"resolve:{body.n}", body.due, body.ladder)
    note_desk(incident)


def _accepted(state: State, fact: Fact, body: f.ReferralAccepted) -> None:
    incident = incident_of(state, fact)
    referral = incident.referrals[body.n - 1]
    referral.status = ReferralStatus.ACCEPTED
    referral.accepted_at = fact.at
    incident.status = IncidentStatus.ACTIVE
    stop(incident, f"accept:{body.n}")


def _ended(state: State, fact: Fact, n: int, status: ReferralStatus, why: str) -> tuple[Incident, Referral]:
    incident = incident_of(state, fact)
    referral = incident.referrals[n - 1]
    referral.status = status
    referral.ended_at = fact.at
    referral.why = why
    stop(incident, f"accept:{n}", f"resolve:{n}")
    note_desk(incident)
    idle(incident)
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
    incident = incident_of(state, fact)
    incident.assignments.append(
        Assignment(n=body.n, unit=body.unit, agency=body.agency, dispatched_at=fact.at, reasons=body.reasons)
    )
    incident.status = IncidentStatus.ACTIVE
    stop(incident, "dispatch", "conclude")
    helped(incident)
    set_unit(state, fact, body.unit, UnitStatus.DISPATCHED, incident.id)


def _reported(
    state: State, fact: Fact, body: Any, status: AssignmentStatus, unit: UnitStatus
) -> tuple[Incident, Assignment]:
    incident = incident_of(state, fact)
    assignment = incident.assignments[body.n - 1]
    assignment.status = status
    set_unit(state, fact, body.unit, unit, 0 if unit is UnitStatus.AVAILABLE else incident.id)
    return incident, assignment


def _en_route(state: State, fact: Fact, body: f.UnitEnRoute) -> None:
    _, assignment = _reported(state, fact, body, AssignmentStatus.EN_ROUTE, UnitStatus.EN_ROUTE)
    assignment.en_route_at = body.done_at or fact.at


def _on_scene(state: State, fact: Fact, body: f.UnitArrived) -> None:
    incident, assignment = _reported(state, fact, body, AssignmentStatus.ON_SCENE, UnitStatus.ON_SCENE)
    assignment.on_scene_at = body.done_at or fact.at
    stop(incident, "arrive")


def _clear(state: State, fact: Fact, body: f.UnitCleared) -> None:
    incident, assignment = _reported(state, fact, body, AssignmentStatus.CLEAR, UnitStatus.AVAILABLE)
    assignment.clear_at = body.done_at or fact.at
    helped(incident, body.unit)
    incident.disposition = body.disposition or incident.disposition


def _recalled(state: State, fact: Fact, body: f.UnitRecalled) -> None:
    incident, assignment = _reported(state, fact, body, AssignmentStatus.RECALLED, UnitStatus.AVAILABLE)
    assignment.clear_at = fact.at
    helped(incident, body.unit)
    idle(incident)


def _backup_asked(state: State, fact: Fact, body: f.BackupAsked) -> None:
    incident = incident_of(state, fact)
    incident.backup_at = body.done_at or fact.at
    incident.backup_by = body.unit
    incident.asked_at = incident.backup_at


# ── the end, and the return ─────────────────────────────────────────────────────────────────────────────
def _resolved(state: State, fact: Fact, body: f.IncidentResolved) -> None:
    incident = incident_of(state, fact)
    incident.status = IncidentStatus.RESOLVED
    incident.disposition = body.disposition
    incident.resolved_at = fact.at
    incident.deadlines = clocks_of_looks(incident)


def _asked(state: State, fact: Fact, body: f.FollowUpAsked) -> None:
    incident = incident_of(state, fact)
    incident.follow_up = FollowUp(n=body.n, asked_at=fact.at, due=body.due)
    start(incident, "follow_up", body.due, "")


def _answered(state: State, fact: Fact, body: f.FollowUpAnswered) -> None:
    incident = incident_of(state, fact)
    stop(incident, "follow_up", "close")
    if incident.follow_up is not None:
        incident.follow_up.status = FollowUpStatus.SOLVED if body.solved else FollowUpStatus.NOT_SOLVED
        incident.follow_up.answered_at = fact.at
        incident.follow_up.rating = body.rating
        incident.follow_up.words = body.words


def _lapsed(state: State, fact: Fact, body: f.FollowUpLapsed) -> None:
    incident = incident_of(state, fact)
    stop(incident, "follow_up")
    if incident.follow_up is not None:
        incident.follow_up.status = FollowUpStatus.LAPSED


def _closed(state: State, fact: Fact, body: f.IncidentClosed) -> None:
    incident = incident_of(state, fact)
    incident.status = IncidentStatus.CLOSED
    incident.closed_at = fact.at
    incident.closed_how = body.how
    incident.deadlines = clocks_of_looks(incident)


def _reopened(state: State, fact: Fact, body: f.IncidentReopened) -> None:
    incident = incident_of(state, fact)
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
    DrillBegun: _on_record,
    f.CallReceived: _call_received,
    f.IncidentOpened: _opened,
    f.CallJoined: _call_joined,
    f.CallParted: _call_parted,
    f.IncidentRetyped: _retyped,
    f.PrioritySet: _priority_set,
    DispatchShadowed: _shadowed,
    f.AlarmRaised: _alarm_raised,
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
    f.BackupAsked: _backup_asked,
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
    **EVOLVE_DEPLOYMENTS,
}
