"""The models of a running installation, for its pages: what lies there, what the journal says, and the
jobs."""

from __future__ import annotations

import asyncio
from typing import Any

from huying.base.clock import Clock
from huying.base.refusal import Refusal
from huying.domain.commands import Command, Envelope
from huying.domain.modelling import WORDS_ONLY
from huying.edge.desk import Writer
from huying.edge.models import Job, Kind
from huying.learning.jobs import Jobs
from huying.learning.order import Order
from huying.learning.shelf import Shelf
from huying.service.questions import Questions
from huying.store.models import models_in
from huying.store.sqlite import MEMORY

RECORD_S = 60.0
"""How long the writer may take to put on record what a job made; more means that it is gone."""


class LocalWorkshop(Shelf):
    """`Shelf` with the server's own questions, and with jobs. `start` is called on the event loop."""

    def __init__(
        self, store: str, pack: str, setting: str, questions: Questions, writer: Writer, clock: Clock
    ) -> None:
        super().__init__(store, pack, setting)
        self._questions, self._writer, self._setting = questions, writer, setting
        self._jobs = Jobs(clock, self._record)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._cards: dict[str, dict[str, Any]] = {}

    # ── what there is ────────────────────────────────────────────────────────────────────────────────────
    def known(self) -> list[dict[str, Any]]:
        """As `Shelf.known`; a model's files are read once, they never change under their name."""
        digests = {each for folder in self.folders for each in models_in(folder)}
        if digests - self._cards.keys():
            self._cards = {each["digest"]: each for each in super().known()}
        return [each for digest, each in self._cards.items() if digest in digests]

    def said(self, role: str) -> dict[str, Any]:
        return self._questions.model_said(role)

    def judged(self, digest: str) -> dict[str, Any]:
        """What the gate last said of a model; empty before it was first judged."""
        return self._questions.model_judged(digest)

    def must_be_there(self, digest: str) -> None:
        """Refuses `model_not_found` and `model_broken`; the pack's words are always there."""
        if digest != WORDS_ONLY:
            self.model(digest)

    def files(self) -> int:
        """Files of labelled reports to learn from."""
        return len(self.reports())

    # ── jobs ─────────────────────────────────────────────────────────────────────────────────────────────
    def job(self) -> Job | None:
        return self._jobs.standing()

    def last(self, kind: str) -> Job | None:
        return self._jobs.last(kind)

    def start(self, kind: Kind, digest: str, actor: str) -> Job:
        """Refuses `model_job_running`, and `models_need_store` for a store that another process can't
        read."""
        if self.store == MEMORY:
            raise Refusal("models_need_store")
        self._loop = asyncio.get_running_loop()
        return self._jobs.start(Order(kind, self.store, self.pack, self._setting, digest), actor)

    def stop(self) -> None:
        self._jobs.stop()

    def _record(self, command: Command, actor: str) -> None:
        """In the name of whoever began the job, whom the rules allowed it then."""
        assert self._loop is not None
        envelope = Envelope(command, actor=actor, purpose="operate")
        asyncio.run_coroutine_threadsafe(self._writer.do(envelope), self._loop).result(RECORD_S)
