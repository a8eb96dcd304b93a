"""`huying triage`: measure how well words are understood."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.channels.files.labelled import read_labelled
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config

FOLDS_MAX = 20
CLASSES_SHOWN = 60


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("evaluate",))
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


_VERBS = {"evaluate": _evaluate}

COMMAND = Command("triage", 45, _run, _arguments)
