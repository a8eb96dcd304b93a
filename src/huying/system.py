"""The machine's own clock and dice: the one file that may read them. Everything else is handed these."""

from __future__ import annotations

import os
import time


class SystemClock:
    """The operating system's clock, which never goes back while the process lives.

    A clock that is set back stands still until the old time is reached again, so that facts stay in order.
    """

    def __init__(self) -> None:
        self._last = 0

    def now(self) -> int:
        """Microseconds since 1970-01-01T00:00:00Z."""
        self._last = max(self._last, time.time_ns() // 1_000)
        return self._last


class SystemChance:
    """The operating system's generator, fit for keys and salts."""

    def bytes(self, count: int) -> bytes:
        return os.urandom(count)
