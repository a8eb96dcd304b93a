"""How long callers waited: percentiles over all finished assignments."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import sqlalchemy as sa

from huying.store import schema as t

Reading = Callable[[], AbstractContextManager[sa.Connection]]


def times(reading: Reading) -> dict[str, float]:
    """Seconds from opening to the first unit sent and to the first on scene; nearest-rank percentiles
    over incidents with a finished assignment. Empty parts have no key."""
    a = t.assignment.c
    first = (
        sa.select(
            (sa.func.min(a.dispatched_at) - sa.func.min(a.opened_at)).label("queue_time"),
            (sa.func.min(sa.func.nullif(a.on_scene_at, 0)) - sa.func.min(a.opened_at)).label("response_time"),
        )
        .where(a.clear_at > 0)
        .group_by(a.incident)
    )
    with reading() as connection:
        rows = connection.execute(first).all()
    found = {}
    for column, name in enumerate(("queue_time_s", "response_time_s")):
        values = sorted(row[column] for row in rows if row[column] is not None)
        for percent in (50, 90) if values else ():
            found[f"{name}_p{percent}"] = values[(len(values) * percent + 99) // 100 - 1] / 1_000_000
    return found
