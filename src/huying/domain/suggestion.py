"""What a machine makes of a call; a person or the handlers decide."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.place import Place
from huying.domain.reason import Reason


class Likely(Struct, frozen=True, gc=False):
    """What a model says to one question: `head` is type, police, agency, urgency or scam.

    `classes` are the likeliest with their calibrated chances, best first. `choice` are the classes among
    which the truth is nine times in ten: one is a suggestion, several a list to pick from, none or too many
    means that a person decides.
    """

    head: str
    classes: tuple[tuple[str, float], ...]
    choice: tuple[str, ...] = ()


class Suggestion(Struct, frozen=True, gc=False):
    """What triage makes of a call. `type` is a code of the pack (its default type when nothing speaks),
    `alternatives` are other types with their weight, best first; `likely` is what the live model says, empty
    without one; `scam` is the kind of scam that may be going on, empty for none."""

    type: str
    priority: int
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    likely: tuple[Likely, ...] = ()
    scam: str = ""


class Understood(Struct, frozen=True, gc=False):
    """What follows from a call and the pack alone, whatever else is going on: where it is, what it is, and
    the line by which it is told from others."""

    place: Place
    suggestion: Suggestion
    title: str
