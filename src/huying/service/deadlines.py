"""A deadline has passed: who is late is named to the next officer; silence after a follow-up closes."""

from __future__ import annotations

from typing import Any

from huying.domain import facts as f
from huying.domain.commands import PassDeadline
from huying.domain.deadline import Deadline
from huying.domain.incident import Incident
from huying.domain.statuses import IncidentStatus
from huying.routing import climb, competent
from huying.service.closing import close_by_machine
from huying.service.correcting import pass_clock_of_correction
from huying.service.evolve_correcting import CLOCKS as OF_CORRECTIONS
from huying.service.evolve_oversight import CLOCKS
from huying.service.oversight import pass_clock_of_look
from huying.service.work import Work


def pass_deadline(work: Work, command: PassDeadline) -> dict[str, Any]:
    """Let one clock of an incident act. The engine has checked that it is due."""
    incident = work.incident(command.incident)
    deadline = incident.deadline(command.key)
    if deadline is not None:
        if deadline.key.startswith(CLOCKS):
            pass_clock_of_look(work, incident, deadline)
        elif deadline.key.startswith(OF_CORRECTIONS):
            pass_clock_of_correction(work, incident, deadline)
        elif deadline.key == "follow_up":
            work.on(incident, f.FollowUpLapsed(n=incident.follow_up.n if incident.follow_up else 0))
            if incident.status is IncidentStatus.RESOLVED:
                close_by_machine(work, incident, "silence")
        else:
            _escalate(work, incident, deadline)
    return {"incident_id": incident.id}


def _escalate(work: Work, incident: Incident, deadline: Deadline) -> None:
    """At the due time the late agency itself is told, then rung by rung who stands above it."""
    late = _late(work, incident, deadline)
    told, next = climb(work.pack, deadline, late, work.at)
    rung = deadline.rung + 1 if told else deadline.rung
    work.on(
        incident,
        f.Escalated(key=deadline.key, rung=rung, to=told or late, due=deadline.due, next=next),
    )


def _late(work: Work, incident: Incident, deadline: Deadline) -> str:
    """The agency whose deadline it is: the referral's, else the type's own, else the duty desk."""
    _, _, n = deadline.key.partition(":")
    if n:
        return incident.referrals[int(n) - 1].agency
    named = work.pack.type_of(incident.type).agency
    return competent(work.pack, named, incident.place) or work.pack.duty_desk
