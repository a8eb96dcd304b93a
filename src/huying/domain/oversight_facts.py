"""Facts of who looked: second persons, broken glass, and looks at what callers said."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.payload import Payload


class ContactWished(Payload, frozen=True):
    """Somebody wishes to open a contact and needs a second person; `until` (UTC µs) it stands."""

    n: int
    contact: int
    until: int


class ContactAgreed(Payload, frozen=True):
    """The second person's yes to the wish `n`: good for one opening until `until` (UTC µs)."""

    n: int
    until: int


class GlassBroken(Payload, frozen=True):
    """Somebody sees the incident until `until` and answers for it; to be reviewed by `due` (UTC µs)."""

    n: int
    why: str
    until: int
    due: int


class GlassEnded(Payload, frozen=True):
    n: int


class GlassReviewed(Payload, frozen=True):
    """Somebody else has looked at why; `proper` is what they found."""

    n: int
    proper: bool
    words: str = ""


class Look(Struct, frozen=True, omit_defaults=True):
    """`actor` saw what the calls `calls` say (or their media), or followed the live stream from the fact
    `since` to the fact `until`. `rule` is the rule that allowed it; `at` UTC µs."""

    actor: str
    purpose: str
    thing: str
    at: int
    rule: str = ""
    calls: tuple[int, ...] = ()
    since: int = 0
    until: int = 0


class LooksRecorded(Payload, frozen=True):
    """The looks of a moment, together: one fact for many."""

    looks: tuple[Look, ...]


OVERSIGHT: dict[str, type[Payload]] = {
    "contact.wished": ContactWished,
    "contact.agreed": ContactAgreed,
    "glass.broken": GlassBroken,
    "glass.ended": GlassEnded,
    "glass.reviewed": GlassReviewed,
    "look.recorded": LooksRecorded,
}
