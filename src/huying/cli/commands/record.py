"""`huying record`: the record for outsiders: checkpoint, proof, tiles, and the key that signs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from huying.bootstrap import read_book
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config, read_config
from huying.record.mirror import write_mirror
from huying.record.settings import signers_of
from huying.store.keys import change_record_key
from huying.store.opening import beside, keys_of
from huying.system import SystemChance


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("checkpoint", "prove", "export", "key", "rotate"))
    for each in verbs.values():
        each.add("--store", default=config.store)
        each.add("--json", action="store_true")
    verbs["checkpoint"].add("--size", type=int, default=0, metavar="FACTS")
    verbs["checkpoint"].add("--cosigned", type=int, default=0, metavar="N")
    verbs["prove"].add("seq", type=int, metavar="SEQ")
    verbs["prove"].add("--size", type=int, default=0, metavar="FACTS")
    verbs["prove"].add("--whole", action="store_true")
    verbs["export"].add("folder", metavar="DIR")
    verbs["export"].add("--without-entries", action="store_true")
    verbs["rotate"].add("--done", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    verb = {"checkpoint": _checkpoint, "prove": _prove, "export": _export, "key": _key, "rotate": _rotate}
    verb[args.verb](args, console)
    return Exit.OK


def _text(text: str, console: Console) -> None:
    """As it stands, so that it can go into a file or a pipe."""
    if console.json:
        console.answer({"text": text})
    else:
        sys.stdout.write(text)


def _checkpoint(args: argparse.Namespace, console: Console) -> None:
    with read_book(args.store, read_config(os.environ)) as book:
        _text(book.checkpoint(args.size, args.cosigned), console)


def _prove(args: argparse.Namespace, console: Console) -> None:
    with read_book(args.store, read_config(os.environ)) as book:
        _text(book.proof(args.seq, args.size, body=args.whole), console)


def _export(args: argparse.Namespace, console: Console) -> None:
    with (
        read_book(args.store, read_config(os.environ)) as book,
        console.progress("cli.record.export.doing") as progress,
    ):
        facts = write_mirror(book, Path(args.folder), progress, entries=not args.without_entries)
    console.say("cli.record.export.done", facts=facts, path=args.folder)
    console.answer({"facts": facts, "path": args.folder})


def _key(args: argparse.Namespace, console: Console) -> None:
    with read_book(args.store, read_config(os.environ)) as book:
        keys = keys_of(args.store, SystemChance())
        vkeys = [each.verifier.vkey for each in signers_of(book.origin, keys)]
    for vkey in vkeys:
        console.say("cli.record.key.row", vkey=vkey)
    console.answer({"origin": book.origin, "keys": vkeys})


def _rotate(args: argparse.Namespace, console: Console) -> None:
    with read_book(args.store, read_config(os.environ)):
        change_record_key(beside(args.store), SystemChance(), os.environ, done=args.done)
    console.say("cli.record.rotate.finished" if args.done else "cli.record.rotate.begun")
    _key(args, console)


COMMAND = Command("record", 71, _run, _arguments)
