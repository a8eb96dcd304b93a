"""The figures of one head on texts with known labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.triage.heads import LEVELS, Head
from huying.triage.learning import figures

DIGITS = 4


def measured(head: Head, chances: NDArray[np.float32], labels: Sequence[str]) -> dict[str, Any]:
    """JSON values. A class that training never saw counts as a class that is never named.

    Args:
        chances: (texts, classes) as the head gives them.
    """
    names = [*head.classes, *sorted(set(labels) - set(head.classes))]
    number = {name: n for n, name in enumerate(names)}
    true = np.array([number[label] for label in labels])
    named = head.named(chances)
    right = named == true
    stated = chances[np.arange(len(named)), named]
    tested = np.bincount(true, minlength=len(names))
    covered = {str(level): figures.coverage(true, head.sets(chances, level)) for level in LEVELS}
    return {
        "macro_f1": _short(figures.macro_f1(true, named)),
        "accuracy": _short(figures.accuracy(true, named)),
        "ece": _short(figures.calibration_error(right, stated)),
        "coverage": {
            level: {names[n]: _short(each[0]) for n, each in by.items()} for level, by in covered.items()
        },
        "coverage_interval": {
            level: {
                names[n]: [_short(end) for end in figures.exact(round(each[0] * each[2]), each[2])]
                for n, each in by.items()
            }
            for level, by in covered.items()
        },
        "coverage_verdict": {
            level: {
                names[n]: figures.verdict(round(each[0] * each[2]), each[2], float(level))
                for n, each in by.items()
            }
            for level, by in covered.items()
        },
        "set_size": {
            level: {names[n]: _short(each[1]) for n, each in by.items()} for level, by in covered.items()
        },
        "accuracy_at_95": _short(figures.accuracy_answered(right, stated, 0.95)),
        "accuracy_at_90": _short(figures.accuracy_answered(right, stated, 0.90)),
        "f1": {names[n]: _short(value) for n, value in figures.f1_by_class(true, named).items()},
        "texts": {names[n]: int(count) for n, count in enumerate(tested)},
    }


def _short(value: float) -> float:
    return round(value, DIGITS)
