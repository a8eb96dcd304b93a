"""Commands of oversight: a second person's yes, broken glass and its review, looks put on record."""

from __future__ import annotations

from huying.domain.commands import Command, OnIncident
from huying.domain.oversight_facts import Look


class AgreeToOpen(OnIncident, frozen=True, kw_only=True):
    """The second person's yes to the wish `n` to open a contact."""

    n: int


class BreakGlass(OnIncident, frozen=True, kw_only=True):
    """See everything of one incident for an hour, in an emergency, and answer for it. `why` is needed."""

    why: str


class ReviewGlass(OnIncident, frozen=True, kw_only=True):
    """Say whether an emergency view was proper; not by who had it."""

    n: int
    proper: bool
    words: str = ""


class RecordLooks(Command, frozen=True, kw_only=True):
    """Looks that the desk has collected; only the desk sends this."""

    looks: tuple[Look, ...]
