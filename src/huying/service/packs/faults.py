"""What is wrong with a pack, where: collected, so that a city mends all of it in one go."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from msgspec import Struct

# More than this is one fault a thousand times (a lost column, say), and nobody reads on.
FAULTS_MAX = 1_000

# Comparing letters with more codes than this costs more than the hint is worth.
HINT_FROM_MAX = 2_000


class Level(StrEnum):
    """A pack with a fault is refused; warnings and notices are told."""

    FAULT = "fault"
    WARNING = "warning"
    NOTICE = "notice"


class Fault(Struct, frozen=True, omit_defaults=True):
    """`line` counts from 1, 0 when it is about the whole file. The sentence is `pack.fault.<code>` in the
    words, with `params` in its slots."""

    file: str
    line: int
    code: str
    params: dict[str, Any] = {}
    level: Level = Level.FAULT


class Faults:
    """What was found so far; drops what is beyond `FAULTS_MAX` of a level, but says so."""

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self.count = dict.fromkeys(Level, 0)

    def add(self, file: str, line: int, code: str, level: Level = Level.FAULT, **params: Any) -> None:
        self.count[level] += 1
        if self.count[level] <= FAULTS_MAX:
            self.found.append(Fault(file, line, code, params, level))
        elif self.count[level] == FAULTS_MAX + 1:
            self.found.append(Fault(file, 0, "too_many_faults", {"max": FAULTS_MAX}, level))

    def warn(self, file: str, line: int, code: str, **params: Any) -> None:
        self.add(file, line, code, Level.WARNING, **params)

    def notice(self, file: str, line: int, code: str, **params: Any) -> None:
        self.add(file, line, code, Level.NOTICE, **params)

    @property
    def fatal(self) -> bool:
        return self.count[Level.FAULT] > 0

    def in_order(self) -> tuple[Fault, ...]:
        """By file and line, what stops the pack first."""
        weight = {Level.FAULT: 0, Level.WARNING: 1, Level.NOTICE: 2}
        return tuple(sorted(self.found, key=lambda each: (weight[each.level], each.file, each.line)))


def nearest(code: str, known: Any) -> str:
    """The known code that `code` may have meant, or nothing."""
    if len(known) > HINT_FROM_MAX:
        return ""
    return next(iter(get_close_matches(code, known, n=1, cutoff=0.6)), "")
