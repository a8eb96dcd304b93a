"""The one writer of a process: a thread that groups all waiting commands into one commit.

Nobody is answered before the commit that holds the answer's facts. A refusal answers its own command only;
an unexpected error in one command rolls the group back, and the halves are tried again until it is alone.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from huying.base.clock import SECOND, Clock
from huying.base.refusal import Refusal
from huying.domain.commands import Envelope
from huying.domain.facts import Fact
from huying.service.engine import PASSED_MAX, Spoiled
from huying.store.askers import GROUP_MAX, WAITING_MAX, Askers
from huying.store.codec import FactRow
from huying.store.journal import Journal
from huying.store.live import CHUNK, Fetch, Ring

# How often a shared store is asked what other processes wrote, and the clock is looked at again.
POLL_S = 0.25
# Longest sleep when nothing is due: a clock that is moved by hand is noticed within it.
SLEEP_S_MAX = 1.0
# After the store failed, wait before the timers are tried again.
BACK_OFF_S = 1.0

log = logging.getLogger("huying.writer")


class Transaction(Protocol):
    def execute(self, envelope: Envelope) -> Any: ...
    def run_timers(self, until: int, most: int = ...) -> list[Fact]: ...


class Decides(Protocol):
    """What the writer needs of `huying.service.engine.Engine`."""

    @property
    def clock(self) -> Clock: ...

    def transaction(self, expected: Sequence[Envelope] = ()) -> AbstractContextManager[Transaction]: ...


class Looks(Protocol):
    """Something done between two commits, in the writer's thread: signing, watching the clock."""

    def look(self) -> None: ...
    def close(self) -> None: ...


Deliver = Callable[[list[tuple[Any, list[Any]]]], None]
"""Takes all answers of one commit that go the same way: (future or other mark of the asker, outcomes)."""


class _Waiting:
    """Commands of one asker, and where the outcomes go."""

    __slots__ = ("deliver", "envelopes", "future", "outcomes")

    def __init__(self, envelopes: Sequence[Envelope], future: Any, deliver: Deliver) -> None:
        self.envelopes = envelopes
        self.future = future
        self.deliver = deliver
        self.outcomes: list[Any] = []


_STOP = object()


