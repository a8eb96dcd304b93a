"""Group commit: who is answered when, and what an error of one does to the others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from typing import Any

import pytest

from huying.base.clock import ManualClock
from huying.base.refusal import Refusal
from huying.domain.commands import AddNote, Envelope
from huying.domain.facts import Fact
from huying.service.ports import Batch, Head, Timer
from huying.store import writer as writers
from huying.store.journal import Journal
from huying.store.opening import Opened
from huying.store.writer import Writer
from store.sample import NOON, Sample, note


class NotingEngine:
    """Decides one thing only: `AddNote` becomes a note on the incident, with some words that misbehave."""

    def __init__(self, store: Journal, sample: Sample) -> None:
        self.store, self.sample, self.clock = store, sample, ManualClock(NOON)
        self.groups: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    @contextmanager
    def transaction(self, expected: Any = ()) -> Iterator[Any]:
        transaction = NotingTransaction(self, self.store.begin())
        try:
            self.gate.wait(10)
            yield transaction
        except BaseException:
            self.store.rollback()
            raise
        self.store.commit(transaction.batch)
        self.groups.append(transaction.count)


class NotingTransaction:
    def __init__(self, engine: NotingEngine, head: Head) -> None:
        self.engine, self.head, self.batch, self.count = engine, head, Batch(), 0

    def execute(self, envelope: Envelope) -> int:
        command = envelope.command
        assert isinstance(command, AddNote)
        if command.words == "refuse me":
            raise Refusal("not_found")
        if command.words == "break me":
            raise ZeroDivisionError
        self.count += 1
        return self._add(command.incident, command.words).seq

    def run_timers(self, until: int, most: int = 100) -> list[Fact]:
        fired = []
        for timer in self.engine.store.timers_due(-1, until, 100):
            fired.append(self._add(timer.incident, f"late {timer.key}"))
            self.batch.timers_gone.add(timer)
        return fired

    def _add(self, incident: int, words: str) -> Fact:
        head = Head(self.head.seq + len(self.batch.facts), self.head.at)
        state = self.batch.incidents.get(incident) or self.engine.store.load_incidents([incident])[incident]
        made = self.engine.sample.change(head, state, note(words))
        self.batch.facts += made.facts
        self.batch.incidents |= made.incidents
        return made.facts[0]


@pytest.fixture
def desk(opened: Opened) -> Iterator[tuple[Writer, NotingEngine, int]]:
    sample = Sample()
    head = opened.store.begin()
    batch = sample.call(head)
    opened.store.commit(batch)
    (incident,) = batch.incidents
    engine = NotingEngine(opened.store, sample)
    writer = Writer(engine, opened.store, opened.questions.fact_rows)
    yield writer, engine, incident
    engine.gate.set()
    writer.close()


def add(incident: int, words: str) -> Envelope:
    return Envelope(AddNote(incident=incident, words=words))


def test_an_answer_means_that_it_is_written(desk: Any, opened: Opened) -> None:
    writer, _, incident = desk
    seq = writer.submit(add(incident, "one")).result(10)
    assert [each.body.words for each in opened.questions.facts(seq - 1, 10)] == ["one"]


def test_all_that_waits_goes_into_one_commit(desk: Any) -> None:
    writer, engine, incident = desk
    engine.gate.clear()
    futures = [writer.submit(add(incident, str(i))) for i in range(20)]
    engine.gate.set()
    assert [each.result(10) for each in futures] == list(range(4, 24))
    assert len(engine.groups) <= 2  # the first may have gone alone
    assert sum(engine.groups) == 20


def test_a_refusal_answers_its_own_command_only(desk: Any) -> None:
    writer, engine, incident = desk
    engine.gate.clear()
    futures = [writer.submit(add(incident, words)) for words in ("a", "refuse me", "b")]
    engine.gate.set()
    wait(futures, 10)
    assert [futures[0].result(), futures[2].result()] == [4, 5]
    assert isinstance(futures[1].exception(), Refusal)


def test_an_error_in_one_command_does_not_hurt_the_others(desk: Any, opened: Opened) -> None:
    writer, engine, incident = desk
    engine.gate.clear()
    words = ["a", "b", "break me", "c", "d", "break me", "e"]
    futures = [writer.submit(add(incident, each)) for each in words]
    engine.gate.set()
    wait(futures, 10)
    assert [type(each.exception()) for each in futures].count(ZeroDivisionError) == 2
    written = [each.body.words for each in opened.questions.facts(3, 100)]
    assert sorted(written) == ["a", "b", "c", "d", "e"]


def test_a_full_queue_refuses(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, engine, incident = desk
    monkeypatch.setattr(writers, "WAITING_MAX", 3)
    engine.gate.clear()
    futures = [writer.submit(add(incident, str(i))) for i in range(3)]
    with pytest.raises(Refusal, match="busy"):
        writer.submit(add(incident, "one too many"))
    engine.gate.set()
    assert len(wait(futures, 10).done) == 3


def test_many_askers_in_an_event_loop(desk: Any) -> None:
    writer, _, incident = desk

    async def ask() -> list[Any]:
        words = [*(str(i) for i in range(50)), "refuse me", "break me"]
        return await asyncio.gather(
            *(writer.do(add(incident, each)) for each in words), return_exceptions=True
        )

    outcomes = asyncio.run(ask())
    assert sorted(each for each in outcomes if isinstance(each, int)) == list(range(4, 54))
    assert [type(each) for each in outcomes[-2:]] == [Refusal, ZeroDivisionError]


def test_many_commands_of_one_asker_keep_their_order(desk: Any) -> None:
    writer, _, incident = desk
    commands = [add(incident, words) for words in ("a", "refuse me", "b")]
    outcomes = asyncio.run(writer.do_all(commands))
    assert [outcomes[0], outcomes[2]] == [4, 5]
    assert isinstance(outcomes[1], Refusal)


def test_an_asker_that_gave_up_leaves_the_others_alone(desk: Any) -> None:
    writer, engine, incident = desk

    async def ask() -> Any:
        engine.gate.clear()
        first = asyncio.ensure_future(writer.do(add(incident, "a")))
        second = asyncio.ensure_future(writer.do(add(incident, "b")))
        await asyncio.sleep(0.01)
        first.cancel()
        engine.gate.set()
        return await second

    assert asyncio.run(ask()) == 5


def test_a_due_timer_fires_by_itself_and_once(desk: Any, opened: Opened) -> None:
    writer, engine, incident = desk
    engine.clock.at = NOON + 31 * 60_000_000
    writer.submit(add(incident, "wake up")).result(10)

    async def late() -> bytes:
        async for chunk in writer.subscribe(3):
            for each in chunk:
                if each.data and b"late accept:1" in each.data:
                    return each.data
        raise AssertionError

    assert b'"stream":2' in asyncio.run(asyncio.wait_for(late(), 10))
    writer.submit(add(incident, "again")).result(10)
    words = [each.body.words for each in opened.questions.facts(3, 100)]
    assert words.count("late accept:1") == 1


def test_after_closing_nothing_is_taken_and_nothing_is_lost(desk: Any, opened: Opened) -> None:
    writer, engine, incident = desk
    engine.gate.clear()
    future = writer.submit(add(incident, "last"))
    engine.gate.set()
    writer.close()
    assert future.result(0) == 4
    with pytest.raises(Refusal, match="busy"):
        writer.submit(add(incident, "too late"))


def test_timers_of_the_far_future_do_not_wake(desk: Any, opened: Opened) -> None:
    writer, _, incident = desk
    writer.close()
    head = opened.store.begin()
    opened.store.commit(Batch(timers_set={Timer(1 << 60, incident, "far")}))
    assert opened.store.timers_due(-1, NOON * 2, 10)[-1].key == "accept:1"
    assert head.seq == 3
