"""`huying mask`: a table of texts for training or study, with what leads to a person hidden."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.masking import mask_file
from huying.cli.parser import Arguments, Command
from huying.config import Config


def _arguments(add: Arguments, config: Config) -> None:
    add.add("file", metavar="FILE")
    add.add("--text", metavar="COLUMN", action="append", required=True)
    add.add("--to", metavar="FILE", default="")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    source = Path(args.file)
    if not args.to:
        if args.json:
            raise Refusal("export_needs_file")
        mask_file(source, args.text, sys.stdout)
        return Exit.OK
    target = Path(args.to)
    try:
        with target.open("x", encoding="utf-8", newline="") as out:
            done = mask_file(source, args.text, out)
    except FileExistsError as error:
        raise Refusal("file_exists", path=str(target)) from error
    except OSError as error:
        raise Refusal("file_unwritable", path=str(target)) from error
    kinds = ", ".join(
        f"{console.word(f'masked.{kind}')} {count}" for kind, count in sorted(done.hidden.items())
    )
    console.say("cli.mask.done", rows=done.rows, path=str(target), kinds=kinds or "0")
    console.answer({"rows": done.rows, "path": str(target), "hidden": dict(done.hidden)})
    return Exit.OK


COMMAND = Command("mask", 76, _run, _arguments)
