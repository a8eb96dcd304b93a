"""The machine's own clock and dice: the one file that may read them. Everything else is handed these."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


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


# Random bytes fetched at once: each fetch is a system call in which other threads take the interpreter.
CHANCE_BYTES = 4_096


class SystemChance:
    """The operating system's generator, fit for keys and salts. No byte is given out twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = b""
        self._at = 0
        if hasattr(os, "register_at_fork"):  # a child must not give out what its parent has in hand
            os.register_at_fork(after_in_child=self._drop)

    def _drop(self) -> None:
        self._lock = threading.Lock()
        self._bytes, self._at = b"", 0

    def bytes(self, count: int) -> bytes:
        if count > CHANCE_BYTES // 16:
            return os.urandom(count)
        with self._lock:
            if self._at + count > len(self._bytes):
                self._bytes, self._at = os.urandom(CHANCE_BYTES), 0
            start, self._at = self._at, self._at + count
            return self._bytes[start : self._at]


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cycles rarely: deciding makes millions of objects and hardly a cycle, and what was read at the
    start stays for good. Looking as often as usual costs a tenth of the time."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
