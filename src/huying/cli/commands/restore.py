"""`huying restore`: a backup becomes a store again, on either engine."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from huying.cli.commands.verify import tell
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.store.care import restore_store
from huying.system import SystemChance


def _arguments(add: Arguments, config: Config) -> None:
    add.add("backup", metavar="FILE")
    add.add("--store", default=config.store)
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    with console.progress("cli.restore.doing") as progress:
        report = restore_store(Path(args.backup), args.store, SystemChance(), progress=progress)
    tell(report, console)
    console.answer({"ok": report.ok, **msgspec.structs.asdict(report)})
    return Exit.OK if report.ok else Exit.REFUSED


COMMAND = Command("restore", 74, _run, _arguments)
