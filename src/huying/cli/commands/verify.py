"""`huying verify`: checks the whole journal and says the first fact that is wrong."""

from __future__ import annotations

import argparse
import re
from contextlib import closing
from pathlib import Path

import msgspec

from huying.base.refusal import Refusal
from huying.cli.console import Console, Progress
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.record.check import read_mirror, verify_record
from huying.record.checkpoint import read_checkpoint
from huying.record.note import read_vkey
from huying.store.care import verify_store
from huying.store.opening import open_questions
from huying.store.verify import Report


def _arguments(add: Arguments, config: Config) -> None:
    add.add("--store", default=config.store)
    add.add("--known", metavar="FACTS:ROOT", default="")
    add.add("--checkpoint", action="append", default=[], metavar="FILE")
    add.add("--key", action="append", default=[], metavar="KEY")
    add.add("--witness", action="append", default=[], metavar="KEY")
    add.add("--need", type=int, default=0, metavar="N")
    add.add("--mirror", default="", metavar="DIR")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    with console.progress("cli.verify.doing") as progress:
        report = _check(args, progress)
    tell(report, console)
    console.answer({"ok": report.ok, **msgspec.structs.asdict(report)})
    return Exit.OK if report.ok else Exit.REFUSED


def _check(args: argparse.Namespace, progress: Progress) -> Report:
    known = _known(args.known)
    if known is not None:
        return verify_store(args.store, progress, known)
    try:
        kept = [Path(each).read_text("utf-8") for each in args.checkpoint]
        copy = (Path(args.mirror) / "checkpoint").read_text("utf-8") if args.mirror else ""
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("file_unreadable", path=str(getattr(error, "filename", "") or args.mirror)) from error
    mirror = read_mirror(Path(args.mirror), read_checkpoint(copy)[0].size) if copy else lambda n: b""
    keys, witnesses = ([read_vkey(each) for each in those] for those in (args.key, args.witness))
    with closing(open_questions(args.store)) as questions:
        every = [*kept, *([copy] if copy else [])]
        return verify_record(questions, keys, every, witnesses, args.need, mirror, progress)


def tell(report: Report, console: Console) -> None:
    """The report in a sentence."""
    if report.ok:
        console.say("cli.verify.ok", facts=report.facts, root=report.root)
        if report.signed:
            console.say("cli.verify.signed", facts=report.signed)
        if report.erased:
            console.say("cli.verify.erased", facts=report.erased)
    else:
        fault = console.word(f"fault.{report.fault}")
        key = "cli.verify.bad_between" if report.bad_until > report.bad_seq else "cli.verify.bad"
        console.say(key, seq=report.bad_seq, until=report.bad_until, facts=report.facts, fault=fault)


def _known(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-f]{64}", text):
        raise Refusal("known_unreadable", known=text[:90])
    facts, root = text.split(":")
    return int(facts), root


COMMAND = Command("verify", 70, _run, _arguments)
