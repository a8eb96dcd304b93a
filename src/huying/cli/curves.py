"""What more reports would bring, and what no model can reach: the learning curve, and the noise of labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.channels.files.labelled import Labelled
from huying.cli.evaluation import HEAD, measured_in
from huying.triage.learning.corpus import corpus_of, vocabulary_of, weighed
from huying.triage.learning.figures import exact, macro_f1
from huying.triage.learning.learn import FEATURES_MAX, TEXTS_MIN, Sample, learn

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)

NEAR = 0.85
"""Cosine of n-grams from which two texts say the same thing in nearly the same words."""

AT_ONCE = 200
"""Texts compared with all others in one product: a few hundred megabytes at most."""


def curve(train: Labelled, test: Labelled) -> list[dict[str, Any]]:
    """What a model reaches that learns from a share of the training texts: the latest of them where time is
    known, else a part drawn once and for ever."""
    count = len(train.texts)
    order = (
        np.argsort(np.array(train.times), kind="stable")[::-1]
        if train.times
        else np.random.default_rng(count).permutation(count)
    )
    found = []
    for share in SHARES:
        at = np.sort(order[: round(count * share)]).tolist()
        labels = [train.labels[HEAD][n] for n in at]
        times = [train.times[n] for n in at] if train.times else []
        model = learn(Sample([train.texts[n] for n in at], {HEAD: labels}, times)).model
        row: dict[str, Any] = {"share": share, "texts": len(at)}
        if HEAD in model.heads:
            figures = measured_in(model, test)
            row |= {key: figures[key] for key in ("macro_f1", "accuracy", "ece")}
        found.append(row)
    return found


def ceiling(train: Labelled, test: Labelled) -> dict[str, Any]:
    """How far labels agree with themselves.

    `oracle`: who knew the most frequent label of each different text of the test would reach this.
    `near`: of test texts, those of which training has a near copy; how often the two have different labels;
    and what no model can pass if either label of such a pair is wrong equally often and by itself
    (1 - e, where 2e(1 - e) pairs differ), with the ends of the 95 % interval.
    """
    names = sorted({*train.labels[HEAD], *test.labels[HEAD]})
    number = {name: n for n, name in enumerate(names)}
    true = np.array([number[label] for label in test.labels[HEAD]])
    corpus = corpus_of([*test.texts, *train.texts])
    which = corpus.which[: len(true)]
    tally = np.zeros((int(which.max()) + 1, len(names)))
    np.add.at(tally, (which, true), 1)
    named = tally.argmax(axis=1)[which]
    pairs, differ = _near(corpus, true, np.array([number[label] for label in train.labels[HEAD]]))
    low, high = exact(differ, pairs)
    return {
        "oracle": {
            "texts": len(np.unique(which)),
            "accuracy": round(float((named == true).mean()), 4),
            "macro_f1": round(macro_f1(true, named), 4),
        },
        "near": {
            "cosine": NEAR,
            "texts": pairs,
            "differ": differ,
            "accuracy_at_most": [round(_most(each), 4) for each in (high, differ / max(pairs, 1), low)],
        },
    }


def _most(differ: float) -> float:
    """1 - e, where 2e(1 - e) = `differ`."""
    return 0.5 + 0.5 * float(np.sqrt(max(0.0, 1 - 2 * differ)))


def _near(corpus: Any, true: NDArray[np.int64], known: NDArray[np.int64]) -> tuple[int, int]:
    """(test texts with a near copy in training, those whose nearest has another label)."""
    came = np.bincount(corpus.which, minlength=corpus.counts.shape[0]).astype(float)
    shares = weighed(corpus.counts, vocabulary_of(corpus.counts, came, TEXTS_MIN, FEATURES_MAX))
    shares = shares.astype(np.float32)
    ours, theirs = corpus.which[: len(true)], corpus.which[len(true) :]
    others = shares[theirs].T.tocsc()
    pairs = differ = 0
    for at in range(0, len(ours), AT_ONCE):
        alike = np.asarray((shares[ours[at : at + AT_ONCE]] @ others).todense())
        nearest = alike.argmax(axis=1)
        close = alike[np.arange(len(nearest)), nearest] >= NEAR
        pairs += int(close.sum())
        differ += int((known[nearest][close] != true[at : at + AT_ONCE][close]).sum())
    return pairs, differ


def told(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The curve's rows with a dash for what too few texts can't tell."""
    return [{"macro_f1": "–", "accuracy": "–", "ece": "–", **row} for row in rows]
