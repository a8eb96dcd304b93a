"""What a text is made of, for the fast model: hashed character n-grams and words, in one pass over all texts.

Chinese characters begin n-grams of 1 to 3 characters, letters and digits those of 2 to 5; words and pairs of
words of letters and digits count as well. Everything is array arithmetic on 32-bit code points, so that a
thousand short texts cost little more than one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.triage.form import CJK, DIGIT, LETTER, SEPARATOR
from huying.triage.normalise import Codes, Index, Normal, runs

CHINESE_ORDERS = (1, 2, 3)
LETTER_ORDERS = (2, 3, 4, 5)

BITS = 22
"""Buckets are 2 to this power: four million. With a million, 0.2 to 0.4 points of macro-F1 were lost on long
texts."""

# Odd constants of multiplicative hashing: the golden ratio and two primes of MurmurHash3 and xxHash.
MIX_A, MIX_B, MIX_C = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
SHIFT = np.uint32(32 - BITS)
# What tells words and pairs of words from n-grams, whose salt is their order.
WORD, PAIR = np.uint32(0x5BD1E995), np.uint32(0x1B873593)
ORDER_MAX = max(*CHINESE_ORDERS, *LETTER_ORDERS)


class Features(Struct, frozen=True):
    """Occurrences: `bucket` at characters [`start`, `end`) of the normal form."""

    bucket: NDArray[np.uint32]
    start: Index
    end: Index


def features(normal: Normal) -> Features:
    """All occurrences in the texts of `normal`, grouped by kind and not by text."""
    parts = [_grams(normal), *_words(normal)]
    return Features(
        np.concatenate([bucket for bucket, _, _ in parts]),
        np.concatenate([start for _, start, _ in parts]),
        np.concatenate([end for _, _, end in parts]),
    )


_Part = tuple[NDArray[np.uint32], Index, Index]


def _grams(normal: Normal) -> _Part:
    """N-grams by their first character, none across the end of a text; a row of arrays for each order."""
    codes, kinds = normal.codes, normal.kinds
    chinese = kinds == CJK
    letter = (kinds == LETTER) | (kinds == DIGIT)
    inside = codes != SEPARATOR
    each = codes * MIX_A
    each ^= each >> np.uint32(15)
    hashed = np.zeros((ORDER_MAX, len(codes)), dtype=np.uint32)
    whole = np.zeros(hashed.shape, dtype=np.bool_)
    hashed[0], whole[0] = each, inside
    for order in range(2, min(ORDER_MAX, len(codes)) + 1):
        # Of n characters: those of n-1 carried on by one more.
        left = len(codes) - order + 1
        np.multiply(hashed[order - 2, :left], MIX_B, out=hashed[order - 1, :left])
        hashed[order - 1, :left] += each[order - 1 :]
        np.logical_and(whole[order - 2, :left], inside[order - 1 :], out=whole[order - 1, :left])
    whole &= (_OF_CHINESE & chinese) | (_OF_LETTERS & letter)
    row, start = whole.nonzero()
    return _bucket(hashed[row, start], _SALTS[row]), start, start + row + 1


def _words(normal: Normal) -> Iterator[_Part]:
    """Words of letters and digits, and pairs of them that stand side by side in one text."""
    of_word = (normal.kinds == LETTER) | (normal.kinds == DIGIT)
    start, end = runs(of_word)
    if not len(start):
        return
    at = of_word.nonzero()[0]
    lengths = end - start
    first = np.cumsum(lengths) - lengths
    place = np.arange(len(at)) - np.repeat(first, lengths)
    each = (normal.codes[at] + place.astype(np.uint32) * MIX_A) * MIX_B
    each ^= each >> np.uint32(13)
    hashed = np.add.reduceat(each * MIX_C, first, dtype=np.uint32)
    yield _bucket(hashed, _salted(WORD)), start, end
    if len(start) > 1:
        gap = start[1:] - end[:-1]
        beside = ((gap == 1) & (normal.codes[end[:-1]] != SEPARATOR)).nonzero()[0]
        pair = hashed[beside] * MIX_B + hashed[beside + 1]
        yield _bucket(pair, _salted(PAIR)), start[beside], end[beside + 1]


def _salted(salt: int | np.uint32) -> np.uint32:
    return np.uint32(int(salt) * int(MIX_C) & 0xFFFFFFFF)


# One row for each order of n-grams.
_ORDERS = range(1, ORDER_MAX + 1)
_SALTS = np.array([_salted(order) for order in _ORDERS])
_OF_CHINESE = np.array([[order in CHINESE_ORDERS] for order in _ORDERS])
_OF_LETTERS = np.array([[order in LETTER_ORDERS] for order in _ORDERS])


def _bucket(hashed: NDArray[np.uint32], salt: np.uint32 | NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The upper bits of a mixed hash, which depend on all of it."""
    mixed = hashed ^ salt
    mixed ^= mixed >> np.uint32(16)
    mixed *= MIX_B
    mixed ^= mixed >> np.uint32(13)
    mixed *= MIX_C
    return mixed >> SHIFT


__all__ = ["BITS", "Codes", "Features", "features"]
