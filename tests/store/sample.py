"""Hand-made batches for store tests: one call, the incident it opens, its referral and its clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huying.domain.call import Call
from huying.domain.contact import Contact
from huying.domain.deadline import Deadline
from huying.domain.facts import (
    TYPE_OF,
    CallReceived,
    ContactSealed,
    Fact,
    IncidentOpened,
    NoteAdded,
    Payload,
    ReferralOffered,
)
from huying.domain.incident import Incident
from huying.domain.place import Place
from huying.domain.referral import Referral
from huying.service.ports import Batch, Head, Receipt, Timer

MINUTE = 60_000_000
NOON = 1_772_424_000_000_000  # 2026-03-02T04:00:00Z, noon in Yunxi


def fact(seq: int, stream: int, version: int, at: int, body: Payload, actor: str = "desk-1") -> Fact:
    return Fact(seq, stream, version, TYPE_OF[type(body)], at, actor, "answer", body)


class Sample:
    """Makes batches that continue a head. `opened` collects the incidents by id as they should be found."""

    def __init__(self) -> None:
        self.opened: dict[int, Incident] = {}
        self.calls: dict[int, Call] = {}

    def call(
        self,
        head: Head,
        *,
        at: int = NOON,
        words: str = "路灯不亮",
        type: str = "streetlight",
        priority: int = 4,
        lat: float | None = 28.05,
        lon: float | None = 121.15,
        areas: tuple[str, ...] = ("west",),
        agency: str = "urban",
        contact: Contact | None = None,
        code_hash: str = "",
        batch: Batch | None = None,
    ) -> Batch:
        """Call received, incident opened, referred to `agency`, a clock of 30 minutes for it to accept."""
        batch = batch or Batch()
        seq = head.seq + len(batch.facts)
        place = Place(lat=lat, lon=lon, address="中山路1号", areas=areas)
        at = max(at, head.at)
        sealed = seq + 1 if contact else 0
        if contact:
            seq += 1
            batch.facts.append(fact(seq, seq, 1, at, ContactSealed()))
            batch.sealed[seq] = contact
        call, incident = seq + 1, seq + 2
        accept_due, due = at + 30 * MINUTE, at + 240 * MINUTE
        batch.facts += [
            fact(call, call, 1, at, CallReceived("phone", words, place=place, contact=sealed)),
            fact(incident, incident, 1, at, IncidentOpened(call, type, priority, place, words[:20])),
            fact(incident + 1, incident, 2, at, ReferralOffered(1, agency, "r1", due, accept_due)),
        ]
        batch.calls[call] = Call(
            id=call,
            at=at,
            channel="phone",
            words=words,
            place=place,
            contact=sealed,
            incident=incident,
            code_hash=code_hash,
        )
        batch.incidents[incident] = Incident(
            id=incident,
            opened_at=at,
            type=type,
            priority=priority,
            version=2,
            changed_at=at,
            changed_by="desk-1",
            place=place,
            title=words[:20],
            calls=[call],
            referrals=[Referral(1, agency, "r1", at, due, accept_due)],
            deadlines=[Deadline("accept:1", accept_due, accept_due)],
        )
        batch.timers_set.add(Timer(accept_due, incident, "accept:1"))
        self.calls.update(batch.calls)
        self.opened.update(batch.incidents)
        return batch

    def change(self, head: Head, incident: Incident, *bodies: Payload, at: int = NOON) -> Batch:
        """`incident` has changed by facts of these payloads."""
        batch = Batch()
        for i, body in enumerate(bodies, start=1):
            incident.version += 1
            batch.facts.append(fact(head.seq + i, incident.id, incident.version, max(at, head.at), body))
        batch.incidents[incident.id] = incident
        self.opened[incident.id] = incident
        return batch


def write(store: Any, make: Any) -> Head:
    """Begin, commit what `make(head)` returns, and the head after it."""
    batch = make(store.begin())
    store.commit(batch)
    head: Head = store.head
    return head


def calls(store: Any, sample: Sample, count: int, **options: Any) -> list[int]:
    """Commit `count` calls in one batch; ids of their incidents."""
    head = store.begin()
    batch = Batch()
    for _ in range(count):
        sample.call(head, batch=batch, **options)
    store.commit(batch)
    return sorted(batch.incidents)


def note(words: str = "n") -> NoteAdded:
    return NoteAdded(words)


def receipt(key: int, at: int = NOON) -> Receipt:
    return Receipt(key.to_bytes(32), b"f" * 32, at, b'{"seq":1}')


def ids(items: Sequence[Any]) -> list[int]:
    return [each.id for each in items]
