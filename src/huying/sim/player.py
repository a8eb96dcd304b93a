"""Plays what comes from outside, and what people make of it, through an engine: all in order of time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from huying.base.clock import DAY
from huying.channels.files import Record
from huying.dispatch.spare import spare_units
from huying.domain.commands import AdoptPack, Envelope
from huying.service.engine import Engine, Transaction
from huying.sim.city import City
from huying.sim.habits import Habits

# Commands in one transaction: enough that an incident is rarely written twice in its first hour, few enough
# (some 7,000 facts of 1 kB) that a batch is a small part of the memory.
COMMANDS_PER_COMMIT = 4_000
# The clock runs on after the last record until nothing is to come, at most so long: a year and the ladders.
RUNS_ON = 400 * DAY

Progress = Callable[[int, int], None]
"""(calls taken, simulated instant): told after every commit."""


class Player(ABC):
    """One run. The store must be new, or hold nothing later than the first record.

    `until` (UTC µs, 0 never) ends it even when more would come.
    """

    until = 0

    def __init__(self, engine: Engine, actor: str, seed: int, habits: Habits | None = None) -> None:
        self.engine = engine
        self.actor = actor
        self.city = City(engine.house.pack, seed, self.recommend, habits, self.spare)
        self.transaction: Transaction | None = None
        self.calls = 0
        self.first = self.last = 0

    @abstractmethod
    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        """Codes of the units that the desk sends to an incident now; none when it waits."""

    def spare(self, incident: int, at: int) -> tuple[str, ...]:
        """Codes of the units that the board proposes for release, by the state within the transaction."""
        assert self.transaction is not None
        work, house = self.transaction.work, self.engine.house
        found = spare_units(house.pack, work.incident(incident), work.units(), house.travel, at)
        return tuple(each.unit for each in found)

    def take(self, record: Record) -> None:  # noqa: B027 - most runs have nothing to do here
        """A record is about to come in."""

    def begin(self, transaction: Transaction) -> None:
        """What stands at the beginning of the journal."""
        done = transaction.execute(Envelope(AdoptPack(), actor=self.actor, at=self.first))
        self.city.hear(done.facts)

    def run(self, records: Iterator[Record], pace: Callable[[int], None], progress: Progress) -> None:
        """Play all records and what comes of them. `pace` waits until a simulated instant may be reached."""
        ahead = next(records, None)
        if ahead is None:
            return
        self.first = self.first or ahead.at
        with self.engine.transaction() as transaction:
            self.begin(transaction)
        going = True
        while going:
            with self.engine.transaction() as transaction:
                self.transaction = transaction
                for _ in range(COMMANDS_PER_COMMIT):
                    ahead, going = self._step(transaction, ahead, records, pace)
                    if not going:
                        break
                self.last = transaction.work.at
            progress(self.calls, self.last)

    def _step(
        self,
        transaction: Transaction,
        ahead: Record | None,
        records: Iterator[Record],
        pace: Callable[[int], None],
    ) -> tuple[Record | None, bool]:
        """What comes next in time: a deadline, a record or an act; at one instant in this order."""
        heap = self.city.agenda.heap
        record_at = ahead.at if ahead is not None else 0
        act_at = heap[0][0] if heap else 0
        at = min(record_at, act_at) if record_at and act_at else record_at or act_at
        due = transaction.next_due()
        if due is not None and (not at or due <= at):
            if (not at and due > transaction.work.at + RUNS_ON) or 0 < self.until < due:
                return ahead, False
            pace(due)
            self.city.hear(transaction.run_timers(due))
            return ahead, True
        if not at or 0 < self.until < at:
            return ahead, False
        pace(at)
        if ahead is not None and record_at == at:
            self.calls += 1
            self.take(ahead)
            self.city.receive(transaction, ahead, self.actor)
            return next(records, None), True
        _, act, what = self.city.agenda.take()
        envelope = act(at, what)
        if envelope is not None:
            done = self.city.do(transaction, envelope)
            if done is not None:
                self.city.hear(done.facts)
        return ahead, True
