"""Time and chance are handed in, so that the live code runs unchanged in a simulated city."""

from __future__ import annotations

from typing import Protocol

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Instants outside 1970…2200 are slips of the pen; inside, µs fit a 64-bit integer in every store.
EARLIEST_AT = 0
LATEST_AT = 7_258_118_400 * SECOND


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> int:
        """Microseconds since 1970-01-01T00:00:00Z."""
        ...


class Chance(Protocol):
    """Throws the dice: the operating system's in service, a seeded one in drills."""

    def bytes(self, count: int) -> bytes:
        """`count` unpredictable (or, in a drill, repeatable) bytes."""
        ...


class ManualClock:
    """A clock that stands until it is moved; it never moves by itself."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        return self.at
