"""One form for the many ways of writing the same words, with the way back to every original character.

Full and half width, upper and lower case, accents, look-alike letters of other scripts, traditional
characters, numerals (壹 as 一, 一一零 as 110, 3楼 as 三楼), hidden characters and letters pulled apart
("转 账", "转*账", "h e l p") are made one. What only a city knows, its shorthand, is `reading`'s.

The original is never changed: `origin` tells where each character came from, so that what is shown as a
reason is a span of the caller's own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.base.machine import HERE, loaded
from huying.triage.form import (
    CJK,
    DIGIT,
    DIGITS_MAX,
    HIDDEN,
    LETTER,
    NOISE,
    NOUGHT,
    OTHER,
    SEPARATOR,
    SPACE,
    SPOKEN_MIN,
    forms,
    hide_numbers_plainly,
    one_form_plainly,
)
from huying.triage.simplified import SIMPLIFIED, TRADITIONAL

TEXT_CHARS_MAX = 2_000
"""What a caller says is a few hundred characters; what comes after this many is not looked at, so that no
text, however long, costs more than a few milliseconds."""

PLAINLY_CHARS_MAX = 500
"""A pack's own words are a few characters each, and sooner read as they stand (30 µs) than numba is loaded;
what is longer, or comes when it is there, goes through it."""

TABLE_SIZE = 0x20000
"""Code points that are looked at one by one; rarer ones beyond count as Chinese characters."""

_NOISE = "*·•‧・.．。_-‐‑–—|~^+=/\\'\"`…"
_NUMERALS = dict(zip("壹贰叁肆伍陆柒捌玖拾佰仟〇幺", "一二三四五六七八九十百千零一", strict=True))
_LOOK_ALIKES = dict(
    zip(
        "асԁеһіјӏмпорԛѕтυνѵѡхуαβγειικνορτυχωՕօ０ı",
        "acdehijlmnopqstuvvwxyabyeiikvoptuxwoo0i",
        strict=True,
    )
)
# Where single characters have a plainer form: Latin to Cyrillic, signs, compatibility forms, mathematics.
_FOLDED = ((0x80, 0x590), (0x1E00, 0x3400), (0xF900, 0x10000), (0x1D400, 0x1D800))
_HIDDEN_CATEGORIES = frozenset({"Mn", "Me", "Cf", "Co", "Cs"})

# Texts that have a character for each character, where no three Chinese digits follow each other.
_EASY = re.compile("[a-z一-\u9fff]*")
_SPOKEN = re.compile(f"[零一二三四五六七八九]{{{SPOKEN_MIN}}}")

Codes = NDArray[np.uint32]
Kinds = NDArray[np.uint8]
Index = NDArray[np.int64]


class Normal(Struct, frozen=True):
    """Texts in one form. `codes` are code points, `SEPARATOR` after each text; `kinds` what each is; `origin`
    the place of each in its own text as it came (the separator's is the text's length)."""

    codes: Codes
    kinds: Kinds
    origin: Index

    def text(self) -> str:
        """The one text, or all of them one after another."""
        text: str = self.codes[self.codes != SEPARATOR].astype("<u4").tobytes().decode("utf-32-le")
        return text

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Characters [start, end) of this form as [start, end) of the text as it came."""
        return int(self.origin[start]), int(self.origin[end - 1]) + 1


def normalise(text: str) -> Normal:
    """One text; at most `TEXT_CHARS_MAX` characters of it."""
    return normalise_all((text,))


def normalise_all(texts: Sequence[str], hide: bool = True) -> Normal:
    """Many texts in one pass. `hide`: long numbers become noughts; they are kept where words are looked for,
    of which 96110 may be one."""
    cut = [text[:TEXT_CHARS_MAX] for text in texts]
    joined = "\0".join([*cut, ""])
    if joined.count("\0") != len(cut):
        cut = [text.replace("\0", " ") for text in cut]
        joined = "\0".join([*cut, ""])
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if HERE and (loaded() or len(raw) > PLAINLY_CHARS_MAX):
        codes, kinds = np.empty(len(raw), np.uint32), np.empty(len(raw), np.uint8)
        origin = np.empty(len(raw), np.int64)
        n = forms(raw, tables(), hide, codes, kinds, origin)
        return Normal(codes[:n], kinds[:n], origin[:n])
    return _by_lists(raw, hide)


def plain_text(text: str) -> str:
    """The one form of a text, numbers kept, as text alone: for the thousands of words of a pack, of
    which most are Chinese characters or small letters that each stand for themselves."""
    if _EASY.fullmatch(text) and len(text) <= TEXT_CHARS_MAX:
        form = text.translate(_easy())
        if not _SPOKEN.search(form):
            return form
    return normalise_all((text,), hide=False).text()


