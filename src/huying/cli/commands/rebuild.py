"""`huying rebuild`: makes all projections anew from the facts."""

from __future__ import annotations

import argparse

import msgspec

from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.store.care import rebuild_store
from huying.system import SystemChance


def _arguments(add: Arguments, config: Config) -> None:
    add.add("--store", default=config.store)
    add.add("--only-compare", action="store_true")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    with console.progress("cli.rebuild.doing") as progress:
        found = rebuild_store(args.store, SystemChance(), progress, swap=not args.only_compare)
    for each in found.shown:
        console.say(f"cli.rebuild.{each.how}", table=each.table, row=", ".join(map(str, each.key)))
    end = "equal"
    if found.different:
        end = "unequal" if args.only_compare else "replaced"
    console.say(f"cli.rebuild.{end}", facts=found.facts, rows=found.rows, different=found.different)
    console.answer({"equal": not found.different, **msgspec.to_builtins(found)})
    return Exit.REFUSED if end == "unequal" else Exit.OK


COMMAND = Command("rebuild", 71, _run, _arguments)
