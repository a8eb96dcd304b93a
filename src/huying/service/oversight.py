"""Looking in an emergency, and answering for it: broken glass, its review, and a second person's yes."""

from __future__ import annotations

from typing import Any

from huying.base.clock import DAY, HOUR
from huying.base.refusal import Refusal
from huying.domain import facts as f
from huying.domain import oversight_facts as o
from huying.domain.deadline import Deadline
from huying.domain.incident import Incident
from huying.domain.oversight import AgreeToOpen, BreakGlass, RecordLooks, ReviewGlass
from huying.service.work import Work

# Long enough to act, short enough that nobody works behind broken glass.
GLASS_FOR = HOUR
REVIEW_WITHIN = DAY
# An agreement is for now, not for later.
AGREED_FOR = HOUR
# Emergency views of one incident; more is no emergency.
GLASS_MAX = 20
WHY_MAX = 500
# Who is told at once, and who hears, day after day, when nobody has reviewed it.
TOLD = ("role.supervisor", "role.data_officer")
LATE = ("role.data_officer", "role.auditor", "role.administrator")


def break_glass(work: Work, command: BreakGlass) -> dict[str, Any]:
    """Open the incident to who asks; supervisor and data officer are told in the same commit."""
    incident = work.incident(command.incident, command.version)
    if not command.why.strip():
        raise Refusal("reason_needed", field="why")
    if len(incident.glass) >= GLASS_MAX:
        raise Refusal("glass_too_often", limit=GLASS_MAX)
    if any(each.running and each.actor == work.actor for each in incident.glass):
        raise Refusal("glass_broken_already")
    n, due = len(incident.glass) + 1, work.at + REVIEW_WITHIN
    until = work.at + GLASS_FOR
    work.on(incident, o.GlassBroken(n=n, why=command.why.strip()[:WHY_MAX], until=until, due=due))
    for to in TOLD:
        work.on(incident, f.Escalated(key=f"glass:{n}", rung=0, to=to, due=due, next=due))
    return {"incident_id": incident.id, "n": n, "version": incident.version}


def review_glass(work: Work, command: ReviewGlass) -> dict[str, Any]:
    incident = work.incident(command.incident, command.version)
    if not 1 <= command.n <= len(incident.glass):
        raise Refusal("not_found", noun="glass", id=command.n)
    glass = incident.glass[command.n - 1]
    if glass.actor == work.actor:
        raise Refusal("own_look")
    if glass.reviewed_at:
        raise Refusal("reviewed_already", by=glass.reviewed_by)
    work.on(incident, o.GlassReviewed(n=command.n, proper=command.proper, words=command.words[:WHY_MAX]))
    return {"incident_id": incident.id, "n": command.n, "version": incident.version}


def agree_to_open(work: Work, command: AgreeToOpen) -> dict[str, Any]:
    incident = work.incident(command.incident, command.version)
    if not 1 <= command.n <= len(incident.wishes):
        raise Refusal("not_found", noun="wish", id=command.n)
    wish = incident.wishes[command.n - 1]
    if wish.actor == work.actor:
        raise Refusal("own_look")
    if wish.agreed_by or work.at >= wish.until:
        raise Refusal("wish_over")
    work.on(incident, o.ContactAgreed(n=command.n, until=work.at + AGREED_FOR))
    return {"incident_id": incident.id, "n": command.n, "version": incident.version}


def record_looks(work: Work, command: RecordLooks) -> dict[str, Any]:
    if command.looks:
        work.begin(o.LooksRecorded(looks=command.looks))
    return {"looks": len(command.looks)}


# ── by the clock ────────────────────────────────────────────────────────────────────────────────────────
def pass_clock_of_look(work: Work, incident: Incident, deadline: Deadline) -> None:
    """The hour is over, or nobody has reviewed it in time: then the next officer hears."""
    kind, _, n = deadline.key.partition(":")
    if kind == "glass_end":
        work.on(incident, o.GlassEnded(n=int(n)))
        return
    rung = min(deadline.rung, len(LATE) - 1)
    # The last of them hears every day until somebody does it.
    work.on(
        incident,
        f.Escalated(
            key=deadline.key,
            rung=min(deadline.rung + 1, len(LATE)),
            to=LATE[rung],
            due=deadline.due,
            next=max(deadline.next, work.at) + REVIEW_WITHIN,
        ),
    )
