"""Finding names in words: which of thousands of names a short text contains, and where.

Used for the words that speak for a type and for the names of places. Letters and digits match whole words,
whatever their case; Chinese matches anywhere. Full-width letters and digits count as half-width. Offsets are
those of the text as it came, because folding never changes its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Generic, TypeVar

from msgspec import Struct

# A caller's words are a few hundred characters; what comes after this many is not looked at.
TEXT_CHARS_MAX = 2000

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ　]")
_WORD = re.compile("[a-z0-9\u00df-\u024f]+")
_NEVER = re.compile("(?!)")

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


class Found(Struct, Generic[T], frozen=True):
    """`value` was found at characters [start, end)."""

    start: int
    end: int
    value: T


class Names(Generic[T]):
    """Names, each with a value, ready to be found.

    A name that begins with a letter or digit is looked up by its whole first word; any other by its first two
    characters, at places where a compiled pattern sees a possible first followed by a possible second.

    Args:
        names: (name, value); names of one character are left out, they are in everything.
    """

    def __init__(self, names: Iterable[tuple[str, T]]) -> None:
        by_word: dict[str, list[tuple[str, T]]] = {}
        by_pair: dict[str, list[tuple[str, T]]] = {}
        for name, value in names:
            folded = fold(name.strip())
            if len(folded) >= 2:
                word = _WORD.match(folded)
                group = by_word.setdefault(word[0], []) if word else by_pair.setdefault(folded[:2], [])
                group.append((folded, value))
        self._by_word = {head: _ready(group) for head, group in by_word.items()}
        self._by_pair = {head: _ready(group) for head, group in by_pair.items()}
        firsts, seconds = ("".join(sorted({head[n] for head in by_pair})) for n in (0, 1))
        pairs = f"[{re.escape(firsts)}](?=[{re.escape(seconds)}])"
        self._pairs = re.compile(pairs) if by_pair else _NEVER
        self._pairs_ascii = any(head[0].isascii() for head in by_pair)

    def find(self, text: str) -> list[Found[T]]:
        """All occurrences, in order of start, the longest first where several start."""
        folded = fold(text[:TEXT_CHARS_MAX])
        found: list[Found[T]] = []
        if self._by_word:
            for match in _WORD.finditer(folded):
                group = self._by_word.get(match[0])
                if group is not None:
                    _add(found, folded, match.start(), group)
        words = len(found)
        if self._pairs_ascii or not folded.isascii():
            by_pair = self._by_pair
            for match in self._pairs.finditer(folded):
                at = match.start()
                group = by_pair.get(folded[at : at + 2])
                if group is not None:
                    _add(found, folded, at, group)
            if 0 < words < len(found):
                found.sort(key=lambda each: each.start)
        return found


def _ready(group: list[tuple[str, T]]) -> tuple[tuple[str, T, bool], ...]:
    """Longest first; with each name whether it ends within a word, so that a boundary must follow."""
    rows = ((name, value, _WORD.match(name[-1]) is not None) for name, value in group)
    return tuple(sorted(rows, key=lambda each: -len(each[0])))


def _add(found: list[Found[T]], folded: str, at: int, group: tuple[tuple[str, T, bool], ...]) -> None:
    for name, value, ends_word in group:
        if folded.startswith(name, at):
            end = at + len(name)
            if not (ends_word and _WORD.match(folded, end)):
                found.append(Found(at, end, value))
