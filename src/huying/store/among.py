"""Which rows an asker may see, as a condition of the database: the terms that a row's incident must have.

An incident's row holds all of its terms, packed; that is true of recent ones as well, so the condition needs
no second table. Lists of incidents are led by the index of the same terms instead (`find.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from huying.service.questions import Among
from huying.store import schema as t
from huying.store.terms import pack, term


def only(
    engine: str, among: Among, columns: Mapping[str, sa.Column[str]] | None = None
) -> list[sa.ColumnElement[bool]]:
    """Conditions on rows joined with `incident`: of each group one term must be there.

    Args:
        columns: kinds that the row itself says in a column of its own.
    """
    columns = columns or {}
    return [
        sa.or_(sa.false(), *(_has(engine, kind, value, columns.get(kind)) for kind, value in group))
        for group in among
    ]


def _has(engine: str, kind: str, value: str, column: sa.Column[str] | None) -> sa.ColumnElement[bool]:
    if column is not None:
        return column == value
    packed = sa.literal(pack([term(kind, value)]), sa.LargeBinary())
    terms = t.incident.c.terms
    if engine == "sqlite":
        return sa.func.instr(terms, packed) > 0
    return sa.func.position(packed.op("IN")(terms)) > 0
