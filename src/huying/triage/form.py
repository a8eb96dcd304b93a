"""The one form of a text as one loop over its characters: compiled where there is numba (extra `compiled`),
and the same lines as they stand without it.

In order: hidden characters go; a lone digit before a Chinese character becomes the Chinese one, numbers read
out become digits; gaps that only pull words apart go; numbers that were pulled apart become digits. So the
form of a form is itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.base.machine import compiled, plainly

# What a character is. Gaps are SPACE and NOISE: what stands between, and is used to pull words apart.
OTHER, CJK, LETTER, DIGIT, SPACE, NOISE, HIDDEN = range(7)

SEPARATOR = 0
"""Stands after each text, never within one."""

DIGITS_MAX = 4
"""A longer run of digits is a number of somebody or something; what it is does not tell what happened."""

SPOKEN_MIN = 3
"""So many Chinese digits in a row, without tens and hundreds between, are a number read out digit by
digit."""

_BLANK = 32
NOUGHT = 48

_DIGITS = tuple(ord(each) for each in "零一二三四五六七八九")
CHINESE_DIGITS: NDArray[np.uint32] = np.array(_DIGITS, dtype=np.uint32)
DIGIT_OF: NDArray[np.uint8] = np.full(0xA000, 10, dtype=np.uint8)
"""Code point → the digit it is in Chinese, 10 for none; the last row stands for all beyond."""
DIGIT_OF[CHINESE_DIGITS] = range(10)


@compiled
def _read_out(codes: Any, kinds: Any, length: Any) -> None:
    """Numbers read out digit by digit become digits: 一一零 as 110."""
    first, last = -1, len(DIGIT_OF) - 1
    for at in range(length):
        if DIGIT_OF[min(codes[at], last)] < 10:
            if first < 0:
                first = at
        else:
            if first >= 0 and at - first >= SPOKEN_MIN:
                for k in range(first, at):
                    codes[k] = NOUGHT + DIGIT_OF[codes[k]]
                    kinds[k] = DIGIT
            first = -1


@compiled
def _lone_digits(codes: Any, kinds: Any, length: Any) -> None:
    """A lone digit before a Chinese character becomes the Chinese one: 三楼 is said as often as it is written
    3楼."""
    for at in range(length - 1):
        if kinds[at] != DIGIT or kinds[at + 1] != CJK:
            continue
        if at > 0 and (kinds[at - 1] == DIGIT or kinds[at - 1] == LETTER or kinds[at - 1] == NOISE):
            continue
        codes[at] = CHINESE_DIGITS[codes[at] - NOUGHT]
        kinds[at] = CJK


@compiled
def _edge(codes: Any, kinds: Any, at: Any) -> Any:
    """Whether a gap, one that is gone, or an end stands here."""
    if at < 0:
        return True
    kind = kinds[at]
    return kind in (SPACE, NOISE, HIDDEN) or codes[at] == SEPARATOR


@compiled
def _close_gaps(codes: Any, kinds: Any, length: Any) -> None:
    """Mark as hidden what only pulls a word apart (between two Chinese characters, or blanks between single
    letters), and all but one of several blanks."""
    at = 0
    while at < length:
        if kinds[at] != SPACE and kinds[at] != NOISE:
            at += 1
            continue
        left = at - 1
        right = at
        while kinds[right] == SPACE or kinds[right] == NOISE:  # the separator at the end is neither
            right += 1
        chinese = letters = False
        if left >= 0:
            chinese = kinds[left] == CJK and kinds[right] == CJK
            letters = kinds[left] == LETTER and kinds[right] == LETTER
            if letters:
                letters = _edge(codes, kinds, left - 1) and _edge(codes, kinds, right + 1)
        for k in range(at, right):
            blank = codes[k] == _BLANK
            if chinese or (letters and blank) or (blank and k > 0 and codes[k - 1] == _BLANK):
                kinds[k] = HIDDEN
        at = right


def _one_form(raw: Any, begin: Any, end: Any, tables: Any, codes: Any, kinds: Any, origin: Any) -> int:
    """Fill the form of the text at [begin, end) of `raw`, whose last character is its separator; how many
    characters are left, with the separator. `codes`, `kinds` and `origin` have room for all."""
    plain, kind_of = tables
    last = len(plain) - 1
    n = 0
    for at in range(begin, end):
        row = min(raw[at], last)
        if kind_of[row] != HIDDEN:
            codes[n], kinds[n], origin[n] = plain[row], kind_of[row], at - begin
            n += 1
    _lone_digits(codes, kinds, n)
    _read_out(codes, kinds, n)
    _close_gaps(codes, kinds, n)
    left = 0
    for at in range(n):
        if kinds[at] != HIDDEN:
            codes[left], kinds[left], origin[left] = codes[at], kinds[at], origin[at]
            left += 1
    _read_out(codes, kinds, left)
    return left


one_form: Any = compiled(_one_form)
one_form_plainly: Any = plainly(one_form)


def _hide_numbers(codes: Any, kinds: Any, length: Any) -> None:
    """Long runs of digits become noughts."""
    first = -1
    for at in range(length):
        if kinds[at] == DIGIT:
            if first < 0:
                first = at
        else:
            if first >= 0 and at - first > DIGITS_MAX:
                for k in range(first, at):
                    codes[k] = NOUGHT
            first = -1


hide_numbers: Any = compiled(_hide_numbers)
hide_numbers_plainly: Any = plainly(hide_numbers)


def _forms(raw: Any, tables: Any, hide: Any, codes: Any, kinds: Any, origin: Any) -> int:
    """Fill the forms of many texts, one after another; how many characters in all."""
    begin, n = 0, 0
    for at in range(len(raw)):
        if raw[at] == SEPARATOR:
            left = one_form(raw, begin, at + 1, tables, codes[n:], kinds[n:], origin[n:])
            if hide:
                hide_numbers(codes[n:], kinds[n:], left)
            n += left
            begin = at + 1
    return n


forms: Any = compiled(_forms)
