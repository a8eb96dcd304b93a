"""Commands of learning: put a model into use, and say what a call is."""

from __future__ import annotations

from typing import Any

from msgspec import field

from huying.domain.commands import Command

LIVE, SHADOW, PASSED = "live", "shadow", "passed"
"""What a model may be: the one that speaks, the one on trial beside it, the one that passed the gate last."""

ROLES = (LIVE, SHADOW, PASSED)

FEATURES_USUAL = 27_000
"""Features of a city's model of two languages and 240 types; its files stay below 3 MB."""

WORDS_ONLY = "words"
"""In place of a model's hash: no model, not even the one that ships with the pack."""


class SetModel(Command, frozen=True, kw_only=True):
    """The model with this hash takes the role; empty takes the role from whichever has it. `now` says which
    model the sender saw in the role (None: whichever): when another has it by then, nothing is changed."""

    role: str
    digest: str = ""
    why: str = ""
    now: str | None = None


class NoteTraining(Command, frozen=True, kw_only=True):
    """A model was made: from how many texts, how many of them of the journal, and files with which hashes."""

    digest: str
    texts: int
    journal_texts: int = 0
    sources: tuple[str, ...] = ()


class JudgeModel(Command, frozen=True, kw_only=True):
    """The gate compared a model with the one `against` which it stands; what passes may go live."""

    digest: str
    against: str
    passed: bool
    faults: tuple[str, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)


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


def judged_door(digest: str) -> str:
    """The name under which the store finds the gate's last word on a model."""
    return f"judged.{digest}"
