"""The figures of one head on texts with known labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.triage.heads import LEVELS, Head
from huying.triage.learning import figures

DIGITS = 4


Sets = dict[str, NDArray[np.bool_]]
"""By level: (texts, classes), which classes are in the set of each text."""


def measured(head: Head, chances: NDArray[np.float32], labels: Sequence[str]) -> dict[str, Any]:
    """JSON values. A class that training never saw counts as a class that is never named.

    Args:
        chances: (texts, classes) as the head gives them.
    """
    names, true = numbered(head, labels)
    named = head.named(chances)
    right = named == true
    stated = chances[np.arange(len(named)), named]
    tested = np.bincount(true, minlength=len(names))
    sets = {str(level): head.sets(chances, level) for level in LEVELS}
    return {
        "macro_f1": _short(figures.macro_f1(true, named)),
        "accuracy": _short(figures.accuracy(true, named)),
        "ece": _short(figures.calibration_error(right, stated)),
        **covered(sets, true, names),
        "accuracy_at_95": _short(figures.accuracy_answered(right, stated, 0.95)),
        "accuracy_at_90": _short(figures.accuracy_answered(right, stated, 0.90)),
        "f1": {names[n]: _short(value) for n, value in figures.f1_by_class(true, named).items()},
        "texts": {names[n]: int(count) for n, count in enumerate(tested)},
    }


def numbered(head: Head, labels: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The head's classes and then those that it doesn't know, and each label's place among them."""
    names = [*head.classes, *sorted(set(labels) - set(head.classes))]
    number = {name: n for n, name in enumerate(names)}
    return names, np.array([number[label] for label in labels])


def covered(sets: Sets, true: NDArray[np.int64], names: Sequence[str]) -> dict[str, Any]:
    """How the sets keep their promise, by level and class; and how many classes a set holds."""
    found = {level: figures.coverage(true, each) for level, each in sets.items()}
    told: dict[str, dict[str, dict[str, Any]]] = {
        key: {level: {} for level in found}
        for key in ("coverage", "coverage_interval", "coverage_verdict", "set_size")
    }
    for level, by in found.items():
        for n, (share, size, count) in by.items():
            inside = round(share * count)
            told["coverage"][level][names[n]] = _short(share)
            told["coverage_interval"][level][names[n]] = [_short(end) for end in figures.exact(inside, count)]
            told["coverage_verdict"][level][names[n]] = figures.verdict(inside, count, float(level))
            told["set_size"][level][names[n]] = _short(size)
    mean = {level: _short(float(each.sum(axis=1).mean())) for level, each in sets.items() if len(each)}
    return {**told, "set_size_mean": mean}


def _short(value: float) -> float:
    return round(value, DIGITS)
