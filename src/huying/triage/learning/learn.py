"""From labelled texts to a fast model: vocabulary, ways of learning tried on held-out folds, calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy import sparse

from huying.triage.fast import FastModel
from huying.triage.heads import Head
from huying.triage.learning.calibrate import FREQUENT, Unseen, calibrated
from huying.triage.learning.copies import copies_of
from huying.triage.learning.corpus import Corpus, Vocabulary, corpus_of, vocabulary_of, weighed
from huying.triage.learning.figures import calibration_error, gain, macro_f1
from huying.triage.learning.linear import fit_hinge, fit_softmax

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Fit = Callable[[Any, NDArray[Any]], tuple[Floats, Floats]]

WAYS: dict[str, Fit] = {
    "softmax": lambda shares, tallies: fit_softmax(shares, tallies, 10.0),
    "hinge": lambda shares, tallies: fit_hinge(shares, tallies, 1.0, 0.0),
    "hinge, rare classes weighed up": lambda shares, tallies: fit_hinge(shares, tallies, 1.0, 0.5),
}
"""Ways of learning a head, the simplest first: softmax says chances by itself, the hinge has to be taught
them, and to weigh up rare classes distorts them. Held-out folds of the training texts alone decide."""

FOLDS = 5
WORK_LARGE = 12_000_000
"""Features in texts times classes beyond which only the hinge is tried: on long texts softmax was never
better (0.919 against 0.926 on messages of 470 characters), and takes minutes."""

TEXTS_MIN = 2
"""A feature of a single text tells nothing about others."""

HONEST_MAX = 0.01
"""Of calibration error: a way that states its chances by so much less honestly is not better."""

FEATURES_MAX = 400_000
CLASS_TEXTS_MIN = 2


class Sample(Struct, frozen=True):
    """Labelled texts. `labels` by head, one for each text, empty where nobody said; `order` puts the texts in
    order of time (empty: no time is known), so that folds are spans of time. `groups` names what a text is
    about: texts of one group stay in one fold, and so do near copies where no time is known. The last `hints`
    texts are no reports but what the city itself says of its classes (names, descriptions, words), or what
    another model says of texts: they are learnt from, and never measured on. `weights` says how much each
    text counts (empty: all alike).
    """

    texts: Sequence[str]
    labels: Mapping[str, Sequence[str]]
    order: Sequence[str] = ()
    groups: Sequence[str] = ()
    hints: int = 0
    weights: Sequence[float] = ()


class Learnt(Struct, frozen=True):
    """A model and how it came about: `ways` by head; `unseen` what each way reached on held-out folds;
    `held_out` by head, the texts as the way that was taken scored them."""

    model: FastModel
    ways: dict[str, str]
    unseen: dict[str, dict[str, dict[str, float]]]
    held_out: dict[str, Unseen] = {}


class OneHead(Struct, frozen=True):
    """One head's texts with a label: their numbers, labels and folds (-1: never held out)."""

    name: str
    classes: tuple[str, ...]
    chosen: Ints
    labels: Ints
    fold: Ints
    weight: NDArray[np.float64]


def learn(sample: Sample, features_max: int = FEATURES_MAX) -> Learnt:
    """A calibrated model with one head for each kind of label that has at least two classes."""
    corpus = corpus_of(sample.texts)
    came = np.bincount(corpus.which, minlength=corpus.counts.shape[0]).astype(float)
    vocabulary = vocabulary_of(corpus.counts, came, TEXTS_MIN, features_max)
    shares = weighed(corpus.counts, vocabulary)
    groups = groups_of(sample, corpus, shares)
    weights, biases, heads = [], [], list[Head]()
    ways: dict[str, str] = {}
    unseen: dict[str, dict[str, dict[str, float]]] = {}
    held_out: dict[str, Unseen] = {}
    low = 0
    for name in sample.labels:
        one = head_of(name, sample, groups)
        if one is None:
            continue
        way, held_out[name], unseen[name] = best_way(one, corpus, features_max)
        weight, bias = WAYS[way](*rows_of(one, corpus, shares, one.chosen))
        weights.append(weight)
        biases.append(bias)
        heads.append(calibrated(name, one.classes, low, held_out[name]))
        low += len(one.classes)
        ways[name] = way
    return Learnt(model_of(vocabulary, weights, biases, heads), ways, unseen, held_out)


def model_of(
    vocabulary: Vocabulary, weights: list[Floats], biases: list[Floats], heads: list[Head]
) -> FastModel:
    return FastModel(
        vocabulary.buckets.astype(np.uint32),
        vocabulary.idf.astype(np.float32),
        np.concatenate([np.zeros((len(vocabulary.idf), 0)), *weights], axis=1, dtype=np.float32),
        np.concatenate([np.zeros(0), *biases], dtype=np.float32),
        heads,
    )


def groups_of(sample: Sample, corpus: Corpus, shares: Any) -> Ints:
    """(texts but hints,): the same number for texts that stay in one fold; empty where time is known, because
    then a fold follows what was learnt as the future will, copies and all."""
    count = len(sample.texts) - sample.hints
    if sample.order:
        return np.zeros(0, dtype=np.int64)
    copies = copies_of(shares, corpus.which[:count])
    if not sample.groups:
        return copies
    names: dict[str, int] = {}
    named = np.array([names.setdefault(each, len(names)) for each in sample.groups[:count]], dtype=np.int64)
    # A group and a set of copies that have a text in common become one.
    size = int(copies.max(initial=-1)) + 1
    links = sparse.coo_matrix(
        (np.ones(count), (copies, size + named)), shape=(size + len(names), size + len(names))
    )
    _, of = sparse.csgraph.connected_components(links, directed=False)
    return np.asarray(of[copies], dtype=np.int64)


