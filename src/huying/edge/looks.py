"""Looks at what callers said, collected here and put on record by the handful: one fact for many.

A look is on disk at most `FLUSH_S` after it happened. When the journal takes no more, personal words are not
shown any longer (`busy`): nobody looks unrecorded.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Any, Protocol

from huying.base.clock import MINUTE
from huying.base.refusal import Refusal
from huying.domain.commands import Envelope
from huying.domain.oversight import RecordLooks
from huying.domain.oversight_facts import Look
from huying.edge.repeated import Repeated

# How long a look may wait for others; what a crash can lose.
FLUSH_S = 1.0
# Looks in one fact: some 100 kB at most.
TOGETHER_MAX = 1_000
# Looks that may wait when the journal is slow or full; beyond it nothing personal is shown.
WAITING_MAX = 20_000
# A screen that loads the same story again within a minute has looked once.
SAME_WITHIN = MINUTE
# Remembered looks; the oldest half is forgotten when there are more, which can only record one twice.
KNOWN_MAX = 50_000
# Calls of one look: a great storm's incident has hundreds.
CALLS_MAX = 500

_log = logging.getLogger("huying.looks")
_Key = tuple[str, str, str, int]


class Writes(Protocol):
    async def do(self, envelope: Envelope) -> Any: ...


class Looks:
    """`note` and `followed` from any thread; the rest belongs to the event loop."""

    def __init__(self, writer: Writes) -> None:
        self._writer = writer
        self._lock = threading.Lock()
        self._flushing = asyncio.Lock()
        self._waiting: list[Look] = []
        self._known: dict[_Key, int] = {}
        self._flushes = Repeated(self.flush, FLUSH_S, "record of looks", _log)

    def note(self, actor: str, purpose: str, thing: str, rule: str, calls: Sequence[int], at: int) -> None:
        """Somebody sees these calls now.

        Raises:
            Refusal: `busy` when looks can't be put on record.
        """
        with self._lock:
            known = self._known
            seen, never = known.get, -SAME_WITHIN
            fresh = [
                key
                for call in calls[:CALLS_MAX]
                if at - seen(key := (actor, purpose, thing, call), never) >= SAME_WITHIN
            ]
            if not fresh:
                return
            self._add(Look(actor, purpose, thing, at, rule, tuple([key[3] for key in fresh])))
            # Known only once it waits: a look that was refused must not pass for one a moment later.
            known.update(dict.fromkeys(fresh, at))
            if len(known) > KNOWN_MAX:
                for key in list(known)[: KNOWN_MAX // 2]:
                    del known[key]

    def followed(self, actor: str, purpose: str, rule: str, since: int, until: int, at: int) -> None:
        """Somebody followed the live stream from the fact `since` to the fact `until`."""
        with self._lock:
            self._add(Look(actor, purpose, "stream", at, rule, (), since, until))

    def _add(self, look: Look) -> None:
        if len(self._waiting) >= WAITING_MAX:
            raise Refusal("busy")
        self._waiting.append(look)

    async def flush(self) -> None:
        """Put on record what waits; what can't be written waits on."""
        async with self._flushing:
            while self._waiting:
                with self._lock:
                    looks = tuple(self._waiting[:TOGETHER_MAX])
                command = RecordLooks(looks=looks)
                await self._writer.do(Envelope(command, actor="desk", purpose="audit", automatic=True))
                with self._lock:
                    del self._waiting[: len(looks)]

    async def start(self) -> None:
        """Begin to put looks on record, for the whole life of the desk."""
        await self._flushes.start()

    async def stop(self) -> None:
        """Put on record what waits, and end."""
        await self._flushes.stop()
        try:
            await self.flush()
        except Refusal as refusal:
            _log.error("%d looks could not be put on record: %s", len(self._waiting), refusal.code)
