"""A city's model from labelled reports, the pack's own words and what the journal taught; and its data
card."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.channels.files.labelled import Labelled, part_of, read_labelled
from huying.domain.pack import Pack
from huying.privacy import mask
from huying.service.lessons import BLIND, CHANGED, Lesson
from huying.store.models import Stored, rounded, write_model
from huying.triage.fast import FastModel
from huying.triage.learning.adaptive import followed, with_heads
from huying.triage.learning.hints import HEADS, hints_of
from huying.triage.learning.learn import Learnt, Sample, learn
from huying.triage.learning.measure import measured
from huying.triage.reading import reader_of

COLUMNS = {"type": "type", "police": "police", "agency": "agency", "urgency": "priority", "scam": "scam"}
"""Where the labels stand in the project's own labelled reports."""

RECENT_DAYS = 30
"""What the gate looks at beside the frozen test, and what is not learnt from: the world as it is now."""

GROUP, TEXT = "duplicate_of", "text"
NONE = "none"


class Reports(Struct, frozen=True):
    """Labelled reports by head, with the happening of each."""

    texts: list[str]
    labels: dict[str, list[str]]
    groups: list[str]


def read_reports(
    files: Sequence[Path], parts: Iterable[str], pack: Pack | None = None, text: str = TEXT
) -> Reports:
    """Reports of these parts (train, dev, test) of the project's split; of all, where no part is named. They
    are masked, and read with the shorthand of `pack`."""
    reader = reader_of(pack.shorthand if pack else ())
    wanted = frozenset(parts)
    columns = COLUMNS | {"": GROUP, "id": "id"}
    read: Labelled = read_labelled(files, [text], columns)
    found = nothing()
    for n, words in enumerate(read.texts):
        happening = read.labels[""][n] or read.labels["id"][n]
        if wanted and part_of(happening) not in wanted:
            continue
        found.texts.append(reader.read(mask(words).text).text)
        found.groups.append(happening)
        for head in HEADS:
            label = read.labels[head][n]
            found.labels[head].append(label or NONE if head == "scam" else label)
    if not found.texts:
        raise Refusal("labelled_empty", file=", ".join(str(file) for file in files))
    return found


def nothing() -> Reports:
    """No reports yet."""
    return Reports([], {head: [] for head in HEADS}, [])


def to_learn(lessons: Sequence[Lesson]) -> list[Lesson]:
    """Those that a model may learn from: not the last days, and not the calls that chance has set aside for
    ever. What it is judged by it has never seen."""
    since = _recent_since(lessons)
    return [each for each in lessons if each.at <= since and not _set_aside(each)]


def to_test(lessons: Sequence[Lesson]) -> tuple[list[Lesson], list[Lesson]]:
    """(set aside for ever, of the last days)."""
    since = _recent_since(lessons)
    aside = [each for each in lessons if each.at <= since and _set_aside(each)]
    return aside, [each for each in lessons if each.at > since]


def _recent_since(lessons: Sequence[Lesson]) -> int:
    """By the newest call and not by a clock, so that the same journal gives the same model."""
    return max((each.at for each in lessons), default=0) - RECENT_DAYS * DAY


def _set_aside(lesson: Lesson) -> bool:
    return part_of(_group(lesson)) == "test"


def _group(lesson: Lesson) -> str:
    return f"call:{lesson.call}"


def with_lessons(reports: Reports, lessons: Iterable[Lesson], pack: Pack) -> int:
    """Add those of which somebody changed or labelled the type; how many. What merely ended unchanged is
    not taken as a truth: a model that learns its own answers grows sure of them."""
    count = 0
    for each in lessons:
        type = pack.types.get(each.type)
        if each.known < CHANGED or type is None:
            continue
        reports.texts.append(reader_of(pack.shorthand).read(mask(each.words).text).text)
        reports.groups.append(_group(each))
        police = "yes" if type.police else "no"
        said = (type.code, police, each.agency or type.agency, str(each.priority or type.priority), each.scam)
        for head, label in zip(HEADS, said, strict=True):
            reports.labels[head].append(label)
        count += 1
    return count


def train(reports: Reports, pack: Pack, features_max: int, hints: bool) -> Learnt:
    """The model as its files will hold it."""
    texts, labels = hints_of(pack) if hints else ([], {head: [] for head in HEADS})
    learnt = learn(
        Sample(
            [*reports.texts, *(reader_of(pack.shorthand).read(each).text for each in texts)],
            {head: [*reports.labels[head], *labels[head]] for head in HEADS},
            groups=[*reports.groups, *([""] * len(texts))],
            hints=len(texts),
        ),
        features_max,
    )
    if not learnt.model.heads:
        raise Refusal("labelled_one_class", count=len(reports.texts))
    return replace(learnt, model=rounded(learnt.model))


FOLLOWED_MIN = 50
"""Calls labelled without seeing the suggestion from which thresholds follow them: two weeks of a county's
sample; fewer move no class."""


def following(learnt: Learnt, lessons: Iterable[Lesson], pack: Pack) -> tuple[FastModel, int]:
    """The model with thresholds of its sets that follow the calls which somebody labelled without seeing
    what was suggested, up to the last one; and how many those were.

    Only these: what somebody changed was mostly wrong, and thresholds that follow errors alone would let
    everything in. No weight changes, so what is named stays what the gate judges.
    """
    blind = sorted((each for each in lessons if each.known == BLIND), key=lambda each: each.at)
    reports = nothing()
    if len(blind) < FOLLOWED_MIN or with_lessons(reports, blind, pack) < FOLLOWED_MIN:
        return learnt.model, 0
    scores = learnt.model.scores(reports.texts)
    heads = [
        followed(head, learnt.held_out[name], scores, reports.labels[name], delay=0)[0]
        for name, head in learnt.model.heads.items()
    ]
    return with_heads(learnt.model, heads), len(reports.texts)


def figures_of(model: FastModel, reports: Reports) -> dict[str, Any]:
    """By head: what the model reaches on these reports."""
    scores = model.scores(reports.texts)
    found = {}
    for name, head in model.heads.items():
        labels = reports.labels[name]
        known = [n for n, label in enumerate(labels) if label]
        if known:
            chances = head.chances(scores[known])
            found[name] = measured(head, chances, [labels[n] for n in known])
    return found


def short(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures without those of each class, for a data card."""
    kept = ("macro_f1", "accuracy", "ece", "accuracy_at_95", "accuracy_at_90")
    return {head: {key: each[key] for key in kept} for head, each in figures.items()}


def card_of(
    learnt: Learnt,
    reports: Reports,
    files: Sequence[Path],
    parts: Sequence[str],
    pack: Pack,
    more: dict[str, Any],
) -> dict[str, Any]:
    """What the model was made of. No time and no place, so that the same data make the same card."""
    return {
        "made_from": [
            {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()} for file in files
        ],
        "parts": list(parts),
        "texts": len(reports.texts),
        "happenings": len(set(reports.groups)),
        "masked": True,
        "pack": {"name": pack.name, "edition": pack.edition},
        "features": len(learnt.model.buckets),
        "classes": {name: len(head.classes) for name, head in learnt.model.heads.items()},
        "labels": {head: sum(bool(label) for label in labels) for head, labels in reports.labels.items()},
        "ways": learnt.ways,
        "held_out_folds": learnt.unseen,
        **more,
    }


def keep(folder: Path, learnt: Learnt, card: dict[str, Any]) -> Stored:
    """Write the model's files."""
    return write_model(folder, learnt.model, card)
