"""Facts of models become state: the store finds by its role the fact that last gave it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from huying.domain import model_facts as f
from huying.domain.facts import Fact
from huying.domain.modelling import door
from huying.domain.payload import Payload


class Doors(Protocol):
    """Where names are put up under which a stream is found."""

    def door(self, name: str, id: int) -> None: ...


def _set(state: Doors, fact: Fact, body: f.ModelSet) -> None:
    state.door(door(body.role), fact.stream)


def _on_record(state: Any, fact: Fact, body: Payload) -> None:
    """A label is only on record: it is learnt from, and decides nothing."""


EVOLVE_MODELS: dict[type[Payload], Callable[[Any, Fact, Any], None]] = {
    f.ModelSet: _set,
    f.CallLabelled: _on_record,
}
