"""How well and how fast a model understands held-out texts, timed on this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.base.refusal import Refusal
from huying.channels.files.labelled import Labelled
from huying.triage.fast import FastModel
from huying.triage.hearing import Hearer
from huying.triage.learning.adaptive import DELAY, STEP, followed
from huying.triage.learning.learn import Learnt, Sample, learn
from huying.triage.learning.measure import covered, measured, numbered

HEAD = "label"
SINGLE_TEXTS = 2_000
"""Texts that are timed one by one: twenty of them lie beyond the 99th in a hundred."""

BATCH_S = 1.0
"""Texts are taken again until a batch has run for so long, so that a small test set is timed as well."""


def evaluate(train: Labelled, test: Labelled, adaptive: bool = False, delay: int = DELAY) -> dict[str, Any]:
    """Learn from `train`, measure on `test`; JSON values. Refuses with `labelled_one_class`.

    Args:
        adaptive: tell as well how sets cover whose thresholds follow the test's texts, in order of time (of
            the rows, where none is known), each known after `delay` more.
    """
    began = time.perf_counter()
    learnt = learn(Sample(train.texts, train.labels, train.times))
    train_s = time.perf_counter() - began
    model = learnt.model
    head = model.heads.get(HEAD)
    if head is None:
        raise Refusal("labelled_one_class", count=len(train.texts))
    return {
        **measured_in(model, test),
        **timed(model, test.texts),
        "train_s": round(train_s, 2),
        "model_mb": round(model.size_mb, 3),
        "train_texts": len(train.texts),
        "test_texts": len(test.texts),
        "set_aside": train.set_aside | test.set_aside,
        "way": learnt.ways[HEAD],
        "tried": learnt.unseen[HEAD],
        **({"adaptive": _followed(learnt, test, delay)} if adaptive else {}),
    }


def _followed(learnt: Learnt, test: Labelled, delay: int) -> dict[str, Any]:
    """How sets cover whose thresholds follow the texts."""
    head, unseen = learnt.model.heads[HEAD], learnt.held_out[HEAD]
    order = np.argsort(np.array(test.times), kind="stable").tolist() if test.times else range(len(test.texts))
    labels = [test.labels[HEAD][n] for n in order]
    scores = learnt.model.scores([test.texts[n] for n in order])
    _, sets = followed(head, unseen, scores, labels, delay)
    names, true = numbered(head, labels)
    return {"delay": delay, "step": STEP, **covered(sets, true, names)}


def latest(all: Labelled, share: float) -> Labelled:
    """The latest share of the texts; of the rows as they stand, where no time is known."""
    order = np.argsort(np.array(all.times), kind="stable") if all.times else np.arange(len(all.texts))
    chosen = np.zeros(len(all.texts), dtype=np.bool_)
    chosen[order[len(order) - round(len(order) * share) :]] = True
    return _some(all, chosen)


def measured_in(model: FastModel, test: Labelled) -> dict[str, Any]:
    """The figures of a model's one head on labelled texts."""
    head = model.heads[HEAD]
    return measured(head, head.chances(model.scores(test.texts)), test.labels[HEAD])


def in_folds(all: Labelled, folds: int, adaptive: bool = False, delay: int = DELAY) -> dict[str, Any]:
    """Each of `folds` parts measured by a model of the others; figures are means, speeds and coverage of the
    last."""
    found = [evaluate(*each, adaptive, delay) for each in parts_of(all, folds)]
    means = {key: round(float(np.mean([each[key] for each in found])), 4) for key in _MEANT}
    return found[-1] | means | {"folds": folds}


def parts_of(all: Labelled, folds: int) -> list[tuple[Labelled, Labelled]]:
    """(the others, one part) for each of the parts: spans of time where it is known, else mixed by label."""
    order = np.argsort(np.array(all.times), kind="stable") if all.times else _mixed(all.labels[HEAD])
    part = np.empty(len(all.texts), dtype=np.int64)
    part[order] = np.arange(len(order)) * folds // len(order) if all.times else np.arange(len(order)) % folds
    return [(_some(all, part != n), _some(all, part == n)) for n in range(folds)]


_MEANT = ("macro_f1", "accuracy", "ece", "accuracy_at_95", "accuracy_at_90", "train_s")


def _mixed(labels: Sequence[str]) -> NDArray[np.int64]:
    """Texts by label, each label's in a mixed order that is always the same."""
    mixed = np.random.default_rng(len(labels)).permutation(len(labels))
    return mixed[np.argsort(np.array(labels)[mixed], kind="stable")]


def _some(all: Labelled, chosen: NDArray[np.bool_]) -> Labelled:
    at = np.flatnonzero(chosen).tolist()
    return Labelled(
        [all.texts[n] for n in at],
        {head: [labels[n] for n in at] for head, labels in all.labels.items()},
        [all.times[n] for n in at] if all.times else [],
        all.set_aside,
    )


def timed(model: FastModel, texts: Sequence[str]) -> dict[str, float]:
    """Texts a second in a batch, and milliseconds for one as a call is heard: scores, chances, names and sets
    of all heads."""
    _understand(model, texts[:100])
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < BATCH_S:
        _understand(model, texts)
        done += len(texts)
    single, hearer = [], Hearer(model)
    hearer.hear("")
    for text in texts[:SINGLE_TEXTS]:
        start = time.perf_counter()
        hearer.hear(text)
        single.append((time.perf_counter() - start) * 1000)
    return {
        "texts_per_s": round(done / took),
        "p50_ms": round(float(np.percentile(single, 50)), 4),
        "p99_ms": round(float(np.percentile(single, 99)), 4),
    }


def _understand(model: FastModel, texts: Sequence[str]) -> None:
    scores = model.scores(texts)
    for head in model.heads.values():
        chances = head.chances(scores)
        head.named(chances)
        head.sets(chances, 0.9)
