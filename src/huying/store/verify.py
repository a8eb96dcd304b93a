"""Checks the whole journal: numbers, versions, order in time, every fact against its leaf, every tile.

Needs no key and no lock, and runs beside a writing server: what is appended meanwhile is left for next time.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from huying.domain.photo import PhotoAttached
from huying.service.ports import Head
from huying.store.codec import FactRow, decode, leaf_of
from huying.store.tree import FULL_BYTES, HASH_BYTES, LONG, TILE, WHOLE_BYTES, root, seal

# Facts read at a time, one tile of level 0 times eight: 2 MB at 1 KB each.
CHUNK = 8 * TILE

Progress = Callable[[int, int], None]
Mirror = Callable[[int], bytes]


class Readable(Protocol):
    """The part of `SqlQuestions` that is read here."""

    def head(self) -> Head: ...
    def fact_rows(self, after: int, limit: int) -> list[FactRow]: ...
    def tile(self, level: int, n: int) -> bytes: ...
    def tile_count(self, level: int) -> int: ...
    def photo_digest(self, id: int) -> str: ...


class Report(Struct, frozen=True):
    """What was found. `fault` is empty when all is well, else a key of the word files under `fault.<fault>`:
    gap, version, time, stream, edited, photo, tile, root, surplus, head, short, signed (and those of
    `huying.record.check`); `bad_seq` is the first fact that is wrong. Where only a signed tree head shows it,
    that is the first that may be, and `bad_until` the last.

    `erased` facts have lost their payload and stand by its digest, `signed` are covered by a checkpoint.
    `root` (hex) is the tree head over `facts` facts: what a neighbour may keep to compare with later.
    """

    facts: int
    root: str
    fault: str = ""
    bad_seq: int = 0
    bad_until: int = 0
    erased: int = 0
    signed: int = 0

    @property
    def ok(self) -> bool:
        return not self.fault


class Fault(Exception):
    """What is wrong, the first fact that is or may be, and the last that may be when that isn't known."""

    def __init__(self, fault: str, seq: int, until: int = 0) -> None:
        super().__init__(fault)
        self.fault, self.seq, self.until = fault, seq, until


def verify(
    journal: Readable,
    progress: Progress | None = None,
    known: tuple[int, str] | None = None,
    points: Sequence[Iterable[tuple[int, bytes]]] = (),
    mirror: Mirror = lambda n: b"",
) -> Report:
    """Check everything up to the head.

    Args:
        progress: is called with (facts done, facts in all).
        known: an earlier report's (facts, root): the journal must begin with that very tree.
        points: signed tree heads as (facts, root), with all of which the journal must begin; in groups, the
            most trusted first: what a group has found to hold is not doubted by the next.
        mirror: tile n of level 0 as somebody else kept it, as far as it goes: shows the very fact.
    """
    size, erased, signed = journal.head().seq, 0, 0
    try:
        erased = _check_facts(journal, size, progress or (lambda done, total: None), mirror)
        _check_tiles(journal, size)
        if known is not None and (known[0] > size or root(known[0], journal.tile).hex() != known[1]):
            raise Fault("root", min(known[0], size))
        for group in points:
            for facts, head in sorted(group):
                if facts > size:
                    raise Fault("short", size + 1, facts)
                if root(facts, journal.tile) != head:
                    raise Fault("signed", signed + 1 if signed < facts else 1, facts)
                signed = max(signed, facts)
    except Fault as found:
        return Report(size, "", found.fault, found.seq, found.until, erased, signed)
    return Report(size, root(size, journal.tile).hex(), erased=erased, signed=signed)


