"""Names that sound or look like what was written: n-grams find a few, an edit distance ranks them.

Chinese is compared by syllables: a homophone costs little, a sound that southern speakers don't tell apart a
little more, a dropped character about one, another character altogether more than a name can bear. Letters
are compared as letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from huying.geo.finding.syllables import SYLLABLE

T = TypeVar("T")

LOOKED_AT_CHARS = 240
"""A slip is looked for where a place is said, and that is near the beginning of what somebody says."""

POSTINGS_MAX = 120
"""An n-gram that more names than this share tells them apart badly and is passed over when they are asked."""

VISITS_MAX = 1_600
"""Postings looked at for one text, so that a text made of common n-grams costs no more than another."""

RANKED_MAX = 10
"""Names whose distance is worked out."""

_HAN = re.compile("[\u4e00-\u9fff]+")
_LETTERS = re.compile("[a-z0-9]+(?:['’ .-]{1,2}[a-z0-9]+)*")
_GLUE = re.compile("[^a-z0-9]")

# Initials and finals that are one sound for many speakers of the south.
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_ENDS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


class Alike(Struct, Generic[T], frozen=True):
    """`value`'s name is like the text at [start, end); `cost` is 0 for the same sounds."""

    start: int
    end: int
    cost: float
    length: int
    value: T


def plain(syllable: str) -> str:
    """The syllable as a southern ear hears it."""
    for full, short in _MERGED:
        if syllable.startswith(full):
            syllable = short + syllable[len(full) :]
            break
    if syllable.startswith("hu") and len(syllable) > 2:
        syllable = "f" + syllable[2:]
    for full, short in _ENDS:
        if syllable.endswith(full):
            return syllable[: -len(full)] + short
    return syllable


PLAIN: dict[str, str] = {char: plain(syllable) for char, syllable in SYLLABLE.items()}
"""Character → the syllable as a southern ear hears it."""


def bearable(length: int) -> float:
    """The greatest cost at which a name of so many characters is still the one."""
    if length <= 2:
        return 0.0
    return 0.45 if length == 3 else 1.0 if length == 4 else 1.3


class _Index(Generic[T]):
    """Names as sequences of symbols, by their n-grams."""

    def __init__(self) -> None:
        self.names: list[tuple[str, tuple[str, ...], T]] = []
        self._posts: dict[object, list[tuple[int, int]]] = {}

    def add(self, chars: str, symbols: tuple[str, ...], value: T) -> None:
        number = len(self.names)
        self.names.append((chars, symbols, value))
        for at, gram in _grams(symbols):
            self._posts.setdefault(gram, []).append((number, at))

    def near(self, symbols: Sequence[str]) -> list[tuple[int, int]]:
        """(name, where it would begin) of the few names with the most n-grams in common."""
        hits = []
        for at, gram in _grams(symbols):
            posts = self._posts.get(gram)
            if posts is not None and len(posts) <= POSTINGS_MAX:
                hits.append((len(posts), at, posts))
        hits.sort(key=lambda each: each[0])
        votes: dict[tuple[int, int], int] = {}
        left = VISITS_MAX
        for many, at, posts in hits:
            left -= many
            if left < 0:
                break
            for name, offset in posts:
                key = (name, at - offset)
                votes[key] = votes.get(key, 0) + 1
        return self._best(votes)

    def _best(self, votes: dict[tuple[int, int], int]) -> list[tuple[int, int]]:
        ranked: dict[int, tuple[float, int]] = {}
        for (name, start), count in votes.items():
            around = count + votes.get((name, start - 1), 0) + votes.get((name, start + 1), 0)
            share = around / (2 * len(self.names[name][1]) - 3)
            if share > ranked.get(name, (0.25, 0))[0]:
                ranked[name] = (share, start)
        best = sorted(ranked.items(), key=lambda each: (-each[1][0], each[0]))[:RANKED_MAX]
        return [(name, start) for name, (_, start) in best]


def _grams(symbols: Sequence[str]) -> Iterable[tuple[int, object]]:
    """Pairs of neighbours, and of those with one between them: they are one kind, so that a dropped or an
    added character leaves pairs in common."""
    for at in range(len(symbols) - 1):
        yield at, (symbols[at], symbols[at + 1])
    for at in range(len(symbols) - 2):
        yield at, (symbols[at], symbols[at + 2])


