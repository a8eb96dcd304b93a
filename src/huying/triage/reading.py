"""A caller's words as they are understood: in one form, with what is written short written out.

Words of danger, words of types, signs of a scam and the model all read this; what they point at is a span of
the words as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.domain.shorthand import Short
from huying.geo.names import Found, Names
from huying.triage.normalise import TEXT_CHARS_MAX, Codes, Kinds, normalise_all, plain_text

EXPANDED_MAX = 100
"""Shorthand that is written out in one text: nobody who writes of a call uses so much, and the text can't
grow without bound."""

Places = NDArray[np.int64]


class Reading(Struct, frozen=True, dict=True):
    """Words as they came (`said`) and as they are understood: code points in their one form and what kind of
    character each is, a separator after them.

    Character n of the form stands for characters [`start[n]`, `end[n]`) of the words as they came. Both are
    None where each stands for the one at its own place.
    """

    said: str
    codes: Codes
    kinds: Kinds
    start: Places | None = None
    end: Places | None = None

    @cached_property
    def text(self) -> str:
        """What is understood, for where words are looked for."""
        return self.codes[:-1].tobytes().decode("utf-32-le")

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Characters [start, end) of the form as [start, end) of the words as they came."""
        if self.start is None or self.end is None:
            return start, end
        return int(self.start[start]), int(self.end[end - 1])


Words = str | Reading
"""Words as they came, or as somebody has read them already."""


class Reader:
    """Reads with a city's shorthand. Words are read once, and their reading handed along to whatever wants
    to understand them."""

    def __init__(self, shorthand: Iterable[Short] = ()) -> None:
        rows = [(plain(each.short), plain(each.long)) for each in shorthand]
        self._shorts = Names((short, (short, long)) for short, long in rows) if rows else None

    def of(self, words: Words) -> Reading:
        """The reading of words, or the one that somebody made already."""
        return self.read(words) if isinstance(words, str) else words

    def read(self, words: str) -> Reading:
        """The reading of the first `TEXT_CHARS_MAX` characters."""
        got = _formed(words)
        found = [] if self._shorts is None else _chosen(self._shorts.find(got.text), got.text)
        return _expanded(got, found) if found else got

    def text(self, words: str) -> str:
        """The text of their reading; quicker than `read` for the many short words of a pack."""
        form = plain_text(words)
        return self.read(words).text if self._shorts is not None and self._shorts.find(form) else form


@lru_cache(maxsize=8)
def reader_of(shorthand: tuple[Short, ...]) -> Reader:
    """The one reader of a city's table."""
    return Reader(shorthand)


def plain(words: str) -> str:
    """The one form of a row's words, so that they are found in the one form of a caller's."""
    return plain_text(words)


def _formed(words: str) -> Reading:
    """The one form alone."""
    normal = normalise_all((words,), hide=False)
    if len(normal.codes) - 1 == min(len(words), TEXT_CHARS_MAX):
        return Reading(words, normal.codes, normal.kinds)
    start = normal.origin[:-1]
    return Reading(words, normal.codes, normal.kinds, start, start + 1)


_Short = Found[tuple[str, str]]


def _chosen(found: Sequence[_Short], text: str) -> list[_Short]:
    """Of what overlaps the first and longest, and nothing that is already written out."""
    chosen: list[_Short] = []
    after = 0
    for each in found:
        short, long = each.value
        at = long.find(short)
        whole = at >= 0 and text.startswith(long, max(each.start - at, 0))
        if each.start >= after and not whole:
            chosen.append(each)
            after = each.end
    return chosen[:EXPANDED_MAX]


def _expanded(got: Reading, found: Sequence[_Short]) -> Reading:
    """With what is written short written out, and all of it in one form again: 大街 JTSG is 大街交通事故."""
    text = got.text
    origin = np.arange(len(text)) if got.start is None else got.start
    parts: list[str] = []
    starts: list[Places] = []
    ends: list[Places] = []
    before = 0
    for each in [*found, None]:
        upto = len(text) if each is None else each.start
        parts.append(text[before:upto])
        starts.append(origin[before:upto])
        ends.append(origin[before:upto] + 1)
        if each is not None:
            long = each.value[1]
            parts.append(long)
            starts.append(np.full(len(long), origin[each.start]))
            ends.append(np.full(len(long), origin[each.end - 1] + 1))
            before = each.end
    normal = normalise_all(("".join(parts),), hide=False)
    at = normal.origin[:-1]
    start, end = np.concatenate(starts)[at], np.concatenate(ends)[at]
    return Reading(got.said, normal.codes, normal.kinds, start, end)
