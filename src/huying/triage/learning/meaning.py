"""A head from few labels with vectors of meaning beside the n-grams; and what it teaches the fast model.

The two are learnt apart and their scores added: what n-grams say of names and what vectors say of sense fail
at different texts. Scores on held-out folds say how much the vectors weigh, and calibrate the sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy import sparse

from huying.triage.fast import FastModel
from huying.triage.heads import Head
from huying.triage.learning.calibrate import FREQUENT, Unseen, calibrated
from huying.triage.learning.corpus import corpus_of, vocabulary_of, weighed
from huying.triage.learning.figures import macro_f1
from huying.triage.learning.learn import (
    FEATURES_MAX,
    FOLDS,
    TEXTS_MIN,
    WAYS,
    Learnt,
    OneHead,
    Sample,
    best_way,
    groups_of,
    head_of,
    learn,
    model_of,
    rows_of,
)
from huying.triage.learning.linear import fit_softmax
from huying.triage.sense import DIMENSIONS, sense_model

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

SPREAD = 8.0
"""Vectors of one language lie close together (cosines of 0.8 and more): less their mean and times this they
fill their space as n-grams do."""

COST = 1.0
SHARES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
"""How much the vectors may weigh beside the n-grams; 0 where they are no help."""

SURE = 0.7
"""Chance from which the fast model learns what the teacher says."""

TAUGHT = 0.3
"""What a taught text counts beside a labelled one, times the teacher's chance: there are many of them, and
some are wrong."""

NEARLY = 0.005
"""Of macro-F1: among shares that are nearly the best, that with the most honest chances is taken."""


class Teacher(Struct, frozen=True):
    """One head by n-grams and vectors together; calibrated on texts that neither had seen."""

    fast: FastModel
    weights: Floats
    bias: Floats
    mean: Floats
    share: float
    head: Head

    def chances(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """(texts, classes): calibrated chances."""
        sense = ((vectors - self.mean) * np.float32(SPREAD)) @ self.weights + self.bias
        scores: Floats = (self.fast.scores(texts) + self.share * sense).astype(np.float32)
        return self.head.chances(scores)


def teacher(name: str, sample: Sample, vectors: Floats) -> Teacher | None:
    """Learn one head of the sample from texts and their vectors; None with fewer than two classes."""
    corpus = corpus_of(sample.texts)
    came = np.bincount(corpus.which, minlength=corpus.counts.shape[0]).astype(float)
    vocabulary = vocabulary_of(corpus.counts, came, TEXTS_MIN, FEATURES_MAX)
    shares = weighed(corpus.counts, vocabulary)
    one = head_of(name, sample, groups_of(sample, corpus, shares))
    if one is None:
        return None
    way, held_out, _ = best_way(one, corpus)
    weight, bias = WAYS[way](*rows_of(one, corpus, shares, one.chosen))
    classes = len(one.classes)
    flat = calibrated(name, one.classes, 0, held_out)
    fast = model_of(vocabulary, [weight], [bias], [flat])
    mean = vectors[one.chosen].mean(axis=0)
    ready = (vectors - mean) * np.float32(SPREAD)
    own, sense = fit_softmax(sparse.csr_matrix(ready[one.chosen]), _tallies(one, one.chosen, classes), COST)
    unseen, share = _together(name, one, held_out, ready, flat.slope)
    head = calibrated(name, one.classes, 0, unseen)
    return Teacher(fast, own, sense, mean, share, head)


def _together(name: str, one: OneHead, held_out: Unseen, ready: Floats, slope: float) -> tuple[Unseen, float]:
    """Scores of held-out texts by both, with the share of the vectors that is best there."""
    sense = _sense(one, ready)
    row = np.arange(len(held_out.labels))
    by_words = held_out.scores[held_out.row]
    tried = []
    for share in SHARES:
        unseen = Unseen(by_words + np.float32(share / slope) * sense, row, held_out.labels)
        head = calibrated(name, one.classes, 0, unseen)
        chances = head.chances(unseen.scores)
        reached = macro_f1(unseen.labels, head.named(chances), FREQUENT)
        loss = -float(np.log(chances[row, unseen.labels] + 1e-9).mean())
        tried.append((reached, loss, share, unseen))
    enough = max(each[0] for each in tried) - NEARLY
    _, _, share, best = min((each for each in tried if each[0] >= enough), key=lambda each: each[1])
    return best, share / slope


def _sense(one: OneHead, ready: Floats) -> Floats:
    """Scores of the held-out texts by vectors, fold after fold, each by what was learnt from the others."""
    found = []
    for fold in range(FOLDS):
        mine = np.flatnonzero(one.fold == fold)
        others = one.chosen[one.fold[one.chosen] != fold]
        if len(mine):
            tallies = _tallies(one, others, len(one.classes))
            weight, bias = fit_softmax(sparse.csr_matrix(ready[others]), tallies, COST)
            found.append(ready[mine] @ weight + bias)
    return np.concatenate(found).astype(np.float32)


def _tallies(one: OneHead, chosen: Ints, classes: int) -> Floats:
    return np.eye(classes, dtype=np.float32)[one.labels[chosen]]


def by_sense(sample: Sample, vectors: Floats) -> FastModel:
    """All heads of the sample from vectors alone: what is asked for a second opinion."""
    corpus = corpus_of(sample.texts)
    came = np.bincount(corpus.which, minlength=corpus.counts.shape[0]).astype(float)
    shares = weighed(corpus.counts, vocabulary_of(corpus.counts, came, TEXTS_MIN, FEATURES_MAX))
    groups = groups_of(sample, corpus, shares)
    weights, biases, heads, low = [np.zeros((vectors.shape[1], 0))], [np.zeros(0)], list[Head](), 0
    mean = vectors.mean(axis=0) if len(vectors) else np.zeros(DIMENSIONS)
    ready = ((vectors - mean) * np.float32(SPREAD)).astype(np.float32)
    for name in sample.labels:
        one = head_of(name, sample, groups)
        if one is None:
            continue
        classes = len(one.classes)
        weight, bias = fit_softmax(
            sparse.csr_matrix(ready[one.chosen]), _tallies(one, one.chosen, classes), COST
        )
        inside = np.concatenate([np.flatnonzero(one.fold == fold) for fold in range(FOLDS)])
        unseen = Unseen(_sense(one, ready), np.arange(len(inside)), one.labels[inside])
        heads.append(calibrated(name, one.classes, low, unseen))
        low += classes
        # (v - mean) · spread · weight, as weights of v itself.
        weights.append(weight * SPREAD)
        biases.append(bias - (mean * SPREAD) @ weight)
    table = np.concatenate(weights, axis=1, dtype=np.float32)
    return sense_model(table, np.concatenate(biases, dtype=np.float32), tuple(heads))


def distilled(
    sample: Sample,
    vectors: Floats,
    more: Sequence[str],
    more_vectors: Floats,
    features_max: int = FEATURES_MAX,
) -> tuple[Learnt, dict[str, int]]:
    """The fast model, learnt from the labels and from what the teacher is sure of among texts without any;
    and how many of these by head. They are never measured on."""
    taught: Mapping[str, list[str]] = {name: [""] * len(more) for name in sample.labels}
    counts = {}
    heard = np.zeros(len(more))
    for name in sample.labels:
        one = teacher(name, sample, vectors) if len(more) else None
        if one is None:
            continue
        chances = one.chances(more, more_vectors)
        best, sure = chances.argmax(axis=1), chances.max(axis=1) >= SURE
        for n in np.flatnonzero(sure).tolist():
            taught[name][n] = one.head.classes[int(best[n])]
            heard[n] = max(heard[n], TAUGHT * float(chances[n, best[n]]))
        counts[name] = int(sure.sum())
    joined = Sample(
        [*sample.texts, *more],
        {name: [*sample.labels[name], *taught[name]] for name in sample.labels},
        order=[*sample.order, *([sample.order[-1]] * len(more))] if sample.order else (),
        groups=[*sample.groups, *([""] * len(more))] if sample.groups else (),
        hints=sample.hints + len(more),
        weights=[*(sample.weights or [1.0] * len(sample.texts)), *heard.tolist()],
    )
    return learn(joined, features_max), counts
