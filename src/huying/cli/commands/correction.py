"""`huying correction …`: a wrong record is put right from the command line."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Any

import msgspec

from huying.bootstrap import do_by_itself, open_house
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.commands import Command as Order
from huying.domain.correcting import AcknowledgeCorrection, AskCorrection, CorrectRecord, RefuseCorrection
from huying.domain.correction import Quality
from huying.store.care import facts_in
from huying.store.opening import open_questions

_OPTIONS = {
    "ask": ("of", "field", "right", "by", "basis"),
    "make": ("n",),
    "refuse": ("n", "why", "appeal"),
    "acknowledge": ("n", "recipient"),
    "show": (),
}


def _arguments(add: Arguments, config: Config) -> None:
    for name, verb in add.groups(tuple(_OPTIONS)).items():
        verb.add("incident", type=int, metavar="INCIDENT")
        for each in _OPTIONS[name]:
            how: dict[str, Any] = {"type": int} if each in ("n", "of") else {}
            if each == "by":
                how["choices"] = [quality.value for quality in Quality]
            verb.add("--to" if each == "recipient" else f"--{each}", dest=each, required=True, **how)
        verb.add("--store", default=config.store)
        verb.add("--pack", default=config.pack)
        verb.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    facts_in(args.store)
    if args.verb == "show":
        return _show(args, console)
    with closing(open_house(args.store, args.pack)) as installation:
        answer = do_by_itself(installation.engine, _order(args))
    console.say("cli.correction.done", n=answer["n"], incident=args.incident)
    console.answer(answer)
    return Exit.OK


def _order(args: argparse.Namespace) -> Order:
    if args.verb == "ask":
        return AskCorrection(
            incident=args.incident,
            of=args.of,
            at_field=args.field,
            right=args.right,
            asked_by=args.by,
            basis=args.basis,
        )
    if args.verb == "make":
        return CorrectRecord(incident=args.incident, n=args.n)
    if args.verb == "refuse":
        return RefuseCorrection(incident=args.incident, n=args.n, why=args.why, appeal=args.appeal)
    return AcknowledgeCorrection(incident=args.incident, n=args.n, to=args.recipient)


def _show(args: argparse.Namespace, console: Console) -> Exit:
    with closing(open_questions(args.store)) as questions:
        found = questions.incident(args.incident).corrections
    for each in found:
        console.say(
            "cli.correction.show.row",
            n=each.n,
            of=each.of,
            status=console.word(f"status.correction.{each.status}"),
            told=len(each.recipients),
            confirmed=sum(bool(one.acknowledged_at) for one in each.recipients),
        )
    console.answer({"corrections": msgspec.to_builtins(found)})
    return Exit.OK


COMMAND = Command("correction", 78, _run, _arguments)
