"""`huying triage distil`: what meaning makes of calls without labels, taught to the fast model."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.channels.files.labelled import read_labelled
from huying.cli import models, training
from huying.cli.meaning import vectors_of
from huying.cli.training import Reports
from huying.domain.modelling import LIVE, SHADOW, WORDS_ONLY
from huying.domain.pack import Pack
from huying.privacy import mask
from huying.service.lessons import CHANGED, Lesson
from huying.store.models import rounded
from huying.store.sense import keep_sense
from huying.triage.learning.learn import Learnt, Sample
from huying.triage.learning.meaning import by_sense, distilled
from huying.triage.reading import reader_of


def distil(args: argparse.Namespace, place: models.Place, pack: Pack) -> dict[str, Any]:
    """Learn, write the model, and put it through the gate where there is a test; JSON values."""
    files = [Path(each) for each in args.train]
    parts = [each.strip() for each in args.parts.split(",") if each.strip()]
    reports = training.read_reports(files, parts, pack) if files else training.nothing()
    lessons = place.lessons() if args.journal else []
    training.with_lessons(reports, lessons, pack)
    if not reports.texts:
        raise Refusal("labelled_empty", file=", ".join(args.train) or args.store)
    more = _unlabelled([Path(each) for each in args.unlabelled], args.text, lessons, pack)[: args.most]
    kept = Path(args.vectors) if args.vectors else None
    vectors = vectors_of([*reports.texts, *more], kept)
    own = len(reports.texts)
    sample = Sample(reports.texts, reports.labels, groups=reports.groups)
    learnt, taught = distilled(sample, vectors[:own], more, vectors[own:], args.features)
    if not learnt.model.heads:
        raise Refusal("labelled_one_class", count=own)
    learnt = Learnt(rounded(learnt.model), learnt.ways, learnt.unseen)
    card = training.card_of(learnt, reports, files, parts, pack, {"unlabelled": len(more), "taught": taught})
    stored = training.keep(Path(args.out) if args.out else place.own, learnt, card)
    folder = Path(args.out) if args.out else place.own
    sense = keep_sense(folder, rounded(by_sense(sample, vectors[:own])), {"texts": own, "masked": True})
    answer = {
        "sense": sense.digest,
        "digest": stored.digest,
        "unlabelled": len(more),
        "taught": taught,
        "card": card,
    }
    if args.test:
        frozen = training.read_reports([Path(each) for each in args.test], ("test",), pack)
        answer |= {"gate": judge(place, stored.digest, frozen, lessons, pack)}
    return answer


def judge(
    place: models.Place, digest: str, frozen: Reports, lessons: Sequence[Lesson], pack: Pack
) -> dict[str, Any]:
    """Through the gate, and on trial beside the live model where it passes."""
    now = place.in_role(LIVE)
    live = place.model(now) if now not in ("", digest, WORDS_ONLY) else None
    found = models.gate(place.model(digest), live, frozen, list(lessons), pack)
    place.judged(digest, found["passed"], f"against {now or WORDS_ONLY}")
    if found["passed"]:
        place.set(SHADOW, digest, "distilled")
    return found


def _unlabelled(files: Sequence[Path], column: str, lessons: Sequence[Lesson], pack: Pack) -> list[str]:
    """Masked texts without labels, each once: of the journal the newest first, then of the files."""
    reader = reader_of(pack.shorthand)
    words = [each.words for each in reversed(lessons) if each.known < CHANGED]
    if files:
        words += read_labelled(files, [column], {"": column}).texts
    return list(dict.fromkeys(reader.read(mask(each).text).text for each in words if each.strip()))
