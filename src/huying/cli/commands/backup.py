"""`huying backup`: one file that holds the whole store, made while the server runs, and verified."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from huying.cli.commands.verify import tell
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.store.care import backup_store
from huying.system import SystemChance


def _arguments(add: Arguments, config: Config) -> None:
    add.add("to", metavar="FILE")
    add.add("--store", default=config.store)
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    with console.progress("cli.backup.doing") as progress:
        report = backup_store(args.store, Path(args.to), SystemChance(), progress)
    console.say("cli.backup.done", path=args.to)
    tell(report, console)
    console.answer({"ok": report.ok, "path": args.to, **msgspec.structs.asdict(report)})
    return Exit.OK if report.ok else Exit.REFUSED


COMMAND = Command("backup", 73, _run, _arguments)
