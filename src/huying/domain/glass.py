"""Looks that are more than a look: an emergency view, and a look that waits for a second person's yes."""

from __future__ import annotations

from msgspec import Struct


class Glass(Struct, omit_defaults=True):
    """Somebody has broken the glass for an incident: they see it until `until`, and somebody else reviews it.

    `n` counts them within the incident from 1; instants are UTC µs, 0 for not yet.
    """

    n: int
    actor: str
    broken_at: int
    until: int
    why: str = ""
    ended: bool = False
    reviewed_at: int = 0
    reviewed_by: str = ""

    @property
    def running(self) -> bool:
        return not self.ended


class Wish(Struct, omit_defaults=True):
    """`actor` wishes to open `contact` and needs a second person; `until` (UTC µs) an agreement is good for
    one opening. `n` counts wishes within the incident from 1."""

    n: int
    actor: str
    contact: int
    purpose: str
    until: int
    agreed_by: str = ""
    used: bool = False
