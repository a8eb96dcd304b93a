"""What several kinds of facts do to a state: parts of `evolve`."""

from __future__ import annotations

from typing import Protocol

from huying.domain.call import Call
from huying.domain.deadline import Deadline
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.statuses import AssignmentStatus, IncidentStatus, ReferralStatus, UnitStatus
from huying.domain.unit import Unit
from huying.service.evolve_deployments import Deployments
from huying.service.evolve_office import Office
from huying.service.evolve_roads import Roads
from huying.service.evolve_units import Units


class State(Deployments, Office, Roads, Units, Protocol):
    """Where things are found to be changed, and put when they begin."""

    def incident_to_change(self, id: int) -> Incident: ...
    def call_to_change(self, id: int) -> Call: ...
    def unit_to_change(self, code: str) -> Unit: ...
    def add_incident(self, incident: Incident) -> None: ...
    def add_call(self, call: Call) -> None: ...


def incident_of(state: State, fact: Fact) -> Incident:
    incident = state.incident_to_change(fact.stream)
    incident.version = fact.version
    incident.changed_at = fact.at
    incident.changed_by = fact.actor
    if incident.erased:  # what is added later runs out anew
        incident.erased = ()
    return incident


def set_unit(state: State, fact: Fact, code: str, status: UnitStatus, incident: int) -> None:
    unit = state.unit_to_change(code)
    unit.status = status
    unit.incident = incident
    unit.post = ""
    unit.changed_at = fact.at
    unit.changed_by = fact.actor
    unit.why = ""


def start(incident: Incident, key: str, due: int, ladder: str) -> None:
    stop(incident, key)
    if due:
        incident.deadlines.append(Deadline(key=key, due=due, next=due, ladder=ladder))


def stop(incident: Incident, *keys: str) -> None:
    if incident.deadlines:
        incident.deadlines = [each for each in incident.deadlines if each.key not in keys]


def unsent(incident: Incident) -> None:
    """Clocks of units are set anew for another type or priority."""
    if not incident.running_assignments:
        stop(incident, "dispatch", "arrive")


def idle(incident: Incident) -> None:
    """An incident on which nobody has done or is doing anything, since it was opened again, is open."""
    since = incident.reopened_at
    units = {each.status for each in incident.assignments if each.dispatched_at >= since}
    referrals = {each.status for each in incident.referrals if each.offered_at >= since}
    taken = {ReferralStatus.ACCEPTED, ReferralStatus.RESOLVED}
    worked = units - {AssignmentStatus.RECALLED} or referrals & taken
    if incident.status is IncidentStatus.ACTIVE and not worked:
        incident.status = IncidentStatus.OPEN


def note_desk(incident: Incident) -> None:
    incident.duty_desk = any(each.running and each.rule == "none" for each in incident.referrals)


def helped(incident: Incident, unit: str = "") -> None:
    """Help was sent, or `unit` is through without it."""
    if unit in ("", incident.backup_by):
        incident.backup_at, incident.backup_by = 0, ""
        stop(incident, "backup")
