"""How many of the dangers a model finds where it may raise so many of the other calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huying.learning.training import Reports
from huying.triage.fast import FastModel

Floats = NDArray[np.float32]

DANGER = "1"

RAISED = (0.1, 0.2)
"""Shares of the other calls raised at which two models are compared for the dangers that they find: what a
desk bears (0.14 of the others is what the demo county's own model raises), and a careless day's twice."""

SEEN = tuple(f"seen_{round(100 * share)}" for share in RAISED)


def danger(model: FastModel, reports: Reports) -> dict[str, float]:
    """Of the reports of life in danger: the share found where so many of the others are raised."""
    chance, mine = chances_of(model, reports)
    if not mine.any() or mine.all():
        return {"reports": int(mine.sum())} | dict.fromkeys(SEEN, 0.0)
    seen = found_at(chance, mine, np.ones((1, len(mine))))[0]
    return {"reports": int(mine.sum())} | {
        measure: round(float(share), 4) for measure, share in zip(SEEN, seen, strict=True)
    }


def chances_of(model: FastModel, reports: Reports) -> tuple[Floats, NDArray[np.bool_]]:
    """(chance of danger, whether it was) of the reports of which the urgency is known."""
    labels = np.array(reports.labels["urgency"], dtype=object)
    known = np.flatnonzero(labels != "")
    head = model.heads.get("urgency")
    if head is None or DANGER not in head.classes:
        return np.zeros(len(known), dtype=np.float32), labels[known] == DANGER
    chances = head.chances(model.scores([reports.texts[n] for n in known.tolist()]))
    return chances[:, head.classes.index(DANGER)], labels[known] == DANGER


def found_at(chance: Floats, mine: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(draws, shares): of the dangers the share found when so many of the others are raised; equal chances
    are raised in equal parts.

    Args:
        weights: (draws, reports) how often each report was drawn.
    """
    places = np.unique(-chance, return_inverse=True)[1]
    order = np.argsort(places, kind="stable")
    ends = np.flatnonzero(np.diff(places[order], append=places.max() + 1))
    found = np.empty((len(weights), len(RAISED)))
    for n, drawn in enumerate(weights):
        there = drawn[order] * mine[order]
        right, wrong = np.cumsum(there)[ends], np.cumsum(drawn[order] - there)[ends]
        right = np.concatenate(([0.0], right)) / max(right[-1], 1)
        wrong = np.concatenate(([0.0], wrong)) / max(wrong[-1], 1)
        found[n] = np.interp(RAISED, wrong, right)
    return found
