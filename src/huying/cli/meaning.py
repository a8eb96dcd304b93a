"""Vectors of meaning on the command line: asked of the worker, or found in a file that was kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from huying.base.refusal import Refusal
from huying.channels.files.labelled import Labelled, read_labelled
from huying.cli.evaluation import HEAD, measured_in, parts_of
from huying.learning.vectors import vectors_of
from huying.triage.learning.learn import Sample
from huying.triage.learning.meaning import distilled, teacher
from huying.triage.learning.measure import measured


def evaluate(
    train: Labelled, test: Labelled | None, folds: int, meant: Sequence[str], more: Any, kept: Path | None
) -> dict[str, Any]:
    """The figures with vectors beside the n-grams, and of the fast model that learnt from both; JSON values.

    Args:
        meant: the texts whose meaning is taken, of `train` and then of `test`, where they are others.
        more: (texts, what is meant by them) without labels, which the fast model learns from; or None.
    """
    vectors = vectors_of(meant, kept)
    others, sense = (more[0], vectors_of(more[1], kept)) if more else ([], np.zeros((0, 384), np.float32))
    splits = [(train, test)] if test else parts_of(train, folds)
    found, students = [], []
    for mine, theirs, at in ((each[0], each[1], n) for n, each in enumerate(splits)):
        assert theirs is not None
        inside = _places(train, test, folds, at)
        sample = Sample(mine.texts, mine.labels, mine.times)
        one = teacher(HEAD, sample, vectors[inside[0]])
        if one is None:
            raise Refusal("labelled_one_class", count=len(mine.texts))
        chances = one.chances(theirs.texts, vectors[inside[1]])
        found.append(measured(one.head, chances, theirs.labels[HEAD]) | {"share": round(one.share, 3)})
        if len(others):
            learnt, counts = distilled(sample, vectors[inside[0]], others, sense)
            students.append(measured_in(learnt.model, theirs) | {"taught": counts[HEAD]})
    answer = {"semantic": _mean(found)}
    return answer | ({"distilled": _mean(students)} if students else {})


def _places(train: Labelled, test: Labelled | None, folds: int, at: int) -> tuple[Any, Any]:
    if test is not None:
        return np.arange(len(train.texts)), len(train.texts) + np.arange(len(test.texts))
    numbered = Labelled(list(map(str, range(len(train.texts)))), train.labels, train.times, {})
    mine, theirs = parts_of(numbered, folds)[at]
    return np.array(mine.texts, dtype=int), np.array(theirs.texts, dtype=int)


_MEANT = ("macro_f1", "accuracy", "ece", "accuracy_at_95", "accuracy_at_90", "share", "taught")


def _mean(found: list[dict[str, Any]]) -> dict[str, float]:
    return {key: round(float(np.mean([each[key] for each in found])), 4) for key in _MEANT if key in found[0]}


def read_texts(files: Sequence[Path], columns: Sequence[str]) -> list[str]:
    """Texts without labels."""
    return read_labelled(files, columns, {HEAD: columns[0]}).texts
