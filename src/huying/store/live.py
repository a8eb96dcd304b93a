"""The live end of the journal: every committed fact, serialised once, for any number of readers.

A ring of the newest facts serves all readers; a reader keeps only its place. One that fell behind the ring,
or resumes from long ago, is fed from the journal, and when that would be too much it is told to resync: to
load the screen anew and go on from the head.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple

import msgspec

from huying.store.codec import TAKES_AWAY, FactRow, encode

# About 20 minutes of a large city's facts, 8 MB at 1 KB each.
RING_FACTS = 8_192
# Facts that a reader may catch up on from the journal; beyond, loading the screen anew is quicker.
CATCH_UP_MAX = 20_000
# Facts handed to a reader at once, so that thousands of readers take turns.
CHUNK = 256

# Before the actor's name stand only numbers and the type.
HEAD_BYTES = 160
_TAKES = tuple(b'"type":"%b"' % each.encode() for each in TAKES_AWAY)

Fetch = Callable[[int, int], Sequence[FactRow]]


class Live(NamedTuple):
    """A fact as JSON bytes; `data` None is the resync marker, and `seq` the head from which to go on."""

    seq: int
    data: bytes | None


def serialise(row: FactRow) -> bytes:
    """The fact as a JSON object; the payload's bytes are taken as they are stored."""
    seq, stream, version, type, at, actor, purpose, payload = row[:8]
    who = encode(actor), encode(purpose), encode(type)
    return b'{"seq":%d,"stream":%d,"version":%d,"type":%b,"at":%d,"actor":%b,"purpose":%b,"body":%b}' % (
        seq,
        stream,
        version,
        who[2],
        at,
        who[0],
        who[1],
        payload if payload is not None else b"null",
    )


class Ring:
    """The newest facts. Written by one thread, read by any."""

    def __init__(self, head: int, size: int = RING_FACTS) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._first = head + 1  # seq of _facts[0]
        self._facts: list[bytes] = []
        self._bells: dict[asyncio.AbstractEventLoop, asyncio.Event] = {}

    @property
    def head(self) -> int:
        with self._lock:
            return self._first + len(self._facts) - 1

    def publish(self, rows: Sequence[FactRow]) -> None:
        """Add facts that continue the ring; those it has already are left out."""
        if rows:
            self.take(rows[0][0], [serialise(row) for row in rows])

    def take(self, first: int, facts: list[bytes]) -> None:
        """Add facts that are serialised already, the first of them with `seq` `first`."""
        with self._lock:
            head = self._first + len(self._facts) - 1
            if facts and first > head + 1:
                raise ValueError("a gap in what is published")
            fresh = facts[max(0, head + 1 - first) :]
            self._facts += fresh
            for each in fresh:
                if any(mark in each[:HEAD_BYTES] for mark in _TAKES):
                    self._forget(each)
            over = len(self._facts) - self._size
            if over >= self._size // 4:  # trimmed in steps: one move of the list for many facts
                del self._facts[:over]
                self._first += over
            bells = list(self._bells.items()) if fresh else []
        for loop, bell in bells:
            try:
                loop.call_soon_threadsafe(bell.set)
            except RuntimeError:  # that loop has ended
                self._bells.pop(loop, None)

    def _forget(self, taking: bytes) -> None:
        """Empty the bodies that a fact of erasing names, where they are still here."""
        for seq in msgspec.json.decode(taking)["body"].get("facts", ()):
            place = seq - self._first
            if 0 <= place < len(self._facts):
                fact = msgspec.json.decode(self._facts[place])
                self._facts[place] = encode(fact | {"body": None})

    def after(self, seq: int) -> list[Live] | None:
        """Up to `CHUNK` facts after `seq`, none at the head; None when the ring no longer has the next."""
        with self._lock:
            start = seq + 1 - self._first
            if start < 0:
                return None
            facts = self._facts[start : start + CHUNK]
        return [Live(seq + 1 + i, data) for i, data in enumerate(facts)]

    async def more(self, seq: int) -> None:
        """Wait until there is something after `seq`."""
        loop = asyncio.get_running_loop()
        while self.head <= seq:
            bell = self._bells.get(loop)
            if bell is None or bell.is_set():
                bell = self._bells[loop] = asyncio.Event()
                if self.head > seq:
                    return
            await bell.wait()


async def follow(ring: Ring, fetch: Fetch, after: int | None) -> AsyncIterator[list[Live]]:
    """Chunks of live facts from `after` on (None: from now), for ever.

    `fetch(after, limit)` reads older facts from the journal and is called in a worker thread.
    """
    seq = ring.head if after is None else after
    if seq > ring.head:  # from another journal, or from one that was restored from a backup
        seq = ring.head
        yield [Live(seq, None)]
    while True:
        chunk = ring.after(seq)
        if chunk is None:
            head = ring.head
            if head - seq > CATCH_UP_MAX:
                seq = head
                yield [Live(seq, None)]
                continue
            rows = await asyncio.to_thread(fetch, seq, CHUNK)
            chunk = [Live(row[0], serialise(row)) for row in rows]
        if chunk:
            seq = chunk[-1].seq
            yield chunk
        else:
            await ring.more(seq)
