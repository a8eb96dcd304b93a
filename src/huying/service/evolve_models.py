"""Facts of models become state: the store finds by its role the fact that last gave it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from huying.domain import model_facts as f
from huying.domain.facts import Fact
from huying.domain.modelling import door, judged_door, label_door
from huying.domain.payload import Payload
from huying.domain.shadow import DOOR, ShadowSet


class Doors(Protocol):
    """Where names are put up under which a stream is found."""

    def door(self, name: str, id: int) -> None: ...


def _set(state: Doors, fact: Fact, body: f.ModelSet) -> None:
    state.door(door(body.role), fact.stream)


def _labelled(state: Doors, fact: Fact, body: f.CallLabelled) -> None:
    """A label decides nothing; it is only found again, so that nobody is asked twice."""
    state.door(label_door(body.call), fact.stream)


def _trained(state: Doors, fact: Fact, body: f.ModelTrained) -> None:
    """Stands in the journal alone: nothing asks for it but who reads the record."""


def _judged(state: Doors, fact: Fact, body: f.ModelJudged) -> None:
    state.door(judged_door(body.digest), fact.stream)


def _shadow_set(state: Doors, fact: Fact, body: ShadowSet) -> None:
    state.door(DOOR, fact.stream)


EVOLVE_MODELS: dict[type[Payload], Callable[[Any, Fact, Any], None]] = {
    f.ModelSet: _set,
    f.ModelTrained: _trained,
    f.ModelJudged: _judged,
    f.CallLabelled: _labelled,
    ShadowSet: _shadow_set,
}
