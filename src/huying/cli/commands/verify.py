"""`huying verify`: checks the whole journal and says the first fact that is wrong."""

from __future__ import annotations

import argparse
import re

import msgspec

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.store.care import verify_store
from huying.store.verify import Report


def _arguments(add: Arguments, config: Config) -> None:
    add.add("--store", default=config.store)
    add.add("--known", metavar="FACTS:ROOT", default="")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    with console.progress("cli.verify.doing") as progress:
        report = verify_store(args.store, progress, _known(args.known))
    tell(report, console)
    console.answer({"ok": report.ok, **msgspec.structs.asdict(report)})
    return Exit.OK if report.ok else Exit.REFUSED


def tell(report: Report, console: Console) -> None:
    """The report in a sentence."""
    if report.ok:
        console.say("cli.verify.ok", facts=report.facts, root=report.root)
    else:
        fault = console.word(f"fault.{report.fault}")
        console.say("cli.verify.bad", seq=report.bad_seq, facts=report.facts, fault=fault)


def _known(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-f]{64}", text):
        raise Refusal("known_unreadable", known=text[:90])
    facts, root = text.split(":")
    return int(facts), root


COMMAND = Command("verify", 70, _run, _arguments)
