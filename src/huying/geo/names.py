"""Finding names in words: which of thousands of names a short text contains, and where.

Used for the words that speak for a type and for the names of places. Letters and digits match whole words,
whatever their case; Chinese matches anywhere. Full-width letters and digits count as half-width. Offsets are
those of the text as it came, because folding never changes its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import compress, count
from struct import unpack_from
from typing import Generic, TypeVar

from msgspec import Struct

# A caller's words are a few hundred characters; what comes after this many is not looked at.
TEXT_CHARS_MAX = 2000
# One text is looked through for several lists of names in turn: the words, scams, places.
TEXTS_KEPT = 4

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ　]")
_WORD = re.compile("[a-z0-9\u00df-\u024f]+")

T = TypeVar("T")


def _narrow(match: re.Match[str]) -> str:
    wide = match[0]
    return " " if wide == "　" else chr(ord(wide) - 0xFEE0)


def fold(text: str) -> str:
    """The text in lower case and half width, character by character, so that offsets stay."""
    if _WIDE.search(text):
        text = _WIDE.sub(_narrow, text)
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := each.lower()) == 1 else each for each in text)


class Found(Struct, Generic[T], frozen=True, gc=False):
    """`value` was found at characters [start, end)."""

    start: int
    end: int
    value: T


class Names(Generic[T]):
    """Names, each with a value, ready to be found.

    A name that begins with a letter or digit is looked up by its whole first word, any other by its first two
    characters as one number, which costs a text one pass of compiled code over its pairs.

    Args:
        names: (name, value); names of one character are left out, they are in everything.
    """

    def __init__(self, names: Iterable[tuple[str, T]]) -> None:
        by_word: dict[str, list[tuple[str, T]]] = {}
        by_pair: dict[int, list[tuple[str, T]]] = {}
        self._pairs_ascii = False
        for name, value in names:
            folded = fold(name.strip())
            if len(folded) < 2:
                continue
            word = _WORD.match(folded)
            if word:
                by_word.setdefault(word[0], []).append((folded, value))
            else:
                by_pair.setdefault(_pairs(folded)[0], []).append((folded, value))
                self._pairs_ascii |= folded[0].isascii()
        self._by_word = {head: _ready(group) for head, group in by_word.items()}
        self._by_pair = {head: _ready(group) for head, group in by_pair.items()}

    def find(self, text: str) -> list[Found[T]]:
        """All occurrences, in order of start, the longest first where several start."""
        folded, pairs = _read(text[:TEXT_CHARS_MAX])
        found: list[Found[T]] = []
        by_word, by_pair = self._by_word, self._by_pair
        if by_word:
            for match in _WORD.finditer(folded):
                if match[0] in by_word:
                    _add(found, folded, match.start(), by_word[match[0]])
        words = len(found)
        if self._pairs_ascii or not folded.isascii():
            for at in compress(count(), map(by_pair.__contains__, pairs)):
                _add(found, folded, at, by_pair[pairs[at]])
            if 0 < words < len(found):
                found.sort(key=_start)
        return found


@lru_cache(maxsize=TEXTS_KEPT)
def _read(text: str) -> tuple[str, list[int]]:
    """The folded text and its pairs, which nobody may change."""
    folded = fold(text)
    return folded, _pairs(folded)


Group = tuple[tuple[str, T, bool], ...]
"""Names with one beginning, longest first: (name, value, whether it ends with a letter or digit, so that a
boundary must follow)."""


def _ready(group: list[tuple[str, T]]) -> Group[T]:
    rows = ((name, value, _WORD.match(name[-1]) is not None) for name, value in group)
    return tuple(sorted(rows, key=lambda each: -len(each[0])))


def _add(found: list[Found[T]], folded: str, at: int, group: Group[T]) -> None:
    for name, value, ends_word in group:
        if folded.startswith(name, at):
            end = at + len(name)
            if not (ends_word and _WORD.match(folded, end)):
                found.append(Found(at, end, value))


def _start(found: Found[T]) -> int:
    return found.start


def _pairs(text: str) -> list[int]:
    """For each character but the last, it and the next as one number."""
    code = text.encode("utf-32-le", "surrogatepass")
    pairs = [0] * max(len(text) - 1, 0)
    for first in (0, 1):
        many = (len(text) - first) // 2
        if many > 0:
            pairs[first::2] = unpack_from(f"<{many}Q", code, 4 * first)
    return pairs
