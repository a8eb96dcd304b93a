"""Finding names in words: which of thousands of names a short text contains, and where.

Used for the words that speak for a type and for the names of places. Letters and digits match whole words,
whatever their case; Chinese matches anywhere. Full-width letters and digits count as half-width. Offsets are
those of the text as it came, because folding never changes its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Generic, TypeVar

# A call of 200 characters takes one step per character; what comes after this many is not looked at.
TEXT_CHARS_MAX = 2000

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ　]")
_LATIN = re.compile("[a-z0-9\u00df-\u024f]")
_WORD_START = re.compile("(?<![a-z0-9\u00df-\u024f])[a-z0-9\u00df-\u024f]")

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


class Found(Generic[T]):
    """`value` was found at characters [start, end)."""

    __slots__ = ("end", "start", "value")

    def __init__(self, start: int, end: int, value: T) -> None:
        self.start, self.end, self.value = start, end, value


class Names(Generic[T]):
    """Names, each with a value, ready to be found.

    Args:
        names: (name, value); names of one character are left out, they are in everything.
    """

    def __init__(self, names: Iterable[tuple[str, T]]) -> None:
        tails: dict[str, list[tuple[str, T, bool]]] = {}
        for name, value in names:
            folded = fold(name.strip())
            if len(folded) >= 2:
                ends_latin = _LATIN.match(folded[-1]) is not None
                tails.setdefault(folded[:2], []).append((folded, value, ends_latin))
        self._tails = {
            head: tuple(sorted(rest, key=lambda each: -len(each[0]))) for head, rest in tails.items()
        }
        self._firsts = frozenset(head[0] for head in self._tails if not _LATIN.match(head[0]))
        self._ascii = any(each.isascii() for each in self._firsts)
        self._latin = any(_LATIN.match(head[0]) for head in self._tails)

    def find(self, text: str) -> list[Found[T]]:
        """All occurrences, in order of start, the longest first where several start."""
        folded = fold(text[:TEXT_CHARS_MAX])
        starts = []
        if self._ascii or not folded.isascii():
            firsts = self._firsts
            starts = [at for at, each in enumerate(folded) if each in firsts]
        if self._latin:
            latin = [match.start() for match in _WORD_START.finditer(folded)]
            starts = sorted(starts + latin) if starts else latin
        found: list[Found[T]] = []
        for at in starts:
            for name, value, ends_latin in self._tails.get(folded[at : at + 2], ()):
                if folded.startswith(name, at):
                    end = at + len(name)
                    if ends_latin and _LATIN.match(folded, end):
                        continue
                    found.append(Found(at, end, value))
        return found