def _by_lists(raw: Codes, hide: bool) -> Normal:
    """Without machine code: the same loop over lists, of which the interpreter is quicker than of arrays."""
    tabled = _tables_as_lists()
    whole: tuple[list[int], list[int], list[int]] = ([], [], [])
    begin = 0
    for end in (np.flatnonzero(raw == SEPARATOR) + 1).tolist():
        own = raw[begin:end].tolist()
        codes, kinds, origin = [0] * len(own), [0] * len(own), [0] * len(own)
        left = one_form_plainly(own, 0, len(own), tabled, codes, kinds, origin)
        if hide:
            hide_numbers_plainly(codes, kinds, left)
        for to, each in zip(whole, (codes, kinds, origin), strict=True):
            to += each[:left]
        begin = end
    return Normal(np.array(whole[0], np.uint32), np.array(whole[1], np.uint8), np.array(whole[2], np.int64))


def without_numbers(codes: Codes, kinds: Kinds) -> Codes:
    """Long runs of digits as noughts; the codes themselves where there are none."""
    starts, ends = runs(kinds == DIGIT)
    long = ends - starts > DIGITS_MAX
    if not long.any():
        return codes
    codes = codes.copy()
    for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        codes[start:end] = NOUGHT
    return codes


def runs(where: NDArray[np.bool_]) -> tuple[Index, Index]:
    """Begin and end of each run of what holds."""
    between = np.zeros(len(where) + 2, dtype=np.bool_)
    between[1:-1] = where
    edges = (between[1:] != between[:-1]).nonzero()[0]
    return edges[0::2], edges[1::2]


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────
@cache
def tables() -> tuple[Codes, Kinds]:
    """Code point → its plain form, and → what it is; the last row stands for all beyond."""
    plain = np.arange(TABLE_SIZE, dtype=np.uint32)
    for low, high in _FOLDED:
        plain[low:high] = [_plain(chr(code)) for code in range(low, high)]
    plain[ord("A") : ord("Z") + 1] += 32
    for table in (dict(zip(TRADITIONAL, SIMPLIFIED, strict=True)), _NUMERALS, _LOOK_ALIKES):
        plain[[ord(each) for each in table]] = [ord(each) for each in table.values()]
        upper = {each.upper(): to for each, to in table.items() if len(each.upper()) == 1}
        plain[[ord(each) for each in upper]] = [ord(each) for each in upper.values()]
    while not np.array_equal(plain, plain[plain]):  # a plainer form may have one itself: 拾 as U+F973, 拾, 十
        plain = plain[plain]
    kinds = np.full(TABLE_SIZE, OTHER, dtype=np.uint8)
    kinds[0x2E80:0xA4D0] = CJK
    kinds[0xAC00:0xD7B0] = CJK
    kinds[0x3000:0x3040] = OTHER
    kinds[TABLE_SIZE - 1] = CJK
    for code in (*range(0x20, 0x590), *range(0x2000, 0x2070)):
        kinds[code] = _kind(chr(code))
    kinds[0xFE00:0xFE10] = kinds[0xD800:0xF900] = HIDDEN
    kinds[[0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF]] = HIDDEN
    spaces = [*range(1, 0x21), 0x7F, *range(0x80, 0xA1), 0x3000, 0x2028, 0x2029]
    plain[spaces], kinds[spaces] = 32, SPACE
    kinds[[ord(each) for each in _NOISE]] = NOISE
    for low, high in _FOLDED:
        changed = low + np.flatnonzero(plain[low:high] != np.arange(low, high))
        kinds[changed] = kinds[plain[changed]]
    kinds[SEPARATOR] = OTHER
    return plain, kinds


@cache
def _easy() -> dict[int, int]:
    """Chinese character → the one that it is written as here, where that is another."""
    plain = tables()[0]
    chinese = np.arange(0x4E00, 0xA000)
    other = chinese[plain[chinese] != chinese]
    return dict(zip(other.tolist(), plain[other].tolist(), strict=True))


@cache
def _tables_as_lists() -> tuple[list[int], list[int]]:
    plain, kinds = tables()
    return plain.tolist(), kinds.tolist()


def _plain(character: str) -> int:
    """The compatible form without accents, in lower case, where that is one character; else itself."""
    folded = unicodedata.normalize("NFKC", character).lower()
    bare = unicodedata.normalize("NFD", folded)
    if len(bare) > 1 and all(unicodedata.combining(each) for each in bare[1:]):
        folded = bare[0]
    return ord(folded) if len(folded) == 1 and ord(folded) < TABLE_SIZE else ord(character)


def _kind(character: str) -> int:
    if character.isdecimal():
        return DIGIT
    if character.isalpha():
        return LETTER
    if character.isspace():
        return SPACE
    return HIDDEN if unicodedata.category(character) in _HIDDEN_CATEGORIES else OTHER
