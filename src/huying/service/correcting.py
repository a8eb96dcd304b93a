"""Wrong records are put right: decided in time, hidden but provable, and everybody given them is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.base.text import say
from huying.domain import correction_facts as k
from huying.domain import facts as f
from huying.domain.correcting import (
    AcknowledgeCorrection,
    AskCorrection,
    CorrectRecord,
    DiscloseIncident,
    DiscloseRecord,
    OpenOriginal,
    RefuseCorrection,
)
from huying.domain.correction import Correction, CorrectionStatus, Quality
from huying.domain.deadline import Deadline, Span, SpanUnit
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.privacy import mask
from huying.privacy.redaction import redact
from huying.service.work import Work
from huying.triage.title import LOOK_AT, title

# 个人信息保护法 art. 46 says "in time", GB/T 35273 and GDPR art. 12 within a month: three working weeks leave
# room to ask back.
DECIDE_WITHIN = Span(15, SpanUnit.WORKING_DAYS)
# Who was given it has a week to put its own copy right.
TELL_WITHIN = Span(5, SpanUnit.WORKING_DAYS)
# Who hears when nobody decides or tells, one more every day.
LATE = ("role.data_officer", "role.auditor", "role.administrator")
CORRECTIONS_MAX = 50
TEXT_MAX = 500
RIGHT_MAX = 4_000
# Facts in which somebody's words stand, and the fields that hold them.
CORRECTABLE: dict[str, tuple[str, ...]] = {
    "call.received": ("words", "answers"),
    "incident.note_added": ("words",),
    "follow_up.answered": ("words",),
    "referral.resolved": ("answer",),
    "referral.returned": ("why",),
    "referral.withdrawn": ("why",),
    "incident.resolved": ("words",),
    "incident.closed": ("why",),
    "incident.reopened": ("why",),
}


def ask_correction(work: Work, command: AskCorrection) -> dict[str, Any]:
    """Open the case. What is said to be wrong must stand there, and be words that can be corrected."""
    incident = work.incident(command.incident, command.version)
    if command.asked_by not in list(Quality):
        raise Refusal("unknown_code", noun="quality", code=command.asked_by)
    for name in ("right", "basis", "at_field"):
        _bounded(name, getattr(command, name), RIGHT_MAX if name == "right" else TEXT_MAX)
    if not command.basis.strip():
        raise Refusal("reason_needed", field="basis")
    if len(incident.corrections) >= CORRECTIONS_MAX:
        raise Refusal("too_long", field="corrections", limit=CORRECTIONS_MAX)
    fact = _fact(_story(work, incident), command.of)
    now = _value(fact, command.at_field)
    if now == command.right:
        raise Refusal("already_so", id=incident.id)
    if command.wrong and command.wrong != now:
        raise Refusal("not_what_it_says", id=command.of)
    n = len(incident.corrections) + 1
    work.on(
        incident,
        k.CorrectionAsked(
            n=n,
            of=command.of,
            at_field=command.at_field,
            right=command.right,
            asked_by=command.asked_by,
            basis=command.basis,
            due=work.pack.worktime.add(work.at, DECIDE_WITHIN),
        ),
    )
    return {"incident_id": incident.id, "n": n, "version": incident.version}


def correct_record(work: Work, command: CorrectRecord) -> dict[str, Any]:
    """What was wrong is sealed and hidden, what is right is shown, every earlier recipient is told."""
    incident, correction = _running(work, command.incident, command.version, command.n)
    if incident.held:
        raise Refusal("held", id=incident.id)
    if any(fact.seq == correction.of for fact in work.batch.facts):
        raise Refusal("busy")
    story = _story(work, incident)
    fact = _fact(story, correction.of)
    right = _with(fact, correction.at_field, correction.right)
    bodies = {fact.seq: right} | _repeated(story, incident, fact, correction)
    left = _left(
        story,
        bodies,
        lambda body: (
            isinstance(body, k.CorrectionMade) and not bodies.keys().isdisjoint(map(int, body.kinds))
        ),
    )
    recipients = _recipients(work, story, fact.seq)
    made = k.CorrectionMade(
        n=correction.n,
        of=fact.seq,
        kinds={str(each.seq): each.type for each in story if each.seq in bodies},
        facts=tuple(map(int, left)),
        left=left,
        due=work.pack.worktime.add(work.at, TELL_WITHIN) if recipients else 0,
    )
    seq = work.on(incident, made).seq
    retitled = _retitle(work, story, fact, right) if fact.type == "call.received" else []
    work.hide(seq, (*made.facts, *retitled))
    for to in recipients:
        work.on(incident, k.CorrectionSent(n=correction.n, to=to, due=made.due))
    answer = {"incident_id": incident.id, "n": correction.n, "version": incident.version}
    return answer | {"told": recipients}


def refuse_correction(work: Work, command: RefuseCorrection) -> dict[str, Any]:
    """A no has a reason and says where one can appeal."""
    incident, correction = _running(work, command.incident, command.version, command.n)
    for name in ("why", "appeal"):
        if not getattr(command, name).strip():
            raise Refusal("reason_needed", field=name)
        _bounded(name, getattr(command, name), TEXT_MAX)
    work.on(incident, k.CorrectionRefused(n=correction.n, why=command.why, appeal=command.appeal))
    return {"incident_id": incident.id, "n": correction.n, "version": incident.version}


def acknowledge_correction(work: Work, command: AcknowledgeCorrection) -> dict[str, Any]:
    incident = work.incident(command.incident, command.version)
    correction = _correction(incident, command.n)
    recipient = next((each for each in correction.recipients if each.to == command.to), None)
    if recipient is None:
        raise Refusal("not_found", noun="recipient", id=command.to)
    if recipient.acknowledged_at:
        raise Refusal("already_so", id=incident.id)
    work.on(incident, k.CorrectionAcknowledged(n=correction.n, to=command.to))
    return {"incident_id": incident.id, "n": correction.n, "version": incident.version}


def open_original(work: Work, command: OpenOriginal) -> dict[str, Any]:
    """What had been wrong, by the fact's number: payload and salt, as they were hashed."""
    incident = work.incident(command.incident, command.version)
    correction = _correction(incident, command.n)
    if not correction.made_by:
        raise Refusal("not_found", noun="correction", id=command.n)
    originals = work.store.open_originals(correction.made_by)
    work.on(incident, k.CorrectionOpened(n=correction.n))
    return {"incident_id": incident.id, "n": correction.n, "originals": originals}


