"""Finds the incidents of a filter, newest first, in at most three statements and bounded time.

Recent incidents, whose terms are not indexed yet, are looked through first, all of them.

Each condition is a set of terms; `incident_term` lists the incidents of a term in order. The rarest
condition leads the walk and the others are looked up. A walk looks at no more than `WINDOW` candidates;
where they hold too few that fit, the page comes back shorter with a cursor from which to go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from huying.domain.statuses import IncidentStatus
from huying.service.questions import Among, IncidentFilter
from huying.store.findsql import Shape, Text, recent_text, survey_text, walk_text
from huying.store.terms import cover, pack, term

# Candidates looked at in one statement: 2,000 look-ups are 1–2 ms.
WINDOW = 2_000
_ABOVE_ALL = (1 << 63) - 1


class Condition(NamedTuple):
    """One of `terms` must hold."""

    terms: Sequence[int]


def conditions_of(which: IncidentFilter, among: Among = ()) -> list[Condition]:
    """The conditions that can lead or be looked up; the rest is `Finder._residual`."""
    found = [Condition([term(kind, value) for kind, value in group]) for group in among]
    if which.status:
        known = [each.value for each in IncidentStatus if each.value in which.status]
        found.append(Condition([term("status", each) for each in known]))
    if which.type:
        found.append(Condition([term("type", which.type)]))
    if which.agency:
        found.append(Condition([term("agency", which.agency)]))
    if which.area:
        found.append(Condition([term("area", which.area)]))
    if which.duty_desk:
        found.append(Condition([term("duty_desk", 1)]))
    if which.left:
        found.append(Condition([term("left", which.left)]))
    if which.priority_max < 5:
        found.append(Condition([term("priority", each) for each in range(1, which.priority_max + 1)]))
    if which.box is not None and (cells := cover(which.box)):
        found.append(Condition(cells))
    return found


class Finder:
    """One question over one connection. Statements are built once for each shape of filter: building them
    takes longer than running them."""

    def __init__(self, connection: sa.Connection, which: IncidentFilter, among: Among = ()) -> None:
        self._connection = connection
        self._all = not among and which == IncidentFilter()
        self._which = which
        self._conditions = conditions = conditions_of(which, among)
        self._shape = Shape(
            connection.dialect.name,
            tuple(len(each.terms) for each in conditions),
            bool(which.since),
            bool(which.until),
            which.box is not None,
            which.duty_desk is False,
        )
        self._values: dict[str, Any] = {"since": which.since, "until": which.until, "window": WINDOW}
        if which.box is not None:
            self._values |= zip(("south", "west", "north", "east"), which.box, strict=True)
        for i, condition in enumerate(conditions):
            self._values[f"step_{i}"] = WINDOW // max(1, len(condition.terms))
            for j, each in enumerate(condition.terms):
                self._values[f"term_{i}_{j}"] = each
                self._values[f"packed_{i}_{j}"] = pack([each])

    def page(self, before: int | None, limit: int) -> tuple[list[bytes], int]:
        """(documents, cursor): at most `limit` documents of incidents with an id below `before`; the
        cursor is 0 at the end."""
        found: list[Any] = []
        if any(not each.terms for each in self._conditions):
            return [], 0
        top = before if before is not None else _ABOVE_ALL
        floor, low = 0, 0
        if self._all:
            found += self._walk(None, 0, top, limit + 1)
        else:
            found, top = self._recent(top, limit + 1)
            if len(found) <= limit:
                low, top, floors = self._survey(top)
                lead, floor = self._lead(floors, low)
                found += self._walk(lead, floor, top, limit + 1 - len(found))
        if len(found) > limit:
            return [row[1] for row in found[:limit]], found[limit - 1][0]
        return [row[1] for row in found], floor + 1 if floor > low else 0

    def _run(self, text: Text, **values: Any) -> Sequence[sa.Row[Any]]:
        """Rows are told apart by position: (id, doc, …)."""
        return self._connection.exec_driver_sql(text.sql, text.fill(self._values | values)).all()

    def _recent(self, top: int, limit: int) -> tuple[list[Any], int]:
        """(matches among recent incidents below `top`, the id below which the index takes over)."""
        rows = self._run(recent_text(self._shape), top=top, limit=limit)
        return [row for row in rows if row[0] is not None], min(top, rows[0].indexed + 1)

    def _survey(self, top: int) -> tuple[int, int, list[int]]:
        """(lowest id − 1, top, for each condition the id down to which its window reaches)."""
        which, shape = self._which, self._shape
        spans = list(shape.spans)
        if shape.box or shape.not_desk:  # may lead by id alone
            spans.append(1)
        if not spans and not which.since and not which.until:
            return 0, top, []
        values = list(self._run(survey_text(shape), top=top)[0])
        low = 0
        if which.since:
            first = values.pop(0)
            low = (first if first is not None else _ABOVE_ALL) - 1
        if which.until:
            end = values.pop(0)
            top = min(top, end if end is not None else _ABOVE_ALL)
        floors = []
        for span in spans:
            floors.append(max((each or 0) for each in values[:span]))
            del values[:span]
        return low, top, floors

    def _lead(self, floors: list[int], low: int) -> tuple[int | None, int]:
        """The condition whose window reaches furthest down (None: walk all by id), and its floor."""
        if not floors:
            return None, low
        shape = self._shape
        best = min(range(len(floors)), key=lambda i: (floors[i], i))
        if shape.spans == (1,) and best == 0 and not shape.box and not shape.not_desk:
            return best, low  # every candidate fits: no need to stop
        return best if best < len(shape.spans) else None, max(floors[best], low)

    def _walk(self, lead: int | None, floor: int, top: int, limit: int) -> list[Any]:
        if top <= floor + 1:
            return []
        return list(self._run(walk_text(self._shape, lead), floor=floor, top=top, limit=limit))
