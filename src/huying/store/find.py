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
from huying.service.ports import IncidentFilter
from huying.store import schema as t
from huying.store.terms import cover, pack, term

# Candidates looked at in one statement: 2,000 look-ups are 1–2 ms.
WINDOW = 2_000
_ABOVE_ALL = (1 << 63) - 1

_list = t.incident_term


class Condition(NamedTuple):
    """One of `terms` must hold."""

    terms: Sequence[int]


def conditions_of(which: IncidentFilter) -> list[Condition]:
    """The conditions that can lead or be looked up; the rest is `Finder._residual`."""
    found = []
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
    if which.priority_max < 5:
        found.append(Condition([term("priority", each) for each in range(1, which.priority_max + 1)]))
    if which.box is not None and (cells := cover(which.box)):
        found.append(Condition(cells))
    return found


class Finder:
    """One question over one connection."""

    def __init__(self, connection: sa.Connection, which: IncidentFilter) -> None:
        self._connection = connection
        self._which = which
        self._conditions = conditions_of(which)

    def page(self, before: int | None, limit: int) -> tuple[list[bytes], int]:
        """(documents, cursor): at most `limit` documents of incidents with an id below `before`; the
        cursor is 0 at the end."""
        found: list[Any] = []
        if any(not each.terms for each in self._conditions):
            return [], 0
        top = before if before is not None else _ABOVE_ALL
        floor, low = 0, 0
        if self._which == IncidentFilter():
            found += self._walk(None, 0, top, limit + 1)
        else:
            found, top = self._recent(top, limit + 1)
            if len(found) <= limit:
                low, top, floors = self._survey(top)
                lead, floor = self._lead(floors, low)
                found += self._walk(lead, floor, top, limit + 1 - len(found))
        if len(found) > limit:
            return [row.doc for row in found[:limit]], found[limit - 1].id
        return [row.doc for row in found], floor + 1 if floor > low else 0

    def _recent(self, top: int, limit: int) -> tuple[list[Any], int]:
        """(matches among recent incidents below `top`, the id below which the index takes over)."""
        recent, which = t.incident_recent, self._which
        ids = sa.select(recent.c.id).where(recent.c.id < top).order_by(recent.c.id.desc()).limit(limit)
        for condition in self._conditions:
            ids = ids.where(sa.or_(*(self._has(each) for each in condition.terms)))
        if which.box or which.since or which.until or which.duty_desk is False:
            ids = ids.join(t.incident, t.incident.c.id == recent.c.id).where(*self._residual())
            if which.since:
                ids = ids.where(t.incident.c.opened_at >= which.since)
            if which.until:
                ids = ids.where(t.incident.c.opened_at < which.until)
        chosen = ids.subquery()
        matches = (
            sa.select(t.incident.c.id, t.incident.c.doc)
            .join(chosen, chosen.c.id == t.incident.c.id)
            .subquery()
        )
        # The head comes with them, so that nothing is missed when they are indexed a moment later.
        statement = (
            sa.select(t.head.c.indexed, matches.c.id, matches.c.doc)
            .select_from(t.head.outerjoin(matches, sa.true()))
            .order_by(matches.c.id.desc())
        )
        rows = self._connection.execute(statement).all()
        return [row for row in rows if row.id is not None], min(top, rows[0].indexed + 1)

    def _has(self, term: int) -> sa.ColumnElement[bool]:
        column, packed = t.incident_recent.c.terms, sa.literal(pack([term]))
        if self._connection.dialect.name == "sqlite":
            return sa.func.instr(column, packed) > 0
        return sa.func.position(packed.op("IN")(column)) > 0

    def _survey(self, top: int) -> tuple[int, int, list[int]]:
        """(lowest id − 1, top, for each condition the id down to which its window reaches)."""
        which, columns = self._which, []
        opened = sa.select(t.incident.c.id).order_by(t.incident.c.opened_at, t.incident.c.id).limit(1)
        if which.since:
            columns.append(opened.where(t.incident.c.opened_at >= which.since).scalar_subquery())
        if which.until:
            columns.append(opened.where(t.incident.c.opened_at >= which.until).scalar_subquery())
        spans = []
        for condition in self._conditions:
            spans.append(len(condition.terms))
            step = WINDOW // len(condition.terms)
            for each in condition.terms:
                floor = sa.select(_list.c.incident).where(_list.c.term == each, _list.c.incident < top)
                floor = floor.order_by(_list.c.incident.desc()).limit(1).offset(step)
                columns.append(floor.scalar_subquery())
        if which.box is not None or which.duty_desk is False:  # may lead by id alone
            spans.append(1)
            floor = sa.select(t.incident.c.id).where(t.incident.c.id < top)
            floor = floor.order_by(t.incident.c.id.desc()).limit(1).offset(WINDOW)
            columns.append(floor.scalar_subquery())
        if not columns:
            return 0, top, []
        values = list(self._connection.execute(sa.select(*columns)).one())
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

    def _lead(self, floors: list[int], low: int) -> tuple[Condition | None, int]:
        """The condition whose window reaches furthest down (None: walk all by id), and its floor."""
        if not floors:
            return None, low
        best = min(range(len(floors)), key=lambda i: (floors[i], i))
        lead = self._conditions[best] if best < len(self._conditions) else None
        alone = len(self._conditions) == 1 and lead is not None and not self._residual()
        if alone and lead is not None and len(lead.terms) == 1:
            return lead, low  # every candidate fits: no need to stop
        return lead, max(floors[best], low)

    def _residual(self) -> list[sa.ColumnElement[bool]]:
        table = t.incident
        found: list[sa.ColumnElement[bool]] = []
        if self._which.box is not None:
            south, west, north, east = self._which.box
            found.append(table.c.lat.between(south, north) & table.c.lon.between(west, east))
        if self._which.duty_desk is False:
            found.append(table.c.duty_desk == 0)
        return found

    def _walk(self, lead: Condition | None, floor: int, top: int, limit: int) -> list[Any]:
        if top <= floor + 1:
            return []
        residual = self._residual()
        id = t.incident.c.id if lead is None else _list.c.incident
        ids = sa.select(id.label("id"))
        if lead is not None:
            one = len(lead.terms) == 1
            ids = ids.where(_list.c.term == lead.terms[0] if one else _list.c.term.in_(lead.terms))
            if residual:
                ids = ids.join(t.incident, t.incident.c.id == id)
        ids = ids.where(*residual)
        for condition in self._conditions:
            if condition is not lead:
                other = _list.alias()
                match = (other.c.incident == id) & other.c.term.in_(condition.terms)
                ids = ids.where(sa.exists(sa.select(1).select_from(other).where(match)))
        ids = ids.where(id > floor, id < top).order_by(id.desc()).limit(limit)
        chosen = ids.subquery()
        statement = (
            sa.select(t.incident.c.id, t.incident.c.doc)
            .join(chosen, chosen.c.id == t.incident.c.id)
            .order_by(t.incident.c.id.desc())
        )
        return list(self._connection.execute(statement).all())
