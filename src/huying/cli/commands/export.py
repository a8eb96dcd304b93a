"""`huying export`: the facts for other programs."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

from huying.base.refusal import Refusal
from huying.bootstrap import Installation, do_by_itself, open_house
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.correcting import DiscloseRecord
from huying.store.care import export_store, facts_in

STDOUT = "-"
# Numbers asked for at a time.
PICTURES_AT_ONCE = 500


def _arguments(add: Arguments, config: Config) -> None:
    add.add("to", metavar="FILE")
    add.add("--store", default=config.store)
    add.add("--after", type=int, default=0, metavar="SEQ")
    add.add("--parquet", action="store_true")
    add.add("--whole-for", metavar="WHOM", default="")
    add.add("--basis", metavar="LAW", default="")
    add.add("--photos", metavar="FOLDER", default="")
    add.add("--pack", default=config.pack)
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    to, whole = Path(args.to), bool(args.whole_for)
    if bool(args.basis) != whole:
        raise Refusal("export_whole_needs_both")
    if args.photos and not whole:
        raise Refusal("export_photos_whole")
    pictures = _disclose(args) if whole else 0
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
    if args.photos:
        console.say("cli.export.pictures", pictures=pictures, path=args.photos)
    console.answer({"facts": facts, "path": str(to), "photos": pictures})
    return Exit.OK


def _disclose(args: argparse.Namespace) -> int:
    """The fact comes before the files: who was given words is told of every later correction. How many
    pictures were written, each under the number of the fact that attached it."""
    facts_in(args.store)
    with closing(open_house(args.store, args.pack)) as installation:
        told = DiscloseRecord(to=args.whole_for, basis=args.basis, after=args.after)
        do_by_itself(installation.engine, told)
        return _pictures(installation, Path(args.photos), args.after) if args.photos else 0


def _pictures(installation: Installation, folder: Path, after: int) -> int:
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while ids := installation.questions.photos_after(after, PICTURES_AT_ONCE):
            for after in ids:
                (folder / f"{after}.jpg").write_bytes(installation.photo(after))
                count += 1
    except OSError as error:
        raise Refusal("file_unwritable", path=str(folder)) from error
    return count


COMMAND = Command("export", 72, _run, _arguments)
