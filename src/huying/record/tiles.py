"""Addresses and contents of C2SP tlog-tiles: hashes by level and number, entries in bundles of 256."""

from __future__ import annotations

import re

from huying.base.refusal import Refusal
from huying.store.codec import FactRow, leaf_parts
from huying.store.tree import TILE

ENTRIES = "entries"
# Levels end at 63, as the format says; five parts of a path number more tiles than any city will have.
_PATH = re.compile(
    r"(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


def path_of(level: int | str, n: int, width: int = TILE) -> str:
    """`1/x001/234`, with `.p/17` behind it when the tile has 17 hashes and not 256."""
    parts = [f"{n % 1000:03}"]
    while n := n // 1000:
        parts.append(f"x{n % 1000:03}")
    return f"{level}/{'/'.join(parts[::-1])}" + ("" if width == TILE else f".p/{width}")


def read_path(path: str) -> tuple[int | str, int, int]:
    """(level or "entries", number, width); refuses `no_such_address`."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise Refusal("no_such_address")
    level, parts, width = found.groups()
    n = int(parts.replace("x", "").replace("/", ""))
    if (parts[0] == "x" and parts[1:4] == "000") or (width and int(width) >= TILE):
        raise Refusal("no_such_address")
    return level if level == ENTRIES else int(level), n, int(width or TILE)


def widths(size: int) -> list[tuple[int, int, int]]:
    """Every tile of a tree over `size` leaves as (level, n, width), none of them empty."""
    found, level, count = [], 0, size
    while count:
        found += [(level, n, min(TILE, count - n * TILE)) for n in range((count + TILE - 1) // TILE)]
        level, count = level + 1, count // TILE
    return found


def entry_of(row: FactRow) -> bytes:
    """What a leaf hashes: the header in JSON and the digest of salt and payload; nothing of what was said."""
    header, digest = leaf_parts(row)
    return header + digest


def bundle(rows: list[FactRow]) -> bytes:
    """Entries, each behind its length in two bytes."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in map(entry_of, rows))
