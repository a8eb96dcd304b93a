"""`huying triage`: learn to understand words, measure it, put models into use and take them back."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.channels.files.labelled import read_labelled
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config, read_config
from huying.domain.modelling import LIVE, WORDS_ONLY
from huying.store.packdir import read_pack

FOLDS_MAX = 20
FEATURES_MAX = 27_000
FEATURES_LIMIT = 400_000
CLASSES_SHOWN = 60


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("evaluate", "train", "gate", "shadow", "live", "rollback", "show"))
    train = verbs["train"]
    train.add("--train", metavar="FILE", nargs="*", default=[])
    train.add("--parts", metavar="PARTS", default="train,dev")
    train.add("--features", metavar="N", type=int, default=FEATURES_MAX)
    train.add("--no-hints", action="store_true")
    train.add("--journal", action="store_true")
    train.add("--out", metavar="DIR", default="")
    verbs["gate"].add("digest", metavar="MODEL")
    verbs["gate"].add("--test", metavar="FILE", nargs="*", default=[])
    verbs["gate"].add("--parts", metavar="PARTS", default="test")
    for role in ("live", "shadow"):
        verbs[role].add("digest", metavar="MODEL")
    for verb in ("live", "shadow", "rollback"):
        verbs[verb].add("--why", metavar="WORDS", default="")
    for verb in ("train", "gate", "shadow", "live", "rollback", "show"):
        verbs[verb].add("--store", default=config.store)
        verbs[verb].add("--pack", default=config.pack)
        verbs[verb].add("--json", action="store_true")
    evaluate = verbs["evaluate"]
    evaluate.add("--train", metavar="FILE", nargs="+", required=True)
    evaluate.add("--test", metavar="FILE", nargs="+", default=[])
    evaluate.add("--text", metavar="COLUMNS", required=True)
    evaluate.add("--label", metavar="COLUMN", required=True)
    evaluate.add("--time", metavar="COLUMN", default="")
    evaluate.add("--folds", metavar="N", type=int, default=5)
    evaluate.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    return _VERBS[args.verb](args, console)


def _evaluate(args: argparse.Namespace, console: Console) -> Exit:
    from huying.cli.evaluation import HEAD, evaluate, in_folds

    if not 2 <= args.folds <= FOLDS_MAX:
        raise Refusal("out_of_range", field="folds", low=2, high=FOLDS_MAX)
    columns = [each.strip() for each in args.text.split(",") if each.strip()]
    train = read_labelled([Path(each) for each in args.train], columns, {HEAD: args.label}, args.time)
    if args.test:
        test = read_labelled([Path(each) for each in args.test], columns, {HEAD: args.label}, args.time)
        answer = evaluate(train, test)
    else:
        answer = in_folds(train, args.folds)
    _tell(answer, console)
    console.answer(answer)
    return Exit.OK


def _tell(answer: dict[str, Any], console: Console) -> None:
    console.say("cli.triage.evaluate.told", **answer)
    for label, f1 in sorted(answer["f1"].items(), key=lambda pair: pair[1])[:CLASSES_SHOWN]:
        console.say(
            "cli.triage.evaluate.class",
            label=label,
            f1=f1,
            texts=answer["texts"].get(label, 0),
            coverage=answer["coverage"]["0.9"].get(label, "–"),
            size=answer["set_size"]["0.9"].get(label, "–"),
        )
    for reason, count in answer["set_aside"].items():
        console.say("cli.triage.set_aside", reason=console.word(f"bad_line.{reason}"), count=count)


def _place(args: argparse.Namespace) -> Any:
    from huying.cli.models import Place

    return Place(args.store, args.pack, read_config(os.environ).models)


def _train(args: argparse.Namespace, console: Console) -> Exit:
    from huying.cli import training

    if not 100 <= args.features <= FEATURES_LIMIT:
        raise Refusal("out_of_range", field="features", low=100, high=FEATURES_LIMIT)
    place, pack = _place(args), read_pack(args.pack)
    files = [Path(each) for each in args.train]
    parts = _parts(args.parts)
    reports = training.read_reports(files, parts, pack) if files else training.nothing()
    journal = training.with_lessons(reports, place.lessons(), pack) if args.journal else 0
    if not reports.texts:
        raise Refusal("labelled_empty", file=", ".join(args.train) or args.store)
    learnt = training.train(reports, pack, args.features, not args.no_hints)
    more: dict[str, Any] = {"journal_texts": journal}
    if files and "test" not in parts and parts:
        tested = training.read_reports(files, ("test",), pack)
        more["on_test_part"] = training.short(training.figures_of(learnt.model, tested))
    card = training.card_of(learnt, reports, files, parts, pack, more)
    stored = training.keep(Path(args.out) if args.out else place.own, learnt, card)
    folder = args.out or str(place.own)
    console.say("cli.triage.train.told", digest=stored.digest, folder=folder, texts=len(reports.texts))
    console.answer({"digest": stored.digest, "folder": folder, "card": card})
    return Exit.OK


def _gate(args: argparse.Namespace, console: Console) -> Exit:
    from huying.cli import models, training

    place, pack = _place(args), read_pack(args.pack)
    candidate = place.model(args.digest)
    now = place.in_role(LIVE)
    live = place.model(now) if now not in ("", args.digest, WORDS_ONLY) else None
    files = [Path(each) for each in args.test]
    frozen = training.read_reports(files, _parts(args.parts), pack) if files else None
    answer = models.gate(candidate, live, frozen, place.lessons(), pack)
    if not answer["against"]:
        raise Refusal("gate_nothing")
    place.judged(args.digest, answer["passed"], f"against {now or WORDS_ONLY}")
    console.say(
        "cli.triage.gate.passed" if answer["passed"] else "cli.triage.gate.failed", digest=args.digest
    )

    for fault in answer["faults"]:
        console.say("cli.triage.gate.fault", fault=fault)
    console.answer({"candidate": args.digest, "live": now, **answer})
    return Exit.OK if answer["passed"] else Exit.REFUSED


def _set(args: argparse.Namespace, console: Console) -> Exit:
    place = _place(args)
    if args.verb == LIVE:
        place.must_have_passed(args.digest)
    answer = place.set(args.verb, args.digest, args.why)
    console.say("cli.triage.set.told", role=args.verb, digest=answer["digest"], was=answer["was"] or "–")
    console.answer(answer)
    return Exit.OK


def _rollback(args: argparse.Namespace, console: Console) -> Exit:
    place = _place(args)
    answer = place.set("live", place.before(), args.why or "rollback")
    console.say("cli.triage.set.told", role="live", digest=answer["digest"], was=answer["was"] or "–")
    console.answer(answer)
    return Exit.OK


def _show(args: argparse.Namespace, console: Console) -> Exit:
    from huying.cli import models

    place = _place(args)
    known = place.known()
    roles = {role: place.in_role(role) for role in ("live", "shadow")}
    answer = {**roles, "models": known, "journal": models.doing(place.lessons())}
    for role, digest in roles.items():
        console.say("cli.triage.show.role", role=role, digest=digest or "–")
    for each in known:
        console.say("cli.triage.show.model", digest=each["digest"], texts=each["card"].get("texts", "–"))
    for model, each in answer["journal"]["models"].items():
        console.say(
            "cli.triage.show.doing", model=model, **{k: "–" if v is None else v for k, v in each.items()}
        )
    console.answer(answer)
    return Exit.OK


def _parts(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


_VERBS: dict[str, Callable[[argparse.Namespace, Console], Exit]] = {
    "evaluate": _evaluate,
    "train": _train,
    "gate": _gate,
    "live": _set,
    "shadow": _set,
    "rollback": _rollback,
    "show": _show,
}

COMMAND = Command("triage", 45, _run, _arguments)