def head_of(name: str, sample: Sample, groups: Ints) -> OneHead | None:
    said = sample.labels[name]
    counts: dict[str, int] = {}
    for label in said:
        counts[label] = counts.get(label, 0) + 1
    classes = tuple(sorted(label for label, n in counts.items() if label and n >= CLASS_TEXTS_MIN))
    if len(classes) < 2:
        return None
    number = {label: n for n, label in enumerate(classes)}
    labels = np.array([number.get(label, -1) for label in said])
    chosen = np.flatnonzero(labels >= 0)
    real = chosen[chosen < len(said) - sample.hints]
    if len(real) < FOLDS:
        return None
    weight = np.array(sample.weights, dtype=float) if sample.weights else np.ones(len(said))
    return OneHead(name, classes, chosen, labels, _folds(labels, real, sample, groups), weight)


def _folds(labels: Ints, chosen: Ints, sample: Sample, groups: Ints) -> Ints:
    """(texts,): the fold of each chosen text; spans of time where time is known, else whole groups, else each
    class spread evenly."""
    fold = np.full(len(labels), -1)
    if sample.order:
        ranked = chosen[np.argsort(np.array([sample.order[n] for n in chosen.tolist()]), kind="stable")]
        fold[ranked] = np.arange(len(ranked)) * FOLDS // len(ranked)
        return fold
    mixed = np.random.default_rng(len(chosen)).permutation(chosen)
    by_class = mixed[np.argsort(labels[mixed], kind="stable")]
    fold[by_class] = np.arange(len(by_class)) % FOLDS
    first: dict[int, int] = {}
    for n in by_class.tolist():
        fold[n] = first.setdefault(int(groups[n]), int(fold[n]))
    return fold


def rows_of(one: OneHead, corpus: Corpus, shares: Any, chosen: Ints) -> tuple[Any, NDArray[np.float64]]:
    """Features and tallies of the different texts among the chosen."""
    tallies = corpus.tallies(one.labels, len(one.classes), chosen, one.weight)
    came = np.flatnonzero(tallies.sum(axis=1))
    return shares[came], tallies[came]


def best_way(
    one: OneHead, corpus: Corpus, features_max: int = FEATURES_MAX
) -> tuple[str, Unseen, dict[str, dict[str, float]]]:
    """The way that is best on unseen texts, the texts as it scored them, and what each way reached.

    The first of `WAYS` is left only for one that is better beyond what chance would do with other texts: of
    equals always the same is taken, so that one more report doesn't change how a city's model is learnt.
    """
    large = corpus.counts.nnz * len(one.classes) > WORK_LARGE
    ways = [way for way in WAYS if not (large and way == "softmax")]
    held_out = _unseen(one, corpus, [WAYS[way] for way in ways], features_max)
    reached, named = dict[str, dict[str, float]](), dict[str, Ints]()
    for way, unseen in zip(ways, held_out, strict=True):
        head = calibrated(one.name, one.classes, 0, unseen)
        chances = head.chances(unseen.scores)[unseen.row]
        said = named[way] = head.named(chances)
        stated = chances[np.arange(len(said)), said]
        reached[way] = {
            "macro_f1": round(macro_f1(unseen.labels, said, FREQUENT), 4),
            "ece": round(calibration_error(said == unseen.labels, stated), 4),
        }
    best = 0
    for n, way in list(enumerate(ways))[1:]:
        unseen = held_out[n]
        low, high = gain(unseen.labels, named[ways[best]], named[way], unseen.row, FREQUENT)
        reached[way] |= {"gain_low": round(low, 4), "gain_high": round(high, 4)}
        if low > 0 and reached[way]["ece"] <= reached[ways[best]]["ece"] + HONEST_MAX:
            best = n
    return ways[best], held_out[best], reached


def _unseen(one: OneHead, corpus: Corpus, fits: Sequence[Fit], features_max: int) -> list[Unseen]:
    """For each way of learning: each text scored by a model that learnt from the other folds.

    What is in the vocabulary, and how rare it is, comes from the other folds too: to a model that knew the
    words of held-out texts these would look duller than texts that come later ever do, and its chances would
    be stated too high then.
    """
    scores: list[list[Floats]] = [[] for _ in fits]
    rows, labels = [], []
    at = 0
    for fold in range(FOLDS):
        inside = np.flatnonzero(one.fold == fold)
        if not len(inside):
            continue
        known = np.bincount(corpus.which[one.fold != fold], minlength=corpus.counts.shape[0]).astype(float)
        shares = weighed(corpus.counts, vocabulary_of(corpus.counts, known, TEXTS_MIN, features_max))
        others = rows_of(one, corpus, shares, one.chosen[one.fold[one.chosen] != fold])
        different, which = np.unique(corpus.which[inside], return_inverse=True)
        for way, fit in zip(scores, fits, strict=True):
            weight, bias = fit(*others)
            way.append(shares[different] @ weight + bias)
        rows.append(at + which)
        labels.append(one.labels[inside])
        at += len(different)
    row, true = np.concatenate(rows), np.concatenate(labels)
    return [Unseen(np.concatenate(each).astype(np.float32), row, true) for each in scores]
