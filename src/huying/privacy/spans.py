"""Where in a text something leads to a person, and the text in the one form in which it is searched."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple


class Span(NamedTuple):
    """Characters [start, end) of the text; `kind`: phone, id, card, email, plate, account, number, name."""

    start: int
    end: int
    kind: str


# Marks that are put between the digits of a number, or that hide in it without being seen.
_BETWEEN = "\u00a0\u2002\u2003\u2009\u202f\u3000\u200b\u200c\u200d\u2060\ufeff"
_DASHES = "‐‑‒–—―−－ー_～~·•・"


class _Plain(dict[int, str]):
    """One character for one character, looked up once each: there are not many more than a million."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        digit = unicodedata.decimal(char, None)
        if digit is None:
            wide = unicodedata.normalize("NFKC", char)
            self[code] = wide if len(wide) == 1 and wide.isascii() else char
        else:
            self[code] = str(digit)
        return self[code]


_PLAIN = _Plain({ord(char): mark for marks, mark in ((_BETWEEN, " "), (_DASHES, "-")) for char in marks})


def plain(text: str) -> str:
    """`text` with digits of any script, wide letters and dashes as ASCII; as long as before: spans hold."""
    return text.translate(_PLAIN)


def merge(spans: list[Span]) -> tuple[Span, ...]:
    """In order and apart from each other; of two that overlap the longer gives the kind."""
    merged: list[Span] = []
    for each in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and each.start < merged[-1].end:
            last = merged[-1]
            longer = last if last.end - last.start >= each.end - each.start else each
            merged[-1] = Span(last.start, max(last.end, each.end), longer.kind)
        else:
            merged.append(each)
    return tuple(merged)
