"""The engine: commands in, facts out, one transaction at a time, decided under the store's write lock."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec import Struct

from huying.base.clock import Chance, Clock
from huying.base.refusal import Refusal
from huying.domain.commands import Envelope, OnIncident, OpenContact, PassDeadline
from huying.domain.correcting import OpenOriginal
from huying.domain.facts import Fact
from huying.service.agenda import Agenda, Entry
from huying.service.handlers import HANDLERS
from huying.service.nearby import Nearby
from huying.service.permits import permit
from huying.service.ports import Head, House, Receipt, Store
from huying.service.receipts import cover, receipt_key, uncover
from huying.service.work import Memory, Work

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode

EVERY = sys.maxsize
# What opens something sealed is decided on and put on record each time: an answer that was kept would need no
# proof of presence, leave no trace, and outlive the erasure.
OPENINGS = (OpenContact, OpenOriginal)
# Facts of other processes after which everything is read anew; up to here only what they are about is.
NEWS_MAX = 2_000
# Deadlines that act in one live commit: after a standstill commands get their answers in between.
PASSED_MAX = 256
# Facts after which an incident may ask for other timers, and those after which it is found elsewhere.
MOVES_CLOCKS = frozenset(
    {
        "incident.opened",
        "referral.offered",
        "follow_up.asked",
        "deadline.set",
        "deadline.escalated",
        "glass.broken",
        "correction.asked",
        "correction.made",
    }
)
MOVES_PLACES = frozenset(
    {"incident.opened", "incident.closed", "incident.reopened", "incident.place_set", "incident.retyped"}
)


class Done(Struct, frozen=True):
    """What became of a command: the facts it made and what its sender is told (JSON values)."""

    facts: tuple[Fact, ...]
    answer: dict[str, Any]


class Spoiled(Exception):
    """A refusal came after facts had been recorded: the transaction can't go on and must be rolled back."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class TimerFailed(Exception):
    """A deadline can't act, which is a bug. The transaction is lost; until a restart it is passed over, so
    that it doesn't hold up everything after it."""


class Engine:
    """Decides. One at a time may hold a transaction; the store's lock sees to it between processes."""

    def __init__(self, store: Store, house: House, clock: Clock, chance: Chance) -> None:
        self.store = store
        self.house = house
        self.clock = clock
        self.chance = chance
        self.memory = Memory()
        self.agenda = Agenda()
        self.nearby = Nearby(house.pack)
        self.set_aside: set[Entry] = set()
        self._seen = Head(seq=-1)

    @contextmanager
    def transaction(self, expected: Sequence[Envelope] = ()) -> Iterator[Transaction]:
        """A transaction that commits on leaving and rolls back on an exception.

        `expected` are commands about to be executed: what they need is read beforehand in one go.
        """
        head = self.store.begin()
        try:
            self._catch_up(head)
            transaction = Transaction(self, head, expected)
            yield transaction
            batch = transaction.work.finish()
            if batch.facts or batch.receipts or batch.seen or batch.photos_before:
                self.store.commit(batch)
            else:
                self.store.rollback()
        except BaseException:
            self._forget()
            self.store.rollback()
            raise
        last = batch.facts[-1] if batch.facts else None
        self._seen = Head(last.seq, last.at, batch.pack or head.pack) if last else head
        self.memory.trim()
        self.agenda.trim()

    def _catch_up(self, head: Head) -> None:
        """Take in what another process has changed since."""
        seen = self._seen.seq
        if head.seq == seen:
            return
        if seen < 0 or head.seq - seen > NEWS_MAX:
            self._forget()
            self.nearby.load(self.store.load_unfinished, head.at)
            return
        self.memory.forget_units()
        changed = self.store.load_incidents(self.store.streams_since(seen))
        self.memory.take(changed)
        for incident in changed.values():
            self.nearby.note(incident)
            self.agenda.note(incident)

    def _forget(self) -> None:
        self.memory.forget()
        self.agenda.forget()
        self.nearby.forget()
        self._seen = Head(seq=-1)


