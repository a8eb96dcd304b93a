"""Checks the whole journal: numbers, versions, order in time, every fact against its leaf, every tile.

Needs no key and no lock, and runs beside a writing server: what is appended meanwhile is left for next time.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import Protocol

from msgspec import Struct

from huying.service.ports import Head
from huying.store.codec import FactRow, leaf_of
from huying.store.tree import FULL_BYTES, HASH_BYTES, KEPT_BYTES, TILE, root, seal

# Facts read at a time, one tile of level 0 times eight: 2 MB at 1 KB each.
CHUNK = 8 * TILE

Progress = Callable[[int, int], None]


class Readable(Protocol):
    """The part of `SqlQuestions` that is read here."""

    def head(self) -> Head: ...
    def fact_rows(self, after: int, limit: int) -> list[FactRow]: ...
    def tile(self, level: int, n: int) -> bytes: ...
    def tile_count(self, level: int) -> int: ...


class Report(Struct, frozen=True):
    """What was found. `fault` is empty when all is well, else a key of the word files under `fault.<fault>`:
    gap, version, time, stream, edited, tile, root, surplus; `bad_seq` is the first fact that is wrong.

    `root` (hex) is the tree head over `facts` facts: what a neighbour may keep to compare with later.
    """

    facts: int
    root: str
    fault: str = ""
    bad_seq: int = 0

    @property
    def ok(self) -> bool:
        return not self.fault


class _Fault(Exception):
    def __init__(self, fault: str, seq: int) -> None:
        super().__init__(fault)
        self.fault, self.seq = fault, seq


def verify(
    journal: Readable, progress: Progress | None = None, known: tuple[int, str] | None = None
) -> Report:
    """Check everything up to the head.

    Args:
        progress: is called with (facts done, facts in all).
        known: an earlier report's (facts, root): the journal must begin with that very tree.
    """
    size = journal.head().seq
    try:
        _check_facts(journal, size, progress or (lambda done, total: None))
        _check_tiles(journal, size)
        if known is not None and (known[0] > size or root(known[0], journal.tile).hex() != known[1]):
            raise _Fault("root", min(known[0], size))
    except _Fault as found:
        return Report(size, "", found.fault, found.seq)
    return Report(size, root(size, journal.tile).hex())


def _check_facts(journal: Readable, size: int, progress: Progress) -> None:
    versions = array("I", bytes(4 * (size + 1)))  # by stream, which is the seq of a fact: 4 bytes a fact
    last_at, done = 0, 0
    for rows in _chunks(journal, size):
        leaves: list[bytes] = []
        for row in rows:
            seq, stream, version, _, at = row[:5]
            done += 1
            if seq != done:
                raise _Fault("gap", done)
            if not 0 < stream <= seq or (version == 1) != (stream == seq):
                raise _Fault("stream", seq)
            if version != versions[stream] + 1:
                raise _Fault("version", seq)
            if at < last_at:
                raise _Fault("time", seq)
            versions[stream], last_at = version, at
            leaves.append(leaf_of(row))
        _check_leaves(journal, done - len(rows), leaves)
        progress(done, size)
    if done != size:
        raise _Fault("gap", done + 1)
    if journal.fact_rows(size, 1) and journal.head().seq == size:
        raise _Fault("surplus", size + 1)


def _chunks(journal: Readable, size: int) -> Iterator[list[FactRow]]:
    """Facts up to `size`, in chunks that begin with a tile."""
    after = 0
    while after < size:
        rows = journal.fact_rows(after, min(CHUNK, size - after))
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _check_leaves(journal: Readable, first: int, leaves: list[bytes]) -> None:
    for start in range(0, len(leaves), TILE):
        expected = leaves[start : start + TILE]
        stored = journal.tile(0, (first + start) // TILE)
        if stored[: len(expected) * HASH_BYTES] == b"".join(expected):
            continue
        for i, leaf in enumerate(expected):
            if stored[i * HASH_BYTES : (i + 1) * HASH_BYTES] != leaf:
                raise _Fault("edited", first + start + i + 1)


def _check_tiles(journal: Readable, size: int) -> None:
    """Every hash above level 0 is the root of the tile below it, and no tile is longer than its facts."""
    level, count = 0, size
    while count:
        for n in range((count + TILE - 1) // TILE):
            stored = journal.tile(level, n)
            here = min(TILE, count - n * TILE)
            first = TILE**level * n * TILE + 1
            if len(stored) < here * HASH_BYTES or len(stored) > FULL_BYTES + KEPT_BYTES:
                raise _Fault("tile", first)
            if here == TILE:
                above = journal.tile(level + 1, n // TILE)
                place = n % TILE * HASH_BYTES
                kept, node = seal(stored[:FULL_BYTES])
                # A store of before nodes were kept has full tiles without them.
                if above[place : place + HASH_BYTES] != node or stored not in (kept, kept[:FULL_BYTES]):
                    raise _Fault("tile", first)
        level, count = level + 1, count // TILE
    if journal.head().seq == size:
        for low in range(level + 1):
            tiles = (size // TILE**low + TILE - 1) // TILE
            if journal.tile_count(low) > tiles and journal.head().seq == size:
                raise _Fault("surplus", size + 1)
