"""Models on disk: a JSON with the data card and a `.npz` of plain arrays, named by the hash of what is in
them.

Weights are kept as 8-bit whole numbers, scaled column by column; that is the model, and what is measured.
Never pickle: nothing in a model's files can run.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.base.refusal import Refusal
from huying.store.packed import BROKEN
from huying.triage.fast import FastModel
from huying.triage.features import BITS
from huying.triage.heads import BEND_MAX, Head

FORMAT, FORMAT_BENT = "huying-fast-model/1", "huying-fast-model/2"
"""The second where a head bends its scores: who can't bend must refuse the file, not state other chances."""
DIGEST_CHARS = 16
"""Of the hash, in file names: enough that two models of one city never meet."""

DIGEST = re.compile(f"[0-9a-f]{{{DIGEST_CHARS}}}")

FILE_BYTES_MAX = 256 << 20
"""A model of half a million features and three hundred classes; more would not be read into a small
server."""

_SCALE = 127
_ARRAYS = {"buckets": "uint32", "idf": "float32", "weights": "int8", "scale": "float32", "bias": "float32"}


class Stored(Struct, frozen=True):
    """A model as it was read or written. `card` says what it was learnt from and what it reached."""

    digest: str
    model: FastModel
    card: dict[str, Any]


class _Paper(Struct, frozen=True):
    """The JSON file; `arrays` are the hashes of the arrays' bytes."""

    format: str
    bits: int
    heads: list[Head]
    arrays: dict[str, str]
    card: dict[str, Any]


def rounded(model: FastModel) -> FastModel:
    """The model as its files will hold it."""
    return _model_of(_arrays_of(model), list(model.heads.values()))


def write_model(folder: Path, model: FastModel, card: dict[str, Any]) -> Stored:
    """Write both files into `folder`; the same model and card always make the same files."""
    arrays = _arrays_of(model)
    heads = list(model.heads.values())
    form = FORMAT_BENT if any(each.bend for each in heads) else FORMAT
    paper = _Paper(form, BITS, heads, {name: _hash(each) for name, each in arrays.items()}, card)
    text = msgspec.json.format(msgspec.json.encode(paper, order="deterministic"), indent=1) + b"\n"
    digest = hashlib.sha256(text).hexdigest()[:DIGEST_CHARS]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{digest}.npz").write_bytes(_packed(arrays))
        (folder / f"{digest}.json").write_bytes(text)
    except OSError as error:
        raise Refusal("model_not_written", folder=str(folder), why=error.strerror or str(error)) from error
    return Stored(digest, _model_of(arrays, heads), card)


def read_model(folders: Sequence[Path | Traversable], digest: str) -> Stored:
    """The model of that hash, from the first folder that has it.

    Refuses with `model_not_found`, or with `model_broken` when a file is not what its name or the other file
    says, or of a shape that no model has.
    """
    if not DIGEST.fullmatch(digest):
        raise Refusal("model_not_found", digest=digest[:40])
    for folder in folders:
        paper, arrays = folder / f"{digest}.json", folder / f"{digest}.npz"
        if paper.is_file() and arrays.is_file():
            return _read(digest, _bytes(paper, digest), _bytes(arrays, digest))
    raise Refusal("model_not_found", digest=digest)


def models_in(folder: Path | Traversable) -> list[str]:
    """Hashes of the models that lie in a folder."""
    if not folder.is_dir():
        return []
    names = (each.name.removesuffix(".json") for each in folder.iterdir() if each.name.endswith(".json"))
    return sorted(name for name in names if DIGEST.fullmatch(name))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────
Arrays = dict[str, NDArray[Any]]


def _arrays_of(model: FastModel) -> Arrays:
    scale = np.maximum(np.abs(model.weights).max(axis=0, initial=0), 1e-12) / _SCALE
    return {
        "buckets": model.buckets.astype(np.uint32),
        "idf": model.idf.astype(np.float32),
        "weights": np.round(model.weights / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "bias": model.bias.astype(np.float32),
    }


def _model_of(arrays: Arrays, heads: list[Head]) -> FastModel:
    weights, scale = arrays["weights"], arrays["scale"]
    return FastModel(arrays["buckets"], arrays["idf"], weights, arrays["bias"], heads, scale)


def _hash(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def _packed(arrays: Arrays) -> bytes:
    """A zip of `.npy` files without times, so that equal arrays make equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, each in arrays.items():
            inner = io.BytesIO()
            np.save(inner, np.ascontiguousarray(each), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, inner.getvalue(), compresslevel=9)
    return out.getvalue()


def _bytes(file: Path | Traversable, digest: str) -> bytes:
    try:
        with file.open("rb") as source:
            content = source.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise _broken(digest, error.strerror or str(error)) from None
    if len(content) > FILE_BYTES_MAX:
        raise _broken(digest, "size")
    return content


def _read(digest: str, text: bytes, packed: bytes) -> Stored:
    if hashlib.sha256(text).hexdigest()[:DIGEST_CHARS] != digest:
        raise _broken(digest, "hash of the JSON file")
    try:
        paper = msgspec.json.decode(text, type=_Paper)
        arrays = _unpacked(packed)
    except (msgspec.MsgspecError, *BROKEN) as error:
        raise _broken(digest, str(error)[:200]) from None
    if paper.format not in (FORMAT, FORMAT_BENT) or paper.bits != BITS:
        raise _broken(digest, "format")
    if {name: _hash(each) for name, each in arrays.items()} != paper.arrays:
        raise _broken(digest, "hash of the arrays")
    _check(digest, arrays, paper.heads)
    return Stored(digest, _model_of(arrays, paper.heads), paper.card)


def _unpacked(packed: bytes) -> Arrays:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        if sum(each.file_size for each in archive.infolist()) > FILE_BYTES_MAX:
            raise ValueError("size of the arrays")
    with np.load(io.BytesIO(packed), allow_pickle=False) as found:
        if set(found.files) != set(_ARRAYS):
            raise ValueError("names of the arrays")
        return {name: found[name] for name in _ARRAYS}


def _check(digest: str, arrays: Arrays, heads: list[Head]) -> None:
    """Refuse shapes and numbers that would fail later, or answer nonsense."""
    rows, columns = len(arrays["buckets"]), len(arrays["bias"])
    low = 0
    for head in heads:
        sound = head.low == low and len(head.shift) == len(head.lean) == len(head.classes)
        sound = sound and 0 <= head.bend <= BEND_MAX
        if not sound or any(len(each) != len(head.classes) for each in head.least.values()):
            raise _broken(digest, f"head {head.name}")
        low += len(head.classes)
    shapes = {"buckets": (rows,), "idf": (rows,), "weights": (rows, columns), "scale": (columns,)}
    for name, each in arrays.items():
        if str(each.dtype) != _ARRAYS[name] or each.shape != shapes.get(name, (columns,)):
            raise _broken(digest, f"shape of {name}")
        if not np.isfinite(each).all():
            raise _broken(digest, f"numbers of {name}")
    buckets = arrays["buckets"]
    if low != columns or (
        rows and (int(buckets[-1]) >= 1 << BITS or (np.diff(buckets.astype(np.int64)) <= 0).any())
    ):
        raise _broken(digest, "buckets")


def _broken(digest: str, why: str) -> Refusal:
    return Refusal("model_broken", digest=digest, why=why)
