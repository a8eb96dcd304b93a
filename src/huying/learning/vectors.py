"""Vectors of meaning for many texts: asked of the worker, or found in a file that was kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huying.base.refusal import Refusal
from huying.edge.semantic.vectors import CHARS_MAX, Failed, Worker, installed

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
