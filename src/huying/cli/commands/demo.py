"""`huying demo` opens a county that lives."""

from __future__ import annotations

import argparse

from huying.cli.commands.replay import read_speed
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.sim.demo import Demo, run_demo


def _arguments(add: Arguments, config: Config) -> None:
    add.add("--store", default="", metavar="STORE")
    add.add("--pack", default=config.pack, metavar="PACK")
    add.add("--host", default=config.host)
    add.add("--port", type=int, default=config.port)
    add.add("--speed", default="1x")
    add.add("--seed", type=int, default=1)
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    speed = read_speed(args.speed) or 1.0
    ask = Demo(store=args.store, pack=args.pack, host=args.host, port=args.port, speed=speed, seed=args.seed)
    console.say("cli.demo.opening")

    def ready(address: str) -> None:
        console.say("cli.demo.ready", address=address)
        console.answer({"address": address, "pack": args.pack, "seed": args.seed, "speed": speed})

    run_demo(ask, ready)
    return Exit.OK


COMMAND = Command("demo", 5, _run, _arguments)