class Writer(Askers):
    """Owns engine and store: nothing else may use them while it runs.

    Args:
        engine: decides commands.
        store: what the engine writes to; its commits are what subscribers see.
        fetch: reads fact rows for subscribers that resume, from any thread (`SqlQuestions.fact_rows`).
        make_ring: makes what is published to, from the journal's head.
        looks: what is done between two commits.
    """

    def __init__(
        self,
        engine: Decides,
        store: Journal,
        fetch: Fetch,
        make_ring: Callable[[int], Ring] = Ring,
        looks: Sequence[Looks] = (),
    ) -> None:
        self._engine = engine
        self._looks = looks
        self._store = store
        self._fetch = fetch
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._room = threading.Lock()
        self._waiting = 0
        self._stopped = False
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Deliver] = WeakKeyDictionary()
        store.begin()
        store.rollback()
        self.ring = make_ring(store.head.seq)
        store.on_commit = self._committed
        self._thread = threading.Thread(target=self._run, name="huying-writer", daemon=True)
        self._thread.start()

    # ── for askers ───────────────────────────────────────────────────────────────────────────────────────
    def submit(self, envelope: Envelope) -> Future[Any]:
        """From any thread: a future that holds the `Done` after the commit, or the refusal."""
        outer: Future[Any] = Future()
        inner: Future[list[Any]] = Future()

        def pass_on(done: Future[list[Any]]) -> None:
            outcome = done.result()[0]
            if outer.set_running_or_notify_cancel():
                if isinstance(outcome, BaseException):
                    outer.set_exception(outcome)
                else:
                    outer.set_result(outcome)

        inner.add_done_callback(pass_on)
        self._put(_Waiting((envelope,), inner, _settle))
        return outer

    def put(self, envelopes: Sequence[Envelope], mark: Any, deliver: Deliver) -> None:
        """Have commands decided; `deliver` gets the outcomes under `mark`, those of one commit together.

        Raises:
            Refusal: `busy` when too many wait already.
        """
        self._put(_Waiting(envelopes, mark, deliver))

    def close(self) -> None:
        """Answer what is waiting, refuse what comes after, and end the thread."""
        with self._room:
            if not self._stopped:
                self._stopped = True
                self._queue.put(_STOP)
        self._thread.join()
        self._store.on_commit = None
        for each in self._looks:
            each.close()

    async def _ask(self, envelopes: Sequence[Envelope]) -> list[Any]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Any]] = loop.create_future()
        deliver = self._loops.get(loop)
        if deliver is None:
            deliver = self._loops[loop] = partial(deliver_to, loop)
        self._put(_Waiting(envelopes, future, deliver))
        return await future

    def _put(self, item: _Waiting) -> None:
        with self._room:
            if self._stopped or self._waiting + len(item.envelopes) > WAITING_MAX:
                raise Refusal("busy")
            self._waiting += len(item.envelopes)
            self._queue.put(item)

    # ── the thread ───────────────────────────────────────────────────────────────────────────────────────
    def _run(self) -> None:
        sleep_s = 0.0
        while True:
            group, stop = self._take(sleep_s)
            if group:
                self._do_group(group)
            sleep_s = 0.0 if stop else self._look_around()
            self._look()
            if stop:
                return

    def _take(self, sleep_s: float) -> tuple[list[_Waiting], bool]:
        """All that waits, up to a group; waits for the first at most `sleep_s`."""
        group: list[_Waiting] = []
        count = 0
        try:
            item = self._queue.get(timeout=sleep_s) if sleep_s > 0 else self._queue.get_nowait()
            while True:
                if item is _STOP:
                    return group, True
                group.append(item)
                count += len(item.envelopes)
                if count >= GROUP_MAX:
                    return group, False
                item = self._queue.get_nowait()
        except Empty:
            return group, False

    def _do_group(self, group: list[_Waiting]) -> None:
        work = [(item, envelope) for item in group for envelope in item.envelopes]
        self._decide(work)
        with self._room:
            self._waiting -= len(work)
        ways: dict[Deliver, list[tuple[Any, list[Any]]]] = {}
        for item in group:
            ways.setdefault(item.deliver, []).append((item.future, item.outcomes))
        for deliver, answers in ways.items():
            deliver(answers)

    def _decide(self, work: list[tuple[_Waiting, Envelope]]) -> None:
        """One commit for all; outcomes are kept only once it is done."""
        outcomes: list[Any] = []
        try:
            with self._engine.transaction([envelope for _, envelope in work]) as transaction:
                for _, envelope in work:
                    try:
                        outcomes.append(transaction.execute(envelope))
                    except Refusal as refusal:
                        outcomes.append(refusal)
        except Refusal as refusal:  # of the store: it holds for all of them
            outcomes = [refusal] * len(work)
        except Exception as error:
            if len(work) > 1:
                middle = len(work) // 2
                self._decide(work[:middle])
                self._decide(work[middle:])
                return
            if isinstance(error, Spoiled):
                outcomes = [error.refusal]
            else:
                log.exception("a command failed: %s", type(work[0][1].command).__name__)
                outcomes = [error]
        for (item, _), outcome in zip(work, outcomes, strict=True):
            item.outcomes.append(outcome)

    def _look_around(self) -> float:
        """Fire what is due, show what other processes wrote; how long to sleep then, in seconds."""
        sleep_s = POLL_S if self._store.shared else SLEEP_S_MAX
        try:
            first = self._store.timers_due(-1, 1 << 62, 1)
            now = self._engine.clock.now()
            if first and first[0].due <= now:
                due = self._store.timers_due(-1, now, PASSED_MAX)
                with self._engine.transaction() as transaction:
                    fired = transaction.run_timers(due[-1].due, PASSED_MAX)
                if fired:
                    return 0.0
            elif first:
                sleep_s = min(sleep_s, (first[0].due - now) / SECOND)
            if self._store.shared:
                self._catch_up()
        except Refusal as refusal:
            log.warning("timers wait for the store: %s", refusal.code)
            return BACK_OFF_S
        except Exception:
            log.exception("a timer failed")
            return BACK_OFF_S
        return max(sleep_s, 0.001)

    def _look(self) -> None:
        for each in self._looks:
            try:
                each.look()
            except Refusal as refusal:  # of the store; what was not done now is done with the next look
                log.warning("%s waits for the store: %s", type(each).__name__, refusal.code)
            except Exception:
                log.exception("%s failed", type(each).__name__)

    # ── what was committed ───────────────────────────────────────────────────────────────────────────────
    def _committed(self, rows: Sequence[FactRow]) -> None:
        try:
            if rows:
                self._catch_up(rows[0][0] - 1)
                self.ring.publish(rows)
        except Exception:  # the commit stands; what was not shown now is caught up on with the next
            log.exception("live readers could not be told")

    def _catch_up(self, until: int | None = None) -> None:
        """Publish facts of other processes, up to `until` or all there are."""
        while until is None or self.ring.head < until:
            rows = self._store.rows_after(self.ring.head, CHUNK)
            if not rows:
                return
            self.ring.publish(rows)


def deliver_to(loop: asyncio.AbstractEventLoop, answers: list[tuple[Any, list[Any]]]) -> None:
    """Settle futures of an event loop from another thread, all in one turn of it."""
    try:
        loop.call_soon_threadsafe(_settle, answers)
    except RuntimeError:  # the loop has ended: nobody is left to be told
        log.warning("an event loop ended before %d answers", len(answers))


def _settle(answers: list[tuple[Any, list[Any]]]) -> None:
    for future, outcomes in answers:
        if not future.done():  # an asker that went away has cancelled it
            future.set_result(outcomes)
