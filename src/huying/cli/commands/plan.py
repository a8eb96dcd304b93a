"""`huying plan`: where posts should be, how many crews a shift needs, where patrols should be based."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config

SEEDS, SEEDS_MAX = 20, 200
WEEKS_MAX = 20
WAIT = 0.1
CREWS_MAX = 500


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("posts", "shifts", "patrol-base", "compare"))
    compare = verbs.pop("compare")
    compare.add("--store", default=config.store)
    compare.add("--json", action="store_true")
    for name, verb in verbs.items():
        verb.add("--from", dest="source", default="", metavar="STORE|PACK")
        verb.add("--pack", default=config.pack)
        verb.add("--ability", default="")
        verb.add("--kind", default="car")
        verb.add("--seed", type=int, default=1)
        verb.add("--seeds", type=int, default=SEEDS)
        verb.add("--weeks", type=int, default=1)
        if name == "shifts":
            verb.add("--wait", type=float, default=WAIT)
            verb.add("--reserve", type=int, default=0)
        else:
            verb.add("--within", type=int, default=0)
            verb.add("--crews", type=int, default=0)
            verb.add("--geojson", default="", metavar="FILE")
        if name != "patrol-base":
            verb.add("--try", dest="own", default="", metavar="FILE")
        if name == "patrol-base":
            verb.add("--bases", type=int, default=0)
        verb.add("--propose", default="", metavar="STORE")
        verb.add("--title", default="")
        verb.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    if args.verb == "compare":
        return _compare(args, console)
    # What is needed is loaded here: `huying --help` shall not wait for arrays.
    import numpy as np

    from huying.cli.planned import demand_from

    few = (("seeds", 1, SEEDS_MAX), ("weeks", 1, WEEKS_MAX))
    for field, low, high in (*few, ("crews", 0, CREWS_MAX), ("bases", 0, CREWS_MAX)):
        if not low <= getattr(args, field, low) <= high:
            raise Refusal("out_of_range", field=field, low=low, high=high)
    pack, demand = demand_from(args.source, args.pack, args.ability, args.seed)
    rngs = [np.random.default_rng([args.seed, n]) for n in range(args.seeds)]
    made = _shifts(args, console, pack, demand, rngs) if args.verb == "shifts" else None
    made = made or _posts(args, console, pack, demand, rngs)
    if args.propose:
        _propose(args, console, made)
    console.answer(made["shown"])
    return Exit.OK


def _compare(args: argparse.Namespace, console: Console) -> Exit:
    """Rules that were watched beside the desk, over the whole journal of a store."""
    from contextlib import closing

    from msgspec.structs import asdict

    from huying.edge.shadowed import FACTS_MAX, compare, facts_of
    from huying.store.opening import open_questions

    with closing(open_questions(args.store)) as questions:
        found = compare(facts_of(questions.facts, 0, FACTS_MAX))
    for each in found:
        sooner = each.sooner_s
        console.say(
            "cli.plan.compare.told",
            policy=each.policy,
            times=each.times,
            same=round(100 * each.same, 1),
            sent=round(each.sent_s.mean),
            chosen=round(each.chosen_s.mean),
            sooner=round(sooner.mean, 1),
            low=round(sooner.low, 1),
            high=round(sooner.high, 1),
            nobody=each.nobody,
        )
    if not found:
        console.say("cli.plan.compare.nothing")
    console.answer({"items": [asdict(each) for each in found]})
    return Exit.OK


def _posts(args: argparse.Namespace, console: Console, pack: Any, demand: Any, rngs: Any) -> dict[str, Any]:
    from huying.cli import planned
    from huying.dispatch.covering.solving import solver
    from huying.dispatch.demand import places_of
    from huying.dispatch.posts import board_of
    from huying.dispatch.suggest import suggest_posts

    within_s = planned.within_of(pack, demand.ability, args.within)
    travel = planned.travel_of(pack, planned.folder_of(args.source, args.pack))
    posts = planned.posts_from(getattr(args, "own", ""))
    more, own = planned.sites_at(pack, posts)
    board = board_of(pack, demand, places_of(demand), travel, args.kind, within_s, more)
    if not board.sites:
        raise Refusal("plan_no_sites")
    base = args.verb == "patrol-base"
    bases = getattr(args, "bases", 0)
    found = suggest_posts(board, demand, args.crews, rngs, args.weeks, solver(), base, bases, own)
    shown = planned.plan_shown(pack, board, found, demand)
    planned.tell_plan(console, pack, shown)
    if args.geojson:
        planned.write_geojson(shown, Path(args.geojson))
    kind = "patrol_base" if base else "posts"
    return {"shown": shown, "kind": kind, "posts": planned.postings_of(shown), "wanted": (), "pack": pack}


def _shifts(args: argparse.Namespace, console: Console, pack: Any, demand: Any, rngs: Any) -> dict[str, Any]:
    from huying.cli import planned
    from huying.cli.staffed import staffed, tell_staff, turns_of, wanted_of

    if not pack.shifts:
        raise Refusal("plan_no_shifts")
    if not 0.001 <= args.wait <= 0.9 or not 0 <= args.reserve <= CREWS_MAX:
        raise Refusal("out_of_range", field="wait", low=0.001, high=0.9)
    travel = planned.travel_of(pack, planned.folder_of(args.source, args.pack))
    own = planned.crews_from(args.own, pack)
    shown = staffed(pack, demand, travel, args.kind, args.wait, args.reserve, rngs, args.weeks, own)
    tell_staff(console, pack, shown)
    posts, wanted = turns_of(pack, shown), wanted_of(shown)
    return {"shown": shown, "kind": "shifts", "posts": posts, "wanted": wanted, "pack": pack}


def _propose(args: argparse.Namespace, console: Console, made: dict[str, Any]) -> None:
    """Put the plan on the table of a store; a supervisor adopts it."""
    from huying.cli import office, planned
    from huying.domain.deployment import ProposeDeployment

    shown = made["shown"]
    title = args.title or f"{args.verb} {shown['ability']}"
    figures = dict(list(planned.figures_of(shown).items())[:100]) if "options" in shown else {}
    with office.office(args.propose, args.pack) as house:
        command = ProposeDeployment(
            kind=made["kind"], title=title, posts=made["posts"], wanted=made["wanted"], figures=figures
        )
        told = office.do(house, command)
    console.say("cli.plan.told.proposed", plan=told["plan_id"], title=title)
    shown["plan_id"] = told["plan_id"]


COMMAND = Command("plan", 59, _run, _arguments)
