"""`huying export`: the facts for other programs."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

from huying.base.refusal import Refusal
from huying.bootstrap import do_by_itself, open_house
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.correcting import DiscloseRecord
from huying.store.care import export_store, facts_in

STDOUT = "-"


def _arguments(add: Arguments, config: Config) -> None:
    add.add("to", metavar="FILE")
    add.add("--store", default=config.store)
    add.add("--after", type=int, default=0, metavar="SEQ")
    add.add("--parquet", action="store_true")
    add.add("--whole-for", metavar="WHOM", default="")
    add.add("--basis", metavar="LAW", default="")
    add.add("--pack", default=config.pack)
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    to, whole = Path(args.to), bool(args.whole_for)
    if bool(args.basis) != whole:
        raise Refusal("export_whole_needs_both")
    if whole:
        _disclose(args)
    if args.to == STDOUT:
        if args.parquet or args.json:
            raise Refusal("export_needs_file")
        export_store(args.store, sys.stdout.buffer, after=args.after, whole=whole)
        sys.stdout.buffer.flush()
        return Exit.OK
    try:
        with console.progress("cli.export.doing") as progress:
            facts = export_store(
                args.store, to, after=args.after, parquet=args.parquet, whole=whole, progress=progress
            )
    except OSError as error:
        raise Refusal("file_unwritable", path=str(to)) from error
    console.say("cli.export.done", facts=facts, path=str(to))
    console.answer({"facts": facts, "path": str(to)})
    return Exit.OK


def _disclose(args: argparse.Namespace) -> None:
    """The fact comes before the file: who was given words is told of every later correction."""
    facts_in(args.store)
    with closing(open_house(args.store, args.pack)) as installation:
        told = DiscloseRecord(to=args.whole_for, basis=args.basis, after=args.after)
        do_by_itself(installation.engine, told)


COMMAND = Command("export", 72, _run, _arguments)
