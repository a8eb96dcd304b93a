"""Finds what has been kept long enough, shows it beforehand, and has it erased in small batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from msgspec import Struct, field

from huying.base.clock import DAY
from huying.domain.erasing import KINDS
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.service.questions import IncidentFilter, Page
from huying.service.retention import AT_ONCE_MAX, due_kinds, rules_for

# Incidents read at a time: 1,000 are a few MB.
PAGE = 1_000
# Ids shown beforehand for each rule, so that a person can look at some.
SHOWN_MAX = 5


class Asked(Protocol):
    """The part of the questions that is asked here."""

    def states(self, which: IncidentFilter, cursor: str, limit: int) -> Page: ...


class Due(Struct):
    """What a row of the pack is about to take: `count` incidents, the first of them."""

    rule: str
    kind: str
    days: int
    count: int = 0
    shown: list[int] = field(default_factory=list)


class Erased(Struct):
    """What one run has taken away."""

    incidents: int = 0
    contacts: int = 0
    facts: int = 0

    def add(self, answer: dict[str, Any]) -> None:
        self.incidents += answer["incidents"]
        self.contacts += answer["contacts"]
        self.facts += answer["facts"]


def due(questions: Asked, pack: Pack, at: int, kind: str) -> Iterator[Incident]:
    """Incidents of which things of this kind have been kept long enough at `at` (UTC µs), newest first."""
    spans = [row.keep.amount for row in pack.keeps if row.kind == kind]
    if not spans:
        return
    # Closed at the earliest when it was opened; a day more or less for the calendar's own midnights.
    until = at - (min(spans) - 1) * DAY
    which, cursor = IncidentFilter(left=kind, until=max(until, 1)), ""
    while True:
        page = questions.states(which, cursor, PAGE)
        yield from (each for each in page.items if kind in due_kinds(pack, each, at))
        cursor = page.next
        if not cursor:
            return


def preview(questions: Asked, pack: Pack, at: int) -> list[Due]:
    """What a run would do now, by row of the pack, in the pack's order; nothing is changed."""
    found = {row.code: Due(row.code, row.kind, row.keep.amount) for row in pack.keeps}
    for kind in KINDS:
        for incident in due(questions, pack, at, kind):
            for row in rules_for(pack, incident, kind):
                told = found[row.code]
                told.count += 1
                if len(told.shown) < SHOWN_MAX:
                    told.shown.append(incident.id)
    return list(found.values())


def run(
    questions: Asked,
    pack: Pack,
    at: int,
    erase: Callable[[tuple[int, ...]], dict[str, Any]],
    progress: Callable[[int, int], None] | None = None,
) -> Erased:
    """Have everything erased that is due; `erase` sends one command and asks anew under the lock."""
    told = Erased()
    for kind in KINDS:
        for batch in batches(due(questions, pack, at, kind)):
            told.add(erase(batch))
            if progress:
                progress(told.incidents, 0)
    return told


def batches(incidents: Iterator[Incident]) -> Iterator[tuple[int, ...]]:
    waiting: list[int] = []
    for each in incidents:
        waiting.append(each.id)
        if len(waiting) == AT_ONCE_MAX:
            yield tuple(waiting)
            waiting = []
    if waiting:
        yield tuple(waiting)
