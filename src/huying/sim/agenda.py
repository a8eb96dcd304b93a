"""What is going to happen in the simulated city, in order of time; and how its people are told what did."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from huying.domain.commands import Envelope
from huying.domain.facts import Fact, Payload

Act = Callable[[int, Any], Envelope | None]
"""(instant, argument) → the command to send at that instant, or None when there is nothing to do any more."""

Ear = Callable[[Fact, Any], None]
"""(fact, its body): what somebody makes of a fact."""


class Agenda:
    """Acts by their instant (UTC µs); acts of one instant stay in the order in which they were put."""

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, Act, Any]] = []
        self._count = 0

    def put(self, at: int, act: Act, what: Any) -> None:
        self._count += 1
        heappush(self.heap, (at, self._count, act, what))

    def take(self) -> tuple[int, Act, Any]:
        at, _, act, what = heappop(self.heap)
        return at, act, what


class Ears:
    """Who listens to which kind of fact."""

    def __init__(self) -> None:
        self.by_type: dict[type[Payload], list[Ear]] = {}

    def listen(self, payload: type[Payload], ear: Ear) -> None:
        self.by_type.setdefault(payload, []).append(ear)
