"""`huying restore`: a backup becomes a store again, on either engine."""

from __future__ import annotations

import argparse
import shutil
from contextlib import closing
from pathlib import Path

import msgspec

from huying.base.refusal import Refusal
from huying.bootstrap import ledger_of, open_house
from huying.cli.commands.verify import tell
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.store.care import restore_store
from huying.store.verify import verify
from huying.system import SystemChance


def _arguments(add: Arguments, config: Config) -> None:
    add.add("backup", metavar="FILE")
    add.add("--store", default=config.store)
    add.add("--pack", default=config.pack)
    add.add("--erasures", default="", metavar="FILE")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    ledger = ledger_of(args.store)
    if args.erasures and ledger is not None:
        _put(Path(args.erasures), ledger.path)
    with console.progress("cli.restore.doing") as progress:
        report = restore_store(Path(args.backup), args.store, SystemChance(), progress=progress)
    tell(report, console)
    if report.ok and ledger is not None and ledger.last() is not None:
        with closing(open_house(args.store, args.pack)) as installation:
            report = verify(installation.questions)
            console.say("cli.restore.erased", facts=report.facts)
    elif ledger is None or ledger.last() is None:
        console.note("cli.restore.no_ledger")
    console.answer({"ok": report.ok, **msgspec.structs.asdict(report)})
    return Exit.OK if report.ok else Exit.REFUSED


def _put(copy: Path, ledger: Path) -> None:
    """The ledger comes before the store, so that no store is there without it."""
    try:
        if copy.resolve() != ledger.resolve():
            if ledger.exists():
                raise Refusal("file_exists", path=str(ledger))
            shutil.copyfile(copy, ledger)
    except OSError as error:
        raise Refusal("file_not_found", file=str(copy), why=error.strerror or "") from error


COMMAND = Command("restore", 74, _run, _arguments)
