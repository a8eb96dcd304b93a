"""A second opinion on words of which the fast model is not sure: asked for at once, told when it is there."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.domain.pack import Pack
from huying.domain.suggestion import Likely
from huying.edge.semantic.vectors import Later, Then, installed
from huying.privacy import mask
from huying.triage.fast import FastModel
from huying.triage.modelled import SURE
from huying.triage.reading import reader_of
from huying.triage.sense import said_of

KEPT = 500
"""Opinions that are remembered, by the hash of their words: a desk asks again as it types."""


class Opinion(Struct, frozen=True):
    """`likely` is what meaning says, empty as long as it is `pending`, or where there is nothing to say."""

    likely: tuple[Likely, ...] = ()
    pending: bool = False


NONE, PENDING = Opinion(), Opinion(pending=True)


class Second:
    """Opinions for one installation; without the extra or without a model there are none."""

    def __init__(self, pack: Pack, model: FastModel | None, later: Later | None = None) -> None:
        self._reader = reader_of(pack.shorthand)
        self._model = model if later is not None or installed() else None
        self._later = (later or Later()) if self._model is not None else None
        self._known: OrderedDict[bytes, Opinion] = OrderedDict()
        self._lock = threading.Lock()

    def on(self, words: str, likely: Sequence[Likely]) -> Opinion:
        """What meaning says of the words, where the fast model left the type open. Returns at once."""
        later, model = self._later, self._model
        if later is None or model is None or not words.strip() or not _open(likely):
            return NONE
        text = self._reader.read(mask(words).text).text
        key = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
            self._known[key] = PENDING
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        if later.ask(text, self._keeping(key, model)):
            return PENDING
        with self._lock:
            self._known.pop(key, None)
        return NONE

    def _keeping(self, key: bytes, model: FastModel) -> Then:
        def keep(vector: NDArray[np.float32] | None) -> None:
            opinion = NONE if vector is None else Opinion(said_of(model, vector))
            with self._lock:
                if key in self._known:
                    self._known[key] = opinion

        return keep

    def close(self) -> None:
        if self._later is not None:
            self._later.close()


def _open(likely: Sequence[Likely]) -> bool:
    """Whether nobody has named a type: no model, or one that is not sure."""
    what = next((each for each in likely if each.head == "type"), None)
    return what is None or not (len(what.choice) == 1 or (what.classes and what.classes[0][1] >= SURE))
