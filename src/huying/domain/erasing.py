"""Facts of what is kept and what is taken away: retention, legal holds."""

from __future__ import annotations

from typing import Any

from msgspec import field

from huying.domain.payload import Payload

# What of an incident runs out by itself: how its callers are reached, and what was said.
CONTACT = "contact"
WORDS = "words"
KINDS = (CONTACT, WORDS)
KEEPER = "retention"
"""Who did it, where the installation erased by itself."""


class IncidentErased(Payload, frozen=True):
    """The keys of `contacts` and the payloads of `facts` (their numbers) are gone.

    `kinds` are those of which nothing is left; `rules` the rows of the pack that say so, or `why` when it was
    not for them. `left` is what stays of each payload, by the fact's number: all but the words, so that the
    state of the house can be made anew from the journal.
    """

    kinds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    why: str = ""
    contacts: tuple[int, ...] = ()
    facts: tuple[int, ...] = ()
    left: dict[str, Any] = field(default_factory=dict)


class IncidentHeld(Payload, frozen=True):
    """Nothing of it is erased until it is released: a court, an audit or the person themselves asked."""

    why: str


class IncidentReleased(Payload, frozen=True):
    why: str


ERASING: dict[str, type[Payload]] = {
    "incident.erased": IncidentErased,
    "incident.held": IncidentHeld,
    "incident.released": IncidentReleased,
}
