"""`huying retention show | preview | run`: how long what is kept, what is due, and erasing it now."""

from __future__ import annotations

import argparse
from contextlib import closing
from functools import partial

import msgspec

from huying.base.text import say
from huying.bootstrap import do_by_itself, ledger_of, open_house
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.commands import EraseDue
from huying.domain.pack import Pack
from huying.store.opening import open_questions
from huying.store.packdir import read_pack
from huying.store.retaining import preview, run
from huying.system import SystemClock


def _arguments(add: Arguments, config: Config) -> None:
    for name, verb in add.groups(("show", "preview", "run")).items():
        verb.add("--pack", default=config.pack)
        if name != "show":
            verb.add("--store", default=config.store)
        verb.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    return {"show": _show, "preview": _preview, "run": _erase}[args.verb](args, console)


def _show(args: argparse.Namespace, console: Console) -> Exit:
    pack = read_pack(args.pack)
    for row in pack.keeps:
        console.say(
            "cli.retention.show.row",
            rule=row.code,
            kind=console.word(f"kept.{row.kind}"),
            days=row.keep.amount,
            types=" ".join(row.types) or console.word("kept.every_type"),
            purpose=say(row.purpose, console.lang),
        )
    if not pack.keeps:
        console.say("cli.retention.none", pack=pack.name)
    console.answer({"rules": msgspec.to_builtins(pack.keeps)})
    return Exit.OK


def _preview(args: argparse.Namespace, console: Console) -> Exit:
    with closing(open_questions(args.store)) as questions:
        found = preview(questions, read_pack(args.pack), SystemClock().now())
    for each in found:
        console.say(
            "cli.retention.preview.row",
            rule=each.rule,
            kind=console.word(f"kept.{each.kind}"),
            count=each.count,
            shown=", ".join(f"#{id}" for id in each.shown) or "–",
        )
    console.answer({"due": msgspec.to_builtins(found)})
    return Exit.OK


def _erase(args: argparse.Namespace, console: Console) -> Exit:
    with closing(open_questions(args.store)):  # there must be a store: none is made here
        pass
    installation = open_house(args.store, args.pack)
    with closing(installation):
        pack: Pack = installation.pack
        ask = partial(do_by_itself, installation.engine)
        with console.progress("cli.retention.run.doing") as progress:
            told = run(
                installation.questions,
                pack,
                installation.clock.now(),
                lambda ids: ask(EraseDue(incidents=ids)),
                progress,
            )
        if told.incidents:
            installation.opened.store.scrub()
        ledger = ledger_of(args.store)
        if ledger is not None:
            ledger.follow(installation.questions.erasures)
        elif told.incidents:
            console.note("cli.retention.no_ledger")
    console.say("cli.retention.run.done", **msgspec.structs.asdict(told))
    console.answer(msgspec.structs.asdict(told))
    return Exit.OK


COMMAND = Command("retention", 77, _run, _arguments)
