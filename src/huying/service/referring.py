"""Whose it is: incidents are offered to who is competent, accepted, returned and re-routed, resolved."""

from __future__ import annotations

from typing import Any

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.domain import facts as f
from huying.domain.commands import (
    AcceptReferral,
    ExtendReferral,
    OfferReferral,
    ResolveReferral,
    ReturnReferral,
)
from huying.domain.incident import Incident
from huying.domain.photo import ANSWER
from huying.domain.reason import Reason
from huying.domain.referral import Referral
from huying.domain.statuses import INCIDENT, REFERRAL, IncidentStatus, ReferralStatus, step
from huying.routing import Decision
from huying.service.closing import conclude
from huying.service.offering import answers_of, decide, offer
from huying.service.photos import attach, named
from huying.service.work import Work

ANSWER_MAX = 20_000
# The furthest a due time may be moved: a year, as in the longest statutory procedures.
EXTENSION_MAX = 366 * DAY


# ── what agencies and desks do ──────────────────────────────────────────────────────────────────────────
def offer_referral(work: Work, command: OfferReferral) -> dict[str, Any]:
    """A person hands it on; without an agency the rules decide. The duty desk's own turn ends with it."""
    incident = work.incident(command.incident, command.version)
    if incident.status is not IncidentStatus.ACTIVE:
        step("incident", INCIDENT, incident.status, IncidentStatus.ACTIVE)
    if command.agency and command.agency not in work.pack.agencies:
        raise Refusal("unknown_code", noun="agency", code=command.agency)
    decision = decide(work, incident, answers_of(work, incident))
    agency = command.agency or decision.agency
    if any(each.agency == agency for each in incident.running_referrals):
        raise Refusal("already_referred", id=incident.id, agency=agency)
    due = command.due or decision.due
    if due < work.at:
        raise Refusal("due_in_past", field="due")
    if due > work.at + EXTENSION_MAX:
        raise Refusal("due_too_far", field="due", days=EXTENSION_MAX // DAY)
    if command.agency:
        decision = Decision(
            rule="person",
            agency=agency,
            accept_due=min(decision.accept_due, due),
            due=due,
            ladder=decision.ladder,
            reasons=(Reason("route.person", values={"why": command.why}),),
        )
    for each in incident.running_referrals:
        if each.rule == "none" and each.agency != agency:
            work.on(incident, f.ReferralWithdrawn(n=each.n, why="handed_on"))
    n = offer(work, incident, decision)
    return {"incident_id": incident.id, "version": incident.version, "n": n, "agency": agency}


def _referral(incident: Incident, n: int, to: ReferralStatus) -> Referral:
    if not 1 <= n <= len(incident.referrals):
        raise Refusal("not_found", noun="referral", id=f"{incident.id}/{n}")
    referral = incident.referrals[n - 1]
    step("referral", REFERRAL, referral.status, to)
    return referral


def _answer(incident: Incident, n: int) -> dict[str, Any]:
    return {"incident_id": incident.id, "version": incident.version, "n": n}


def accept_referral(work: Work, command: AcceptReferral) -> dict[str, Any]:
    incident = work.incident(command.incident, command.version)
    _referral(incident, command.n, ReferralStatus.ACCEPTED)
    work.on(incident, f.ReferralAccepted(n=command.n))
    return _answer(incident, command.n)


def return_referral(work: Work, command: ReturnReferral) -> dict[str, Any]:
    """Take it back with the reason and ask the rules again, without those who returned it."""
    incident = work.incident(command.incident, command.version)
    referral = _referral(incident, command.n, ReferralStatus.RETURNED)
    if not command.why.strip():
        raise Refusal("reason_needed", field="why")
    if referral.agency == work.pack.duty_desk:
        raise Refusal("duty_desk_keeps", id=incident.id)
    if len(command.why) > ANSWER_MAX:
        raise Refusal("too_long", field="why", limit=ANSWER_MAX)
    work.on(incident, f.ReferralReturned(n=command.n, why=command.why))
    decision = decide(work, incident, answers_of(work, incident))
    if not any(each.agency == decision.agency for each in incident.running_referrals):
        offer(work, incident, decision, Reason("route.returned", of=referral.agency))
    return _answer(incident, command.n) | {"agency": decision.agency}


def resolve_referral(work: Work, command: ResolveReferral) -> dict[str, Any]:
    incident = work.incident(command.incident, command.version)
    _referral(incident, command.n, ReferralStatus.RESOLVED)
    if not command.answer.strip():
        raise Refusal("reason_needed", field="answer")
    if len(command.answer) > ANSWER_MAX:
        raise Refusal("too_long", field="answer", limit=ANSWER_MAX)
    if command.disposition and command.disposition not in work.pack.dispositions:
        raise Refusal("unknown_code", noun="disposition", code=command.disposition)
    photos = named(work, command.photos, incident)
    work.on(
        incident,
        f.ReferralResolved(n=command.n, answer=command.answer, disposition=command.disposition),
    )
    attach(work, incident, photos, ANSWER, command.n)
    conclude(work, incident, command.answer)
    return _answer(incident, command.n)


def extend_referral(work: Work, command: ExtendReferral) -> dict[str, Any]:
    """Move the due time; the reason stays on record."""
    incident = work.incident(command.incident, command.version)
    referral = next((each for each in incident.referrals if each.n == command.n), None)
    if referral is None:
        raise Refusal("not_found", noun="referral", id=f"{incident.id}/{command.n}")
    if not referral.running:
        raise Refusal(
            "not_from_here", noun="referral", at=referral.status, to="extended", possible="accepted"
        )
    if not command.why.strip():
        raise Refusal("reason_needed", field="why")
    if command.due <= work.at:
        raise Refusal("due_in_past", field="due")
    if command.due > work.at + EXTENSION_MAX:
        raise Refusal("due_too_far", field="due", days=EXTENSION_MAX // DAY)
    work.on(
        incident,
        f.DeadlineSet(key=f"resolve:{command.n}", due=command.due, ladder=referral.ladder, why=command.why),
    )
    return _answer(incident, command.n)
