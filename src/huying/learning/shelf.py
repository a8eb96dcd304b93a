"""The models of an installation: what there is, what is in use, what they may learn from; read only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.domain.facts import Fact
from huying.domain.modelling import LIVE, PASSED, WORDS_ONLY
from huying.service.lessons import Lesson, lessons_of
from huying.store.model_watch import folders_of, shipped_in
from huying.store.models import models_in, read_model
from huying.store.opening import open_questions
from huying.store.packdir import find_folder
from huying.triage.fast import FastModel

FACTS_AT_ONCE = 5_000
REPORTS = "reports"
"""In a folder of models: the city's labelled reports, to learn from and to be judged by."""

Read = Callable[[int], None]
"""Told how many facts have been read."""


class Shelf:
    """Where the models of an installation lie, and what its journal says of them."""

    def __init__(self, store: str, pack: str, setting: str) -> None:
        self.store, self.pack = store, pack
        self.folders = folders_of(store, setting, find_folder(pack))

    @property
    def own(self) -> Path:
        """The folder that new models are written to."""
        return Path(str(self.folders[0]))

    def reports(self) -> list[Path]:
        """The city's labelled reports: `reports/*.csv` beside its models, else beside those of the pack."""
        for folder in self.folders:
            here = Path(str(folder)) / REPORTS
            if found := sorted(here.glob("*.csv")) if here.is_dir() else []:
                return found
        return []

    def model(self, digest: str) -> FastModel:
        return read_model(self.folders, digest).model

    def known(self) -> list[dict[str, Any]]:
        """All models there are, with their data cards."""
        shipped = shipped_in(self.folders)
        digests = dict.fromkeys(each for folder in self.folders for each in models_in(folder))
        found = []
        for digest in digests:
            try:
                card = read_model(self.folders, digest).card
            except Refusal as refusal:
                card = {"refused": refusal.code}
            found.append({"digest": digest, "shipped": digest == shipped, "card": card})
        return found

    @property
    def shipped(self) -> str:
        """The model that comes with the pack; empty for none."""
        return shipped_in(self.folders)

    def said(self, role: str) -> dict[str, Any]:
        """What the journal last said of the role; nothing where there is no store yet."""
        try:
            with closing(open_questions(self.store)) as questions:
                return questions.model_said(role)
        except Refusal:
            return {}

    def in_role(self, role: str) -> str:
        """The hash of the model in this role; for live the shipped one when the journal says nothing."""
        return str(self.said(role).get("digest", "")) or (self.shipped if role == LIVE else "")

    def must_have_passed(self, digest: str) -> None:
        """Refuses `model_not_gated` for a model that may not speak yet; the pack's own and none may."""
        if digest in ("", WORDS_ONLY, self.shipped, self.in_role(LIVE)):
            return
        self.model(digest)
        if self.in_role(PASSED) != digest:
            raise Refusal("model_not_gated", digest=digest)

    def before(self) -> str:
        """The model that was live before the one that is."""
        body = self.said(LIVE)
        if not body:
            raise Refusal("model_none_before")
        return str(body.get("was") or self.shipped or WORDS_ONLY)

    @contextmanager
    def facts(self, read: Read = lambda seq: None) -> Iterator[Iterator[Fact]]:
        """All facts of the journal in order; `read` is told up to which."""
        with closing(open_questions(self.store)) as questions:

            def each() -> Iterator[Fact]:
                after = 0
                while found := questions.facts(after, FACTS_AT_ONCE):
                    yield from found
                    after = found[-1].seq
                    read(after)

            yield each()

    def lessons(self, read: Read = lambda seq: None) -> list[Lesson]:
        """What the journal teaches; nothing where there is no store."""
        try:
            with self.facts(read) as facts:
                return lessons_of(facts)
        except Refusal:
            return []
