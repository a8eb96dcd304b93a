"""The gate: whether a model may take the place of the live one, by reports that neither has learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from huying.domain.pack import Pack
from huying.learning.training import RECENT_DAYS, Reports, figures_of, nothing, short, to_test, with_lessons
from huying.service.lessons import Lesson
from huying.triage.fast import FastModel

WORSE_MAX = 0.01
"""Of macro-F1 and of accuracy: as much as chance moves them on a few hundred reports."""

DANGER = "1"

__all__ = ["RECENT_DAYS", "gate"]


def gate(
    candidate: FastModel,
    live: FastModel | None,
    frozen: Reports | None,
    lessons: Sequence[Lesson],
    pack: Pack,
) -> dict[str, Any]:
    """Whether the candidate may take the place of the live model, and the figures of both.

    It may not be worse for any head on the frozen test nor on what was decided in the last days, and it may
    not miss more of the calls in which a life is in danger. Of the journal, `frozen` are the calls that
    chance has set aside for ever, `recent` those of the last 30 days: training leaves out both.
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
        answer["against"][name] = {
            "reports": len(reports.texts),
            "candidate": _told(ours),
            "live": _told(theirs) if theirs else None,
        }
        answer["faults"] += [f"{name}: {fault}" for fault in _worse(ours, theirs)]
    answer["passed"] = bool(answer["against"]) and not answer["faults"]
    return answer


def _copy(reports: Reports | None) -> Reports:
    if reports is None:
        return nothing()
    labels = {head: list(each) for head, each in reports.labels.items()}
    return Reports(list(reports.texts), labels, list(reports.groups))


def danger(model: FastModel, reports: Reports) -> dict[str, float]:
    """Of the reports of life in danger: the share that the model takes for rather likely so."""
    head = model.heads.get("urgency")
    mine = [n for n, label in enumerate(reports.labels["urgency"]) if label == DANGER]
    if head is None or DANGER not in head.classes or not mine:
        return {"reports": len(mine), "seen": 0.0}
    chances = head.chances(model.scores([reports.texts[n] for n in mine]))
    seen = head.named(chances) == head.classes.index(DANGER)
    return {"reports": len(mine), "seen": round(float(np.mean(seen)), 4)}


def _told(figures: dict[str, Any]) -> dict[str, Any]:
    return short({name: each for name, each in figures.items() if name != "danger"}) | {
        "danger": figures["danger"]
    }


def _worse(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    faults = []
    for head, figures in theirs.items():
        keys = ("seen",) if head == "danger" else ("macro_f1", "accuracy")
        for key in keys:
            mine = ours.get(head, {}).get(key, 0.0)
            if mine < figures[key] - WORSE_MAX:
                faults.append(f"{head} {key} {mine} < {figures[key]}")
    return faults
