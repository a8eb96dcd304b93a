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

VISITS_MAX = 800
"""Postings looked at for one text, so that a text made of common n-grams costs no more than another."""

RANKED_MAX = 5
"""Names whose distance is worked out."""

SHARE_MIN_SYLLABLES, SHARE_MIN_LETTERS = 0.25, 0.4
"""The share of a name's n-grams that must be there: a slip takes three of the seven that a name of five
syllables has, and five of thirty of a name of sixteen letters."""

DROPPED = 0.8
DROPPED_AT_END = 1.1
"""A character that was not heard costs more at the ends of a name, where something else may follow on."""

BAND = 3
"""Characters by which a name may be shifted against where its n-grams put it."""

_FAR = (99.0, 0)

_HAN = re.compile("[\u4e00-\u9fff]+")
_MIXED = re.compile("[\u4e00-\u9fffa-z]+(?:[ ·・-]{1,2}[\u4e00-\u9fffa-z]+)*")
_PARTS = re.compile("那个|这个|[\u4e00-\u9fff]|[a-z]+")
# What tells one place from the next: another character there is another place, not a slip.
_TELLING = frozenset("东南西北中上下前后左右内外大小新老高低一二三四五六七八九十")
_ALSO = {"行": "hang", "长": "zhang", "重": "zhong", "乐": "yue", "朝": "zhao", "还": "huan", "大": "dai"}
_ALSO |= {
    "地": "de",
    "的": "di",
    "薄": "bao",
    "角": "jue",
    "六": "lu",
    "露": "lou",
    "车": "ju",
    "盛": "cheng",
}
_PLACE_AFTER = re.compile(
    "村|这|那|的?山上|口|老街|桥|后山|有人|渡口|码头|埠头|石屋|水库|山塘|庙|岛|沙?滩|海[边滩]|祠堂|老人亭|渔船|自来水|洗衣"
    "|自然村|对面|旁边|边上|外面|里面|[0-9，,。！!；; ]|$"
)
_DIALECT = frozenset({("下", "脚"), ("下", "底"), ("顶", "尖")})
"""(in the name, what people of the place say for it): 大树脚 is 大树下."""
_PLACE_BEFORE = re.compile("(?:在|到|去|从|来|往|是|住|镇|[，,。！!；; ]|^)$")
_ALL = frozenset(SYLLABLE.values())
PINYIN_CHARS_MAX = 40
"""Letters that are read as pinyin: a name in one word."""

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
    elif syllable.startswith("w") and len(syllable) > 2:
        syllable = "f" + syllable[1:]
    for full, short in _ENDS:
        if syllable.endswith(full):
            return syllable[: -len(full)] + short
    return syllable


PLAIN: dict[str, str] = {char: plain(syllable) for char, syllable in SYLLABLE.items()}
"""Character → the syllable as a southern ear hears it."""


def bearable(length: int) -> float:
    """The greatest cost at which a name of so many characters is still the one."""
    if length <= 2:
        return 0.15
    return 0.45 if length == 3 else 0.85 if length == 4 else 1.5


class _Token(Struct, frozen=True):
    """One character, or one syllable that was written in letters."""

    text: str
    sound: str
    start: int
    end: int


def _tokens(run: str, offset: int) -> list[_Token]:
    """Characters and, where letters can be read as pinyin from end to end, their syllables."""
    tokens: list[_Token] = []
    for part in _PARTS.finditer(run):
        at = offset + part.start()
        if len(part[0]) == 2 and not part[0].isascii():  # said to think, not to name
            continue
        if not part[0].isascii():
            tokens.append(_Token(part[0], PLAIN.get(part[0], part[0]), at, at + 1))
            continue
        for syllable in _syllables(part[0]) if len(part[0]) <= PINYIN_CHARS_MAX else ():
            tokens.append(_Token(syllable, plain(syllable), at, at + len(syllable)))
            at += len(syllable)
    return tokens


def _syllables(letters: str) -> list[str]:
    """The letters as syllables, the longest first; nothing when they can't be read so."""
    best: list[list[str] | None] = [None] * len(letters) + [[]]
    for at in range(len(letters) - 1, -1, -1):
        for end in range(min(len(letters), at + 6), at, -1):
            rest = best[end]
            if rest is not None and letters[at:end] in _ALL:
                best[at] = [letters[at:end], *rest]
                break
    return best[0] or []


def _short_is_meant(name: str, text: str, start: int, end: int) -> bool:
    """A name of two characters needs one of them right and words around it that speak of a place."""
    written = text[start:end]
    if not any(char in written for char in name):
        return False
    return bool(_PLACE_AFTER.match(text, end)) and bool(_PLACE_BEFORE.search(text[max(0, start - 4) : start]))