class Sounds(Generic[T]):
    """Names, each with a value, ready to be found by sound.

    Args:
        names: (name, value); Chinese of three characters and more, Latin of five letters and more.
    """

    def __init__(self, names: Iterable[tuple[str, T]]) -> None:
        self._han: _Index[T] = _Index()
        self._latin: _Index[T] = _Index()
        for name, value in names:
            if _HAN.fullmatch(name):
                if len(name) >= 3:
                    self._han.add(name, _sounds(name), value)
            else:
                letters = _GLUE.sub("", name.lower())
                if len(letters) >= 6 and name.isascii():
                    self._latin.add(letters, _trigrams(letters), value)

    def find(self, folded: str) -> list[Alike[T]]:
        """Names like parts of the text (folded, half width), the most alike first."""
        folded = folded[:LOOKED_AT_CHARS]
        found: list[Alike[T]] = []
        if self._han.names:
            for run in _HAN.finditer(folded):
                if len(run[0]) >= 3:
                    found += self._chinese(run[0], run.start())
        if self._latin.names:
            for run in _LETTERS.finditer(folded):
                if len(run[0]) >= 5:
                    found += self._letters(run[0], run.start())
        found.sort(key=lambda each: (each.cost / each.length, -each.length, each.start))
        return found

    def _chinese(self, run: str, offset: int) -> list[Alike[T]]:
        sounds, found = _sounds(run), []
        for number, start in self._han.near(sounds):
            chars, symbols, value = self._han.names[number]
            low, high = max(start - 1, 0), min(start + len(chars) + 1, len(run))
            cost, first, last = _fit(chars, symbols, run[low:high], sounds[low:high])
            if cost <= bearable(len(chars)):
                found.append(
                    Alike(offset + low + first, offset + low + last, round(cost, 2), len(chars), value)
                )
        return found

    def _letters(self, run: str, offset: int) -> list[Alike[T]]:
        places = [at for at, char in enumerate(run) if char.isalnum()]
        letters = "".join(run[at] for at in places)
        found = []
        for number, start in self._latin.near(_trigrams(letters)):
            chars, _, value = self._latin.names[number]
            low, high = max(start - 2, 0), min(start + len(chars) + 2, len(letters))
            cost, first, last = _fit(chars, chars, letters[low:high], letters[low:high])
            # A slip in eight letters; the match must begin and end where words do.
            if cost > 0.2 * len(chars) or last <= first:
                continue
            begin, end = places[low + first], places[low + last - 1] + 1
            if (begin == 0 or not run[begin - 1].isalnum()) and (end == len(run) or not run[end].isalnum()):
                found.append(Alike(offset + begin, offset + end, round(cost, 2), len(chars), value))
        return found


def _sounds(chars: str) -> tuple[str, ...]:
    return tuple(PLAIN.get(char, char) for char in chars)


def _trigrams(letters: str) -> tuple[str, ...]:
    return tuple(letters[at : at + 2] for at in range(len(letters) - 1))


def _price(name: str, symbol: str, char: str, sound: str) -> float:
    if name == char:
        return 0.0
    if symbol != sound or name == symbol:  # letters have no sound beside themselves
        return 1.5 if name != symbol else 1.0
    return 0.1 if SYLLABLE.get(name) == SYLLABLE.get(char) else 0.2


def _fit(chars: str, symbols: Sequence[str], text: str, sounds: Sequence[str]) -> tuple[float, int, int]:
    """(cost, first, last) of the part of the text most like the name: edit distance with free ends."""
    drop = 0.8
    row = [(0.0, at) for at in range(len(text) + 1)]
    for n, char in enumerate(chars):
        symbol = symbols[n]
        before, cost0 = row, row[0][0] + drop
        row = [(cost0, before[0][1])]
        for at in range(len(text)):
            cost, start = before[at]
            cost += _price(char, symbol, text[at], sounds[at])
            up, up_start = before[at + 1]
            if up + drop < cost:
                cost, start = up + drop, up_start
            left, left_start = row[at]
            if left + drop < cost:
                cost, start = left + drop, left_start
            row.append((cost, start))
    last = min(range(len(row)), key=lambda at: (row[at][0], -at))
    return row[last][0], row[last][1], last
