"""What is done again and again while the house is open: a task that begins and ends with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from huying.base.refusal import Refusal


class Repeated:
    """Does `work` every `every_s` seconds. A refusal or a fault is told to `log` as of `name`, and the next
    turn comes all the same.

    Args:
        first_s: seconds before the first turn; as before every other one by default.
    """

    def __init__(
        self,
        work: Callable[[], Awaitable[object]],
        every_s: float,
        name: str,
        log: logging.Logger,
        first_s: float | None = None,
    ) -> None:
        self._work, self._every_s, self._name, self._log = work, every_s, name, log
        self._first_s = every_s if first_s is None else first_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """No more turns; one that is under way is broken off."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        wait_s = self._first_s
        while True:
            await asyncio.sleep(wait_s)
            wait_s = self._every_s
            try:
                await self._work()
            except Refusal as refusal:
                self._log.warning("%s waits: %s", self._name, refusal.code)
            except Exception:
                self._log.exception("%s failed", self._name)