def disclose_record(work: Work, command: DiscloseRecord) -> dict[str, Any]:
    _disclosing(command.to, command.basis)
    until = min(command.until or work.seq, work.seq)
    fact = work.begin(k.RecordDisclosed(to=command.to, basis=command.basis, after=command.after, until=until))
    return {"disclosure": fact.seq}


def disclose_incident(work: Work, command: DiscloseIncident) -> dict[str, Any]:
    incident = work.incident(command.incident, command.version)
    _disclosing(command.to, command.basis)
    work.on(incident, k.IncidentDisclosed(to=command.to, basis=command.basis))
    return {"incident_id": incident.id, "version": incident.version}


# ── by the clock ────────────────────────────────────────────────────────────────────────────────────────
def pass_clock_of_correction(work: Work, incident: Incident, deadline: Deadline) -> None:
    """Nobody has decided, or somebody who must be told has not said that they know: the next one hears."""
    kind, _, n = deadline.key.partition(":")
    tell = [LATE[min(deadline.rung, len(LATE) - 1)]]
    if kind == "told" and deadline.rung == 0:
        late = [each.to for each in _correction(incident, int(n)).recipients if not each.acknowledged_at]
        above = (work.pack.agencies[to].parent for to in late if to in work.pack.agencies)
        tell = [*dict.fromkeys(each or work.pack.duty_desk for each in above), *tell]
    rung, next = min(deadline.rung + 1, len(LATE)), max(deadline.next, work.at) + DAY
    for to in tell:
        told = f.Escalated(key=deadline.key, rung=rung, to=to, due=deadline.due, next=next)
        work.on(incident, told)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────
