"""Sees to it that triage uses the models that the journal names, also when they are exchanged while it
runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from huying.base.refusal import Refusal
from huying.domain.modelling import LIVE, SHADOW, WORDS_ONLY
from huying.domain.pack import Pack
from huying.service.questions import Questions
from huying.store.models import models_in, read_model
from huying.store.opening import is_postgres, path_of
from huying.store.packdir import find_folder
from huying.store.sqlite import MEMORY
from huying.triage.modelled import ModelTriage, Named

LOOK_S = 3.0
"""How long a model that was exchanged may still be asked; one look is one read of one row for each role."""

MODEL_FOLDER = "model"
"""In a pack's folder: the model that comes with it."""

_log = logging.getLogger(__name__)


def folders_of(address: str, setting: str, pack: Path | Traversable | None) -> list[Path | Traversable]:
    """Where models of an installation may lie: the operator's folder (or one beside the store), and the
    pack's."""
    file = "huying" if is_postgres(address) or path_of(address) == MEMORY else path_of(address)
    own = Path(setting) if setting else Path(file + ".models")
    return [own, *([pack / MODEL_FOLDER] if pack is not None else [])]


class ModelWatch:
    """Keeps `triage` on the models of the journal; without any on record, on the one that ships with the
    pack."""

    def __init__(
        self,
        questions: Questions,
        triage: ModelTriage,
        folders: Sequence[Path | Traversable],
        shipped: str = "",
    ) -> None:
        self._questions, self._triage, self._folders = questions, triage, folders
        self.folders = tuple(folders)
        self._shipped = shipped
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def refresh(self, ready: bool = True) -> None:
        """Look once. A model whose files are missing or broken is logged, and triage stays as it was.
        `ready`: the first caller doesn't wait for what a model needs besides."""
        live, shadow = self._triage.live, self._triage.shadow
        self._triage.use(
            self._found(self._said(LIVE) or self._shipped, live),
            self._found(self._said(SHADOW), shadow),
            ready,
        )

    def _said(self, role: str) -> str:
        return str(self._questions.model_said(role).get("digest", ""))

    def start(self, hears: bool = True) -> None:
        """Look again every few seconds, until `close`. `hears`: callers are heard in this process, so models
        are made ready, from now on."""
        self._thread = threading.Thread(target=self._run, args=(hears,), name="huying-models", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, hears: bool) -> None:
        wait_s = 0.0 if hears else LOOK_S
        while not self._end.wait(wait_s):
            wait_s = LOOK_S
            try:
                self.refresh(hears)
            except Refusal as refusal:  # the store is away for a moment; it is asked again
                _log.warning("%s", refusal)

    def _found(self, digest: str, now: Named | None) -> Named | None:
        if digest in ("", WORDS_ONLY):
            return None
        if now is not None and now.digest == digest:
            return now
        try:
            return Named(digest, read_model(self._folders, digest).model)
        except Refusal as refusal:
            _log.error("%s", refusal)
            return now


def shipped_in(folders: Sequence[Path | Traversable]) -> str:
    """The hash of the model that comes with the pack; empty when there is none, or more than one."""
    found = models_in(folders[-1]) if len(folders) > 1 else []
    return found[0] if len(found) == 1 else ""


def watch_models(
    store: str, pack: str | None, setting: str, questions: Questions, triage: ModelTriage
) -> ModelWatch:
    """What keeps triage on the models of the journal; a pack that was handed in (None) ships none."""
    folders = folders_of(store, setting, None if pack is None else find_folder(pack))
    watch = ModelWatch(questions, triage, folders, shipped_in(folders))
    watch.refresh(ready=False)
    return watch


def with_shipped(pack: Pack, folder: Path | Traversable) -> ModelTriage:
    """Triage with the model that ships with the pack, whatever else an installation has: for replays, which
    have no journal yet."""
    folders = [folder / MODEL_FOLDER]
    digest = shipped_in([Path(), *folders])
    return ModelTriage(pack, Named(digest, read_model(folders, digest).model) if digest else None)
