"""Free text without what leads to a person: the one way by which screens, exports and models get it.

Numbers are found by how they are issued and checked, names by the words that announce them and by the numbers
they stand beside. A name that nothing announces is not found: `docs/*/data-officer.md` says what that means.
Time is bounded by the length of the text: no pattern looks further than a fixed distance.
"""

from __future__ import annotations

from typing import NamedTuple

from huying.privacy import names_en, names_zh
from huying.privacy.numbers import find_numbers
from huying.privacy.spans import Span, merge, plain

# Stands for whatever was hidden, in every language; the kind is in the spans.
SIGN = "***"
# Beyond this a text is no report; its tail is hidden whole instead of being searched.
TEXT_MAX = 200_000


class Masked(NamedTuple):
    """`text` with each of `spans` (of the text as it was) replaced by a sign."""

    text: str
    spans: tuple[Span, ...]


def find(text: str) -> tuple[Span, ...]:
    """What leads to a person, in order, none overlapping another."""
    if len(text) > TEXT_MAX:
        return *find(text[:TEXT_MAX]), Span(TEXT_MAX, len(text), "number")
    same = plain(text)
    numbers = list(find_numbers(same))
    return merge([*numbers, *names_zh.find_names(same, numbers), *names_en.find_names(same, numbers)])


def mask(text: str, sign: str = SIGN) -> Masked:
    """The text as it may be seen without a purpose."""
    spans = find(text)
    if not spans:
        return Masked(text, spans)
    parts: list[str] = []
    end = 0
    for each in spans:
        parts += (text[end : each.start], sign)
        end = each.end
    return Masked("".join((*parts, text[end:])), spans)