def _bounded(name: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise Refusal("too_long", field=name, limit=limit)


def _disclosing(to: str, basis: str) -> None:
    for name, text in (("to", to), ("basis", basis)):
        if not text.strip():
            raise Refusal("reason_needed", field=name)
        _bounded(name, text, TEXT_MAX)


def _correction(incident: Incident, n: int) -> Correction:
    if not 1 <= n <= len(incident.corrections):
        raise Refusal("not_found", noun="correction", id=n)
    found: Correction = incident.corrections[n - 1]
    return found


def _running(work: Work, id: int, version: int, n: int) -> tuple[Incident, Correction]:
    incident = work.incident(id, version)
    correction = _correction(incident, n)
    if correction.status is not CorrectionStatus.ASKED:
        raise Refusal("not_from_here", noun="correction", at=correction.status, to="made", possible="asked")
    return incident, correction


def _story(work: Work, incident: Incident) -> list[Fact]:
    """Facts of the incident, its calls, and the incidents that these were in before."""
    calls = work.calls(incident.calls)
    streams = {incident.id, *incident.calls, *(each.was_in for each in calls if each.was_in)}
    return work.store.load_streams(sorted(streams))


def _fact(story: Iterable[Fact], seq: int) -> Fact:
    fact = next((each for each in story if each.seq == seq), None)
    if fact is None:
        raise Refusal("not_found", noun="fact", id=seq)
    if fact.type not in CORRECTABLE or fact.hidden == "erased":
        raise Refusal("not_correctable", id=seq)
    return fact


def _split(fact: Fact, at_field: str) -> tuple[str, str]:
    name, _, inside = at_field.partition(".")
    if name not in CORRECTABLE[fact.type] or (name == "answers") != bool(inside):
        raise Refusal("not_correctable", id=fact.seq)
    return name, inside


def _value(fact: Fact, at_field: str) -> str:
    name, inside = _split(fact, at_field)
    value = getattr(fact.body, name)
    return str(value.get(inside, "") if inside else value)


def _with(fact: Fact, at_field: str, right: str) -> Any:
    """The body with what is right; an answer that is to be empty is taken out."""
    name, inside = _split(fact, at_field)
    value: Any = right
    if inside:
        value = {key: each for key, each in getattr(fact.body, name).items() if key != inside}
        value |= {inside: right} if right else {}
    return msgspec.structs.replace(fact.body, **{name: value})


def _repeated(
    story: Iterable[Fact], incident: Incident, fact: Fact, correction: Correction
) -> dict[int, Any]:
    """Facts that say the very same words again (an agency's answer also ends the incident), put right."""
    wrong = _value(fact, correction.at_field)
    found: dict[int, Any] = {}
    for each in story:
        ours = each.seq != fact.seq and each.stream in (incident.id, *incident.calls)
        if not wrong or not ours or each.type not in CORRECTABLE or each.hidden == "erased":
            continue
        for name in CORRECTABLE[each.type]:
            if getattr(each.body, name) == wrong:
                found[each.seq] = msgspec.structs.replace(each.body, **{name: correction.right})
    return found


def _left(story: Iterable[Fact], bodies: Mapping[int, Any], earlier: Callable[[Any], bool]) -> dict[str, Any]:
    """What is left of facts by their numbers. A fact that took them away `earlier` holds what is wrong now:
    it loses its own payload too, and what it had left of others is taken over."""
    left = {str(seq): msgspec.to_builtins(body) for seq, body in bodies.items()}
    for each in story:
        if earlier(each.body) and each.hidden != "erased":
            left = getattr(each.body, "left", {}) | left
            left[str(each.seq)] = msgspec.to_builtins(redact(each.body))
    return left


def _retitle(work: Work, story: Sequence[Fact], fact: Fact, right: Any) -> list[int]:
    """Titles that were made of the call's wrong words are made anew; the facts that held them."""
    hidden: list[int] = []
    for each in story:
        body = each.body
        if not isinstance(body, f.IncidentOpened) or body.call != fact.stream or each.hidden == "erased":
            continue
        name = say(work.pack.type_of(body.type).name, right.lang)
        fresh = title(mask(right.words[:LOOK_AT]).text, name)
        if fresh == body.title:
            continue
        mine = [one for one in story if one.stream == each.stream]
        bodies = {each.seq: msgspec.structs.replace(body, title=fresh)}
        left = _left(mine, bodies, lambda one: isinstance(one, k.IncidentRetitled))
        facts = tuple(map(int, left))
        work.on(work.incident(each.stream), k.IncidentRetitled(title=fresh, facts=facts, left=left))
        hidden += facts
    return hidden


def _recipients(work: Work, story: Iterable[Fact], seq: int) -> list[str]:
    """Everybody who was given the fact: agencies it was referred to, units' agencies, who opened a contact,
    and those to whom records were disclosed."""
    found: dict[str, None] = {}
    for fact in story:
        body = fact.body
        if isinstance(body, f.ReferralOffered | f.UnitDispatched):
            found[body.agency] = None
        elif isinstance(body, k.IncidentDisclosed):
            found[body.to] = None
        elif isinstance(body, f.ContactOpened):
            found[f"actor:{fact.actor}"] = None
    for to in work.store.disclosed_to(seq):
        found[to] = None
    return list(found)
