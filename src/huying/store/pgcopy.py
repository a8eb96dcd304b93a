"""Rows in PostgreSQL's binary COPY format, packed by one function made for each table.

Format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

Packer = Callable[[Sequence[Any]], bytes]

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)
_NULL = struct.pack("!i", -1)
_int = struct.Struct("!iq").pack
_float = struct.Struct("!id").pack
_length = struct.Struct("!i").pack


def _pack_int(value: int | None) -> bytes:
    return _NULL if value is None else _int(8, value)


def _pack_float(value: float | None) -> bytes:
    return _NULL if value is None else _float(8, value)


def _pack_bytes(value: bytes | None) -> bytes:
    return _NULL if value is None else _length(len(value)) + value


def _pack_text(value: str) -> bytes:
    data = value.encode()
    return _length(len(data)) + data


def packer(table: sa.Table) -> Packer:
    """Packs a row whose values are in the order of the table's columns."""
    kinds: list[Callable[[Any], bytes]] = []
    for column in table.c:
        if isinstance(column.type, sa.Text):
            kinds.append(_pack_text)
        elif isinstance(column.type, sa.LargeBinary):
            kinds.append(_pack_bytes)
        elif isinstance(column.type, sa.Double):
            kinds.append(_pack_float)
        elif isinstance(column.type, sa.BigInteger):
            kinds.append(_pack_int)
        else:
            raise TypeError(f"{table.name}.{column.name}: no packer for {column.type}")
    count = struct.pack("!h", len(kinds))

    # Neighbouring integers that are never NULL go in one call: most of every row.
    steps: list[tuple[Callable[..., bytes], int, int]] = []
    i = 0
    columns = list(table.c)
    while i < len(kinds):
        j = i
        while j < len(kinds) and kinds[j] is _pack_int and not columns[j].nullable:
            j += 1
        if j > i:
            steps.append((_ints(j - i), i, j))
            i = j
        else:
            steps.append((kinds[i], i, -1))
            i += 1

    def pack(row: Sequence[Any]) -> bytes:
        parts = [count]
        for step, start, end in steps:
            parts.append(step(row[start]) if end < 0 else step(*row[start:end]))
        return b"".join(parts)

    return pack


def _ints(count: int) -> Callable[..., bytes]:
    pack = struct.Struct("!" + "iq" * count).pack
    if count == 1:
        return lambda a: pack(8, a)
    if count == 2:
        return lambda a, b: pack(8, a, 8, b)
    if count == 3:
        return lambda a, b, c: pack(8, a, 8, b, 8, c)

    def many(*values: int) -> bytes:
        flat: list[int] = []
        for value in values:
            flat += (8, value)
        return pack(*flat)

    return many
