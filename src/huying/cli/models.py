"""Models of an installation, for the command line: what there is, what is in use, how it does, what is
better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.bootstrap import open_house
from huying.cli.training import Reports, figures_of, short, with_lessons
from huying.domain.commands import Envelope
from huying.domain.facts import Fact
from huying.domain.modelling import LIVE, PASSED, WORDS_ONLY, SetModel
from huying.domain.pack import Pack
from huying.service.lessons import BLIND, CHANGED, ENDED, Lesson, lessons_of
from huying.store.model_watch import folders_of, shipped_in
from huying.store.models import models_in, read_model
from huying.store.opening import open_questions
from huying.store.packdir import find_folder
from huying.triage.fast import FastModel
from huying.triage.learning.hints import HEADS

FACTS_AT_ONCE = 5_000

RECENT_DAYS = 30
"""What the gate looks at beside the frozen test: the world as it is now."""

WORSE_MAX = 0.01
"""Of macro-F1 and of accuracy: as much as chance moves them on a few hundred reports."""

DANGER = "1"


class Place:
    """Where the models of an installation lie, and what its journal says of them."""

    def __init__(self, store: str, pack: str, setting: str) -> None:
        self.store, self.pack = store, pack
        self.folders = folders_of(store, setting, find_folder(pack))

    @property
    def own(self) -> Path:
        """The folder that new models are written to."""
        return Path(str(self.folders[0]))

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

    def in_role(self, role: str) -> str:
        """The hash of the model in this role; for live the shipped one when the journal says nothing."""
        try:
            with closing(open_questions(self.store)) as questions:
                said = str(questions.model_said(role).get("digest", ""))
        except Refusal:
            said = ""  # no store yet: nothing was ever set
        return said or (shipped_in(self.folders) if role == LIVE else "")

    def set(self, role: str, digest: str, why: str) -> dict[str, Any]:
        """Record that the model takes the role; its files are read first. A running server takes it up."""
        if digest not in ("", WORDS_ONLY):
            read_model(self.folders, digest)
        with closing(open_house(self.store, self.pack)) as house, house.engine.transaction() as transaction:
            envelope = Envelope(SetModel(role=role, digest=digest, why=why), actor="console", purpose="learn")
            return transaction.execute(envelope).answer

    def judged(self, digest: str, passed: bool, against: str) -> None:
        """Put on record that the model has passed the gate, or that it passes no longer."""
        was = self.in_role(PASSED) == digest
        if was != passed:
            self.set(PASSED, digest if passed else "", against)

    def must_have_passed(self, digest: str) -> None:
        """Refuses `model_not_gated` for a model that may not speak yet; the pack's own and none may."""
        if digest in ("", WORDS_ONLY, shipped_in(self.folders), self.in_role(LIVE)):
            return
        self.model(digest)
        if self.in_role(PASSED) != digest:
            raise Refusal("model_not_gated", digest=digest)

    def before(self) -> str:
        """The model that was live before the one that is."""
        with closing(open_questions(self.store)) as questions:
            body = questions.model_said(LIVE)
        if not body:
            raise Refusal("model_none_before")
        return str(body.get("was") or shipped_in(self.folders) or WORDS_ONLY)

    @contextmanager
    def facts(self) -> Iterator[Iterator[Fact]]:
        """All facts of the journal in order."""
        with closing(open_questions(self.store)) as questions:

            def read() -> Iterator[Fact]:
                after = 0
                while found := questions.facts(after, FACTS_AT_ONCE):
                    yield from found
                    after = found[-1].seq

            yield read()

    def lessons(self) -> list[Lesson]:
        """What the journal teaches; nothing where there is no store."""
        try:
            with self.facts() as facts:
                return lessons_of(facts)
        except Refusal:
            return []


# ── the gate ────────────────────────────────────────────────────────────────────────────────────────────
def gate(
    candidate: FastModel,
    live: FastModel | None,
    frozen: Reports | None,
    lessons: Sequence[Lesson],
    pack: Pack,
) -> dict[str, Any]:
    """Whether the candidate may take the place of the live model, and the figures of both.

    It may not be worse for any head on the frozen test nor on what was decided in the last days, and it may
    not miss more of the calls in which a life is in danger.
    """
    now = max((each.at for each in lessons), default=0)
    recent = Reports([], {head: [] for head in HEADS}, [])
    count = with_lessons(recent, (each for each in lessons if each.at > now - RECENT_DAYS * DAY), pack)
    answer: dict[str, Any] = {"recent_reports": count, "against": {}, "faults": []}
    for name, reports in (("frozen", frozen), ("recent", recent if count else None)):
        if reports is None:
            continue
        ours = figures_of(candidate, reports) | {"danger": danger(candidate, reports)}
        theirs = figures_of(live, reports) | {"danger": danger(live, reports)} if live else {}
        answer["against"][name] = {
            "candidate": _told(ours),
            "live": _told(theirs) if theirs else None,
        }
        answer["faults"] += [f"{name}: {fault}" for fault in _worse(ours, theirs)]
    answer["passed"] = bool(answer["against"]) and not answer["faults"]
    return answer


