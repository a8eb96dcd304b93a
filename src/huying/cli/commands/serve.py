"""`huying serve`: one installation, from the command line to the open port."""

from __future__ import annotations

import argparse
import os

from huying.base.text import say
from huying.bootstrap import do_by_itself, open_house, record_of, run_house, settings_of
from huying.cli import office
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config, read_config
from huying.domain.commands import NoteClock
from huying.edge.standstill import check_clock
from huying.store.care import last_fact_at
from huying.system import SystemClock


def _arguments(add: Arguments, config: Config) -> None:
    add.add("--store", default=config.store)
    add.add("--pack", default=config.pack)
    add.add("--host", default=config.host)
    add.add("--port", type=int, default=config.port)
    add.add("--today", metavar="YYYY-MM-DD", default="")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    config = read_config(os.environ)
    settings = settings_of(config)
    gap_s = check_clock(last_fact_at(args.store), SystemClock(), args.today)
    house = open_house(args.store, args.pack, record=record_of(config))
    if gap_s:
        do_by_itself(house.engine, NoteClock(by_s=gap_s))
    city = say(house.pack.title, console.lang)
    first = office.first_link(house)

    def ready(address: str) -> None:
        console.say("serve.ready", city=city, address=address, store=args.store)
        told = {"address": address, "store": args.store, "pack": house.pack.name}
        if first:
            port = int(address.rpartition(":")[2])
            told["set_up"] = office.link_address(first, office.root_of(config, port))
            console.say("serve.set_up", link=told["set_up"])
        console.answer(told)

    run_house(house, settings, args.host, args.port, ready, config.engine_process)
    console.say("serve.stopped", store=args.store)
    return Exit.OK


COMMAND = Command("serve", 10, _run, _arguments)
