"""Tiles in one file that is read by ranges: PMTiles version 3 (Protomaps' specification).

The same tiles give the same bytes: nothing in the file says when or where it was made.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.store.basemap.mvt import varint

MAGIC = b"PMTiles\x03"
HEADER_BYTES = 127
ROOT_BYTES_MAX = 16_384 - HEADER_BYTES
"""A reader takes header and root directory in its first 16 KiB."""

LEAF_ENTRIES = 4_096
_GZIP, _MVT = 2, 1

Tile = tuple[int, int, int]


class Entry(Struct, frozen=True):
    """`run` tiles from `tile` on are the `length` bytes at `offset`; run 0 points at a leaf directory."""

    tile: int
    offset: int
    length: int
    run: int


class Bounds(Struct, frozen=True):
    """Degrees (WGS-84)."""

    west: float
    south: float
    east: float
    north: float


def tile_id(zoom: int, x: int, y: int) -> int:
    """The place of a tile on the Hilbert curves of all zooms, one after the other."""
    at: int = (4**zoom - 1) // 3
    step = 1 << zoom >> 1
    while step:
        right, down = int(bool(x & step)), int(bool(y & step))
        at += step * step * ((3 * right) ^ down)
        if not down:
            if right:
                x, y = step - 1 - (x & (step - 1)), step - 1 - (y & (step - 1))
            x, y = y, x
        step >>= 1
    return at


def write_archive(
    file: Path, tiles: Mapping[Tile, bytes], bounds: Bounds, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the tiles (not yet packed) and say what was written. Refuses with `file_unwritable`."""
    packed, digest = pack_archive(tiles, bounds, metadata)
    beside = file.with_name(file.name + ".part")
    try:
        beside.write_bytes(packed)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Refusal("file_unwritable", path=str(file)) from error
    return {"tiles": len(tiles), "bytes": len(packed), "digest": digest}


def pack_archive(
    tiles: Mapping[Tile, bytes], bounds: Bounds, metadata: Mapping[str, Any]
) -> tuple[bytes, str]:
    """The file, and a digest of the tiles that doesn't depend on how they were packed."""
    entries, data, contents = _entries(tiles)
    digest = digest_of(tiles)
    said = _gzip(msgspec.json.encode({**metadata, "digest": digest}, order="sorted"))
    root, leaves = _directories(entries)
    zooms = [zoom for zoom, _, _ in tiles]
    at, places = HEADER_BYTES, list[int]()
    for part in (root, said, leaves, data):
        places += (at, len(part))
        at += len(part)
    header = MAGIC + struct.pack("<8Q", *places)
    header += struct.pack("<3Q", len(tiles), len(entries), contents)
    header += struct.pack("<6B", 1, _GZIP, _GZIP, _MVT, min(zooms), max(zooms))
    corners = (bounds.west, bounds.south, bounds.east, bounds.north)
    middle = ((bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2)
    header += struct.pack("<4i", *(round(each * 1e7) for each in corners))
    header += struct.pack("<B2i", min(zooms) + 2, *(round(each * 1e7) for each in middle))
    assert len(header) == HEADER_BYTES
    return header + root + said + leaves + data, digest


def digest_of(tiles: Mapping[Tile, bytes]) -> str:
    """SHA-256 over tiles in their order: the same map has the same digest on every machine."""
    sha = hashlib.sha256()
    for tile in sorted(tiles, key=lambda each: tile_id(*each)):
        sha.update(struct.pack("<3I", *tile) + hashlib.sha256(tiles[tile]).digest())
    return sha.hexdigest()


def _entries(tiles: Mapping[Tile, bytes]) -> tuple[list[Entry], bytes, int]:
    """Directory, data and how many contents differ: tiles that are alike (the sea) are kept once."""
    places: dict[bytes, tuple[int, int]] = {}
    data = bytearray()
    entries: list[Entry] = []
    for tile in sorted(tiles, key=lambda each: tile_id(*each)):
        content, id = tiles[tile], tile_id(*tile)
        if content not in places:
            packed = _gzip(content)
            places[content] = len(data), len(packed)
            data += packed
        offset, length = places[content]
        last = entries[-1] if entries else None
        if last and last.offset == offset and last.tile + last.run == id:
            entries[-1] = Entry(last.tile, offset, length, last.run + 1)
        else:
            entries.append(Entry(id, offset, length, 1))
    return entries, bytes(data), len(places)


def _directories(entries: Sequence[Entry]) -> tuple[bytes, bytes]:
    root = _directory(entries)
    if len(root) <= ROOT_BYTES_MAX:
        return root, b""
    leaves, pointers = bytearray(), []
    for at in range(0, len(entries), LEAF_ENTRIES):
        leaf = _directory(entries[at : at + LEAF_ENTRIES])
        pointers.append(Entry(entries[at].tile, len(leaves), len(leaf), 0))
        leaves += leaf
    return _directory(pointers), bytes(leaves)


def _directory(entries: Sequence[Entry]) -> bytes:
    out, last = [varint(len(entries))], 0
    for each in entries:
        out.append(varint(each.tile - last))
        last = each.tile
    out += [varint(each.run) for each in entries]
    out += [varint(each.length) for each in entries]
    for n, each in enumerate(entries):
        before = entries[n - 1] if n else None
        follows = before is not None and before.offset + before.length == each.offset
        out.append(varint(0 if follows else each.offset + 1))
    return _gzip(b"".join(out))


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
