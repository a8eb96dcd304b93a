"""A model's files are what their name says, or they are not used."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from huying.base.refusal import Refusal
from huying.store.models import Stored, models_in, read_model, rounded, write_model
from huying.triage.learning.learn import Sample, learn

TEXTS = [f"{said}{n}" for n in range(10) for said in ("着火", "太吵")]
LABELS = ["fire", "noise"] * 10


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    model = learn(Sample(TEXTS, {"type": LABELS})).model
    return write_model(tmp_path, rounded(model), {"texts": 20})


@pytest.mark.slow
def test_what_is_read_is_what_was_written(tmp_path: Path, stored: Stored) -> None:
    again = read_model([tmp_path / "elsewhere", tmp_path], stored.digest)
    assert again.card == {"texts": 20}
    assert np.array_equal(again.model.scores(TEXTS), stored.model.scores(TEXTS))
    assert again.model.heads == stored.model.heads
    assert models_in(tmp_path) == [stored.digest]


def test_the_same_data_make_the_same_files(tmp_path: Path, stored: Stored) -> None:
    again = write_model(tmp_path / "b", rounded(learn(Sample(TEXTS, {"type": LABELS})).model), {"texts": 20})
    assert again.digest == stored.digest
    for end in ("json", "npz"):
        file = f"{stored.digest}.{end}"
        assert (tmp_path / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def refused(folder: Path, digest: str) -> str:
    with pytest.raises(Refusal) as refusal:
        read_model([folder], digest)
    return refusal.value.code


def test_a_changed_card_is_refused(tmp_path: Path, stored: Stored) -> None:
    file = tmp_path / f"{stored.digest}.json"
    file.write_bytes(file.read_bytes().replace(b'"texts": 20', b'"texts": 99'))
    assert refused(tmp_path, stored.digest) == "model_broken"


def test_changed_arrays_are_refused(tmp_path: Path, stored: Stored) -> None:
    file = tmp_path / f"{stored.digest}.npz"
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    bias = np.load(io.BytesIO(parts["bias.npy"]))
    out = io.BytesIO()
    np.save(out, bias + 1)
    parts["bias.npy"] = out.getvalue()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert refused(tmp_path, stored.digest) == "model_broken"


@pytest.mark.parametrize("content", [b"", b"no zip", pickle.dumps({"w": [1]}), b"PK\x03\x04" + b"\0" * 90])
def test_other_files_are_refused(tmp_path: Path, stored: Stored, content: bytes) -> None:
    (tmp_path / f"{stored.digest}.npz").write_bytes(content)
    assert refused(tmp_path, stored.digest) == "model_broken"


def test_pickled_arrays_are_refused(tmp_path: Path, stored: Stored) -> None:
    file = tmp_path / f"{stored.digest}.npz"
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    out = io.BytesIO()
    np.save(out, np.array([{"run": "me"}], dtype=object), allow_pickle=True)
    parts["bias.npy"] = out.getvalue()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert refused(tmp_path, stored.digest) == "model_broken"


def test_a_head_of_another_shape_is_refused(tmp_path: Path, stored: Stored) -> None:
    import hashlib

    paper = json.loads((tmp_path / f"{stored.digest}.json").read_text("utf-8"))
    paper["heads"][0]["shift"].append(0.0)
    text = json.dumps(paper).encode()
    digest = hashlib.sha256(text).hexdigest()[:16]
    (tmp_path / f"{digest}.json").write_bytes(text)
    (tmp_path / f"{digest}.npz").write_bytes((tmp_path / f"{stored.digest}.npz").read_bytes())
    assert refused(tmp_path, digest) == "model_broken"


@pytest.mark.parametrize("digest", ["", "../etc/passwd", "0" * 16, "X" * 16, "0" * 100_000])
def test_what_is_not_there_is_refused(tmp_path: Path, digest: str) -> None:
    assert refused(tmp_path, digest) == "model_not_found"
