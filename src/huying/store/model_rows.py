"""Which model has a role: the fact that last gave it, found under its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from huying.domain.modelling import door
from huying.store import schema as t


def saying(role: str) -> sa.Select[Any]:
    """The payload of the fact that last gave the role."""
    behind = t.fact.join(t.door, t.door.c.id == t.fact.c.seq)
    return sa.select(t.fact.c.payload).select_from(behind).where(t.door.c.name == door(role))


def said_of(rows: Sequence[Any]) -> dict[str, Any]:
    """What it says; nothing where the role was never given."""
    said: dict[str, Any] = msgspec.json.decode(rows[0].payload) if rows else {}
    return said
