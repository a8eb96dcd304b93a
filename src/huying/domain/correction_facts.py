"""Facts of putting a wrong record right, and of who was ever given it."""

from __future__ import annotations

from typing import Any

from msgspec import field

from huying.domain.payload import Payload


class CorrectionAsked(Payload, frozen=True):
    """Somebody says that `at_field` of the fact `of` is wrong and that `right` is right; decided by `due`.

    `asked_by` is in what quality they ask (never a name), `basis` the law they lean on.
    """

    n: int
    of: int
    at_field: str
    right: str
    asked_by: str
    basis: str
    due: int


class CorrectionMade(Payload, frozen=True):
    """What was wrong is sealed under the number of this fact, and hidden; `left` is what the `facts` say from
    now on, by their numbers. `kinds` are the types of the fact `of` and of those that repeat its words. The
    recipients are to be told by `due` (0: nobody was ever given it)."""

    n: int
    of: int
    kinds: dict[str, str] = field(default_factory=dict)
    facts: tuple[int, ...] = ()
    left: dict[str, Any] = field(default_factory=dict)
    due: int = 0


class IncidentRetitled(Payload, frozen=True):
    """The title was made of words that are put right; `facts` and `left` as in a correction."""

    title: str
    facts: tuple[int, ...] = ()
    left: dict[str, Any] = field(default_factory=dict)


class CorrectionSent(Payload, frozen=True):
    """`to` was given the wrong record once, and is now told what is right."""

    n: int
    to: str
    due: int


class CorrectionAcknowledged(Payload, frozen=True):
    n: int
    to: str


class CorrectionRefused(Payload, frozen=True):
    """With the reason, and `appeal`: where the asker can turn to."""

    n: int
    why: str
    appeal: str


class CorrectionOpened(Payload, frozen=True):
    """Somebody looked at what had been wrong, to prove that it was."""

    n: int


class RecordDisclosed(Payload, frozen=True):
    """Facts after `after` up to `until` were handed to `to` with words in them."""

    to: str
    basis: str
    after: int
    until: int


class IncidentDisclosed(Payload, frozen=True):
    """What is known of one incident was handed to `to`."""

    to: str
    basis: str


CORRECTION: dict[str, type[Payload]] = {
    "correction.asked": CorrectionAsked,
    "correction.made": CorrectionMade,
    "incident.retitled": IncidentRetitled,
    "correction.sent": CorrectionSent,
    "correction.acknowledged": CorrectionAcknowledged,
    "correction.refused": CorrectionRefused,
    "correction.opened": CorrectionOpened,
    "record.disclosed": RecordDisclosed,
    "incident.disclosed": IncidentDisclosed,
}
