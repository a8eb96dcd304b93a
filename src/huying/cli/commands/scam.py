"""`huying scam evaluate`: which labelled reports get a warning card, and which of the others do."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import Any

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.sim.sameness import part
from huying.store.packdir import read_pack
from huying.triage.scams import ScamFinder

FILE_BYTES_MAX = 50_000_000
SHOWN_MAX = 60


class Tally(Struct):
    """Reports of a scam (`scams`), of those with a card (`told`) and of the right kind (`kind_right`); other
    reports with a card (`false`); those that only look like fraud (`hard`) and of them with a card."""

    reports: int = 0
    scams: int = 0
    told: int = 0
    kind_right: int = 0
    false: int = 0
    hard: int = 0
    hard_false: int = 0

    def told_as(self) -> dict[str, Any]:
        counts: dict[str, Any] = {name: getattr(self, name) for name in Tally.__struct_fields__}
        recall = self.told / self.scams if self.scams else 1.0
        precision = self.told / (self.told + self.false) if self.told + self.false else 1.0
        kind = self.kind_right / self.told if self.told else 1.0
        return counts | {
            "recall": round(recall, 4),
            "precision": round(precision, 4),
            "kind_accuracy": round(kind, 4),
        }


def _arguments(add: Arguments, config: Config) -> None:
    verb = add.groups(("evaluate",))["evaluate"]
    verb.add("file", metavar="FILE")
    verb.add("--pack", default=config.pack)
    verb.add("--failed", action="store_true")
    verb.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    finder = ScamFinder(read_pack(args.pack))
    tallies = {name: Tally() for name in ("all", "train", "dev", "test")}
    failed: list[dict[str, str]] = []
    for row in _rows(Path(args.file)):
        sign = finder.sign(row["text"])
        which = row.get("part") or part(row["duplicate_of"] or row["id"])
        if which not in tallies:
            raise Refusal("phrases_unreadable", file=Path(args.file).name, line=0)
        for name in ("all", which):
            _count(tallies[name], row, sign.kind if sign else "")
        if bool(row["scam"]) != (sign is not None):
            failed.append({"id": row["id"], "part": which, "text": row["text"], "scam": row["scam"]})
    for name, tally in tallies.items():
        console.say("cli.scam.evaluate.row", name=name, **tally.told_as())
    for each in failed[:SHOWN_MAX] if args.failed else ():
        console.say("cli.scam.evaluate.miss", **each)
    console.answer({"scores": {name: each.told_as() for name, each in tallies.items()}})
    return Exit.OK


def _count(tally: Tally, row: dict[str, str], kind: str) -> None:
    hard = "hardneg" in row["notes"]
    tally.reports += 1
    tally.hard += hard
    if row["scam"]:
        tally.scams += 1
        tally.told += bool(kind)
        tally.kind_right += kind == row["scam"]
    elif kind:
        tally.false += 1
        tally.hard_false += hard


def _rows(path: Path) -> list[dict[str, str]]:
    """Rows of `id,text,scam,duplicate_of,notes`; `part`, where there is one, is the half they belong to."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise Refusal("phrases_unreadable", file=path.name, line=0)
        content = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("phrases_unreadable", file=path.name, line=0) from error
    rows = []
    for line, row in enumerate(csv.DictReader(io.StringIO(content)), 2):
        if any(
            not isinstance(row.get(name), str) for name in ("id", "text", "scam", "duplicate_of", "notes")
        ):
            raise Refusal("phrases_unreadable", file=path.name, line=line)
        rows.append(row)
    if not rows:
        raise Refusal("phrases_unreadable", file=path.name, line=1)
    return rows


COMMAND = Command("scam", 64, _run, _arguments)
