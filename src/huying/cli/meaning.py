"""Vectors of meaning on the command line: asked of the worker, or found in a file that was kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.base.refusal import Refusal
from huying.channels.files.labelled import Labelled, read_labelled
from huying.cli.evaluation import HEAD, measured_in, parts_of
from huying.edge.semantic.vectors import CHARS_MAX, Failed, Worker, installed
from huying.triage.learning.learn import Sample
from huying.triage.learning.meaning import distilled, teacher
from huying.triage.learning.measure import measured

Floats = NDArray[np.float32]

BATCH = 16


def vectors_of(texts: Sequence[str], kept: Path | None = None) -> Floats:
    """(texts, 384). `kept` is a file of vectors by the hash of their text, which grows by what was missing:
    labelled files are looked at more often than once, and a vector takes a tenth of a second.

    Refuses `semantic_missing` without the extra, `semantic_failed` when its process fails.
    """
    known = _read(kept)
    keys = [hashlib.sha256(each[:CHARS_MAX].encode("utf-8", "replace")).digest() for each in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        if not installed():
            raise Refusal("semantic_missing")
        known.update(_asked(missing))
        if kept is not None:
            _write(kept, known)
    return np.array([known[key] for key in keys], dtype=np.float32)


def _asked(missing: dict[bytes, str]) -> dict[bytes, Floats]:
    found: dict[bytes, Floats] = {}
    keys = list(missing)
    with closing(Worker()) as worker:
        for at in range(0, len(keys), BATCH):
            some = keys[at : at + BATCH]
            try:
                vectors = worker.vectors([missing[key] for key in some])
            except Failed as error:
                raise Refusal("semantic_failed", why=str(error)) from error
            found.update(zip(some, vectors, strict=True))
    return found


def _read(kept: Path | None) -> dict[bytes, Floats]:
    if kept is None or not kept.exists():
        return {}
    try:
        with np.load(kept, allow_pickle=False) as arrays:
            keys, vectors = arrays["keys"], arrays["vectors"].astype(np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise Refusal("labelled_columns_missing", file=str(kept), columns="keys, vectors") from error
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def _write(kept: Path, known: dict[bytes, Floats]) -> None:
    keys = np.array([np.frombuffer(key, dtype=np.uint8) for key in known])
    with kept.open("wb") as out:
        np.savez(out, keys=keys, vectors=np.array(list(known.values()), dtype=np.float16))


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