class _Index(Generic[T]):
    """Names as sequences of symbols, by their n-grams."""

    def __init__(self, share_min: float) -> None:
        self._share_min = share_min
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
            share = around / max(2 * len(self.names[name][1]) - 3, 1)
            if share > ranked.get(name, (self._share_min, 0))[0]:
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
        names: (name, value); Chinese of two characters and more, Latin of five letters and more.
    """

    def __init__(self, names: Iterable[tuple[str, T]]) -> None:
        self._han: _Index[T] = _Index(SHARE_MIN_SYLLABLES)
        self._latin: _Index[T] = _Index(SHARE_MIN_LETTERS)
        for name, value in names:
            if _HAN.fullmatch(name):
                if len(name) >= 2:
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
            for run in _MIXED.finditer(folded):
                tokens = _tokens(run[0], run.start())
                if len(tokens) >= 2:
                    found += self._chinese(folded, tokens)
        if self._latin.names:
            for run in _LETTERS.finditer(folded):
                if len(run[0]) >= 5:
                    found += self._letters(run[0], run.start())
        found.sort(key=lambda each: (each.cost / each.length, -each.length, each.start))
        return found

    def _chinese(self, text: str, tokens: list[_Token]) -> list[Alike[T]]:
        sounds, said, found = [each.sound for each in tokens], [each.text for each in tokens], []
        for number, start in self._han.near(sounds):
            chars, symbols, value = self._han.names[number]
            low, high = max(start - 1, 0), min(start + len(chars) + 1, len(tokens))
            limit = bearable(len(chars))
            cost, first, last = _fit(chars, symbols, said[low:high], sounds[low:high], limit, start - low)
            if cost > limit or last <= first:
                continue
            begin, end = tokens[low + first].start, tokens[low + last - 1].end
            if len(chars) > 2 or _short_is_meant(chars, text, begin, end):
                found.append(Alike(begin, end, round(cost, 2), len(chars), value))
        return found

    def _letters(self, run: str, offset: int) -> list[Alike[T]]:
        places = [at for at, char in enumerate(run) if char.isalnum()]
        letters = "".join(run[at] for at in places)
        found = []
        for number, start in self._latin.near(_trigrams(letters)):
            chars, _, value = self._latin.names[number]
            low, high = max(start - 2, 0), min(start + len(chars) + 2, len(letters))
            # A slip in five letters; the match must begin and end where words do.
            limit = 0.2 * len(chars)
            cost, first, last = _fit(chars, chars, letters[low:high], letters[low:high], limit, start - low)
            if cost > limit or last <= first:
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
    if _ALSO.get(char, "?") == SYLLABLE.get(name) or _ALSO.get(name, "?") == SYLLABLE.get(char):
        return 0.2
    if (name, char) in _DIALECT:
        return 0.3
    if name in _TELLING and char != name and symbol != sound:
        return 9.0
    if symbol != sound or name == symbol:  # letters have no sound beside themselves
        return 1.5 if name != symbol else 1.0
    return 0.1 if SYLLABLE.get(name) == SYLLABLE.get(char, char) else 0.2


def _fit(
    chars: str, symbols: Sequence[str], text: Sequence[str], sounds: Sequence[str], limit: float, lead: int
) -> tuple[float, int, int]:
    """(cost, first, last) of the part of the text most like the name: edit distance with free ends.

    The name is expected to begin at `lead`; what lies more than `BAND` beside that is not looked at, and a
    cost above `limit` ends the search.
    """
    width = len(text)
    row: list[tuple[float, int]] = [(0.0, at) for at in range(width + 1)]
    for n, char in enumerate(chars):
        symbol = symbols[n]
        lost = DROPPED if 0 < n < len(chars) - 1 else DROPPED_AT_END
        low, high = max(n + lead - BAND, 0), min(n + lead + BAND + 1, width)
        before, row = row, [_FAR] * (width + 1)
        if low == 0:
            row[0] = (before[0][0] + lost, before[0][1])
        least = row[0][0]
        for at in range(low, high):
            cost, start = before[at]
            cost += _price(char, symbol, text[at], sounds[at])
            up, up_start = before[at + 1]
            if up + lost < cost:
                cost, start = up + lost, up_start
            left, left_start = row[at]
            if left + DROPPED < cost:
                cost, start = left + DROPPED, left_start
            row[at + 1] = (cost, start)
            if cost < least:
                least = cost
        if least > limit:
            return least, 0, 0
    last = min(range(width + 1), key=lambda at: (row[at][0], -at))
    return row[last][0], row[last][1], last
