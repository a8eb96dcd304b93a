"""`huying import` takes the calls of a city's own file into a store."""

from __future__ import annotations

import argparse
from pathlib import Path

from huying.cli.commands.replay import tell_bad_lines
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.sim.bring_in import Ask, bring_in


def _arguments(add: Arguments, config: Config) -> None:
    add.add("file", metavar="FILE")
    add.add("--map", required=True, metavar="MAP")
    add.add("--store", default=config.store, metavar="STORE")
    add.add("--pack", default="", metavar="PACK")
    add.add("--limit", type=int, default=0)
    add.add("--bad", default="", metavar="FILE")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    file = Path(args.file)
    ask = Ask(
        file=file,
        mapping=args.map,
        store=args.store,
        pack=args.pack,
        limit=args.limit,
        bad=Path(args.bad or file.name + ".bad.ndjson"),
    )
    with console.progress("cli.import.progress") as bar:
        counts = bring_in(ask, lambda calls, at: bar(calls, args.limit))
    refused = ", ".join(f"{code} {count}" for code, count in counts["refused"].items()) or "0"
    numbers = {name: counts[name] for name in ("calls", "known")}
    console.say("cli.import.told", **numbers, refused=refused, store=ask.store)
    if counts["bad_lines"]:
        tell_bad_lines(counts["bad_lines"], str(ask.bad), console)
    console.answer(counts)
    return Exit.OK


COMMAND = Command("import", 35, _run, _arguments)
