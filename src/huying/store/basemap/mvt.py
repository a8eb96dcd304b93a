"""One layer of a vector tile as bytes, after the Mapbox Vector Tile Specification 2.1 (§4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence

EXTENT = 4096
"""Steps across a tile: finer than any screen shows one."""

POINT, LINE, AREA = 1, 2, 3
_MOVE, _DRAW, _CLOSE = 1, 2, 7

Ring = Sequence[tuple[int, int]]
Value = str | int | float


class Drawn:
    """A feature of the tile: `parts` are points, lines or rings in steps from the tile's upper left.

    Rings are not closed; outer ones run clockwise on the screen and each is followed by its holes.
    """

    __slots__ = ("parts", "tags", "what")

    def __init__(self, what: int, parts: Sequence[Ring], tags: Mapping[str, Value]) -> None:
        self.what, self.parts, self.tags = what, parts, tags


def layer(name: str, features: Sequence[Drawn]) -> bytes:
    """The layer as field 3 of a tile; a tile is its layers one after the other."""
    keys: dict[str, int] = {}
    values: dict[tuple[type, Value], int] = {}
    body = [_field(15, 0), varint(2), _bytes(1, name.encode())]
    for each in features:
        tags: list[int] = []
        for key, value in each.tags.items():
            tags += (keys.setdefault(key, len(keys)), values.setdefault((type(value), value), len(values)))
        body.append(_bytes(2, _feature(each, tags)))
    body += [_bytes(3, key.encode()) for key in keys]
    body += [_bytes(4, _value(value)) for _, value in values]
    body += [_field(5, 0), varint(EXTENT)]
    return _bytes(3, b"".join(body))


def _feature(each: Drawn, tags: Sequence[int]) -> bytes:
    packed = b"".join(map(varint, tags))
    drawn = b"".join(map(varint, _commands(each)))
    return _bytes(2, packed) + _field(3, 0) + varint(each.what) + _bytes(4, drawn)


def _commands(each: Drawn) -> Iterator[int]:
    x = y = 0
    if each.what == POINT:
        yield _MOVE | len(each.parts) << 3
    for part in each.parts:
        for n, (u, v) in enumerate(part):
            if each.what != POINT and n == 0:
                yield _MOVE | 1 << 3
            elif n == 1:
                yield _DRAW | (len(part) - 1) << 3
            yield _zigzag(u - x)
            yield _zigzag(v - y)
            x, y = u, v
        if each.what == AREA:
            yield _CLOSE | 1 << 3


def _zigzag(n: int) -> int:
    return n << 1 if n >= 0 else (-n << 1) - 1


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return _bytes(1, value.encode())
    if isinstance(value, int):
        return _field(6, 0) + varint(_zigzag(value))
    return _field(3, 1) + struct.pack("<d", value)


def _field(number: int, wire: int) -> bytes:
    return varint(number << 3 | wire)


def _bytes(number: int, content: bytes) -> bytes:
    return _field(number, 2) + varint(len(content)) + content


def varint(n: int) -> bytes:
    if n < 0x80:
        return bytes((n,))
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)
