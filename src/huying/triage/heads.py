"""What a linear head's scores mean: calibrated chances, the class to name, and sets that hold the truth.

A set at level 0.9 holds the true class in nine of ten texts of every class (Mondrian conformal prediction,
Vovk 2003): for each class a threshold on its chance, taken from texts that the model had not seen. Classes
too rare for a threshold of their own share one (clustered conformal prediction, Ding et al. 2023).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LEVELS = (0.9, 0.95)

BEND_MAX = 8.0
"""A head that bends its scores more is broken: 3 is the most that calibration takes."""

BENT_MAX = 12.0
"""Exponent beyond which a class is out of the question anyway; single precision ends at 88."""


def bent(scores: Floats, bend: float) -> Floats:
    """(1 - exp(-bend * score)) / bend: the further beyond its margin a score is, the less more of it says; as
    it stands for a bend of 0, which this comes to. Of a support vector machine a margin of two is hardly a
    better ground than one of one, and where no class reaches its margin, none is sure."""
    if not bend:
        return scores
    out = np.minimum(scores * np.float32(-bend), np.float32(BENT_MAX))
    return np.asarray(-np.expm1(out) / np.float32(bend), dtype=np.float32)


class Head(Struct, frozen=True, dict=True):
    """One question with its classes, at columns [`low`, `low` + classes) of the model's scores.

    `slope`, `shift` and `bend` turn scores into chances: softmax(slope * bent(score) + shift). `lean` is
    added to the log of the chances before the likeliest is named: rare classes are named somewhat earlier
    than their chance alone would let them, where that helped on unseen texts. `least[level]` is the smallest
    chance with which a class belongs to the set of that level.
    """

    name: str
    classes: tuple[str, ...]
    low: int
    slope: float
    shift: tuple[float, ...]
    lean: tuple[float, ...]
    least: dict[str, tuple[float, ...]]
    bend: float = 0.0

    @property
    def columns(self) -> slice:
        return slice(self.low, self.low + len(self.classes))

    def chances(self, scores: Floats) -> Floats:
        """(texts, classes): calibrated chances, each row of which sums to one."""
        logits = bent(scores[:, self.columns], self.bend) * np.float32(self.slope) + self._shift
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        return logits

    def named(self, chances: Floats) -> NDArray[np.int64]:
        """(texts,): the class to name for each text."""
        leaned = np.log(chances + 1e-12) + self._lean
        return np.asarray(leaned.argmax(axis=1))

    def sets(self, chances: Floats, level: float) -> NDArray[np.bool_]:
        """(texts, classes): which classes are in the set of `level`."""
        return chances >= self._least[str(level)]

    # Looked up for every call: as arrays they are made once.
    @cached_property
    def _shift(self) -> Floats:
        return np.asarray(self.shift, dtype=np.float32)

    @cached_property
    def _lean(self) -> Floats:
        return np.asarray(self.lean, dtype=np.float32)

    @cached_property
    def _least(self) -> dict[str, Floats]:
        return {level: np.asarray(each, dtype=np.float32) for level, each in self.least.items()}
