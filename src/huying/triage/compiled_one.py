"""One text from its one form to calibrated chances and the words that speak, as one compiled call.

The same as `features`, the heads and the shares of characters one after another, which cost a short
text some hundred small array operations. Needs numba (extra `compiled`); `hear_one` is None without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from huying.base.machine import HERE, compiled
from huying.triage.compiled import occurrences
from huying.triage.features import ORDER_MAX
from huying.triage.heads import BENT_MAX

SPANS_MAX = 3
SPEAKS_MIN = 0.25
"""Of the strongest share: characters that speak less are not shown as reasons."""

# What spreads numbers of features over a small table; see `_count`.
_SPREAD = np.uint32(0x9E3779B1)


@compiled
def _count(slots: Any, n: Any, which: Any, once: Any, times: Any) -> int:
    """Each feature once: fill `which` with the place in `once` of every occurrence, and `times`; how many."""
    bits = 3
    while (1 << bits) < 2 * n:
        bits += 1
    table = np.full(1 << bits, -1, dtype=np.int32)
    mask, shift = (1 << bits) - 1, np.uint32(32 - bits)
    found = 0
    for i in range(n):
        at = np.int64(np.uint32(np.uint32(slots[i]) * _SPREAD) >> shift)
        while table[at] >= 0 and once[table[at]] != slots[i]:
            at = (at + 1) & mask
        if table[at] < 0:
            table[at] = found
            once[found] = slots[i]
            times[found] = 0
            found += 1
        which[i] = table[at]
        times[which[i]] += 1
    return found


@compiled
def _values(once: Any, times: Any, found: Any, idf: Any, value: Any) -> None:
    """Fill the share of each feature; their squares sum to one."""
    square = 0.0
    for i in range(found):
        value[i] = idf[once[i]]
        if times[i] > 1:
            value[i] = value[i] * np.float32(1 + np.log(np.float32(times[i])))
        square += np.float64(np.float32(value[i] * value[i]))
    for i in range(found):
        value[i] = np.float32(value[i] / np.sqrt(square))


@compiled
def _best(scores: Any, heads: Any, shift: Any, least: Any, order: Any, chance: Any, inside: Any) -> None:
    """Fill for each head the likeliest classes, their chances and how many are in the set, which `inside`
    has in its last column; the others tell of each class whether it is."""
    slope, bend, low = heads
    top = order.shape[1]
    for head in range(len(slope)):
        first, last = low[head], low[head + 1]
        peak = np.float32(-np.inf)
        for column in range(first, last):
            if bend[head] > 0:
                out = min(np.float32(-bend[head] * scores[column]), np.float32(BENT_MAX))
                scores[column] = np.float32(-np.expm1(out) / bend[head])
            scores[column] = np.float32(scores[column] * slope[head]) + shift[column]
            peak = max(peak, scores[column])
        total = np.float32(0)
        for column in range(first, last):
            scores[column] = np.exp(np.float32(scores[column] - peak))
            total += scores[column]
        count, n = 0, 0
        for column in range(first, last):
            scores[column] = np.float32(scores[column] / total)
            count += scores[column] >= least[column]
            place = n
            while place > 0 and scores[first + order[head, place - 1]] < scores[column]:
                place -= 1
            if place < top:
                n = min(n + 1, top)
                for k in range(n - 1, place, -1):
                    order[head, k] = order[head, k - 1]
                order[head, place] = column - first
        for k in range(n):
            column = first + order[head, k]
            chance[head, k] = np.rint(np.float64(scores[column]) * 1e4) / 1e4
            inside[head, k] = scores[column] >= least[column]
        inside[head, top] = count


@compiled
def _speaking(shares: Any, length: Any, spans: Any) -> int:
    """Fill the runs of characters that speak, the strongest first."""
    top = np.float32(0)
    for at in range(length):
        top = max(top, shares[at])
    if top <= 0:
        return 0
    least = np.float32(SPEAKS_MIN * top)
    strength = np.empty(SPANS_MAX, dtype=np.float32)
    n, at = 0, 0
    while at < length:
        if shares[at] < least:
            at += 1
            continue
        first, total = at, np.float32(0)
        while at < length and shares[at] >= least:
            total += shares[at]
            at += 1
        place = n
        while place > 0 and strength[place - 1] < total:
            place -= 1
        if place < SPANS_MAX:
            n = min(n + 1, SPANS_MAX)
            for k in range(n - 1, place, -1):
                strength[k] = strength[k - 1]
                spans[k, 0], spans[k, 1] = spans[k - 1, 0], spans[k - 1, 1]
            strength[place] = total
            spans[place, 0], spans[place, 1] = first, at
    return n


@compiled
def _shares(
    length: Any,
    starts: Any,
    ends: Any,
    n: Any,
    which: Any,
    times: Any,
    value: Any,
    once: Any,
    pair: Any,
    table: Any,
    scale: Any,
) -> Any:
    """(length,): what each character adds to the first column of `pair`, less what it adds to the second."""
    steps = np.zeros(length + 1, dtype=np.float64)
    for i in range(n):
        k = which[i]
        weight = np.float32(np.float32(table[once[k], pair[0]]) * scale[pair[0]])
        if pair[1] >= 0:
            weight = np.float32(weight - np.float32(np.float32(table[once[k], pair[1]]) * scale[pair[1]]))
        each = np.float64(np.float32(value[k] * weight)) / times[k] / (ends[i] - starts[i])
        steps[starts[i]] += each
        steps[ends[i]] -= each
    shares = np.empty(length, dtype=np.float32)
    so_far = 0.0
    for at in range(length):
        so_far += steps[at]
        shares[at] = so_far
    return shares


def _hear_one(
    codes: Any,
    kinds: Any,
    rows: Any,
    columns: Any,
    heads: Any,
    reasons_of: Any,
    order: Any,
    chance: Any,
    inside: Any,
    spans: Any,
) -> Any:
    """Fill what each head says to a text, and which of its words speak for it.

    Args:
        codes, kinds: the one form of the text, long numbers hidden; a separator after it.
        rows: (index of buckets, rarity, table of weights); `columns` (bias, scale, shift, least) of the
            classes; `heads` (slope, bend, first column and one more for the end).
        reasons_of: the head whose likeliest class the spans speak for; -1 for none.
        order, chance, inside, spans: to be filled, see `_best` and `_speaking`.

    Returns:
        (the share of features that are known, how many spans).
    """
    index, idf, table = rows
    bias, scale, shift, least = columns
    length = len(codes) - 1
    most = length * (ORDER_MAX + 2) + 2
    slots, starts, ends = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    n, total = occurrences(codes, kinds, 0, length, index, slots, starts, ends)
    which, once, times = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    found = _count(slots, n, which, once, times)
    value = np.empty(found, dtype=np.float32)
    _values(once, times, found, idf, value)
    scores = np.zeros(len(bias), dtype=np.float32)
    for i in range(found):
        share, slot = value[i], once[i]
        for column in range(len(bias)):
            scores[column] = scores[column] + share * np.float32(table[slot, column])
    for column in range(len(bias)):
        scores[column] = scores[column] * scale[column] + bias[column]
    _best(scores, heads, shift, least, order, chance, inside)
    spoken = 0
    if reasons_of >= 0:
        low = heads[2][reasons_of]
        second = low + order[reasons_of, 1] if order[reasons_of, 1] >= 0 else -1
        pair = (low + order[reasons_of, 0], second)
        shares = _shares(length, starts, ends, n, which, times, value, once, pair, table, scale)
        spoken = _speaking(shares, length, spans)
    return (n / total if total else 0.0), spoken


hear_one: Any = compiled(_hear_one) if HERE else None
