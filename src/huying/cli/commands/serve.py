"""`huying serve`: one installation, from the command line to the open port."""

from __future__ import annotations

import argparse
import os

from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.bootstrap import do_by_itself, open_house, record_of
from huying.cli import office
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config, read_config
from huying.domain.commands import NoteClock
from huying.doors import run_house, settings_of
from huying.edge.standstill import check_clock
from huying.serving import Front, proxies_of
from huying.serving.tls import Tls
from huying.store.care import last_fact_at
from huying.system import SystemClock


def _arguments(add: Arguments, config: Config) -> None:
    add.add("--store", default=config.store)
    add.add("--pack", default=config.pack)
    add.add("--host", default=config.host)
    add.add("--port", type=int, default=config.port)
    add.add("--tls-cert", metavar="FILE", default=config.tls_cert)
    add.add("--tls-key", metavar="FILE", default=config.tls_key)
    add.add("--today", metavar="YYYY-MM-DD", default="")
    add.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    config = read_config(os.environ)
    front = Front(_tls(args), proxies_of(config.proxies))
    settings = replace(settings_of(config), tls=front.tls is not None)
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
            told["set_up"] = office.link_address(first, office.root_of(config, port, front.scheme))
            console.say("serve.set_up", link=told["set_up"])
        console.answer(told)

    run_house(house, settings, args.host, args.port, ready, config.engine_process, front)
    console.say("serve.stopped", store=args.store)
    return Exit.OK


def _tls(args: argparse.Namespace) -> Tls | None:
    """Both files or none; refused before the store is touched when they can't be used."""
    if not (args.tls_cert or args.tls_key):
        return None
    if not (args.tls_cert and args.tls_key):
        raise Refusal("tls_needs_both")
    tls = Tls(args.tls_cert, args.tls_key)
    tls.context()
    return tls


COMMAND = Command("serve", 10, _run, _arguments)
