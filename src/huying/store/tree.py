"""The hash tree over all facts (RFC 6962), kept as tiles of 256 hashes (the shape of C2SP tlog-tiles).

Tile n of level L holds the roots of the full subtrees of 256^L leaves numbered 256·n … 256·n+255. Only
full subtrees have a hash above level 0, so every hash is written once and the right-most tile of each
level grows. Proofs and roots read at most one tile a level on each side. A full tile is kept with every
second row of the nodes above its hashes behind them, so that a proof hashes 4 times in a tile and not 247
times; of a tile that is not full, every 16 hashes are folded once in a process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256

HASH_BYTES = 32
TILE = 256
FULL_BYTES = TILE * HASH_BYTES
# Rows of nodes above a full tile's hashes, and where in the tile those begin that are kept: 84 nodes. The
# fourth stands first, because it was once the only one and before that there was none.
ROWS = 8
_ROW_AT = {0: 0, 4: FULL_BYTES, 2: FULL_BYTES + 16 * HASH_BYTES, 6: FULL_BYTES + 80 * HASH_BYTES}
WHOLE_BYTES = FULL_BYTES + 84 * HASH_BYTES
# What a full tile of a store may be long: as now, and as it was kept earlier.
LONG = (FULL_BYTES, FULL_BYTES + 16 * HASH_BYTES, WHOLE_BYTES)
# Hashes of an unfinished tile that are folded together and remembered.
BLOCK_ROWS = 4
BLOCK_BYTES = HASH_BYTES << BLOCK_ROWS
EMPTY_ROOT = sha256(b"").digest()

# (level, n) → the tile's hashes, one after another; behind those of a full tile may follow its kept nodes.
Tiles = Callable[[int, int], bytes]


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The RFC 6962 root over hashes of equal subtrees, of any number ≥ 1."""
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = [sha256(b"\1" + a + b).digest() for a, b in zip(row[::2], row[1::2], strict=False)] + odd
    return row[0]


def rise(row: bytes, rows: int) -> bytes:
    """The nodes `rows` rows above a row of full subtrees."""
    for _ in range(rows):
        row = _pairs(row)
    return row


@lru_cache(maxsize=512)  # 19 kB each; only for tiles of a store from before all these nodes were kept
def _whole(tile: bytes) -> bytes:
    """A full tile's hashes with the nodes kept."""
    return seal(tile)[0]


def _pairs(row: bytes) -> bytes:
    """The nodes above an even number of hashes."""
    two = 2 * HASH_BYTES
    return b"".join([sha256(b"\1" + row[i : i + two]).digest() for i in range(0, len(row), two)])


def seal(tile: bytes) -> tuple[bytes, bytes]:
    """A full tile's hashes → (what is kept of it: the hashes and its kept nodes, the node over it all)."""
    second = rise(tile, 2)
    fourth = rise(second, 2)
    sixth = rise(fourth, 2)
    return tile + fourth + second + sixth, rise(sixth, 2)


def cut(packed: bytes) -> list[bytes]:
    return [packed[i : i + HASH_BYTES] for i in range(0, len(packed), HASH_BYTES)]


