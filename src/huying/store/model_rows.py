"""Which model has a role, and what the gate said of one: the fact that last said so, found under its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from huying.domain.modelling import door, judged_door
from huying.store import schema as t


def saying(role: str) -> sa.Select[Any]:
    """The payload of the fact that last gave the role, and when (UTC µs)."""
    return _behind(door(role))


def judging(digest: str) -> sa.Select[Any]:
    """The same for the fact by which the gate last judged a model."""
    return _behind(judged_door(digest))


def _behind(name: str) -> sa.Select[Any]:
    behind = t.fact.join(t.door, t.door.c.id == t.fact.c.seq)
    return sa.select(t.fact.c.payload, t.fact.c.at).select_from(behind).where(t.door.c.name == name)


def said_of(rows: Sequence[Any]) -> dict[str, Any]:
    """What it says, and `at`, when (UTC µs); nothing where nothing was ever said."""
    return {**msgspec.json.decode(rows[0].payload), "at": rows[0].at} if rows else {}
