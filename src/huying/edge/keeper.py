"""Retention by itself: while the house is open, what has been kept long enough is erased as time passes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from huying.domain.commands import Command, Envelope, EraseDue
from huying.domain.erasing import KEEPER
from huying.domain.picturing import DropPhotos
from huying.edge.desk import Desk
from huying.edge.repeated import Repeated

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
        looks = Repeated(self.look, EVERY_S, "retention", log, first_s)
        self.start, self.stop = looks.start, looks.stop

    async def look(self) -> int:
        """One look; how many incidents something was erased of."""
        await self._do(DropPhotos())
        erased = 0
        for batch in await asyncio.to_thread(self._find):
            erased += (await self._do(EraseDue(incidents=batch)))["incidents"]
            await asyncio.sleep(PAUSE_S)
        await asyncio.to_thread(self._after)
        if erased:
            log.info("%d incidents were kept long enough", erased)
        return erased

    async def _do(self, command: Command) -> dict[str, Any]:
        done = await self._desk.writer.do(
            Envelope(command, actor=KEEPER, purpose="retention", automatic=True)
        )
        return done.answer