class Frontier:
    """The growing edge of a tree: its size and the unfinished tile of each level. Never changed in place."""

    __slots__ = ("edge", "size")

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        self.size = size
        self.edge = tuple(edge)

    def append(self, leaves: Sequence[bytes]) -> tuple[Frontier, list[tuple[int, int, bytes]]]:
        """The frontier with more leaves, and every tile written by it as (level, n, hashes)."""
        written: list[tuple[int, int, bytes]] = []
        edge: list[bytes] = list(self.edge)
        new = list(leaves)
        level = 0
        while new:
            if level == len(edge):
                edge.append(b"")
            first = (self.size // TILE**level) // TILE
            packed = edge[level] + b"".join(new)
            full, rest = divmod(len(packed), FULL_BYTES)
            new = []
            for i in range(full):
                tile, above = seal(packed[i * FULL_BYTES : (i + 1) * FULL_BYTES])
                written.append((level, first + i, tile))
                new.append(above)
            edge[level] = packed[len(packed) - rest :]
            if rest:
                written.append((level, first + full, edge[level]))
            level += 1
        return Frontier(self.size + len(leaves), edge), written

    def head(self) -> bytes:
        """The tree head over all leaves so far."""
        bottom = b""
        for packed in self.edge:
            if packed:
                bottom = _folded(packed, bottom)
        return bottom or EMPTY_ROOT


def frontier_tiles(size: int) -> list[tuple[int, int, int]]:
    """The unfinished tile of each level of a tree as (level, n, width); width 0 when there is none."""
    found = []
    level, count = 0, size
    while count:
        found.append((level, count // TILE, count % TILE))
        level, count = level + 1, count // TILE
    return found


def load_frontier(size: int, tiles: Tiles) -> Frontier:
    edge = [
        tiles(level, n)[: width * HASH_BYTES] if width else b"" for level, n, width in frontier_tiles(size)
    ]
    return Frontier(size, edge)


# ── subtrees ────────────────────────────────────────────────────────────────────────────────────────────
def subtree(start: int, end: int, tiles: Tiles) -> bytes:
    """The hash of leaves [start, end); `start` is a multiple of a power of two that is ≥ end - start."""
    bottom: bytes | None = None
    rest = end - start
    if rest & (rest - 1) == 0:
        level, row = divmod(rest.bit_length() - 1, ROWS)
        n, offset = divmod(start >> (ROWS * level), TILE)
        packed = tiles(level, n)
        if len(packed) >= FULL_BYTES:
            return _inside(packed, row, offset >> row)
    for level in range(_level(rest) + 1):
        count = rest % TILE
        rest //= TILE
        if count:
            packed = _hashes(level, (end >> (8 * level)) - count, count, tiles)
            bottom = _folded(packed, bottom or b"")
    if bottom is None:
        raise ValueError("an empty subtree has no hash")
    return bottom


def _inside(packed: bytes, row: int, at: int) -> bytes:
    """The node number `at` of a row inside a full tile."""
    if len(packed) < WHOLE_BYTES:
        packed = _whole(packed[:FULL_BYTES])
    rows = row % 2
    width = HASH_BYTES << rows
    first = _ROW_AT[row - rows] + at * width
    return rise(packed[first : first + width], rows)


@lru_cache(maxsize=64)  # the edge of the newest trees, which is on every path
def _folded(packed: bytes, bottom: bytes) -> bytes:
    """The root over the hashes of an unfinished tile and one of what is below its last, if anything is."""
    end = len(packed) - len(packed) % BLOCK_BYTES
    row = [_block(packed[i : i + BLOCK_BYTES]) for i in range(0, end, BLOCK_BYTES)]
    # What is left, at most 16 hashes, is one node of that row: a last one without a partner is only moved up.
    rest = packed[end:] + bottom
    return fold([*row, fold(cut(rest))] if rest else row)


@lru_cache(maxsize=4_096)  # 0.7 kB each; a tree that grows has one or two new ones
def _block(hashes: bytes) -> bytes:
    return rise(hashes, BLOCK_ROWS)


def _hashes(level: int, first: int, count: int, tiles: Tiles) -> bytes:
    n, offset = divmod(first, TILE)
    packed = tiles(level, n)[offset * HASH_BYTES : (offset + count) * HASH_BYTES]
    if len(packed) != count * HASH_BYTES:
        raise ValueError(f"tile {level}/{n} is too short")
    return packed


def _level(size: int) -> int:
    level = 0
    while TILE ** (level + 1) <= size:
        level += 1
    return level


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (≥ 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def root(size: int, tiles: Tiles) -> bytes:
    """The tree head over the first `size` leaves."""
    return subtree(0, size, tiles) if size else EMPTY_ROOT


# ── proofs ──────────────────────────────────────────────────────────────────────────────────────────────
def inclusion_parts(index: int, size: int) -> list[tuple[int, int]]:
    """The subtrees [start, end) whose hashes are the audit path of leaf `index` (from 0); RFC 6962 §2.1.1."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    start, end = 0, size
    parts: list[tuple[int, int]] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start = middle
    return parts[::-1]


def inclusion(index: int, size: int, tiles: Tiles) -> list[bytes]:
    """The audit path of leaf `index` (from 0) in the tree over `size` leaves."""
    return [subtree(start, end, tiles) for start, end in inclusion_parts(index, size)]


def tiles_of(parts: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """All tiles (level, n) that the hashes of subtrees [start, end) are read from."""
    wanted = set()
    for start, end in parts:
        rest = end - start
        if rest & (rest - 1) == 0:
            level = (rest.bit_length() - 1) // ROWS
            wanted.add((level, (start >> (ROWS * level)) // TILE))
            continue
        level = 0
        while rest:
            if rest % TILE:
                wanted.add((level, ((end >> (ROWS * level)) - rest % TILE) // TILE))
            level, rest = level + 1, rest // TILE
    return wanted


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], head: bytes) -> bool:
    """Whether the path proves that `leaf` is number `index` under `head`; RFC 9162 §2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == head


def consistency_parts(old: int, size: int) -> list[tuple[int, int]]:
    """The subtrees [start, end) that prove that the tree over `size` leaves begins with the one over `old`;
    RFC 6962 §2.1.2."""
    if not 0 < old <= size:
        raise ValueError("the older tree must have a leaf and be no larger")
    start, end, whole = 0, size, True
    parts: list[tuple[int, int]] = []
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start, whole = middle, False
    if not whole:
        parts.append((start, end))
    return parts[::-1]


def consistency(old: int, size: int, tiles: Tiles) -> list[bytes]:
    """The proof that the tree over `size` leaves begins with the tree over `old`."""
    return [subtree(start, end, tiles) for start, end in consistency_parts(old, size)]


def consistent(old: int, old_head: bytes, size: int, head: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that `old_head` is the beginning of `head`; RFC 9162 §2.1.4.2."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_head == head
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_head)
    if not steps:
        return False
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = steps[0]
    for c in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_head and sr == head
