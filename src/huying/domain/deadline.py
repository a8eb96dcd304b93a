"""What must be done by when, and who hears of it when it is not."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class SpanUnit(StrEnum):
    """`m` minutes, `h` hours, `d` calendar days, `wh` working hours, `wd` working days."""

    MINUTES = "m"
    HOURS = "h"
    DAYS = "d"
    WORKING_HOURS = "wh"
    WORKING_DAYS = "wd"


class Span(Struct, frozen=True):
    """A length of time as a city writes it: `30m`, `4h`, `2d`, `8wh`, `3wd`."""

    amount: int
    unit: SpanUnit

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


class Rung(Struct, frozen=True):
    """One step of a ladder: `after` the due time (or the rung before), `to` is told."""

    after: Span
    to: str


class Ladder(Struct, frozen=True):
    """Who hears, one after another, when a deadline has passed."""

    code: str
    rungs: tuple[Rung, ...]


class Deadline(Struct, omit_defaults=True, gc=False):
    """A clock on an incident. `key` says on what: `dispatch`, `arrive`, `accept:1`, `resolve:1`, `follow_up`,
    `backup` (a unit needs help), `conclude` (say how it ended), `close` (by a person).

    `due` is the promise, `next` the instant at which the deadline acts next (the promise itself, then the
    rungs), both UTC µs; `rung` counts the rungs climbed. `ladder` is a code of the pack, empty for none.
    """

    key: str
    due: int
    next: int
    ladder: str = ""
    rung: int = 0