def danger(model: FastModel, reports: Reports) -> dict[str, float]:
    """Of the reports of life in danger: the share that the model takes for rather likely so."""
    head = model.heads.get("urgency")
    mine = [n for n, label in enumerate(reports.labels["urgency"]) if label == DANGER]
    if head is None or DANGER not in head.classes or not mine:
        return {"reports": len(mine), "seen": 0.0}
    chances = head.chances(model.scores([reports.texts[n] for n in mine]))
    seen = head.named(chances) == head.classes.index(DANGER)
    return {"reports": len(mine), "seen": round(float(np.mean(seen)), 4)}


def _told(figures: dict[str, Any]) -> dict[str, Any]:
    return short({name: each for name, each in figures.items() if name != "danger"}) | {
        "danger": figures["danger"]
    }


def _worse(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    faults = []
    for head, figures in theirs.items():
        keys = ("seen",) if head == "danger" else ("macro_f1", "accuracy")
        for key in keys:
            mine = ours.get(head, {}).get(key, 0.0)
            if mine < figures[key] - WORSE_MAX:
                faults.append(f"{head} {key} {mine} < {figures[key]}")
    return faults


# ── how it does ─────────────────────────────────────────────────────────────────────────────────────────
def doing(lessons: Sequence[Lesson]) -> dict[str, Any]:
    """By model: how often it spoke, how sure it was, and how often it was right by what is known since; by
    week, so that drift shows. Accuracy on the audit sample stands apart: nobody saw the suggestion there."""
    by_model: dict[str, list[Lesson]] = {}
    for each in lessons:
        by_model.setdefault(each.model or WORDS_ONLY, []).append(each)
    weeks: dict[str, list[Lesson]] = {}
    for each in lessons:
        weeks.setdefault(_week(each.at), []).append(each)
    shadow = [each for each in lessons if each.shadow and each.known >= ENDED]
    return {
        "models": {model: _share(each) for model, each in sorted(by_model.items())},
        "weeks": {week: _share(each) for week, each in sorted(weeks.items())},
        "shadow": {
            "calls": len(shadow),
            "right": _mean([each.shadow_type == each.type for each in shadow]),
            "live_right": _mean([each.said == each.type for each in shadow]),
        },
        "drift": _drift(lessons),
    }


def _share(lessons: Sequence[Lesson]) -> dict[str, Any]:
    spoke = [each for each in lessons if each.model]
    known = [each for each in lessons if each.known >= ENDED]
    blind = [each for each in lessons if each.known == BLIND]
    return {
        "calls": len(lessons),
        "model_spoke": _mean([bool(each.model) for each in lessons]),
        "chance": _mean([each.chance for each in spoke]),
        "known": len(known),
        "right": _mean([each.said == each.type for each in known]),
        "changed": _mean([each.known >= CHANGED and each.said != each.type for each in known]),
        "audited": len(blind),
        "audited_right": _mean([each.said == each.type for each in blind]),
    }


def _drift(lessons: Sequence[Lesson]) -> float | None:
    """How far the types of the last quarter of the calls are from those before: population stability index,
    where 0.1 is little and 0.25 is a lot."""
    cut = len(lessons) * 3 // 4
    if cut < 100:
        return None
    before, after = (Counter(each.said for each in part) for part in (lessons[:cut], lessons[cut:]))
    total = 0.0
    for type in before.keys() | after.keys():
        was = (before[type] + 0.5) / (cut + 1)
        now = (after[type] + 0.5) / (len(lessons) - cut + 1)
        total += (now - was) * float(np.log(now / was))
    return round(total, 4)


def _week(at: int) -> str:
    return str(np.datetime64(at // (7 * DAY) * 7 * DAY, "us").astype("datetime64[D]"))


def _mean(values: Sequence[Any]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
