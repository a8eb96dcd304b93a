"""A caller's words as they are understood: in one form, with what is written short written out.

Words of danger, words of types, signs of a scam and the model all read this; what they point at is a span of
the words as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.domain.shorthand import Short
from huying.geo.names import Found, Names
from huying.triage.compiled_one import one_form
from huying.triage.normalise import TEXT_CHARS_MAX, normalise_all, tables

EXPANDED_MAX = 100
"""Shorthand that is written out in one text: nobody who writes of a call uses so much, and the text can't
grow without bound."""

READINGS_KEPT = 4
"""One call is read by the rules, the scam words and the model in turn."""

Places = NDArray[np.int64]


class Reading(Struct, frozen=True):
    """`text` is what is understood; its character n stands for characters [`start[n]`, `end[n]`) of the words
    as they came. Both are None where each stands for the one at its own place."""

    text: str
    start: Places | None = None
    end: Places | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Characters [start, end) of `text` as [start, end) of the words as they came."""
        if self.start is None or self.end is None:
            return start, end
        return int(self.start[start]), int(self.end[end - 1])


class Reader:
    """Reads with a city's shorthand."""

    def __init__(self, shorthand: Iterable[Short]) -> None:
        rows = [(plain(each.short), plain(each.long)) for each in shorthand]
        self._shorts = Names((short, (short, long)) for short, long in rows) if rows else None
        self.read = lru_cache(maxsize=READINGS_KEPT)(self._read)

    def _read(self, words: str) -> Reading:
        """The reading of the first `TEXT_CHARS_MAX` characters."""
        text, origin = _one_form(words)
        found = [] if self._shorts is None else _chosen(self._shorts.find(text), text)
        if found:
            return _expanded(text, origin, found)
        if origin is None:
            return Reading(text)
        return Reading(text, origin, origin + 1)


@lru_cache(maxsize=8)
def reader_of(shorthand: tuple[Short, ...]) -> Reader:
    """The one reader of a city's table: rules, scams and model share what it read last."""
    return Reader(shorthand)


def plain(words: str) -> str:
    """The one form of a row's words, so that they are found in the one form of a caller's."""
    return _one_form(words)[0]


def _one_form(words: str) -> tuple[str, Places | None]:
    """The text, and where each of its characters stood; None where all stand at their own places."""
    if one_form is None:
        normal = normalise_all((words,), hide=False)
        codes, origin, n = normal.codes, normal.origin, len(normal.codes) - 1
    else:
        cut = words[:TEXT_CHARS_MAX].replace("\0", " ") + "\0"
        raw = np.frombuffer(cut.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        codes, kinds = np.empty(len(raw), np.uint32), np.empty(len(raw), np.uint8)
        origin = np.empty(len(raw), np.int64)
        n = one_form(raw, *tables(), codes, kinds, origin) - 1
    text = codes[:n].tobytes().decode("utf-32-le")
    return text, None if n == min(len(words), TEXT_CHARS_MAX) else origin[:n]


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


def _expanded(text: str, origin: Places | None, found: Sequence[_Short]) -> Reading:
    origin = np.arange(len(text)) if origin is None else origin
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
    return Reading("".join(parts), np.concatenate(starts), np.concatenate(ends))