class Transaction:
    """Commands executed one after another on one workbench."""

    def __init__(self, engine: Engine, head: Head, expected: Sequence[Envelope]) -> None:
        self.engine = engine
        self.work = Work(engine.store, engine.house, engine.memory, engine.nearby, engine.chance, head)
        self._receipts: dict[bytes, Receipt | None] = {}
        self._passed = 0  # deadlines that have acted
        if expected:
            self._expect(expected)

    def _expect(self, expected: Iterable[Envelope]) -> None:
        keys = [_key(each) for each in expected if each.key]
        if keys:
            self._receipts = dict.fromkeys(keys) | self.engine.store.load_receipts(keys)
        self.work.fetch({each.command.incident for each in expected if isinstance(each.command, OnIncident)})

    def execute(self, envelope: Envelope) -> Done:
        """Decide one command, after all deadlines that passed before it; live, after a standstill, after the
        first `PASSED_MAX` of them.

        Raises:
            Refusal: it can't be done; nothing of it is recorded.
            Spoiled: refused half-way; the whole transaction must be left by this exception.
        """
        work = self.work
        # The journal's time never runs backwards, whatever the machine's clock does.
        at = max(envelope.at or self.engine.clock.now(), work.at)
        self.run_timers(at, EVERY if envelope.at else PASSED_MAX)
        keyed = bool(envelope.key) and not isinstance(envelope.command, OPENINGS)
        if keyed:
            answer = self._answered(envelope)
            if answer is not None:
                return Done((), answer)
        mark = len(work.batch.facts)
        try:
            answer = self._run(envelope, at)
        except Refusal as refusal:
            if len(work.batch.facts) != mark:
                raise Spoiled(refusal) from refusal
            raise
        if keyed:
            # Its age counts from now: records of long ago are sent again as well.
            since = max(at, self.engine.clock.now())
            receipt = Receipt(_key(envelope), _fingerprint(envelope), since, _covered(envelope, answer))
            self._receipts[receipt.key] = receipt
            work.receipt(receipt)
        return Done(tuple(work.batch.facts[mark:]), answer)

    def _run(self, envelope: Envelope, at: int) -> dict[str, Any]:
        work = self.work
        work.at = at
        work.actor = envelope.actor
        work.purpose = envelope.purpose
        work.automatic = envelope.automatic
        work.understood = envelope.understood
        work.left = ""
        work.grant = permit(work, envelope, at)
        mark = len(work.batch.facts)
        answer = HANDLERS[type(envelope.command)](work, envelope.command)
        touched = set()
        for fact in work.batch.facts[mark:]:
            kind = fact.type
            if kind in MOVES_CLOCKS:
                touched.add(fact.stream)
            if kind in MOVES_PLACES:
                self.engine.nearby.note(work.incident(fact.stream))
        for id in touched:
            self.engine.agenda.note(work.incident(id))
        answer["seq"] = work.seq
        return answer

    def _answered(self, envelope: Envelope) -> dict[str, Any] | None:
        """The first answer to this key, if there was one."""
        key = _key(envelope)
        if key not in self._receipts:
            self._receipts[key] = self.engine.store.load_receipts([key]).get(key)
        receipt = self._receipts[key]
        if receipt is None:
            return None
        if receipt.fingerprint != _fingerprint(envelope):
            raise Refusal("key_reused", key=envelope.key)
        return _decode(uncover(envelope.actor, envelope.key, receipt.answer)) | {"repeated": True}

    def next_due(self) -> int | None:
        """The earliest instant (UTC µs) at which a deadline may act; a drill stops there on its way."""
        return self.engine.agenda.earliest(self.engine.store, self.work.batch.incidents)

    def run_timers(self, until: int, most: int = EVERY) -> list[Fact]:
        """Let every deadline due at or before `until` (UTC µs) act, in order, until `most` have acted in this
        transaction; the facts that came of it."""
        work, mark = self.work, len(self.work.batch.facts)
        agenda, store = self.engine.agenda, self.engine.store
        while self._passed < most and (entry := agenda.next(until, store, work.batch.incidents)) is not None:
            due, id, key = entry
            if entry in self.engine.set_aside:
                continue
            deadline = work.incident(id).deadline(key)
            if deadline is None or deadline.next != due:
                continue
            self._passed += 1
            timer = Envelope(PassDeadline(incident=id, key=key), actor="clock", automatic=True)
            try:
                self._run(timer, max(due, work.at))
            except Exception as error:
                self.engine.set_aside.add(entry)
                raise TimerFailed(f"clock {key} of incident {id}") from error
        return work.batch.facts[mark:]


def _key(envelope: Envelope) -> bytes:
    return receipt_key(envelope.actor, envelope.key)


def _covered(envelope: Envelope, answer: dict[str, Any]) -> bytes:
    return cover(envelope.actor, envelope.key, _encode(answer))


def _fingerprint(envelope: Envelope) -> bytes:
    """The sender's key goes in, which is kept nowhere, so that no telephone number is found by trying all."""
    command = envelope.command
    said = f"{envelope.key}\0{type(command).__name__}".encode() + _encode(command)
    return hashlib.sha256(said).digest()
