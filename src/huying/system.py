"""The machine's own clock and dice: the one file that may read them. Everything else is handed these."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Seconds since the machine started, which nobody can set; where there is no such clock that counts sleep too,
# a machine that slept looks like one whose clock was set.
_SINCE_START = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
# µs by which the operating system's clock may be set at once. Time services correct a running clock by
# slowing or hurrying it, in steps far below a second; a minute is what two servers may be apart (/healthz).
LEAP_MAX = 60_000_000


class SystemClock:
    """The operating system's clock, which never goes back while the process lives, and never leaps.

    A clock that is set back a little stands still until the old time is reached again, so that facts stay in
    order. One that is set by more than `LEAP_MAX` is not followed: time goes on as the machine counts it,
    until the clock agrees again or the process is started anew. `leap` (µs) is how far off it is, 0 while it
    agrees.
    """

    def __init__(self) -> None:
        self._last = self.leap = 0
        self._agreed: tuple[int, int] | None = None  # (time, count since start) when both were last believed

    def now(self) -> int:
        """Microseconds since 1970-01-01T00:00:00Z."""
        wall, count = time.time_ns() // 1_000, _count()
        if self._agreed is not None:
            counted = self._agreed[0] + count - self._agreed[1]
            self.leap = wall - counted if abs(wall - counted) > LEAP_MAX else 0
            if self.leap:
                wall = counted
        if not self.leap:
            self._agreed = wall, count
        self._last = max(self._last, wall)
        return self._last


def _count() -> int:
    """Microseconds since the machine started."""
    return (time.clock_gettime_ns(_SINCE_START) if _SINCE_START is not None else time.monotonic_ns()) // 1_000


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
