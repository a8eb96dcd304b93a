"""The fast model's pass over many texts as one compiled loop; the numpy pass gives the same sums.

Needs numba (extra `compiled`). Without it `score_all` is None and the numpy pass is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from huying.base.machine import HERE, compiled
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
from huying.triage.form import CJK, DIGIT, LETTER, SEPARATOR

CHINESE = np.array([order in CHINESE_ORDERS for order in range(ORDER_MAX + 1)])
LETTERS = np.array([order in LETTER_ORDERS for order in range(ORDER_MAX + 1)])


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
def _keep(slot: Any, start: Any, end: Any, slots: Any, starts: Any, ends: Any, n: Any) -> Any:
    """Note an occurrence of a feature that the model knows; how many by now."""
    if slot >= 0:
        slots[n], starts[n], ends[n] = slot, start, end
        n += 1
    return n


@compiled
def occurrences(
    codes: Any, kinds: Any, begin: Any, end: Any, index: Any, slots: Any, starts: Any, ends: Any
) -> Any:
    """Fill the known features of the text at [begin, end) with their places; (how many, how many there are
    with the unknown)."""
    n = total = 0
    for at in range(begin, end):
        chinese = kinds[at] == CJK
        letter = kinds[at] == LETTER or kinds[at] == DIGIT
        if not chinese and not letter:
            continue
        hashed = np.uint32(0)
        for order in range(1, min(ORDER_MAX, end - at) + 1):
            each = np.uint32(codes[at + order - 1] * MIX_A)
            each = np.uint32(each ^ (each >> np.uint32(15)))
            hashed = np.uint32(np.uint32(hashed * MIX_B) + each)
            if (chinese and CHINESE[order]) or (letter and LETTERS[order]):
                total += 1
                n = _keep(
                    slot_in(index, mix(hashed, np.uint32(order))), at, at + order, slots, starts, ends, n
                )
    before, before_start, before_end = np.uint32(0), 0, -2
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
        total += 1
        n = _keep(slot_in(index, mix(hashed, WORD)), first, at, slots, starts, ends, n)
        if first - before_end == 1:
            pair = np.uint32(np.uint32(before * MIX_B) + hashed)
            total += 1
            n = _keep(slot_in(index, mix(pair, PAIR)), before_start, at, slots, starts, ends, n)
        before, before_start, before_end = hashed, first, at
    return n, total


def _score_all(
    codes: Any, kinds: Any, texts: int, index: Any, idf: Any, table: Any, ends: Any, out: Any
) -> None:
    """Fill `out` (texts, columns). `codes` hold each text with a separator after it; `ends` are the bias and
    the scale of the columns of `table`."""
    bias, scale = ends
    columns = table.shape[1]
    count = np.zeros(len(idf), dtype=np.int32)
    most = len(codes) * (ORDER_MAX + 2) + 2
    slots, starts, places = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    begin = 0
    for text in range(texts):
        end = begin
        while codes[end] != SEPARATOR:
            end += 1
        all, _ = occurrences(codes, kinds, begin, end, index, slots, starts, places)
        n = 0  # each once
        for i in range(all):
            slot = slots[i]
            if count[slot] == 0:
                slots[n] = slot
                n += 1
            count[slot] += 1
        # the sum
        square = np.float32(0)
        total = out[text]
        total[:] = 0
        for i in range(n):
            slot = slots[i]
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
