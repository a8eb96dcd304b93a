"""Facts of closed roads become state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import asdict

from huying.domain.closure import Closure, RoadClosed, RoadReopened
from huying.domain.facts import Fact
from huying.domain.payload import Payload


class Roads(Protocol):
    """Where closures are found to be changed, and put when they begin."""

    def closure_to_change(self, id: int) -> Closure: ...
    def add_closure(self, closure: Closure) -> None: ...


def _closed(roads: Roads, fact: Fact, body: RoadClosed) -> None:
    roads.add_closure(Closure(id=fact.stream, since_at=fact.at, by=fact.actor, **asdict(body)))


def _reopened(roads: Roads, fact: Fact, body: RoadReopened) -> None:
    closure = roads.closure_to_change(fact.stream)
    closure.version, closure.ended_at = fact.version, fact.at


EVOLVE_CLOSURES: dict[type[Payload], Callable[[Any, Fact, Any], None]] = {
    RoadClosed: _closed,
    RoadReopened: _reopened,
}
