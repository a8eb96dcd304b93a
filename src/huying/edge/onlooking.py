"""The record for somebody who looks on: who did what kind of thing and when, as far as their rules show it.

The headers of facts tell nothing of what was said, and yet who opened which contact, whose incident was
handed where, and when a colleague came in. Whole they are for oversight, and for a program that was handed a
key for the record; others see of the newest facts what their rules show them of every incident.
"""

from __future__ import annotations

from huying.domain.policy import NOTHING, Action, Thing
from huying.domain.principal import Kind
from huying.edge.view import View
from huying.privacy.redact import OF_ALL, THING_OF, thing_of
from huying.record.book import Book, Entry


def sees_headers(view: View) -> bool:
    """Whether the header of any fact may be told; of a partner's key the gate has asked for its scope."""
    return view.who.kind is Kind.PARTNER or view.could(Thing.EXPORT)


def newest(view: View, book: Book, most: int) -> list[Entry]:
    """Those of the `most` newest entries that the asker is shown, newest first. Blocks."""
    entries = book.tail(most)
    if sees_headers(view):
        return entries
    shown = {thing for thing in set(THING_OF.values()) if _of_every(view, thing)}
    return [each for each in entries if each.type.partition(".")[0] in OF_ALL or thing_of(each.type) in shown]


def _of_every(view: View, thing: Thing) -> bool:
    """Whether a thing is shown wherever it is and whosever, and who did it."""
    grant = view.may(thing, Action.READ, NOTHING)
    return grant is not None and (thing is not Thing.TIMELINE or "actor" in grant.fields)
