"""The table of who may do what: the base that comes with the house, and a city's lines that narrow it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TypeVar

from huying.domain.policy import ACTIONS, FIELDS, Action, Condition, PolicyRow, Purpose, Thing
from huying.domain.principal import Role
from huying.privacy.narrow import Narrowing, narrowed, widens
from huying.privacy.never import WHO, broken_by
from huying.service.packs.faults import Faults, nearest
from huying.service.packs.tables import Row, by_code, read_table

FILE = "policy.csv"
COLUMNS = "code who? duty? thing? actions? purposes? fields? conditions? second? keep? ask?"
_DUTY = ("on", "any", "")

E = TypeVar("E", bound=StrEnum)


def read_base(content: bytes, faults: Faults) -> tuple[PolicyRow, ...]:
    """The base table; a row that breaks the never-list is a fault like any other."""
    rows = read_table(FILE, content, [each.rstrip("?") for each in COLUMNS.split()], faults)
    return tuple(by_code(rows, _base_row).values())


def _base_row(row: Row, code: str) -> PolicyRow:
    thing = _one(row, "thing", Thing, Thing.POLICY)
    fields = row.listed("fields")
    for each in fields:
        row.known(each, "fields", FIELDS[thing], "field")
    actions = _some(row, "actions", Action)
    for each in actions - ACTIONS[thing]:
        row.bad("action_unknown", "actions", value=each, hint="")
    made = PolicyRow(
        code=code,
        who=_who(row),
        thing=thing,
        actions=actions,
        purposes=_some(row, "purposes", Purpose),
        fields=frozenset(fields),
        ask=row.ref("ask", [each.value for each in Role], "role", needed=True),
        on_duty=row.one_of("duty", _DUTY) == "on",
        conditions=_some(row, "conditions", Condition),
        second=row.flag("second"),
        keep=row.span("keep") if row.raw("keep") else None,
        line=row.line,
    )
    _obey(row, made)
    return made


def read_policy(rows: Sequence[Row], base: Iterable[PolicyRow]) -> tuple[PolicyRow, ...]:
    """The table in use: the base, narrowed by a city's own lines."""
    base = tuple(base)
    known = {row.code: row for row in base}

    def read(row: Row, code: str) -> Narrowing | None:
        mine = known.get(code)
        if mine is None:
            row.bad("policy_unknown", "code", hint=nearest(code, known))
            return None
        if row.raw("thing") and row.raw("thing") != mine.thing:
            row.bad("policy_widens", column="thing", value=code)
        line = Narrowing(
            code=code,
            line=row.line,
            off=row.raw("duty") == "off",
            who=_who(row) if row.raw("who") else None,
            actions=_some(row, "actions", Action) if row.raw("actions") else None,
            purposes=_some(row, "purposes", Purpose) if row.raw("purposes") else None,
            fields=frozenset(row.refs("fields", FIELDS[mine.thing], "field")) if row.raw("fields") else None,
            conditions=_some(row, "conditions", Condition),
            on_duty=row.one_of("duty", (*_DUTY, "off")) == "on",
            second=row.flag("second"),
            keep=row.span("keep") if row.raw("keep") else None,
            ask=row.ref("ask", [each.value for each in Role], "role"),
        )
        for column in widens(mine, line):
            row.bad("policy_widens", column=column, value=code)
        return line

    lines = by_code(rows, read)
    return narrowed(base, {code: line for code, line in lines.items() if line is not None})


def _obey(row: Row, made: PolicyRow) -> None:
    for code in broken_by(made):
        row.bad("policy_never", value=made.code, never=code)


def _who(row: Row) -> frozenset[str]:
    return frozenset(row.refs("who", WHO, "role"))


def _one(row: Row, column: str, kind: type[E], default: E) -> E:
    value = row.one_of(column, [each.value for each in kind])
    return kind(value) if value in kind.__members__.values() else default


def _some(row: Row, column: str, kind: type[E]) -> frozenset[E]:
    known = [each.value for each in kind]
    return frozenset(kind(each) for each in row.refs(column, known, column.rstrip("s")) if each in known)
