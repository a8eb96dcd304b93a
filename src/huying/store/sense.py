"""The linear model over vectors of meaning that an installation or its pack has."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.store.models import Stored, models_in, read_model, write_model
from huying.triage.fast import FastModel

FOLDER = "semantic"
"""Beside the fast models, which are asked at every call."""


def sense_in(folders: Sequence[Path | Traversable]) -> FastModel | None:
    """The installation's own, else the pack's; None where there is none that can be read."""
    for folder in folders:
        inside = folder / FOLDER
        try:
            digests = models_in(inside)
            if digests:
                return read_model([inside], sorted(digests)[-1]).model
        except Refusal:
            continue
    return None


def keep_sense(folder: Path, model: FastModel, card: dict[str, Any]) -> Stored:
    """Write the model in the place of the one before: there is one second opinion."""
    inside = folder / FOLDER
    stored = write_model(inside, model, card)
    for old in set(models_in(inside)) - {stored.digest}:
        for ending in (".json", ".npz"):
            (inside / f"{old}{ending}").unlink(missing_ok=True)
    return stored
