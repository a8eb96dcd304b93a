"""The fast model: one shared pass over a text's features, and one linear head for each thing to be known.

A text is the set of its known features, each with 1 + log(how often) times the rarity it had in training,
scaled to length one. A head is a weight for each feature and class. So what speaks for a class is a sum over
features, each of which stands at certain characters: the reasons are exact and not an approximation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.triage.compiled import index_of, score_all
from huying.triage.features import BITS, Features, features
from huying.triage.form import SEPARATOR
from huying.triage.heads import Head
from huying.triage.normalise import Normal, normalise, normalise_all

Floats = NDArray[np.float32]

TEXTS_AT_ONCE = 512
"""Texts of one pass in a batch: their features still lie in the processor's cache."""

_ROW_BITS = np.uint64(32)


class Bag(Struct, frozen=True):
    """The known features of texts, each once in a text, in order of text: `row` the text's number, `slot` the
    feature's row in the model, `value` its share; the squares of a text's values sum to one, or to
    nothing."""

    row: NDArray[np.int64]
    slot: NDArray[np.int64]
    value: Floats


class Read(Struct, frozen=True):
    """One text as a model read it: its normal form, its features, their rows in the model (-1 unknown), which
    of them are known, and these as a bag."""

    normal: Normal
    found: Features
    slot: NDArray[np.int32]
    known: NDArray[np.int64]
    bag: Bag

    @property
    def familiar(self) -> float:
        """The share of the text's features that the model knows; 0 for a text without any."""
        return len(self.known) / len(self.slot) if len(self.slot) else 0.0


