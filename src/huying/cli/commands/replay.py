"""`huying replay` plays real records through the live engine on a simulated clock."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.sim.stage import Play, play

# Faster than this is not a speed but `max`.
SPEED_MAX = 1e9


def _arguments(add: Arguments, config: Config) -> None:
    add.add("file", metavar="FILE")
    add.add("--map", required=True, metavar="MAP")
    add.add("--pack", default="", metavar="PACK")
    add.add("--store", default="", metavar="STORE")
    add.add("--seed", type=int, default=1)
    add.add("--speed", default="max")
    add.add("--limit", type=int, default=0)
    add.add("--bad", default="", metavar="FILE")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    file = Path(args.file)
    ask = Play(
        file=file,
        mapping=args.map,
        pack=args.pack,
        store=args.store,
        seed=args.seed,
        speed=read_speed(args.speed),
        limit=args.limit,
        bad=Path(args.bad or file.name + ".bad.ndjson"),
    )
    with console.progress("cli.replay.progress") as bar:
        summary = play(ask, lambda calls, at: bar(calls, args.limit))
    _tell(summary, console)
    if summary["bad_lines"]:
        tell_bad_lines(summary["bad_lines"], str(ask.bad), console)
    console.answer(summary)
    return Exit.OK


def read_speed(text: str) -> float:
    """`max` is 0 (never wait), `60x` or `60` is sixty simulated seconds a second."""
    if text == "max":
        return 0.0
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = -1.0
    if not 0.0 < speed <= SPEED_MAX:
        raise Refusal("bad_speed", speed=text)
    return speed


def _tell(summary: dict[str, Any], console: Console) -> None:
    for line in ("calls", "work", "end", "times", "speed"):
        console.say(f"cli.replay.told.{line}", **{key: _shown(value) for key, value in summary.items()})
    heard = summary["understanding"]
    console.say("cli.replay.told.heard", **{key: _shown(value) for key, value in heard.items()})
    if heard["learnt"]:
        console.say(
            "cli.replay.told.learnt", **{key: _shown(value) for key, value in heard["learnt"].items()}
        )
    drawn = ", ".join(console.word(f"simulated.{each}") for each in summary["simulated"])
    console.say("cli.replay.told.simulated", simulated=drawn)


def tell_bad_lines(reasons: dict[str, int], file: str, console: Console) -> None:
    """How many lines were set aside, why, and where they are."""
    for reason, count in reasons.items():
        console.say("cli.replay.told.bad", count=count, reason=console.word(f"bad_line.{reason}"), file=file)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {count}" for key, count in value.items()) or "0"
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


COMMAND = Command("replay", 30, _run, _arguments)
