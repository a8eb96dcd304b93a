"""What meaning makes of calls without labels, taught to the fast model; on the command line and by night."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.channels.files.labelled import read_labelled
from huying.domain.commands import Command
from huying.domain.modelling import FEATURES_USUAL, SHADOW, NoteTraining, SetModel
from huying.domain.pack import Pack
from huying.learning import training
from huying.learning.rounds import LEARN_PARTS, Say, judge, quiet
from huying.learning.shelf import Shelf
from huying.learning.vectors import vectors_of
from huying.privacy import mask
from huying.service.lessons import CHANGED, Lesson
from huying.store.models import rounded
from huying.store.packdir import read_pack
from huying.store.sense import keep_sense
from huying.triage.learning.learn import Sample
from huying.triage.learning.meaning import by_sense, distilled
from huying.triage.reading import reader_of

MOST = 2_000
"""Reports without labels of one run: some ten minutes of one processor, by night."""

WHY = "distilled"
"""Why such a model is on trial, in the journal: what a person put there is never taken away by night."""

VECTORS = "vectors.npz"
"""Beside the models: vectors that were worked out on another night."""


class Teaching(Struct, frozen=True, kw_only=True):
    """What to learn from: labelled files (`parts` of their split), files without labels (their column
    `text`), with `journal` its calls, `most` texts in all; `test` files for the gate, `vectors` a file that
    keeps them. `out` empty: the installation's own folder."""

    files: tuple[str, ...] = ()
    parts: tuple[str, ...] = LEARN_PARTS
    unlabelled: tuple[str, ...] = ()
    text: str = "text"
    journal: bool = False
    most: int = MOST
    features: int = FEATURES_USUAL
    test: tuple[str, ...] = ()
    vectors: str = ""
    out: str = ""


def distil(shelf: Shelf, wish: Teaching, say: Say = quiet) -> tuple[dict[str, Any], tuple[Command, ...]]:
    """Learn, write the models, and put the fast one through the gate where there is a test: JSON values, and
    what goes on record. What passes goes on trial, unless a person put another one there.

    Refuses `labelled_empty`, `labelled_one_class`, `semantic_missing`, `semantic_failed`.
    """
    pack, files = read_pack(shelf.pack), [Path(each) for each in wish.files]
    say("reports", 0)
    reports = training.read_reports(files, wish.parts, pack) if files else training.nothing()
    # What the gate will judge by is learnt from neither with its label nor without.
    heard = shelf.lessons(lambda seq: say("journal", seq)) if wish.journal else []
    lessons = training.to_learn(heard)
    journal = training.with_lessons(reports, lessons, pack)
    if not reports.texts:
        raise Refusal("labelled_empty", file=", ".join(wish.files) or shelf.store)
    more = _unlabelled([Path(each) for each in wish.unlabelled], wish.text, lessons, pack)[: wish.most]
    say("meaning", len(reports.texts) + len(more))
    vectors = vectors_of([*reports.texts, *more], Path(wish.vectors) if wish.vectors else None)
    own = len(reports.texts)
    sample = Sample(reports.texts, reports.labels, groups=reports.groups)
    say("learn", own)
    learnt, taught = distilled(sample, vectors[:own], more, vectors[own:], wish.features)
    if not learnt.model.heads:
        raise Refusal("labelled_one_class", count=own)
    learnt = replace(learnt, model=rounded(learnt.model))
    model, follows = training.following(learnt, heard, pack)
    learnt = replace(learnt, model=model)
    noted = {"journal_texts": journal, "unlabelled": len(more), "taught": taught, "sets_follow": follows}
    card = training.card_of(learnt, reports, files, wish.parts, pack, noted)
    folder = Path(wish.out) if wish.out else shelf.own
    say("write", own)
    stored = training.keep(folder, learnt, card)
    sense = keep_sense(folder, rounded(by_sense(sample, vectors[:own])), {"texts": own, "masked": True})
    answer: dict[str, Any] = {"digest": stored.digest, "sense": sense.digest, **noted, "card": card}
    if wish.out:
        return answer, ()
    sources = tuple(each["sha256"] for each in card["made_from"])
    told: list[Command] = [
        NoteTraining(digest=stored.digest, texts=own, journal_texts=journal, sources=sources)
    ]
    if wish.test:
        answer["gate"], said = judge(shelf, stored.digest, wish.test, say=say)
        told.append(said)
        if answer["gate"]["passed"] and _may_try(shelf):
            told.append(SetModel(role=SHADOW, digest=stored.digest, why=WHY))
    return answer, tuple(told)


def _may_try(shelf: Shelf) -> bool:
    """Whether nobody has put another model on trial by hand."""
    now = shelf.said(SHADOW)
    return not now.get("digest") or now.get("why") == WHY


def by_night(shelf: Shelf, say: Say = quiet) -> tuple[dict[str, Any], tuple[Command, ...]]:
    """The nightly round: the city's labelled reports and its own journal, through the gate."""
    files = tuple(str(each) for each in shelf.reports())
    shelf.own.mkdir(parents=True, exist_ok=True)
    kept = str(shelf.own / VECTORS)
    return distil(shelf, Teaching(files=files, journal=True, test=files, vectors=kept), say)


def _unlabelled(files: Sequence[Path], column: str, lessons: Sequence[Lesson], pack: Pack) -> list[str]:
    """Masked texts without labels, each once: of the journal the newest first, then of the files."""
    reader = reader_of(pack.shorthand)
    words = [each.words for each in reversed(lessons) if each.known < CHANGED]
    if files:
        words += read_labelled(files, [column], {"": column}).texts
    return list(dict.fromkeys(reader.read(mask(each).text).text for each in words if each.strip()))
