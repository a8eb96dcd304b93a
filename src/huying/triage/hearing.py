"""What a model says to one text, all heads together, and which of its words speak for the type.

With numba one compiled call does it; without, array operations do the same, and a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.domain.suggestion import Likely
from huying.triage.compiled_one import SPANS_MAX, SPEAKS_MIN, hear_one
from huying.triage.fast import FastModel, Floats, Read
from huying.triage.form import hide_numbers
from huying.triage.heads import BENT_MAX, Head
from huying.triage.normalise import Normal, runs, without_numbers
from huying.triage.reading import Reader, Reading, Words

LEVEL = 0.9
"""Of the sets that a desk picks from: nine of ten hold the truth."""

CHOICE_MAX = 5
"""More than five to pick from is no help while a caller waits: a person decides."""

TOP = CHOICE_MAX + 1
"""Classes named with their chance: those to pick from, and the next one."""

Span = tuple[int, int]

_PLAIN = Reader()


class Heard(Struct, frozen=True):
    """`familiar` is the share of the text's features that the model knows; `speaking()` the characters
    [start, end) of the reading that speak most for the likeliest type against the next, strongest first."""

    familiar: float
    likely: tuple[Likely, ...]
    speaking: Callable[[], Sequence[Span]]


class Hearer:
    """A model, ready to hear texts one at a time."""

    def __init__(self, model: FastModel) -> None:
        self._model = model
        self._heads = tuple(model.heads.values())
        self._reasons_of = next((n for n, each in enumerate(self._heads) if each.name == "type"), -1)
        ends = [each.low + len(each.classes) for each in self._heads]
        self._low = np.array([0, *ends], dtype=np.int64)
        self._head_of = np.repeat(np.arange(len(ends)), np.diff(self._low))
        self._slope = np.array([each.slope for each in self._heads], dtype=np.float32)
        self._bend = np.array([each.bend for each in self._heads], dtype=np.float32)
        self._shift = _together([each.shift for each in self._heads])
        self._least = _together([each.least[str(LEVEL)] for each in self._heads])

    def hear(self, words: Words) -> Heard:
        """What the model says to these words; those that nobody has read yet are read without shorthand."""
        reading = _PLAIN.of(words)
        return self._hear_by_steps(reading) if hear_one is None else self._hear_at_once(reading)

    def _hear_at_once(self, reading: Reading) -> Heard:
        model, heads = self._model, len(self._heads)
        codes = reading.codes.copy()
        hide_numbers(codes, reading.kinds, len(codes))
        order = np.full((heads, TOP), -1, dtype=np.int32)
        chance = np.empty((heads, TOP), dtype=np.float64)
        inside = np.zeros((heads, TOP + 1), dtype=np.int32)
        spans = np.empty((SPANS_MAX, 2), dtype=np.int64)
        familiar, count = hear_one(
            codes,
            reading.kinds,
            (model.index, model.idf, model.table),
            (model.bias, model.scale, self._shift, self._least),
            (self._slope, self._bend, self._low),
            self._reasons_of,
            order,
            chance,
            inside,
            spans,
        )
        said = tuple(map(_said, self._heads, order.tolist(), chance.tolist(), inside.tolist()))
        return Heard(familiar, said, lambda: [(start, end) for start, end in spans[:count].tolist()])

    def _hear_by_steps(self, reading: Reading) -> Heard:
        codes = without_numbers(reading.codes, reading.kinds)
        read = self._model.read(Normal(codes, reading.kinds, np.arange(len(codes))))
        chances, within = self._chances(self._model.weigh(read.bag, 1)[0])
        likely, pair = [], (-1, -1)
        for n, head in enumerate(self._heads):
            here = slice(head.low, head.low + len(head.classes))
            order = (-chances[here]).argsort(kind="stable")[:TOP]
            best = [round(each, 4) for each in chances[here][order].tolist()]
            inside = [*within[here][order].tolist(), *[0] * (TOP - len(order)), int(within[here].sum())]
            ranked = order.tolist()
            likely.append(_said(head, ranked, best, inside))
            if n == self._reasons_of:
                pair = head.low + ranked[0], head.low + ranked[1] if len(ranked) > 1 else -1
        return Heard(
            read.familiar, tuple(likely), lambda: _speaking(self._model, read, pair) if pair[0] >= 0 else []
        )

    def _chances(self, scores: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """The chance of each class of all heads, and whether it is in the set."""
        if not self._heads:
            return scores, scores > 0
        bend = self._bend[self._head_of]
        bends = bend > 0
        scores = scores.copy()
        scores[bends] = -np.expm1(np.minimum(scores[bends] * -bend[bends], BENT_MAX)) / bend[bends]
        logits = scores * self._slope[self._head_of] + self._shift
        logits -= np.maximum.reduceat(logits, self._low[:-1])[self._head_of]
        np.exp(logits, out=logits)
        logits /= np.add.reduceat(logits, self._low[:-1])[self._head_of]
        return logits, logits >= self._least


def _together(each: Sequence[Sequence[float]]) -> Floats:
    return np.array([value for row in each for value in row], dtype=np.float32)


def _said(head: Head, order: list[int], chance: list[float], inside: list[int]) -> Likely:
    """`inside` tells of each of the likeliest whether it is in the set, and last how many classes are."""
    names = head.classes
    shown = min(len(names), TOP)
    classes = tuple([(names[order[k]], chance[k]) for k in range(shown)])
    few = inside[TOP] <= CHOICE_MAX
    return Likely(
        head.name, classes, tuple([names[order[k]] for k in range(shown) if inside[k]]) if few else ()
    )


def _speaking(model: FastModel, read: Read, pair: tuple[int, int]) -> list[Span]:
    shares = model.shares_by_character(read, *pair)
    return list(_runs(shares[:-1]))


def _runs(shares: Floats) -> Sequence[Span]:
    """Runs of characters that speak, the strongest first."""
    top = float(shares.max(initial=0))
    if top <= 0:
        return []
    starts, ends = runs(shares >= SPEAKS_MIN * top)
    found = list(zip(starts.tolist(), ends.tolist(), strict=True))
    return sorted(found, key=lambda run: -float(shares[run[0] : run[1]].sum()))[:SPANS_MAX]
