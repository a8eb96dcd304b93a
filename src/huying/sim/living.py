"""A county that lives inside a running server: its people work through the same writer as real ones."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

import msgspec

from huying.base.clock import HOUR, MINUTE, Clock
from huying.base.refusal import Refusal
from huying.dispatch.recommend import choose
from huying.dispatch.spare import spare_units
from huying.domain.commands import Envelope, ReceiveCall
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.unit import Unit
from huying.service.engine import Engine, Transaction
from huying.service.ports import House
from huying.service.questions import IncidentFilter, Questions
from huying.sim.agenda import Act
from huying.sim.city import City
from huying.sim.habits import Habits
from huying.sim.movers import Movers
from huying.sim.posted import Posted
from huying.sim.rhythm import Source
from huying.store.writer import Writer

# How often the people look around (real time): quick enough for an eye, slow enough for an idle machine.
LOOK_S = 0.25
# Acts at one look, and commands that may wait: a fast clock must not crowd out real people.
ACTS_AT_ONCE = 200
WAITING_MAX = 500
FACTS_AT_ONCE = 200
# Unfinished incidents that are taken up again when a county goes on after a stop.
TAKEN_UP_MAX = 500
FACTS_OF_ONE_MAX = 200
COMMANDS_PER_COMMIT = 500

# How much was before: long enough for the first deadlines to pass, short enough to be played in seconds.
BEFORE = 24 * HOUR
# Before the first screen, units are told to be home so often.
HOME_EVERY = 2 * MINUTE

# More noes and returns than in a replay: everything that can happen is seen within minutes. What can be
# settled is settled the same day, so that a board of tens, not of hundreds, is open; a few are always late.
DEMO_HABITS = Habits(
    confirm_s=(25.0, 45.0, 90.0, 240.0, 420.0),
    accept_share=0.12,
    accept_late=0.05,
    resolve_late=0.03,
    settled_s=3_000.0,
    office_hours=True,
    returns=0.04,
    not_solved=0.08,
    caller_answers=0.6,
    caller_after_s=2_700.0,
)

log = logging.getLogger("huying.living")


class CityClock:
    """Stands at `at` until `run`; then goes `speed` times as fast as `real`."""

    def __init__(self, real: Clock, at: int, speed: float = 1.0) -> None:
        self.real = real
        self.at = at
        self.speed = speed
        self._since = -1

    def now(self) -> int:
        if self._since < 0:
            return self.at
        return self.at + int((self.real.now() - self._since) * self.speed)

    def run(self, at: int) -> None:
        self.at = at
        self._since = self.real.now()


class Living:
    """The people of a county, and the calls that reach it: those of `rhythm`, or what a subclass has."""

    def __init__(
        self,
        house: House,
        questions: Questions,
        rhythm: Source | None,
        seed: int,
        habits: Habits = DEMO_HABITS,
    ) -> None:
        self.house = house
        self.questions = questions
        self.rhythm = rhythm
        self.city = City(house.pack, seed, self.recommend, habits, self.spare)
        self.movers = Movers(house.pack, self.city.ears, self.city.units, house.travel)
        self.posted = Posted(house, questions, self.city.ears, self.movers)
        self.transaction: Transaction | None = None
        self.heard = 0
        self._asked: list[tuple[int, Future[Any]]] = []
        self._home_at = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        """The live recommendation: within a transaction on its state, else on what is committed."""
        one, units = self._as_it_is(incident)
        found = choose(self.posted.pack, one, units, self.house.travel, at)
        far_s = self.city.habits.far_s
        return tuple(unit for unit, expected_s in found if expected_s <= far_s)

    def spare(self, incident: int, at: int) -> tuple[str, ...]:
        """Whom the live board proposes for release."""
        one, units = self._as_it_is(incident)
        found = spare_units(self.house.pack, one, units, self.house.travel, at)
        return tuple(each.unit for each in found)

    def _as_it_is(self, incident: int) -> tuple[Incident, Mapping[str, Unit]]:
        if self.transaction is not None:
            return self.transaction.work.incident(incident), self.transaction.work.units()
        units = {unit.code: unit for unit in self.questions.units()}
        return self.questions.incident(incident), units

    # ── what was before ─────────────────────────────────────────────────────────────────────────────────
    def play_before(self, engine: Engine, since: int, until: int) -> None:
        """Play the hours from `since` to `until` at once, so that the first screen is not empty."""
        self._next_call(since)
        self.play_on(engine, until)

    def play_on(self, engine: Engine, until: int) -> None:
        """Play what is on the agenda up to `until`."""
        heap = self.city.agenda.heap
        while heap and heap[0][0] <= until:
            with engine.transaction() as transaction:
                self.transaction = transaction
                for _ in range(COMMANDS_PER_COMMIT):
                    if not heap or heap[0][0] > until:
                        break
                    self._step(transaction)
                if not heap or heap[0][0] > until:
                    self.city.hear(transaction.run_timers(until))
        self.transaction = None

    def _step(self, transaction: Transaction) -> None:
        """The earliest deadline or act."""
        due = transaction.next_due()
        if due is not None and due <= self.city.agenda.heap[0][0]:
            self.city.hear(transaction.run_timers(due))
            return
        at, act, what = self.city.agenda.take()
        if at >= self._home_at:
            self._home_at = at + HOME_EVERY
            for each in self.movers.ended(at):
                self.city.do(transaction, msgspec.structs.replace(each, at=at))
        envelope = act(at, what)
        done = self.city.do(transaction, envelope) if envelope else None
        if done is not None:
            self.city.hear(done.facts)
            if "may_be_same_as" in done.answer:
                self.city.look_for_same(at, done.answer)

    def take_up(self) -> None:
        """Go on after a stop: who was working on something unfinished plans what comes next."""
        unfinished = IncidentFilter(status=("open", "active", "resolved"))
        facts: list[Fact] = []
        cursor = ""
        for _ in range(TAKEN_UP_MAX // 50):
            page = self.questions.incidents(unfinished, cursor, 50)
            for line in page.items:
                facts += self.questions.timeline(line.id, FACTS_OF_ONE_MAX)
            cursor = page.next
            if not cursor:
                break
        self.city.hear(sorted(facts, key=lambda fact: fact.seq))

    # ── going on ────────────────────────────────────────────────────────────────────────────────────────
    def start(self, writer: Writer, clock: Clock) -> None:
        """Begin to live, in a thread of its own."""
        self.heard = self.questions.head().seq
        self.movers.stand(self.questions.units())
        if not any(each[2] == self.ring for each in self.city.agenda.heap):
            self._next_call(clock.now())
        self._thread = threading.Thread(
            target=self._live, args=(writer, clock), name="huying-living", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _live(self, writer: Writer, clock: Clock) -> None:
        while not self._stop.wait(LOOK_S):
            try:
                self.look(writer, clock.now())
            except Refusal as refusal:  # the store is away or too busy: people wait as well
                log.warning("the county waits: %s", refusal.code)

    def look(self, writer: Writer, now: int) -> None:
        """One look around: hear what happened, do what is due."""
        while facts := self.questions.facts(self.heard, FACTS_AT_ONCE):
            self.heard = facts[-1].seq
            self.city.hear(facts)
        self.posted.look(now)
        self._same_calls()
        heap = self.city.agenda.heap
        for _ in range(ACTS_AT_ONCE):
            if not heap or heap[0][0] > now or writer.waiting > WAITING_MAX:
                break
            at, act, what = self.city.agenda.take()
            envelope = self._meant(act, at, what)
            if envelope is not None:
                self._send(writer, envelope, at)
        for step in self.movers.stepped(now):
            self._send(writer, step, now)

    def _meant(self, act: Act, at: int, what: Any) -> Envelope | None:
        try:
            return act(at, what)
        except Refusal as refusal:  # what the act was about is gone
            self.city.tally.refused[refusal.code] += 1
            return None

    def _send(self, writer: Writer, envelope: Envelope, at: int) -> None:
        future = writer.submit(envelope)
        if isinstance(envelope.command, ReceiveCall):
            self._asked.append((at, future))
        else:
            future.add_done_callback(self._refused)

    def _refused(self, future: Future[Any]) -> None:
        """Somebody else was quicker; with real people at work that is no surprise."""
        error = future.exception()
        if isinstance(error, Refusal):
            self.city.tally.refused[error.code] += 1

    def _same_calls(self) -> None:
        for at, future in [each for each in self._asked if each[1].done()]:
            if future.exception() is None:
                self.city.look_for_same(at, future.result().answer)
        self._asked = [each for each in self._asked if not each[1].done()]

    # ── calls ───────────────────────────────────────────────────────────────────────────────────────────
    def _next_call(self, after: int) -> None:
        assert self.rhythm is not None
        at, call = self.rhythm.next(after)
        self.city.agenda.put(at, self.ring, call)

    def ring(self, at: int, call: ReceiveCall) -> Envelope:
        """A call comes in, and the next one is on its way."""
        self._next_call(at)
        return Envelope(call, actor="sim.caller", at=at)
