"""How often somebody may do something: a bucket of tokens for each address."""

from __future__ import annotations

import threading
from collections import OrderedDict

from huying.base.clock import SECOND, Clock

# Addresses remembered; the one unseen for longest is forgotten first, which gives it a full bucket again.
ADDRESSES_MAX = 20_000
# Wrong codes a minute, after as many at once: ten digits hold out for centuries against that.
GUESSES_PER_MINUTE = 10


class Buckets:
    """`rate` tokens a second flow into each address's bucket of `burst`; a request takes one."""

    def __init__(self, rate: float, burst: float, clock: Clock) -> None:
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Take a token; whether there was one."""
        with self._lock:
            now = self._clock.now()
            left = self._level(address, now)
            allowed = left >= 1.0
            self._left[address] = (left - 1.0 if allowed else left, now)
            self._left.move_to_end(address)
            if len(self._left) > ADDRESSES_MAX:
                self._left.popitem(last=False)
        return allowed

    def left(self, address: str) -> bool:
        """Whether there is a token, without taking it."""
        with self._lock:
            return self._level(address, self._clock.now()) >= 1.0

    def _level(self, address: str, now: int) -> float:
        left, since = self._left.get(address, (self.burst, now))
        # A clock that was put back takes nothing away: else everybody would be shut out until it caught up.
        return min(self.burst, left + max(0, now - since) * self.rate / SECOND)
