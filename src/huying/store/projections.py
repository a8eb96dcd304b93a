"""From states and facts to rows: pure functions, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct, field

from huying.domain.call import Call
from huying.domain.correction_facts import CorrectionMade, CorrectionSent, IncidentRetitled, RecordDisclosed
from huying.domain.erasing import IncidentErased
from huying.domain.facts import Escalated, Fact
from huying.domain.incident import Incident
from huying.domain.oversight_facts import LooksRecorded
from huying.domain.statuses import IncidentStatus
from huying.domain.unit import Unit
from huying.store.codec import encode
from huying.store.terms import on_duty_desk, pack, terms_of, unpack

CallRow = tuple[int, int, int, str, bytes]
IncidentRow = tuple[int, int, int, int, int, int, float | None, float | None, bytes, bytes]
ReferralRow = tuple[int, int, str, str, int]
AssignmentRow = tuple[int, int, str, str, int, int, int, int]
DisclosureRow = tuple[int, str, int, int]
RemainderRow = tuple[int, int, str, bytes]
NoticeRow = tuple[int, int, str, int, str, int, int]
LookRow = tuple[int, int]
UnitRow = tuple[int, str, bytes]


class Was(NamedTuple):
    """What the row of an incident said before: the columns from which totals and terms are moved on."""

    unfinished: int
    referrals_running: int
    duty_desk: int
    escalations: int
    terms: bytes


_TAKING = (IncidentErased, CorrectionMade, IncidentRetitled)
_TELLING = frozenset({Escalated, CorrectionSent, RecordDisclosed, LooksRecorded, *_TAKING})

NEW = Was(0, 0, 0, 0, b"")


class Totals(Struct):
    """How much the running totals in `head` change."""

    calls: int = 0
    incidents: int = 0
    unfinished: int = 0
    referrals_running: int = 0
    duty_desk: int = 0
    escalations: int = 0

    def row(self) -> tuple[int, int, int, int, int, int]:
        return (
            self.calls,
            self.incidents,
            self.unfinished,
            self.referrals_running,
            self.duty_desk,
            self.escalations,
        )


class Rows(Struct):
    """Rows of one commit. `new` had no row before; `changed` had one."""

    calls_new: list[CallRow] = field(default_factory=list)
    calls_changed: list[CallRow] = field(default_factory=list)
    incidents_new: list[IncidentRow] = field(default_factory=list)
    incidents_changed: list[IncidentRow] = field(default_factory=list)
    terms_new: list[tuple[int, int]] = field(default_factory=list)
    terms_gone: list[tuple[int, int]] = field(default_factory=list)
    recent_new: list[tuple[int, bytes]] = field(default_factory=list)
    recent_changed: list[tuple[int, bytes]] = field(default_factory=list)
    referrals_new: list[ReferralRow] = field(default_factory=list)
    referrals_changed: list[ReferralRow] = field(default_factory=list)
    assignments_new: list[AssignmentRow] = field(default_factory=list)
    assignments_changed: list[AssignmentRow] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)


def call_row(call: Call) -> CallRow:
    return call.id, call.at, call.incident, call.code_hash, encode(call)


def unit_row(unit: Unit) -> UnitRow:
    return unit.id, unit.code, encode(unit)


def incident_row(incident: Incident) -> IncidentRow:
    running = 0
    for each in incident.referrals:
        running += each.running
    return (
        incident.id,
        incident.opened_at,
        int(incident.status != IncidentStatus.CLOSED),
        running,
        int(on_duty_desk(incident)),
        incident.escalations,
        incident.place.lat,
        incident.place.lon,
        pack(terms_of(incident)),
        encode(incident),
    )


def referral_rows(incident: Incident) -> list[ReferralRow]:
    return [(incident.id, each.n, each.agency, each.status.value, each.due) for each in incident.referrals]


def assignment_rows(incident: Incident) -> list[AssignmentRow]:
    return [
        (
            incident.id,
            each.n,
            each.unit,
            each.agency,
            incident.opened_at,
            each.dispatched_at,
            each.on_scene_at,
            each.clear_at,
        )
        for each in incident.assignments
    ]


def telling(facts: Iterable[Fact]) -> list[Fact]:
    """Those facts of which rows are made beside the states: few, so that nobody looks through all again."""
    return [fact for fact in facts if type(fact.body) in _TELLING]


def notice_rows(facts: Iterable[Fact]) -> list[NoticeRow]:
    """Who is told: of a deadline that has passed, or that what they were given was wrong."""
    rows: list[NoticeRow] = []
    for fact in facts:
        body = fact.body
        if type(body) is Escalated:
            rows.append((fact.seq, fact.at, body.to, fact.stream, body.key, body.rung, body.due))
        elif type(body) is CorrectionSent:
            rows.append((fact.seq, fact.at, body.to, fact.stream, f"told:{body.n}", 0, body.due))
    return rows


def disclosure_rows(facts: Iterable[Fact]) -> list[DisclosureRow]:
    """To whom records were handed, and which."""
    return [
        (fact.seq, fact.body.to, fact.body.after, fact.body.until)
        for fact in facts
        if type(fact.body) is RecordDisclosed
    ]


def remainder_rows(facts: Iterable[Fact]) -> Iterator[RemainderRow]:
    """What is left of the payloads that these facts have taken away."""
    for fact in facts:
        if isinstance(fact.body, _TAKING):
            for seq, left in fact.body.left.items():
                yield int(seq), fact.seq, fact.type, encode(left)


def look_rows(facts: Iterable[Fact]) -> list[LookRow]:
    """(call, seq of the fact) for each call that was looked at; call 0 for the live stream."""
    rows = {
        (call, fact.seq)
        for fact in facts
        if type(fact.body) is LooksRecorded
        for look in fact.body.looks
        for call in look.calls or (0,)
    }
    return sorted(rows)


def rows_of(
    calls: Mapping[int, Call],
    incidents: Mapping[int, Incident],
    old_seq: int,
    indexed: int,
    was: Mapping[int, Was],
) -> Rows:
    """Rows for these states. What was begun after `old_seq` is new; `was` has the rest of the incidents.
    The terms of incidents after `indexed` go to those of recent ones."""
    rows = Rows()
    for call in calls.values():
        (rows.calls_new if call.id > old_seq else rows.calls_changed).append(call_row(call))
    rows.totals.calls = len(rows.calls_new)
    for incident in incidents.values():
        _add_incident(rows, incident, was.get(incident.id), incident.id > indexed)
    return rows


def index_recent(rows: Rows, waiting: Iterable[tuple[int, bytes]]) -> None:
    """Move recent incidents, those waiting and those of these rows, into the index of terms."""
    recent = dict(waiting) | dict(rows.recent_new) | dict(rows.recent_changed)
    rows.terms_new.extend(expand(recent.items()))
    rows.terms_new.sort()  # neighbours in the B-tree are written together
    rows.recent_new, rows.recent_changed = [], []


def expand(recent: Iterable[tuple[int, bytes]]) -> list[tuple[int, int]]:
    return [(term, id) for id, terms in recent for term in unpack(terms)]


def _add_incident(rows: Rows, incident: Incident, was: Was | None, recent: bool) -> None:
    row = incident_row(incident)
    before, totals = was or NEW, rows.totals
    totals.unfinished += row[2] - before.unfinished
    totals.referrals_running += row[3] - before.referrals_running
    totals.duty_desk += row[4] - before.duty_desk
    totals.escalations += row[5] - before.escalations
    id = incident.id
    if was is None:
        totals.incidents += 1
        rows.incidents_new.append(row)
        rows.recent_new.append((id, row[8]))
        rows.referrals_new.extend(referral_rows(incident))
        rows.assignments_new.extend(assignment_rows(incident))
        return
    rows.incidents_changed.append(row)
    if row[8] != was.terms and recent:
        rows.recent_changed.append((id, row[8]))
    elif row[8] != was.terms:
        old, now = unpack(was.terms), unpack(row[8])
        rows.terms_new.extend([(term, id) for term in now if term not in old])
        rows.terms_gone.extend([(term, id) for term in old if term not in now])
    rows.referrals_changed.extend(referral_rows(incident))
    rows.assignments_changed.extend(assignment_rows(incident))
