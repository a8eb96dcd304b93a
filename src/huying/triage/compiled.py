"""The fast model's pass over many texts as one compiled loop; the numpy pass gives the same sums.

Needs numba (extra `compiled`). Without it `score_all` is None and the numpy pass is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from huying.triage.features import (
    CHINESE_ORDERS,
    LETTER_ORDERS,
    MIX_A,
    MIX_B,
    MIX_C,
    ORDER_MAX,
    PAIR,
    SHIFT,
    WORD,
)
from huying.triage.normalise import CJK, DIGIT, LETTER, SEPARATOR

try:
    import numba
except ImportError:
    numba = None  # type: ignore[assignment,unused-ignore]

HERE = numba is not None
"""Whether there is numba."""

CHINESE = np.array([order in CHINESE_ORDERS for order in range(ORDER_MAX + 1)])
LETTERS = np.array([order in LETTER_ORDERS for order in range(ORDER_MAX + 1)])


# A product may be added without being rounded first; nothing else is taken more lightly than numpy does.
_FUSED = {"contract"}


def compiled(function: Any) -> Any:
    """The function as machine code, kept for the next start where there is a place for it; itself without
    numba."""
    if numba is None:
        return function
    try:
        return numba.njit(cache=True, nogil=True, fastmath=_FUSED)(function)
    except RuntimeError:  # no folder to keep it in may be written
        return numba.njit(nogil=True, fastmath=_FUSED)(function)


@compiled
def mix(hashed: Any, salt: Any) -> Any:
    mixed = np.uint32(hashed ^ np.uint32(salt * MIX_C))
    mixed = np.uint32(mixed ^ (mixed >> np.uint32(16)))
    mixed = np.uint32(mixed * MIX_B)
    mixed = np.uint32(mixed ^ (mixed >> np.uint32(13)))
    mixed = np.uint32(mixed * MIX_C)
    return np.uint32(mixed >> SHIFT)


@compiled
def index_of(buckets: Any) -> Any:
    """(size, 2): an open table of (bucket + 1, its feature), at most half full. It lies in a processor's
    cache, where a row for each of four million buckets does not."""
    size = 8
    while size < 2 * len(buckets):
        size *= 2
    index = np.zeros((size, 2), dtype=np.uint32)
    for slot in range(len(buckets)):
        at = np.int64(buckets[slot]) & (size - 1)
        while index[at, 0]:
            at = (at + 1) & (size - 1)
        index[at, 0] = buckets[slot] + 1
        index[at, 1] = slot
    return index


@compiled
def slot_in(index: Any, bucket: Any) -> Any:
    """The feature of a bucket, or -1."""
    mask = len(index) - 1
    at = np.int64(bucket) & mask
    while index[at, 0]:
        if index[at, 0] == bucket + 1:
            return np.int64(index[at, 1])
        at = (at + 1) & mask
    return -1


@compiled
def _note(slot: Any, count: Any, touched: Any, n: int) -> int:
    """Count the feature; the number of different ones by now."""
    if slot >= 0:
        if count[slot] == 0:
            touched[n] = slot
            n += 1
        count[slot] += 1
    return n


def _score_all(
    codes: Any, kinds: Any, texts: int, index: Any, idf: Any, table: Any, ends: Any, out: Any
) -> None:
    """Fill `out` (texts, columns). `codes` hold each text with a separator after it; `ends` are the bias and
    the scale of the columns of `table`."""
    bias, scale = ends
    columns = table.shape[1]
    count = np.zeros(len(idf), dtype=np.int32)
    touched = np.empty(len(codes) * (ORDER_MAX + 2) + 2, dtype=np.int32)
    begin = 0
    for text in range(texts):
        end = begin
        while codes[end] != SEPARATOR:
            end += 1
        n = 0
        # n-grams
        for at in range(begin, end):
            kind = kinds[at]
            chinese = kind == CJK
            letter = kind in (LETTER, DIGIT)
            if not chinese and not letter:
                continue
            hashed = np.uint32(0)
            for order in range(1, min(ORDER_MAX, end - at) + 1):
                each = np.uint32(codes[at + order - 1] * MIX_A)
                each = np.uint32(each ^ (each >> np.uint32(15)))
                hashed = np.uint32(np.uint32(hashed * MIX_B) + each)
                if (chinese and CHINESE[order]) or (letter and LETTERS[order]):
                    n = _note(slot_in(index, mix(hashed, np.uint32(order))), count, touched, n)
        # words and pairs of words
        before = np.uint32(0)
        before_end = -2
        at = begin
        while at < end:
            if kinds[at] != LETTER and kinds[at] != DIGIT:
                at += 1
                continue
            first = at
            hashed = np.uint32(0)
            while at < end and (kinds[at] == LETTER or kinds[at] == DIGIT):
                each = np.uint32(np.uint32(codes[at] + np.uint32(np.uint32(at - first) * MIX_A)) * MIX_B)
                each = np.uint32(each ^ (each >> np.uint32(13)))
                hashed = np.uint32(hashed + np.uint32(each * MIX_C))
                at += 1
            n = _note(slot_in(index, mix(hashed, WORD)), count, touched, n)
            if first - before_end == 1:
                pair = np.uint32(np.uint32(before * MIX_B) + hashed)
                n = _note(slot_in(index, mix(pair, PAIR)), count, touched, n)
            before = hashed
            before_end = at
        # the sum
        square = np.float32(0)
        total = out[text]
        total[:] = 0
        for i in range(n):
            slot = touched[i]
            value = idf[slot]
            if count[slot] > 1:
                value = np.float32(value * np.float32(1 + np.log(np.float32(count[slot]))))
            count[slot] = 0
            square += value * value
            for column in range(columns):
                total[column] = total[column] + value * np.float32(table[slot, column])
        shorter = np.float32(1 / np.sqrt(square)) if square > 0 else np.float32(0)
        for column in range(columns):
            total[column] = total[column] * shorter * scale[column] + bias[column]
        begin = end + 1


score_all: Any = compiled(_score_all) if HERE else None
