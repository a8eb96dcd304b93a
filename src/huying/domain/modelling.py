"""Commands of learning: put a model into use, and say what a call is."""

from __future__ import annotations

from huying.domain.commands import Command

LIVE, SHADOW, PASSED = "live", "shadow", "passed"
"""What a model may be: the one that speaks, the one on trial beside it, the one that passed the gate last."""

ROLES = (LIVE, SHADOW, PASSED)

WORDS_ONLY = "words"
"""In place of a model's hash: no model, not even the one that ships with the pack."""


class SetModel(Command, frozen=True, kw_only=True):
    """The model with this hash takes the role; empty takes the role from whichever has
    it."""

    role: str
    digest: str = ""
    why: str = ""


class LabelCall(Command, frozen=True, kw_only=True):
    """What a call is, by its words alone: `type` is a code of the pack, `priority` 0 the type's own, `scam`
    empty for none. `blind` says that the suggestion was not shown."""

    call: int
    type: str
    priority: int = 0
    agency: str = ""
    scam: str = ""
    blind: bool = False


def door(role: str) -> str:
    """The name under which the store finds the fact that last gave the role."""
    return f"model.{role}"


def label_door(call: int) -> str:
    """The name under which the store finds the last label of a call."""
    return f"label.{call}"
