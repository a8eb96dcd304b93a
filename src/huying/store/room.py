"""The engine room: engine and writer in a process of their own, so that deciding and answering use two cores.

The rooms exchange frames over a socket pair: envelopes go down, outcomes and newly committed facts come up.
`serve_room` runs below; `FarWriter` is the writer as the process above sees it. When either process ends, the
other one notices at once: the room finishes what it has and ends, the process above refuses and is ended.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from huying.base.refusal import Refusal
from huying.domain.commands import Envelope
from huying.service.engine import Done
from huying.store.askers import WAITING_MAX, Askers
from huying.store.codec import FactRow
from huying.store.live import Fetch, Ring, serialise
from huying.store.wire import Wire
from huying.store.writer import Writer, deliver_to

log = logging.getLogger("huying.room")


Asked = tuple[int, Sequence[Envelope]]
"""Down, in lists: commands of one asker under a number."""

Answers = list[tuple[int, list[Any]]]
"""Up: for each number what became of its commands, each a `Done` without its facts or an exception."""


class Shown(NamedTuple):
    """Up: facts that were committed, from `first` on, ready for live readers."""

    first: int
    facts: list[bytes]


class _Upward(Ring):
    """The room's ring: it only passes on what is published."""

    def __init__(self, head: int, wire: Wire) -> None:
        super().__init__(head, size=1)
        self._wire = wire
        self._last = head

    @property
    def head(self) -> int:
        return self._last

    def publish(self, rows: Sequence[FactRow]) -> None:
        fresh = [row for row in rows if row[0] > self._last]
        if fresh:
            self._last = fresh[-1][0]
            self._wire.send(Shown(fresh[0][0], [serialise(row) for row in fresh]))


def serve_room(wire: Wire, open_writer: Callable[[Callable[[int], Ring]], Writer]) -> None:
    """Decide what comes down the wire until it is hung up.

    Args:
        open_writer: makes the writer, given what makes its ring from the journal's head.
    """
    writer = open_writer(lambda head: _Upward(head, wire))
    wire.send(writer.head)

    def deliver(answers: Answers) -> None:
        try:
            wire.send([(number, [_light(each) for each in outcomes]) for number, outcomes in answers])
        except OSError:
            log.warning("nobody is left above to be told of %d outcomes", len(answers))

    try:
        while True:
            for number, envelopes in wire.receive():
                try:
                    writer.put(envelopes, number, deliver)
                except Refusal as refusal:
                    deliver([(number, [refusal] * len(envelopes))])
    except (EOFError, OSError):
        pass  # hung up: the process above has ended
    finally:
        writer.close()


def _light(outcome: Any) -> Any:
    """The facts stay below: askers read the answer, live readers get the facts once for all. An error that
    is no refusal is in the log; it might not survive the way."""
    if isinstance(outcome, Done):
        return Done((), outcome.answer)
    return outcome if isinstance(outcome, Refusal) else Refusal("internal")


class FarWriter(Askers):
    """The writer of an engine room; the same for its askers as `Writer`.

    Args:
        wire: to the room.
        prepare: does to each envelope what can be done on this side.
        fetch: reads fact rows for subscribers that resume (`SqlQuestions.fact_rows`).
        lost: called once when the room ends by itself.
        ended: waits until the room has written what it has and ended.
    """

    def __init__(
        self,
        wire: Wire,
        prepare: Callable[[Envelope], Envelope],
        fetch: Fetch,
        lost: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        self._ended = ended
        self._prepare = prepare
        self._wire = wire
        self._fetch = fetch
        self._lost = lost
        self._room = threading.Lock()
        self._asked: dict[int, tuple[asyncio.Future[list[Any]], asyncio.AbstractEventLoop, int]] = {}
        self._number = 0
        self._waiting = 0
        self._stopped = False
        self._later: list[Asked] = []
        try:
            head = wire.receive()
        except EOFError:
            raise Refusal("store_unavailable") from None
        self.ring = Ring(head)
        self._thread = threading.Thread(target=self._hear, name="huying-room", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up; the room writes what it has and ends."""
        with self._room:
            self._stopped = True
        self._wire.hang_up()
        self._thread.join()
        self._wire.close()
        self._ended()

    async def _ask(self, envelopes: Sequence[Envelope]) -> list[Any]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Any]] = loop.create_future()
        with self._room:
            if self._stopped or self._waiting + len(envelopes) > WAITING_MAX:
                raise Refusal("busy")
            self._waiting += len(envelopes)
            self._number += 1
            self._asked[self._number] = future, loop, len(envelopes)
            self._later.append((self._number, envelopes))
            first = len(self._later) == 1
        if first:  # all that is asked in this turn of the loop goes down in one frame
            loop.call_soon(self._send)
        return await future

    def _send(self) -> None:
        """Prepare all that was asked one after another: from the second on, code and tables are in the
        processor's caches, which they are not between reading one request and the next."""
        with self._room:
            asked, self._later = self._later, []
        ready = [(number, [self._prepared(each) for each in envelopes]) for number, envelopes in asked]
        try:
            self._wire.send(ready)
        except OSError:
            self._give_up()

    def _prepared(self, envelope: Envelope) -> Envelope:
        """Where a bug stops it the envelope goes down as it came, and is no harm to the others."""
        try:
            return self._prepare(envelope)
        except Exception:
            log.exception("%s could not be prepared", type(envelope.command).__name__)
            return envelope

    # ── the thread that hears ────────────────────────────────────────────────────────────────────────────
    def _hear(self) -> None:
        try:
            while True:
                heard = self._wire.receive()
                if isinstance(heard, Shown):
                    self.ring.take(heard.first, heard.facts)
                else:
                    self._answer(heard)
        except (EOFError, OSError, ValueError):
            pass  # hung up, by us or by the room's end
        with self._room:
            by_itself, self._stopped = not self._stopped, True
        self._give_up()
        if by_itself:
            log.error("the engine room has ended by itself")
            self._lost()

    def _answer(self, answers: Answers) -> None:
        with self._room:
            # Who was told already that nothing can be promised is asked for no more.
            asked = [(self._asked.pop(n), outcomes) for n, outcomes in answers if n in self._asked]
            self._waiting -= sum(count for (_, _, count), _ in asked)
        loops: dict[asyncio.AbstractEventLoop, list[tuple[Any, list[Any]]]] = {}
        for (future, loop, _), outcomes in asked:
            loops.setdefault(loop, []).append((future, outcomes))
        for loop, settled in loops.items():
            deliver_to(loop, settled)

    def _give_up(self) -> None:
        """Tell everybody who waits that nothing can be promised: an answer may have been lost on the way."""
        with self._room:
            asked, self._asked, self._waiting = self._asked, {}, 0
        for future, loop, count in asked.values():
            deliver_to(loop, [(future, [Refusal("store_unavailable")] * count)])
