"""The statements by which incidents are found, built once for each shape of filter (`find.py` says how)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from huying.store import schema as t

# Shapes that people ask for in a day are a few dozen; a text is a few kB.
TEXTS_KEPT = 512

_DIALECTS: dict[str, sa.Dialect] = {
    "sqlite": sa.make_url("sqlite://").get_dialect()(),
    "postgresql": sa.make_url("postgresql+psycopg://").get_dialect()(),
}
_list = t.incident_term


class Shape(NamedTuple):
    """All of a filter that a statement's text depends on."""

    engine: str
    spans: tuple[int, ...]  # terms of each condition
    since: bool
    until: bool
    box: bool
    not_desk: bool


class Text(NamedTuple):
    """A statement as the driver takes it."""

    sql: str
    names: tuple[str, ...] | None  # of the values in order, None where the driver takes them by name
    constants: dict[str, Any]

    def fill(self, values: dict[str, Any]) -> Any:
        if self.names is None:
            return {name: values.get(name, value) for name, value in self.constants.items()}
        return tuple([values[name] if name in values else self.constants[name] for name in self.names])


def _text(shape: Shape, statement: sa.Select[Any]) -> Text:
    compiled = statement.compile(dialect=_DIALECTS[shape.engine])
    order = getattr(compiled, "positiontup", None)
    return Text(str(compiled), tuple(order) if order is not None else None, dict(compiled.params))


def _value(name: str) -> sa.BindParameter[int]:
    return sa.bindparam(name, type_=sa.BigInteger())


def _degrees(name: str) -> sa.BindParameter[float]:
    return sa.bindparam(name, type_=sa.Double())


def _terms(i: int, span: int) -> list[sa.BindParameter[int]]:
    return [_value(f"term_{i}_{j}") for j in range(span)]


def _one_of(column: sa.Column[int], i: int, span: int) -> sa.ColumnElement[bool]:
    terms = _terms(i, span)
    return column == terms[0] if span == 1 else column.in_(terms)


def _residual(shape: Shape) -> list[sa.ColumnElement[bool]]:
    """What no term says exactly."""
    c = t.incident.c
    found: list[sa.ColumnElement[bool]] = []
    if shape.box:
        found.append(c.lat.between(_degrees("south"), _degrees("north")))
        found.append(c.lon.between(_degrees("west"), _degrees("east")))
    if shape.not_desk:
        found.append(c.duty_desk == 0)
    return found


@lru_cache(maxsize=TEXTS_KEPT)
def recent_text(shape: Shape) -> Text:
    """(id, doc, indexed) of matches among recent incidents below `top`; one row of nulls for none."""
    recent, c = t.incident_recent, t.incident.c
    ids = sa.select(recent.c.id).where(recent.c.id < _value("top"))
    for i, span in enumerate(shape.spans):
        ids = ids.where(sa.or_(*(_has(shape, f"packed_{i}_{j}") for j in range(span))))
    if shape.box or shape.since or shape.until or shape.not_desk:
        ids = ids.join(t.incident, c.id == recent.c.id).where(*_residual(shape))
        if shape.since:
            ids = ids.where(c.opened_at >= _value("since"))
        if shape.until:
            ids = ids.where(c.opened_at < _value("until"))
    chosen = ids.order_by(recent.c.id.desc()).limit(_value("limit")).subquery()
    matches = sa.select(c.id, c.doc).join(chosen, chosen.c.id == c.id).subquery()
    # The head comes with them, so that nothing is missed when they are indexed a moment later.
    return _text(
        shape,
        sa.select(matches.c.id, matches.c.doc, t.head.c.indexed)
        .select_from(t.head.outerjoin(matches, sa.true()))
        .order_by(matches.c.id.desc()),
    )


def _has(shape: Shape, name: str) -> sa.ColumnElement[bool]:
    column, packed = t.incident_recent.c.terms, sa.bindparam(name, type_=sa.LargeBinary())
    if shape.engine == "sqlite":
        return sa.func.instr(column, packed) > 0
    return sa.func.position(packed.op("IN")(column)) > 0


@lru_cache(maxsize=TEXTS_KEPT)
def survey_text(shape: Shape) -> Text:
    """The first ids of `since` and `until`, for each term the id down to which its window reaches, and the
    same for all incidents where they may lead."""
    columns, c = [], t.incident.c
    opened = sa.select(c.id).order_by(c.opened_at, c.id).limit(1)
    for name, asked in (("since", shape.since), ("until", shape.until)):
        if asked:
            columns.append(opened.where(c.opened_at >= _value(name)).scalar_subquery())
    for i, span in enumerate(shape.spans):
        for each in _terms(i, span):
            floor = sa.select(_list.c.incident).where(_list.c.term == each, _list.c.incident < _value("top"))
            floor = floor.order_by(_list.c.incident.desc()).limit(1).offset(_value(f"step_{i}"))
            columns.append(floor.scalar_subquery())
    if shape.box or shape.not_desk:
        floor = sa.select(c.id).where(c.id < _value("top")).order_by(c.id.desc()).limit(1)
        floor = floor.offset(_value("window"))
        columns.append(floor.scalar_subquery())
    return _text(shape, sa.select(*columns))


@lru_cache(maxsize=TEXTS_KEPT)
def walk_text(shape: Shape, lead: int | None) -> Text:
    """(id, doc) of matches above `floor` and below `top`, led by a condition or (None) by id."""
    residual = _residual(shape)
    id = t.incident.c.id if lead is None else _list.c.incident
    ids = sa.select(id.label("id"))
    if lead is not None:
        ids = ids.where(_one_of(_list.c.term, lead, shape.spans[lead]))
        if residual:
            ids = ids.join(t.incident, t.incident.c.id == id)
    ids = ids.where(*residual)
    for i, span in enumerate(shape.spans):
        if i != lead:
            other = _list.alias()
            match = (other.c.incident == id) & other.c.term.in_(_terms(i, span))
            ids = ids.where(sa.exists(sa.select(1).select_from(other).where(match)))
    ids = ids.where(id > _value("floor"), id < _value("top")).order_by(id.desc()).limit(_value("limit"))
    chosen = ids.subquery()
    return _text(
        shape,
        sa.select(t.incident.c.id, t.incident.c.doc)
        .join(chosen, chosen.c.id == t.incident.c.id)
        .order_by(t.incident.c.id.desc()),
    )
