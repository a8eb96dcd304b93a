"""The gate: whether a model may take the place of the live one, by reports that neither has learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.domain.pack import Pack
from huying.learning.alarms import SEEN, chances_of, danger, found_at
from huying.learning.training import RECENT_DAYS, Reports, figures_of, nothing, short, to_test, with_lessons
from huying.service.lessons import Lesson
from huying.triage.fast import FastModel
from huying.triage.learning.figures import draws_of, gains

Floats = NDArray[np.float32]

WORSE_MAX = 0.01
"""A difference that nobody would notice at a desk is no ground, however sure it is."""

WORSE_SURELY = 2.6
"""Standard errors of a difference: equal models lie beyond it once in 200 figures; a gate of a dozen of them
refuses one equal model in seventeen."""

DANGER_SURELY = 1.64
"""Of missed dangers: once in 20, because a needless refusal costs a training and a miss may cost a life."""

HONEST_MAX = 0.05
"""Of calibration error: what is raised, proposed and asked goes by stated chances, so that a model whose
chances are so much less true works otherwise than its ranks say."""

MEASURES = ("macro_f1", "accuracy", "ece", *SEEN)

__all__ = ["RECENT_DAYS", "gate"]


def gate(
    candidate: FastModel,
    live: FastModel | None,
    frozen: Reports | None,
    lessons: Sequence[Lesson],
    pack: Pack,
) -> dict[str, Any]:
    """Whether the candidate may take the place of the live model, and the figures of both.

    It may not be worse in any question, on the frozen test or on what was decided in the last days: by more
    than a point and beyond what chance does with such reports (bootstrap of pairs by happening), or with
    chances much less true. And it may not find fewer of the dangers when both raise the same share of the
    others: which class is named tells how careful a model is, not how blind. Of the journal, `frozen` are the
    calls that chance has set aside for ever, `recent` those of the last 30 days: training leaves out both.
    """
    earlier, latest = to_test(lessons)
    frozen = _copy(frozen)
    with_lessons(frozen, earlier, pack)
    recent = nothing()
    with_lessons(recent, latest, pack)
    answer: dict[str, Any] = {"recent_reports": len(recent.texts), "against": {}, "faults": []}
    for name, reports in (("frozen", frozen), ("recent", recent)):
        if not reports.texts:
            continue
        ours = figures_of(candidate, reports) | {"danger": danger(candidate, reports)}
        theirs = figures_of(live, reports) | {"danger": danger(live, reports)} if live else {}
        apart = differences(candidate, live, reports) if live else {}
        answer["against"][name] = {
            "reports": len(reports.texts),
            "candidate": _told(ours),
            "live": _told(theirs) if theirs else None,
            "differences": {
                f"{head} {measure}": [round(value - 2 * error, 4), round(value + 2 * error, 4)]
                for (head, measure), (value, error) in apart.items()
            },
        }
        answer["faults"] += [f"{name}: {fault}" for fault in _worse(ours, theirs, apart)]
    answer["passed"] = bool(answer["against"]) and not answer["faults"]
    return answer


def _copy(reports: Reports | None) -> Reports:
    if reports is None:
        return nothing()
    labels = {head: list(each) for head, each in reports.labels.items()}
    return Reports(list(reports.texts), labels, list(reports.groups))


def differences(
    candidate: FastModel, live: FastModel, reports: Reports
) -> dict[tuple[str, str], tuple[float, float]]:
    """(head, measure) → by how much the candidate is above the live model, and the standard error of that:
    both on the same draws of happenings."""
    found: dict[tuple[str, str], tuple[float, float]] = {}
    scores = candidate.scores(reports.texts), live.scores(reports.texts)
    for head in live.heads:
        labels = reports.labels[head]
        known = np.array([n for n, label in enumerate(labels) if label], dtype=np.int64)
        if head not in candidate.heads or not len(known):
            continue
        names = {name: n for n, name in enumerate(sorted({*labels, *_classes(candidate, live, head)}))}
        true = np.array([names[labels[n]] for n in known.tolist()])
        said = [
            _named(model, head, each[known], names)
            for model, each in zip((candidate, live), scores, strict=True)
        ]
        row = _rows([reports.groups[n] for n in known.tolist()])
        found[head, "macro_f1"] = _spread(gains(true, said[1], said[0], row))
        weights = draws_of(row)
        better = (said[0] == true).astype(float) - (said[1] == true)
        found[head, "accuracy"] = _spread(weights @ better / np.maximum(weights.sum(axis=1), 1))
    ours, mine = chances_of(candidate, reports)
    theirs, _ = chances_of(live, reports)
    if mine.any() and not mine.all():
        labels = reports.labels["urgency"]
        weights = draws_of(_rows([reports.groups[n] for n, label in enumerate(labels) if label]))
        apart = found_at(ours, mine, weights) - found_at(theirs, mine, weights)
        found |= {("danger", measure): _spread(apart[:, n]) for n, measure in enumerate(SEEN)}
    return found


def _classes(candidate: FastModel, live: FastModel, head: str) -> set[str]:
    return {*candidate.heads[head].classes, *live.heads[head].classes}


def _named(model: FastModel, head: str, scores: Floats, names: dict[str, int]) -> NDArray[np.int64]:
    one = model.heads[head]
    number = np.array([names[name] for name in one.classes])
    return np.asarray(number[one.named(one.chances(scores))])


def _rows(groups: Sequence[str]) -> NDArray[np.int64]:
    """The number of each report's happening."""
    return np.asarray(np.unique(np.array(groups), return_inverse=True)[1])


def _spread(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(np.nanmean(values)), float(np.nanstd(values))


def _told(figures: dict[str, Any]) -> dict[str, Any]:
    return short({name: each for name, each in figures.items() if name != "danger"}) | {
        "danger": figures["danger"]
    }


def _worse(
    ours: dict[str, Any], theirs: dict[str, Any], apart: dict[tuple[str, str], tuple[float, float]]
) -> list[str]:
    faults = []
    for head, figures in theirs.items():
        for measure in MEASURES:
            if measure not in figures:
                continue
            mine, was = ours.get(head, {}).get(measure), figures[measure]
            if mine is None:
                worse = True  # it says nothing of what the live one knows
            elif measure == "ece":
                worse = mine > was + HONEST_MAX
            else:
                value, error = apart.get((head, measure), (0.0, 0.0))
                surely = DANGER_SURELY if head == "danger" else WORSE_SURELY
                worse = mine < was - WORSE_MAX and value + surely * error < 0
            if worse:
                sign = ">" if measure == "ece" else "<"
                faults.append(f"{head} {measure} {'–' if mine is None else mine} {sign} {was}")
    return faults
