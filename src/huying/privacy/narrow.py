"""A city narrows the table: its row of the same code may take away, and nothing else.

An empty cell leaves what the base says. What would widen is told by column, so that a city can mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from huying.domain.deadline import Span, SpanUnit
from huying.domain.policy import Action, Condition, PolicyRow, Purpose

# Seconds; working time is counted as if offices were never open, so that a comparison errs to the short side.
_SECONDS = {
    SpanUnit.MINUTES: 60,
    SpanUnit.HOURS: 3_600,
    SpanUnit.WORKING_HOURS: 86_400,
    SpanUnit.DAYS: 86_400,
    SpanUnit.WORKING_DAYS: 7 * 86_400,
}


class Narrowing(Struct, frozen=True):
    """A city's line for the row `code`; None leaves a column as it is. `off` takes the whole row away."""

    code: str
    line: int = 0
    off: bool = False
    who: frozenset[str] | None = None
    actions: frozenset[Action] | None = None
    purposes: frozenset[Purpose] | None = None
    fields: frozenset[str] | None = None
    conditions: frozenset[Condition] = frozenset()
    on_duty: bool = False
    second: bool = False
    keep: Span | None = None
    ask: str = ""


def seconds(span: Span) -> int:
    return span.amount * _SECONDS[span.unit]


def widens(row: PolicyRow, by: Narrowing) -> list[str]:
    """Columns in which the line would allow more than the row."""
    wider = []
    for column in ("who", "actions", "purposes", "fields"):
        asked = getattr(by, column)
        if asked is not None and not asked <= getattr(row, column):
            wider.append(column)
    if by.keep is not None and row.keep is not None and seconds(by.keep) > seconds(row.keep):
        wider.append("keep")
    return wider


def narrowed(rows: Iterable[PolicyRow], lines: Mapping[str, Narrowing]) -> tuple[PolicyRow, ...]:
    """The table with a city's lines put on it; what would widen is left as the base has it."""
    found = []
    for row in rows:
        by = lines.get(row.code)
        if by is None:
            found.append(row)
        elif not by.off:
            found.append(_narrow(row, by))
    return tuple(found)


def _narrow(row: PolicyRow, by: Narrowing) -> PolicyRow:
    def less(mine: frozenset[str], asked: frozenset[str] | None) -> frozenset[str]:
        return mine if asked is None else mine & asked

    shorter = by.keep is not None and (row.keep is None or seconds(by.keep) <= seconds(row.keep))
    return replace(
        row,
        who=less(row.who, by.who),
        actions=row.actions if by.actions is None else row.actions & by.actions,
        purposes=row.purposes if by.purposes is None else row.purposes & by.purposes,
        fields=less(row.fields, by.fields),
        conditions=row.conditions | by.conditions,
        on_duty=row.on_duty or by.on_duty,
        second=row.second or by.second,
        keep=by.keep if shorter else row.keep,
        ask=by.ask or row.ask,
        line=by.line or row.line,
    )
