"""Retention by itself: while the house is open, what has been kept long enough is erased as time passes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from huying.base.refusal import Refusal
from huying.domain.commands import Command, Envelope, EraseDue
from huying.domain.erasing import KEEPER
from huying.domain.picturing import DropPhotos
from huying.edge.desk import Desk

# A day is the unit of retention, so a quarter of an hour is soon enough; the first look is not at start,
# when everybody wants to be served.
FIRST_S = 60.0
EVERY_S = 900.0
# Between two batches calls have their turn.
PAUSE_S = 0.05

log = logging.getLogger("huying.retention")


class Finds(Protocol):
    """What is due, in batches of ids; asked in another thread."""

    def __call__(self) -> list[tuple[int, ...]]: ...


class Keeper:
    """Erases what `find` finds; `after` is called in another thread when something was erased."""

    def __init__(self, desk: Desk, find: Finds, after: Callable[[], Any], first_s: float = FIRST_S) -> None:
        self._desk = desk
        self._find = find
        self._after = after
        self._first_s = first_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> int:
        """One look; how many incidents something was erased of."""
        await self._do(DropPhotos())
        erased = 0
        for batch in await asyncio.to_thread(self._find):
            erased += (await self._do(EraseDue(incidents=batch)))["incidents"]
            await asyncio.sleep(PAUSE_S)
        await asyncio.to_thread(self._after)
        return erased

    async def _do(self, command: Command) -> dict[str, Any]:
        done = await self._desk.writer.do(
            Envelope(command, actor=KEEPER, purpose="retention", automatic=True)
        )
        return done.answer

    async def _run(self) -> None:
        wait_s = self._first_s
        while True:
            await asyncio.sleep(wait_s)
            wait_s = EVERY_S
            try:
                erased = await self.look()
                if erased:
                    log.info("%d incidents were kept long enough", erased)
            except Refusal as refusal:
                log.warning("retention waits: %s", refusal.code)
            except Exception:
                log.exception("retention failed")