class FastModel:
    """Feature `buckets[i]` has rarity `idf[i]` and weights `weights[i]`; a column belongs to the head whose
    `columns` hold it. `buckets` are in rising order.

    A model from a file has its weights as 8-bit whole numbers in `table`, to be multiplied by the `scale` of
    their column: a quarter of the memory that a text passes through.
    """

    def __init__(
        self,
        buckets: NDArray[np.uint32],
        idf: Floats,
        table: Floats | NDArray[np.int8],
        bias: Floats,
        heads: Sequence[Head],
        scale: Floats | None = None,
    ) -> None:
        assert table.shape == (len(buckets), len(bias)) and len(idf) == len(buckets)
        self.buckets, self.idf, self.table, self.bias = buckets, idf, np.ascontiguousarray(table), bias
        self.scale = np.ones(len(bias), dtype=np.float32) if scale is None else scale
        self.heads = {head.name: head for head in heads}

    @cached_property
    def weights(self) -> Floats:
        """The weights as they count; made when they are first asked for."""
        table: NDArray[Any] = self.table
        return table if table.dtype == np.float32 else table * self.scale

    @cached_property
    def slot_of(self) -> NDArray[np.int32]:
        """For each bucket its feature, or -1."""
        slot_of = np.full(1 << BITS, -1, dtype=np.int32)
        slot_of[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        return slot_of

    @cached_property
    def index(self) -> NDArray[np.uint32]:
        """The same for the compiled passes, smaller."""
        found: NDArray[np.uint32] = index_of(self.buckets)
        return found

    # ── the answer ──────────────────────────────────────────────────────────────────────────────────────
    def scores(self, texts: Sequence[str]) -> Floats:
        """(texts, columns): what speaks for each class, before calibration."""
        out = np.empty((len(texts), len(self.bias)), dtype=np.float32)
        for at in range(0, len(texts), TEXTS_AT_ONCE):
            part = texts[at : at + TEXTS_AT_ONCE]
            normal = normalise_all(part)
            if score_all is None:
                out[at : at + len(part)] = self.weigh(self.bag(normal, len(part)), len(part))
            else:
                self._score(normal, out[at : at + len(part)])
        return out

    def _score(self, normal: Normal, out: Floats) -> None:
        """The compiled pass; it fills `out`."""
        ends = self.bias, self.scale
        score_all(normal.codes, normal.kinds, len(out), self.index, self.idf, self.table, ends, out)

    def weigh(self, bag: Bag, texts: int) -> Floats:
        """Scores of `texts` texts from their features."""
        return _times(bag, self.weights, texts) + self.bias

    def bag(self, normal: Normal, texts: int) -> Bag:
        """The known features of the texts."""
        found = features(normal)
        slot = self.slot_of[found.bucket]
        known = slot >= 0
        return self._shares(_row_of(normal, found.start[known], texts), slot[known], texts)

    def _shares(self, row: NDArray[np.int64], slot: NDArray[np.int32], texts: int) -> Bag:
        """Each feature of a text once, with its share."""
        key = (row.astype(np.uint64) << _ROW_BITS) | slot.astype(np.uint64)
        key.sort()
        if not len(key):
            return Bag(row, row, np.empty(0, dtype=np.float32))
        new = np.ones(len(key) + 1, dtype=np.bool_)
        np.not_equal(key[1:], key[:-1], out=new[1:-1])
        ends = new.nonzero()[0]
        times, once = ends[1:] - ends[:-1], key[ends[:-1]]
        row, at = (once >> _ROW_BITS).astype(np.int64), (once & np.uint64(0xFFFFFFFF)).astype(np.int64)
        value = self.idf[at]
        often = times > 1
        if often.any():
            value[often] *= 1 + np.log(times[often].astype(np.float32))
        length = np.sqrt(np.bincount(row, value * value, minlength=texts))
        return Bag(row, at, (value / length[row]).astype(np.float32))

    # ── one text, and the reasons ───────────────────────────────────────────────────────────────────────
    def read(self, text: str | Normal) -> Read:
        """One text, ready for what is asked of it."""
        normal = normalise(text) if isinstance(text, str) else text
        found = features(normal)
        slot = self.slot_of[found.bucket]
        known = (slot >= 0).nonzero()[0]
        bag = self._shares(np.zeros(len(known), dtype=np.int64), slot[known], 1)
        return Read(normal, found, slot, known, bag)

    def shares_by_character(self, read: Read, column: int, against: int = -1) -> Floats:
        """What each character of the normal form adds to `column` (less what it adds to `against`).

        The sum over all characters plus the bias is the score. A feature's share is split evenly among the
        places where it stands and their characters.
        """
        bag, known = read.bag, read.known
        shares = np.zeros(len(read.normal.codes) + 1)
        if len(known):
            weight = self.weights[bag.slot, column]
            if against >= 0:
                weight = weight - self.weights[bag.slot, against]
            index = np.searchsorted(bag.slot, read.slot[known])
            times = np.bincount(index, minlength=len(bag.slot))
            start, end = read.found.start[known], read.found.end[known]
            each = (bag.value * weight / times)[index] / (end - start)
            np.add.at(shares, start, each)
            np.add.at(shares, end, -each)
        return np.cumsum(shares)[:-1].astype(np.float32)

    @property
    def size_mb(self) -> float:
        """What the model weighs in memory, without the table of buckets."""
        arrays = (self.buckets, self.idf, self.table, self.bias)
        return sum(each.nbytes for each in arrays) / 1e6


def _row_of(normal: Normal, start: NDArray[np.int64], texts: int) -> NDArray[np.int64]:
    """The number of the text in which each character stands."""
    if texts == 1:
        return np.zeros(len(start), dtype=np.int64)
    return np.cumsum(normal.codes == SEPARATOR)[start]


def _times(bag: Bag, weights: Floats, texts: int) -> Floats:
    """The product of the texts' features and the weights."""
    out = np.zeros((texts, weights.shape[1]), dtype=np.float32)
    if not len(bag.row):
        return out
    if texts == 1:
        out[0] = bag.value @ weights[bag.slot]
        return out
    first = np.flatnonzero(np.diff(bag.row, prepend=-1))
    out[bag.row[first]] = np.add.reduceat(weights[bag.slot] * bag.value[:, None], first, axis=0)
    return out


__all__ = ["Bag", "FastModel", "Features"]
