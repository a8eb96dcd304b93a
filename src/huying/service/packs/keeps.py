"""`retention.csv`: how long what of an incident is kept, and which purpose needs it so long."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from huying.domain.deadline import SpanUnit
from huying.domain.erasing import KINDS
from huying.domain.pack import IncidentType, Keep, Pack
from huying.service.packs.faults import Faults
from huying.service.packs.promises import read_types_of
from huying.service.packs.tables import Row, by_code

FILE = "retention.csv"
# A repeated request is answered for a week from what the first one was told, the caller's code among it.
DAYS_MIN = 7
ROWS_MAX = 200


def read_keeps(
    rows: Sequence[Row], types: Mapping[str, IncidentType], languages: Collection[str]
) -> tuple[Keep, ...]:
    def read(row: Row, code: str) -> Keep:
        keep = row.span("keep")
        if keep.unit is not SpanUnit.DAYS or keep.amount < DAYS_MIN:
            row.bad("keep_short", "keep", days=DAYS_MIN)
        return Keep(
            code=code,
            line=row.line,
            kind=row.one_of("kind", KINDS),
            keep=keep,
            purpose=row.name("purpose", languages),
            types=read_types_of(row, types),
        )

    if len(rows) > ROWS_MAX:
        rows[ROWS_MAX].bad("too_many_rows", max=ROWS_MAX)
    return tuple(by_code(rows[:ROWS_MAX], read).values())


def check_keeps(pack: Pack, faults: Faults) -> None:
    """A notice for each kind that is kept without end for some type."""
    for kind in KINDS:
        if not any(row.kind == kind and not row.types for row in pack.keeps):
            faults.notice(FILE, 0, "kept_for_ever", value=kind)
