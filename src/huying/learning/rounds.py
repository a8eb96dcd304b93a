"""The round of a model as a command line and a server's work both run it: learn, judge, watch.

Nothing is written here but a model's files; what goes on record is in the answer, as a command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.domain.modelling import FEATURES_USUAL, LIVE, SHADOW, WORDS_ONLY, JudgeModel, NoteTraining
from huying.learning import gate as gates
from huying.learning import training
from huying.learning.shelf import Shelf
from huying.service.drift import Doing, doing
from huying.service.lessons import Lesson
from huying.store.packdir import read_pack

LEARN_PARTS = ("train", "dev")
TEST_PARTS = ("test",)

REPORTS_MAX = 200_000
"""Texts of one training on a server: an hour of one core, 1 GB; more is for a machine of its own."""

Say = Callable[[str, int], None]
"""(step, how many facts or texts so far): told as the work goes on."""


def quiet(step: str, done: int) -> None:
    """For who looks on nowhere."""


class Wish(Struct, frozen=True, kw_only=True):
    """What to learn from: labelled files (`parts` of their split) and, with `journal`, what persons changed
    or labelled. `out` empty: the installation's own folder."""

    files: tuple[str, ...] = ()
    parts: tuple[str, ...] = LEARN_PARTS
    features: int = FEATURES_USUAL
    hints: bool = True
    journal: bool = False
    out: str = ""


def learn(shelf: Shelf, wish: Wish, say: Say = quiet) -> tuple[dict[str, Any], NoteTraining]:
    """Make a model and write its files: digest, folder and data card; and what goes on record.

    Refuses `labelled_empty`, `labelled_too_many`, `labelled_one_class` and what files get wrong.
    """
    pack, files = read_pack(shelf.pack), [Path(each) for each in wish.files]
    say("reports", 0)
    reports = training.read_reports(files, wish.parts, pack) if files else training.nothing()
    journal, lessons = 0, list[Lesson]()
    if wish.journal:
        lessons = shelf.lessons(lambda seq: say("journal", seq))
        journal = training.with_lessons(reports, training.to_learn(lessons), pack)
    if not reports.texts and not (wish.journal and wish.hints):
        raise Refusal("labelled_empty", file=", ".join(wish.files) or shelf.store)
    if len(reports.texts) > REPORTS_MAX:
        raise Refusal("labelled_too_many", limit=REPORTS_MAX)
    say("learn", len(reports.texts))
    learnt = training.train(reports, pack, wish.features, wish.hints)
    model, follows = training.following(learnt, lessons, pack)
    learnt = replace(learnt, model=model)
    more: dict[str, Any] = {"journal_texts": journal, "sets_follow": follows}
    if files and "test" not in wish.parts and wish.parts:
        say("measure", len(reports.texts))
        more["on_test_part"] = training.short(
            training.figures_of(learnt.model, training.read_reports(files, TEST_PARTS, pack))
        )
    card = training.card_of(learnt, reports, files, wish.parts, pack, more)
    say("write", len(reports.texts))
    stored = training.keep(Path(wish.out) if wish.out else shelf.own, learnt, card)
    answer = {"digest": stored.digest, "folder": wish.out or str(shelf.own), "card": card}
    sources = tuple(each["sha256"] for each in card["made_from"])
    made = NoteTraining(
        digest=stored.digest, texts=len(reports.texts), journal_texts=journal, sources=sources
    )
    return answer, made


def judge(
    shelf: Shelf, digest: str, files: Sequence[str], parts: Sequence[str] = TEST_PARTS, say: Say = quiet
) -> tuple[dict[str, Any], JudgeModel]:
    """What the gate says of a model beside the live one; and what goes on record.

    Refuses `model_not_found`, `model_broken`, and `gate_nothing` where there is nothing to judge by.
    """
    pack, candidate = read_pack(shelf.pack), shelf.model(digest)
    now = shelf.in_role(LIVE)
    live = shelf.model(now) if now not in ("", digest, WORDS_ONLY) else None
    say("reports", 0)
    frozen = training.read_reports([Path(each) for each in files], parts, pack) if files else None
    lessons = shelf.lessons(lambda seq: say("journal", seq))
    say("measure", len(frozen.texts) if frozen else 0)
    answer = gates.gate(candidate, live, frozen, lessons, pack)
    if not answer["against"]:
        raise Refusal("gate_nothing")
    against = now if now not in ("", digest) else WORDS_ONLY
    said = JudgeModel(
        digest=digest,
        against=against,
        passed=answer["passed"],
        faults=tuple(answer["faults"]),
        figures=answer["against"],
    )
    return {"candidate": digest, "live": now, **answer}, said


def watch(shelf: Shelf, say: Say = quiet) -> Doing:
    """How the models do, by the whole journal."""
    return doing(shelf.lessons(lambda seq: say("journal", seq)), shelf.in_role(SHADOW))
