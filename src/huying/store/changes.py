"""What a commit changes in tables of a few rows, as statements of both engines' SQL: `?` stands for a value.

The busy tables have statements of each engine's own in `sqlite` and `postgres`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huying.service.ports import Batch
from huying.store import schema
from huying.store.codec import encode

Changes = list[tuple[str, Sequence[Any]]]


def upsert(name: str) -> str:
    """The statement that puts a row in, or in the place of the one with its key."""
    table = schema.metadata.tables[name]
    keys = ", ".join(column.name for column in table.primary_key)
    rest = ", ".join(f"{each.name} = excluded.{each.name}" for each in table.c if not each.primary_key)
    places = ",".join("?" * len(table.c))
    return f"INSERT INTO {name} VALUES ({places}) ON CONFLICT ({keys}) DO UPDATE SET {rest}"


_CLOSURE, _ACCOUNT, _PARTNER_KEY, _DOOR, _REMAINDER, _PHOTO = map(
    upsert, ("closure", "account", "partner_key", "door", "remainder", "photo")
)
_DEPLOYMENT = upsert("deployment")
_DOOR_GONE = "DELETE FROM door WHERE name = ?"
_DISCLOSURE = "INSERT INTO disclosure VALUES (?,?,?,?)"
_PHOTO_NAMED = "UPDATE photo SET id = ? WHERE token = ?"
_PHOTO_ERASED = "UPDATE photo SET wrapped = NULL, sealed = NULL WHERE id = ?"
_PHOTO_DROPPED = "DELETE FROM photo WHERE id = 0 AND at <= ?"


def changes_of(
    batch: Batch,
    photos: Sequence[tuple[Any, ...]],
    erased: Sequence[int],
    remainders: Sequence[tuple[Any, ...]],
    disclosures: Sequence[tuple[Any, ...]],
) -> Changes:
    """The statements of a batch with their rows, in the order in which they are to be run.

    Args:
        photos: rows of new pictures. erased: numbers of facts whose payload goes, and with it their picture.
        remainders, disclosures: rows that follow from the facts.
    """
    changes: Changes = [
        (_CLOSURE, [(id, each.ends_at, encode(each)) for id, each in batch.closures.items()]),
        (_DEPLOYMENT, [(id, int(each.ended_at > 0), encode(each)) for id, each in batch.deployments.items()]),
        (_REMAINDER, remainders),
        (_DISCLOSURE, disclosures),
        (_ACCOUNT, [(id, encode(each)) for id, each in batch.accounts.items()]),
        (_PARTNER_KEY, [(id, encode(each)) for id, each in batch.partner_keys.items()]),
        (_DOOR_GONE, [(name,) for name, id in batch.doors.items() if not id]),
        (_DOOR, [(name, id) for name, id in batch.doors.items() if id]),
        (_PHOTO_DROPPED, [(batch.photos_before,)] if batch.photos_before else []),
        (_PHOTO, photos),
        (_PHOTO_NAMED, [(id, token) for token, id in batch.photos_named.items()]),
        (_PHOTO_ERASED, [(seq,) for seq in erased]),
    ]
    return [(statement, rows) for statement, rows in changes if rows]