def _check_facts(journal: Readable, size: int, progress: Progress, mirror: Mirror) -> int:
    """How many are erased."""
    versions = array("I", bytes(4 * (size + 1)))  # by stream, which is the seq of a fact: 4 bytes a fact
    last_at, done, erased = 0, 0, 0
    before = journal.fact_rows(-(1 << 62), 1)
    if before and before[0][0] < 1:
        raise Fault("surplus", 1)
    for rows in _chunks(journal, size):
        leaves: list[bytes] = []
        pictures: list[FactRow] = []
        fault = None
        for row in rows:
            fault = _misplaced(row, done + 1, versions, last_at)
            if fault:
                break
            done += 1
            versions[row[1]], last_at = row[2], row[4]
            erased += row[7] is None
            if row[3] == "photo.attached":
                pictures.append(row)
            leaves.append(leaf_of(row))
        _check_leaves(
            journal, done - len(leaves), leaves, mirror
        )  # an edited fact comes before the gap it left
        for row in pictures:
            _check_photo(journal, row)
        if fault:
            raise fault
        progress(done, size)
    if done != size:
        raise Fault("gap", done + 1)
    if journal.fact_rows(size, 1) and journal.head().seq == size:
        raise Fault("surplus", size + 1)
    head = journal.head()
    if head.seq == size and head.at != last_at:
        raise Fault("head", size)
    return erased


def _check_photo(journal: Readable, row: FactRow) -> None:
    """The picture in the store is the one that the fact attached; of an erased fact it is gone as well."""
    body = decode(row[3], row[7])
    stored = journal.photo_digest(row[0])
    if stored != (body.seal if isinstance(body, PhotoAttached) else "gone"):
        raise Fault("photo", row[0])


def _misplaced(row: FactRow, seq: int, versions: array[int], last_at: int) -> Fault | None:
    """What is wrong with a fact's number, stream, version or time."""
    found, stream, version, _, at = row[:5]
    if found != seq:
        return Fault("gap", seq)
    if not 0 < stream <= seq or (version == 1) != (stream == seq):
        return Fault("stream", seq)
    if version != versions[stream] + 1:
        return Fault("version", seq)
    return Fault("time", seq) if at < last_at else None


def _chunks(journal: Readable, size: int) -> Iterator[list[FactRow]]:
    """Facts up to `size`, in chunks that begin with a tile."""
    after = 0
    while after < size:
        rows = journal.fact_rows(after, min(CHUNK, size - after))
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _check_leaves(journal: Readable, first: int, leaves: list[bytes], mirror: Mirror) -> None:
    for start in range(0, len(leaves), TILE):
        expected = b"".join(leaves[start : start + TILE])
        n = (first + start) // TILE
        stored, kept = journal.tile(0, n)[: len(expected)], mirror(n)[: len(expected)]
        if stored == expected and expected.startswith(kept):
            continue
        for i in range(0, len(expected), HASH_BYTES):
            leaf = expected[i : i + HASH_BYTES]
            if stored[i : i + HASH_BYTES] != leaf or kept[i : i + HASH_BYTES] not in (leaf, b""):
                raise Fault("edited", first + start + i // HASH_BYTES + 1)


def _check_tiles(journal: Readable, size: int) -> None:
    """Every hash above level 0 is the root of the tile below it, and no tile is longer than its facts."""
    level, count = 0, size
    while count:
        for n in range((count + TILE - 1) // TILE):
            stored = journal.tile(level, n)
            here = min(TILE, count - n * TILE)
            first = TILE**level * n * TILE + 1
            if len(stored) < here * HASH_BYTES or len(stored) > WHOLE_BYTES:
                raise Fault("tile", first)
            if here == TILE:
                above = journal.tile(level + 1, n // TILE)
                place = n % TILE * HASH_BYTES
                kept, node = seal(stored[:FULL_BYTES])
                # A store of before has fewer nodes, or none, behind the hashes of its full tiles.
                same = len(stored) in LONG and kept.startswith(stored)
                if not same or above[place : place + HASH_BYTES] != node:
                    raise Fault("tile", first)
        level, count = level + 1, count // TILE
    if journal.head().seq == size:
        for low in range(level + 1):
            tiles = (size // TILE**low + TILE - 1) // TILE
            longer = journal.tile_count(low) > tiles
            n, width = divmod(size // TILE**low, TILE)
            longer = longer or bool(width and len(journal.tile(low, n)) > width * HASH_BYTES)
            if longer and journal.head().seq == size:
                raise Fault("surplus", size + 1)
