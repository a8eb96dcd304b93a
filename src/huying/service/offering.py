"""Who shall do it: an incident is offered to who is competent, and its promises get their clocks."""

from __future__ import annotations

from huying.base.clock import SECOND
from huying.base.refusal import Refusal
from huying.domain import facts as f
from huying.domain.incident import Incident
from huying.domain.reason import Reason
from huying.domain.run_card import Standard
from huying.domain.statuses import ReferralStatus
from huying.routing import Decision, route
from huying.service.work import Work

# Times one incident may be handed on before a person has to end the game.
REFERRALS_MAX = 50
# Kinds of agencies that answer by sending units, where a run card says which.
ANSWER_WITH_UNITS = frozenset({"police", "fire", "ambulance", "traffic"})
# Latest calls whose answers to questions count; more say nothing new.
CALLS_HEARD = 20


def refer(work: Work, incident: Incident, answers: dict[str, str], why: Reason | None = None) -> None:
    """Offer an incident to who is competent by the rules; nothing when units are its whole answer.

    Types with a run card are answered by units: an emergency service gets no paper beside its own units,
    and another agency only when a rule names it. One that has returned the incident is not asked again.
    """
    decision = decide(work, incident, answers)
    if work.pack.type_of(incident.type).run_card:
        by_rule = decision.rule not in ("none", "default")
        if not by_rule or work.pack.agencies[decision.agency].kind in ANSWER_WITH_UNITS:
            return
    if any(each.agency == decision.agency for each in incident.running_referrals):
        return
    offer(work, incident, decision, why)


def decide(work: Work, incident: Incident, answers: dict[str, str]) -> Decision:
    """Ask the rules, without those who have returned it."""
    returned = frozenset(each.agency for each in incident.referrals if each.status is ReferralStatus.RETURNED)
    return route(
        work.pack,
        incident.type,
        incident.place,
        incident.priority,
        work.at,
        answers,
        without=returned,
    )


def offer(work: Work, incident: Incident, decision: Decision, why: Reason | None = None) -> int:
    """Record an offer; its number within the incident."""
    n = len(incident.referrals) + 1
    if n > REFERRALS_MAX:
        raise Refusal("too_often_referred", id=incident.id, limit=REFERRALS_MAX)
    work.on(
        incident,
        f.ReferralOffered(
            n=n,
            agency=decision.agency,
            rule=decision.rule,
            due=decision.due,
            accept_due=decision.accept_due,
            ladder=decision.ladder,
            reasons=(*decision.reasons, why) if why else decision.reasons,
        ),
    )
    return n


def answers_of(work: Work, incident: Incident) -> dict[str, str]:
    """What the callers of an incident answered to its questions; the latest call wins."""
    answers: dict[str, str] = {}
    for id in incident.calls[-CALLS_HEARD:]:
        answers |= work.call(id).answers
    return answers


def withdraw(work: Work, incident: Incident, why: str, keep: str = "") -> None:
    """Take back all running referrals but that to `keep`."""
    for each in incident.running_referrals:
        if each.agency != keep:
            work.on(incident, f.ReferralWithdrawn(n=each.n, why=why))


def promise(work: Work, incident: Incident) -> None:
    """Start the clocks to dispatch and arrival anew, when units are needed and none is on it."""
    if not work.pack.type_of(incident.type).run_card or incident.running_assignments:
        return
    dispatch, arrive, ladder = clocks(work, incident.priority)
    work.on(incident, f.DeadlineSet(key="dispatch", due=dispatch, ladder=ladder))
    if arrive:
        work.on(incident, f.DeadlineSet(key="arrive", due=arrive, ladder=ladder))


def clocks(work: Work, priority: int) -> tuple[int, int, str]:
    """By when units are sent and there (UTC µs, 0 for no promise), and the ladder when they are not.

    Where the city promises no time to dispatch, its default span to accept holds: without any clock an
    incident could be left to nobody.
    """
    standard = work.pack.standards.get(priority) or Standard(priority, 0, 0, work.pack.default_ladder)
    sent = work.at + standard.dispatch_s * SECOND
    if not standard.dispatch_s:
        sent = work.pack.worktime.add(work.at, work.pack.default_accept)
    there = work.at + standard.arrive_s * SECOND if standard.arrive_s else 0
    return sent, there, standard.ladder
