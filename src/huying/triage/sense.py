"""What a linear model over vectors of meaning says; the heads are those of the fast model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huying.domain.suggestion import Likely
from huying.triage.fast import FastModel
from huying.triage.heads import Head
from huying.triage.hearing import CHOICE_MAX, LEVEL, TOP

DIMENSIONS = 384
"""Of multilingual-e5-small."""


def sense_model(
    weights: NDArray[np.float32], bias: NDArray[np.float32], heads: tuple[Head, ...]
) -> FastModel:
    """A model whose features are the numbers of a vector: kept, hashed and read like any other."""
    assert weights.shape == (DIMENSIONS, len(bias))
    return FastModel(
        np.arange(DIMENSIONS, dtype=np.uint32), np.ones(DIMENSIONS, np.float32), weights, bias, heads
    )


def said_of(model: FastModel, vector: NDArray[np.float32]) -> tuple[Likely, ...]:
    """What each head says to one text by its vector."""
    if len(model.buckets) != DIMENSIONS or vector.shape != (DIMENSIONS,):
        return ()
    scores = (vector @ model.weights + model.bias)[None]
    found = []
    for head in model.heads.values():
        chances = head.chances(scores)
        order = (-chances[0]).argsort(kind="stable")[:TOP].tolist()
        inside = head.sets(chances, LEVEL)[0]
        classes = tuple((head.classes[n], round(float(chances[0, n]), 4)) for n in order)
        choice = tuple(head.classes[n] for n in order if inside[n]) if inside.sum() <= CHOICE_MAX else ()
        found.append(Likely(head.name, classes, choice))
    return tuple(found)
