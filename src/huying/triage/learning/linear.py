"""Weights of one linear head from counted texts: squared hinge against all others, or softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.triage.learning.corpus import Matrix
from huying.triage.learning.dual import descend
from huying.triage.learning.lbfgs import minimise

Floats = NDArray[Any]
"""Single precision: weights that differ in the seventh digit name the same classes, in half the time."""

TOLERANCE = 1e-3
"""Of the first gradient. At 1e-2 1.5 points of macro-F1 are missing on long texts; at 1e-4 nothing is won."""


def fit_hinge(shares: Matrix, tallies: Floats, cost: float, balance: float) -> tuple[Floats, Floats]:
    """(features, classes) weights and (classes,) bias: a linear support vector machine for each class.

    Args:
        tallies: (texts, classes) how often each text came with each label.
        cost: what an error weighs against large weights.
        balance: 0 counts every text alike, 1 every class.
    """
    tallies = tallies.astype(np.float32)
    of_class = tallies.sum(axis=0)
    rare = (of_class.sum() / np.maximum(of_class, 1) / len(of_class)) ** balance
    yes = cost * tallies * rare
    no = cost * ((tallies * rare).sum(axis=1, keepdims=True) - tallies * rare)
    if descend is not None:
        sparse = shares.astype(np.float32)
        at = descend(sparse.indptr, sparse.indices, sparse.data, yes, no, shares.shape[1])
        return at[:-1], at[-1]
    up, down = _both_ways(shares)

    def loss(at: Floats) -> tuple[float, Floats]:
        weights, bias = at[:-1], at[-1]
        score = up @ weights + bias
        short, over = np.maximum(0, 1 - score), np.maximum(0, 1 + score)
        pull = 2 * (no * over - yes * short)
        value = 0.5 * float(np.vdot(at, at)) + float((yes * short**2 + no * over**2).sum())
        return value, at + np.concatenate((down @ pull, pull.sum(axis=0, keepdims=True)))

    return _smallest(loss, (shares.shape[1] + 1, tallies.shape[1]))


def fit_softmax(shares: Matrix, tallies: Floats, cost: float) -> tuple[Floats, Floats]:
    """The same by multinomial logistic regression."""
    up, down = _both_ways(shares)
    tallies = tallies.astype(np.float32)
    came = tallies.sum(axis=1, keepdims=True)

    def loss(at: Floats) -> tuple[float, Floats]:
        weights, bias = at[:-1], at[-1]
        score = up @ weights + bias
        score -= score.max(axis=1, keepdims=True)
        chance = np.exp(score)
        total = chance.sum(axis=1, keepdims=True)
        chance /= total
        pull = cost * (came * chance - tallies)
        value = 0.5 * float(np.vdot(weights, weights))
        value += cost * float((came * np.log(total)).sum() - (tallies * score).sum())
        return value, np.concatenate((weights + down @ pull, pull.sum(axis=0, keepdims=True)))

    return _smallest(loss, (shares.shape[1] + 1, tallies.shape[1]))


def _both_ways(shares: Matrix) -> tuple[Matrix, Matrix]:
    """The shares by text and by feature, ready for a hundred products."""
    up = shares.astype(np.float32)
    return up, up.T.tocsr()


def _smallest(
    loss: Callable[[Floats], tuple[float, Floats]], shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    at = minimise(loss, np.zeros(shape, dtype=np.float32), tolerance=TOLERANCE)
    return at[:-1], at[-1]
