"""`huying release`: a table of counts that may be published, and the ledger of what was."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

import msgspec

from huying.base.text import say
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.pack import Pack
from huying.store.opening import is_postgres, open_questions, path_of
from huying.store.packdir import read_pack
from huying.store.releases import BUDGET, ENDING, Entry, Releases, publish
from huying.system import SystemClock


def _arguments(add: Arguments, config: Config) -> None:
    add.add("--month", metavar="YYYY-MM", default="")
    add.add("--area", default="town", metavar="KIND")
    add.add("--by", choices=("type", "group"), default="group")
    add.add("--noise", metavar="EPSILON", default="")
    add.add("--ledger", metavar="FILE", default="")
    add.add("--store", default=config.store)
    add.add("--pack", default=config.pack)
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    beside = "huying" if is_postgres(args.store) else path_of(args.store)
    ledger = Releases(Path(args.ledger or beside + ENDING))
    if not args.month:
        return _ledger(ledger, console)
    pack = read_pack(args.pack)
    with closing(open_questions(args.store)) as questions:
        entry = publish(
            ledger,
            questions,
            pack,
            SystemClock().now(),
            args.month,
            args.area,
            args.by,
            args.noise,
        )
    _table(entry, pack, console)
    console.answer(msgspec.to_builtins(entry))
    return Exit.OK


def _ledger(ledger: Releases, console: Console) -> Exit:
    entries = list(ledger.entries())
    for each in entries:
        spent = float(ledger.spent(each.month))
        console.say(
            "cli.release.entry",
            month=each.month,
            shape=each.shape,
            epsilon=each.epsilon or "–",
            spent=spent,
            budget=str(BUDGET),
        )
    if not entries:
        console.say("cli.release.nothing", path=str(ledger.path))
    console.answer(
        {
            "releases": [
                {"month": each.month, "shape": each.shape, "epsilon": each.epsilon} for each in entries
            ]
        }
    )
    return Exit.OK


def _table(entry: Entry, pack: Pack, console: Console) -> None:
    """Tab-separated: what a spreadsheet takes; hidden numbers as ×."""
    if console.json:
        return
    total = [console.word("cli.release.total")] if not entry.epsilon else []
    names = {code: say(each.name, console.lang) for code, each in pack.types.items()}
    print(
        "\t".join([entry.month, *(names.get(each, each) for each in entry.columns), *total]), file=console.out
    )
    rows = [say(pack.areas[each].name, console.lang) if each in pack.areas else each for each in entry.rows]
    for row, numbers in zip([*rows, *total], entry.numbers, strict=True):
        cells = ("×" if each is None else str(each) for each in numbers)
        print("\t".join([row, *cells]), file=console.out)
    if entry.epsilon:
        console.note("cli.release.noisy", epsilon=entry.epsilon)
    else:
        console.note("cli.release.hidden", primary=entry.primary, complementary=entry.complementary)


COMMAND = Command("release", 79, _run, _arguments)
