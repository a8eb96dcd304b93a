"""`huying drill` plays a scenario against the live code, again and again the same, and scores it."""

from __future__ import annotations

import argparse
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from huying.base.refusal import Refusal
from huying.cli.commands.replay import read_speed
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config

if TYPE_CHECKING:
    from huying.sim.drill.stage import Ask

BEST = "recommended"


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("list", "run", "replay", "compare", "fit", "year"))
    for name, verb in verbs.items():
        if name == "run":
            verb.add("scenario", metavar="SCENARIO")
            verb.add("--fitted", default="", metavar="FILE")
            verb.add("--serve", action="store_true")
            verb.add("--open", action="store_true")
            verb.add("--host", default=config.host)
            verb.add("--port", type=int, default=config.port)
        if name == "replay":
            verb.add("day", metavar="DAY")
            verb.add("--file", default="", metavar="FILE")
            verb.add("--map", default="", metavar="MAP")
            verb.add("--from", dest="source", default="", metavar="STORE")
        if name in ("run", "replay"):
            verb.add("--seed", type=int, default=1)
            verb.add("--speed", default="")
            verb.add("--policy", default="", metavar="POLICY")
            verb.add("--store", default="", metavar="STORE")
            # A real day may be long: whoever wants it again by other rules says so.
            usual = "all" if name == "run" else "none"
            verb.add("--hindsight", choices=("all", "best", "none"), default=usual)
        if name == "compare":
            verb.add("a", metavar="A")
            verb.add("b", metavar="B", nargs="+")
            verb.add("--markdown", action="store_true")
            verb.add("--scenario", action="append", default=[], metavar="SCENARIO")
            verb.add("--seeds", type=int, default=20)
            verb.add("--jobs", type=int, default=os.cpu_count() or 1)
        if name == "fit":
            verb.add("file", metavar="FILE")
            verb.add("--map", required=True, metavar="MAP")
            verb.add("-o", "--out", required=True, metavar="FITTED")
            verb.add("--limit", type=int, default=0)
        if name == "year":
            verb.add("--days", type=float, default=365.0)
            verb.add("--calls", type=float, default=620.0)
            verb.add("--seed", type=int, default=1)
            verb.add("--store", default="", metavar="STORE")
        verb.add("--pack", default="", metavar="PACK")
        verb.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    # Each verb loads what it needs: `huying --help` shall not wait for arrays.
    return {"list": _list, "run": _play, "replay": _again, "compare": _compare, "fit": _fit, "year": _year}[
        args.verb
    ](args, console)


def _list(args: argparse.Namespace, console: Console) -> Exit:
    from huying.cli.drilling import tell_list
    from huying.sim.drill.stage import Theatre

    theatre = Theatre(args.pack or "yunxi")
    found = theatre.scenarios()
    tell_list(found, theatre.pack, console)
    console.answer(
        [
            {
                "name": each.name,
                "title": each.title,
                "about": each.about,
                "day": each.day.isoformat(),
                "start": each.start,
                "hours": each.hours,
                "waves": [wave.name for wave in each.wave],
                "faults": [fault.kind for fault in each.fault],
            }
            for each in found
        ]
    )
    return Exit.OK


def _asked(args: argparse.Namespace, scenario: str) -> Ask:
    from huying.sim.drill.policies import POLICIES
    from huying.sim.drill.stage import Ask

    return Ask(
        scenario=scenario,
        pack=args.pack or "yunxi",
        seed=args.seed,
        policy=args.policy or BEST,
        speed=read_speed(args.speed or "max"),
        store=args.store,
        fitted=getattr(args, "fitted", ""),
        hindsight={"all": tuple(POLICIES), "best": (BEST,), "none": ()}[args.hindsight],
    )


def _play(args: argparse.Namespace, console: Console) -> Exit:
    from huying.cli.drilling import tell_run
    from huying.sim.drill.stage import Theatre, run_drill

    if args.serve or args.open:
        return _serve(args, console)
    ask = _asked(args, args.scenario)
    theatre = Theatre(ask.pack)
    with console.progress("cli.drill.progress") as bar:
        found = run_drill(ask, lambda calls, at: bar(calls), theatre=theatre)
    tell_run(found, theatre.pack, console)
    console.answer(found)
    return Exit.OK


