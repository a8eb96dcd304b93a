"""Sets that follow the world: thresholds that move with each report whose truth becomes known.

A threshold of the past doesn't cover a class whose words change. Adaptive conformal inference (Gibbs and
Candès 2021) corrects it by its own errors: after each report of a class, `a += step · (1 - level - error)`,
and the class is in a set when its chance is above the a-quantile of the chances that its latest reports had.
Whatever the reports are like, the share of errors comes to 1 - level within (1 + step) / (step · reports).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from huying.triage.fast import FastModel
from huying.triage.heads import LEVELS, Head
from huying.triage.learning.calibrate import PILE_ODDS, PILE_SHARE, Unseen, odds_of, rank

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

STEP = 0.03
"""How far one report moves its class; chosen on the last fifth of the training of Seattle and Boston."""

LATEST = 300
"""Reports of a class whose chances it is measured by: what came before them is another world."""

DELAY = 100
"""Reports that come before the truth of one is known: a desk's morning."""


class _Class:
    """One class, or all that are too rare for a threshold of their own."""

    def __init__(self, before: Iterable[float], level: float) -> None:
        self._latest = deque(before, maxlen=LATEST)
        self._sorted = sorted(self._latest)
        self._level, self._error_rate = level, 1 - level
        self._rates = deque([1 - level], maxlen=LATEST)

    def learns(self, odds: float, inside: bool) -> None:
        """A report of the class became known, with the log-odds it had been given."""
        self._error_rate += STEP * ((1 - self._level) - (not inside))
        self._rates.append(self._error_rate)
        if len(self._latest) == LATEST:
            del self._sorted[bisect_left(self._sorted, self._latest[0])]
        self._latest.append(odds)
        insort(self._sorted, odds)

    def threshold(self) -> float:
        """The smallest log-odds with which the class is in a set now."""
        return self._at(self._error_rate)

    def settled(self) -> float:
        """The same by the mean of what the latest reports led to: for a model that stays as it is for a day,
        as the threshold of one moment swings about what it settles at."""
        return self._at(float(np.mean(self._rates)))

    def _at(self, error_rate: float) -> float:
        place = rank(len(self._sorted), 1 - error_rate)
        if place <= 0:
            return -np.inf
        if place > len(self._sorted):
            return np.inf
        at = self._sorted[place - 1]
        beside = bisect_left(self._sorted, at + PILE_ODDS) - bisect_left(self._sorted, at - PILE_ODDS)
        return at - (PILE_ODDS if beside > PILE_SHARE * len(self._sorted) else 1e-6)


class Followed(Struct, frozen=True):
    """`sets` (texts, classes): which classes were in the set of each text when it came; `least` the smallest
    chances of each class that the last of them settle at."""

    sets: NDArray[np.bool_]
    least: tuple[float, ...]


def follow(
    before: Floats, before_labels: Ints, chances: Floats, labels: Ints, level: float, delay: int = DELAY
) -> Followed:
    """Texts in order of time, each with the thresholds that the texts before it had led to.

    Args:
        before, before_labels: (texts, classes) chances of texts that the model had not seen, and their
            classes, in order of time: where the thresholds begin.
        chances, labels: the same of the texts that come then; -1 where nobody says what it was, or the
            model doesn't know the class.
        delay: after how many more texts the truth of one is known.
    """
    classes = before.shape[1] if len(before) else chances.shape[1]
    count = np.bincount(before_labels, minlength=classes)
    own = np.array([rank(int(n), level) > 0 for n in count])
    group = np.where(own, np.arange(classes), classes)
    true = odds_of(before[np.arange(len(before_labels)), before_labels])
    states = {
        int(each): _Class(true[group[before_labels] == each].tolist(), level) for each in np.unique(group)
    }
    now = np.array([states[int(each)].threshold() for each in group])
    odds = odds_of(chances)
    sets = np.zeros(chances.shape, dtype=np.bool_)

    def known(text: int) -> None:
        label = int(labels[text])
        if label < 0:
            return
        mine = int(group[label])
        states[mine].learns(float(odds[text, label]), bool(sets[text, label]))
        now[group == mine] = states[mine].threshold()

    for text in range(len(chances)):
        if text > delay:
            known(text - delay - 1)
        sets[text] = odds[text] >= now
    for text in range(max(len(chances) - delay - 1, 0), len(chances)):
        known(text)
    least = np.array([states[int(each)].settled() for each in group])
    return Followed(sets, tuple((1 / (1 + np.exp(-np.clip(least, -50, 50)))).tolist()))


def followed(
    head: Head, unseen: Unseen, scores: Floats, labels: Sequence[str], delay: int = DELAY
) -> tuple[Head, dict[str, NDArray[np.bool_]]]:
    """The head with the thresholds that texts in order of time led to, and by level the sets that they had.

    Args:
        unseen: the texts of the past on which the head was calibrated.
        scores, labels: of the texts that came then; an empty label is one that nobody said.
    """
    number = {name: n for n, name in enumerate(head.classes)}
    known = np.array([number.get(label, -1) for label in labels], dtype=np.int64)
    before = replace(head, low=0).chances(unseen.scores)[unseen.row]
    chances = head.chances(scores)
    found = {str(level): follow(before, unseen.labels, chances, known, level, delay) for level in LEVELS}
    least = {level: each.least for level, each in found.items()}
    return replace(head, least=least), {level: each.sets for level, each in found.items()}


def with_heads(model: FastModel, heads: Sequence[Head]) -> FastModel:
    """The same weights under other thresholds."""
    table: Any = model.table
    return FastModel(model.buckets, model.idf, table, model.bias, heads, model.scale)
