"""What a machine makes of a call; a person or the handlers decide."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.reason import Reason


class Suggestion(Struct, frozen=True):
    """What triage makes of a call. `type` is a code of the pack (its default type when nothing speaks),
    `alternatives` are other types with their weight, best first."""

    type: str
    priority: int
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
