"""A pack's words in a caller's words: as they stand, or said apart.

`叫…不应` is said where 不应 comes soon after 叫; `爷爷|奶奶…不动了` has other words for a part. What is said
between is short: half a sentence, so that two matters in one call don't make a third.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from msgspec import Struct

from huying.geo.names import Found, Names
from huying.triage.reading import Reader, Reading

APART, OR = "…", "|"

GAP_MAX = 45
"""Between two parts: a Chinese character counts three, a letter one: fifteen characters, or some nine
words."""

CHINESE_COUNTS = 3

SPOKEN_MAX = 40

T = TypeVar("T")


class _Part(Struct, Generic[T], frozen=True, gc=False):
    """Part `number` of row `row`; `last` where the row is said with it."""

    row: int
    number: int
    last: bool
    value: T


class Phrases(Generic[T]):
    """Finds which rows are said in the one form of a text, and where.

    Args:
        rows: (words, value); a row of one character finds nothing, a part of one does.
        reader: reads the rows as the texts are read.
    """

    def __init__(self, rows: Iterable[tuple[str, T]], reader: Reader) -> None:
        parts: list[tuple[str, _Part[T]]] = []
        self._chars: dict[str, list[_Part[T]]] = {}
        for row, (words, value) in enumerate(rows):
            apart = words.split(APART)
            for number, part in enumerate(apart):
                made = _Part(row, number, number == len(apart) - 1, value)
                for each in part.split(OR):
                    form = reader.text(each)
                    if len(form) == 1 and len(apart) > 1:
                        self._chars.setdefault(form, []).append(made)
                    else:
                        parts.append((form, made))
        self._names = Names(parts)

    def find(self, text: str) -> list[Found[T]]:
        """All occurrences in order of their end; a row said apart from its first part to its last."""
        if not text:
            return []
        found: list[Found[T]] = []
        open: dict[tuple[int, int], tuple[int, int]] = {}
        for each in self._parts(text):
            part, start = each.value, each.start
            if part.number:
                before = open.get((part.row, part.number - 1))
                if before is None or before[1] > start or _far(text, before[1], start):
                    continue
                start = before[0]
            if part.last:
                found.append(Found(start, each.end, part.value))
            else:
                open[part.row, part.number] = start, each.end
        return found

    def _parts(self, text: str) -> list[Found[_Part[T]]]:
        said = self._names.find(text)
        chars = self._chars
        single = [
            Found(at, at + 1, part) for at, char in enumerate(text) if char in chars for part in chars[char]
        ]
        return sorted(said + single, key=_start) if single else said


def _start(found: Found[_Part[T]]) -> int:
    return found.start


def _far(text: str, start: int, end: int) -> bool:
    if end - start > GAP_MAX:
        return True
    return sum(1 if char.isascii() else CHINESE_COUNTS for char in text[start:end]) > GAP_MAX


def spoken(row: str, found: Found[T], reading: Reading) -> str:
    """What was said, as a reason names it: the row's words, or for a row with choices the caller's own."""
    if APART not in row and OR not in row:
        return row
    start, end = reading.span(found.start, found.end)
    return reading.said[start:end][:SPOKEN_MAX]
