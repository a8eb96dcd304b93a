"""What a machine makes of a call; a person or the handlers decide."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.place import Place
from huying.domain.reason import Reason


class Suggestion(Struct, frozen=True, gc=False):
    """What triage makes of a call. `type` is a code of the pack (its default type when nothing speaks),
    `alternatives` are other types with their weight, best first."""

    type: str
    priority: int
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()


class Understood(Struct, frozen=True, gc=False):
    """What follows from a call and the pack alone, whatever else is going on: where it is, what it is, and
    the line by which it is told from others."""

    place: Place
    suggestion: Suggestion
    title: str
