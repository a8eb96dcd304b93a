"""`huying export`: the facts for other programs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.store.care import export_store

STDOUT = "-"


def _arguments(add: Arguments, config: Config) -> None:
    add.add("to", metavar="FILE")
    add.add("--store", default=config.store)
    add.add("--after", type=int, default=0, metavar="SEQ")
    add.add("--parquet", action="store_true")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    to = Path(args.to)
    if args.to == STDOUT:
        if args.parquet or args.json:
            raise Refusal("export_needs_file")
        export_store(args.store, sys.stdout.buffer, after=args.after)
        sys.stdout.buffer.flush()
        return Exit.OK
    try:
        with console.progress("cli.export.doing") as progress:
            facts = export_store(args.store, to, after=args.after, parquet=args.parquet, progress=progress)
    except OSError as error:
        raise Refusal("file_unwritable", path=str(to)) from error
    console.say("cli.export.done", facts=facts, path=str(to))
    console.answer({"facts": facts, "path": str(to)})
    return Exit.OK


COMMAND = Command("export", 72, _run, _arguments)