def _serve(args: argparse.Namespace, console: Console) -> Exit:
    import webbrowser

    from huying.cli.drilling import tell_run
    from huying.sim.drill.cast import PEOPLE
    from huying.sim.drill.live import Served, run_served
    from huying.store.packdir import read_pack

    ask = Served(
        scenario=args.scenario,
        pack=args.pack or "yunxi",
        seed=args.seed,
        policy=args.policy or PEOPLE,
        speed=read_speed(args.speed or "1x") or 1.0,
        store=args.store,
        host=args.host,
        port=args.port,
    )

    def ready(address: str) -> None:
        console.say("cli.drill.served", address=address)
        console.answer({"address": address, "scenario": ask.scenario, "seed": ask.seed, "speed": ask.speed})
        if args.open:
            webbrowser.open(address)

    tell_run(run_served(ask, ready), read_pack(ask.pack), console)
    return Exit.OK


def _again(args: argparse.Namespace, console: Console) -> Exit:
    from huying.cli.drilling import tell_run
    from huying.sim.drill.again import Day, read_day
    from huying.sim.drill.stage import play
    from huying.system import SystemClock

    try:
        day = date.fromisoformat(args.day)
    except ValueError:
        raise Refusal("bad_day", day=args.day) from None
    if bool(args.file) == bool(args.source) or (args.file and not args.map):
        raise Refusal("drill_source")
    theatre, scenario, rings = read_day(
        Day(day=day, pack=args.pack, file=args.file, map=args.map, store=args.source)
    )
    ask = _asked(args, scenario.name)
    red = theatre.red(scenario, args.seed, own=rings)
    with console.progress("cli.drill.progress") as bar:
        found = play(ask, theatre, red, lambda calls, at: bar(calls, len(rings)), SystemClock())
    tell_run(found, theatre.pack, console)
    console.answer(found)
    return Exit.OK


def _compare(args: argparse.Namespace, console: Console) -> Exit:
    import msgspec

    from huying.cli.compared import tell_compared, tell_markdown
    from huying.sim.drill.compare import SEEDS_MAX, compare
    from huying.sim.drill.scenario import scenarios_of

    if not 2 <= args.seeds <= SEEDS_MAX:
        raise Refusal("out_of_range", field="seeds", low=2, high=SEEDS_MAX)
    pack = args.pack or "yunxi"
    names = args.scenario or list(scenarios_of(pack))
    if not names:
        raise Refusal("pack_without_drills", pack=pack)
    seeds = range(1, args.seeds + 1)
    with console.progress("cli.drill.progress.runs") as bar:
        found = compare(pack, names, args.a, args.b, seeds, args.jobs, bar)
    (tell_markdown if args.markdown else tell_compared)(found, args, console)
    console.answer(
        {
            "a": args.a,
            "b": args.b,
            "seeds": args.seeds,
            "scenarios": msgspec.to_builtins(found),
        }
    )
    return Exit.OK


def _fit(args: argparse.Namespace, console: Console) -> Exit:
    from huying.channels.files import Reader
    from huying.channels.files.lines import BadLines
    from huying.sim.drill.fitted import fit, write_fit
    from huying.sim.replay import limited
    from huying.sim.stage import find_mapping
    from huying.store.packdir import read_pack

    mapping = find_mapping(args.map)
    pack = read_pack(args.pack or mapping.pack)
    with BadLines(None) as nowhere:
        records = limited(Reader(mapping, pack.centre, nowhere).read(Path(args.file)), args.limit)
        found = fit(records, pack)
    answer = {
        "calls": found.hours.total(),
        "weeks": round(found.weeks, 2),
        "cells": len({cell for _, cell in found.cells}),
        "types": len({type for _, type in found.types}),
        "rows": write_fit(found, Path(args.out)),
    }
    console.say("cli.drill.fit.done", out=args.out, **answer)
    console.answer(answer)
    return Exit.OK


def _year(args: argparse.Namespace, console: Console) -> Exit:
    from huying.sim.year import CALLS_MAX, DAYS_MAX, Days, run_days

    for field, value, most in (("days", args.days, DAYS_MAX), ("calls", args.calls, CALLS_MAX)):
        if not 0 < value <= most:
            raise Refusal("out_of_range", field=field, low=0, high=most)
    ask = Days(
        pack=args.pack or "yunxi",
        days=args.days,
        calls_per_day=args.calls,
        seed=args.seed,
        store=args.store,
    )
    with console.progress("cli.drill.progress") as bar:
        found = run_days(ask, lambda calls, at: bar(calls))
    console.say("cli.drill.year.done", **found)
    console.answer(found)
    return Exit.OK


COMMAND = Command("drill", 6, _run, _arguments)
