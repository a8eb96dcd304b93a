"""`huying triage distil`: what meaning makes of calls without labels, taught to the fast model."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.channels.files.labelled import read_labelled
from huying.cli.meaning import vectors_of
from huying.cli.models import Place
from huying.domain.modelling import SHADOW, NoteTraining
from huying.domain.pack import Pack
from huying.learning import training
from huying.learning.rounds import judge
from huying.privacy import mask
from huying.service.lessons import CHANGED, Lesson
from huying.store.models import rounded
from huying.store.packdir import read_pack
from huying.store.sense import keep_sense
from huying.triage.learning.learn import Learnt, Sample
from huying.triage.learning.meaning import by_sense, distilled
from huying.triage.reading import reader_of


def distil(args: argparse.Namespace, place: Place) -> dict[str, Any]:
    """Learn, write the models, and put the fast one through the gate where there is a test; JSON values."""
    pack, files = read_pack(args.pack), [Path(each) for each in args.train]
    parts = [each.strip() for each in args.parts.split(",") if each.strip()]
    reports = training.read_reports(files, parts, pack) if files else training.nothing()
    # What the gate will judge by is learnt from neither with its label nor without.
    lessons = training.to_learn(place.lessons()) if args.journal else []
    journal = training.with_lessons(reports, lessons, pack)
    if not reports.texts:
        raise Refusal("labelled_empty", file=", ".join(args.train) or args.store)
    more = _unlabelled([Path(each) for each in args.unlabelled], args.text, lessons, pack)[: args.most]
    vectors = vectors_of([*reports.texts, *more], Path(args.vectors) if args.vectors else None)
    own = len(reports.texts)
    sample = Sample(reports.texts, reports.labels, groups=reports.groups)
    learnt, taught = distilled(sample, vectors[:own], more, vectors[own:], args.features)
    if not learnt.model.heads:
        raise Refusal("labelled_one_class", count=own)
    learnt = Learnt(rounded(learnt.model), learnt.ways, learnt.unseen)
    noted = {"journal_texts": journal, "unlabelled": len(more), "taught": taught}
    card = training.card_of(learnt, reports, files, parts, pack, noted)
    folder = Path(args.out) if args.out else place.own
    stored = training.keep(folder, learnt, card)
    sense = keep_sense(folder, rounded(by_sense(sample, vectors[:own])), {"texts": own, "masked": True})
    answer: dict[str, Any] = {"digest": stored.digest, "sense": sense.digest, **noted, "card": card}
    if not args.out and (args.test or place.there_is_a_store()):
        sources = tuple(each["sha256"] for each in card["made_from"])
        place.record(NoteTraining(digest=stored.digest, texts=own, journal_texts=journal, sources=sources))
    if args.test and not args.out:
        answer["gate"], said = judge(place, stored.digest, args.test)
        place.record(said)
        if answer["gate"]["passed"]:
            place.set(SHADOW, stored.digest, "distilled")
    return answer


def _unlabelled(files: Sequence[Path], column: str, lessons: Sequence[Lesson], pack: Pack) -> list[str]:
    """Masked texts without labels, each once: of the journal the newest first, then of the files."""
    reader = reader_of(pack.shorthand)
    words = [each.words for each in reversed(lessons) if each.known < CHANGED]
    if files:
        words += read_labelled(files, [column], {"": column}).texts
    return list(dict.fromkeys(reader.read(mask(each).text).text for each in words if each.strip()))
