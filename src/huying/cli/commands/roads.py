"""`huying roads build` makes the net of a map; `huying roads evaluate` says how fast and how right it is."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config

if TYPE_CHECKING:
    from huying.edge.paces import Paces
    from huying.geo.roads.build import Built


EVALUATED = ("nodes", "edges", "matrix_200_ms", "one_to_200_us", "scipy_200_ms", "ratio", "equal")
"""What programs that compare nets are told; what else is measured is said in words."""


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("build", "evaluate", "invent", "learn-speeds"))
    learn = verbs["learn-speeds"]
    learn.add("--store", default=config.store)
    learn.add("--pack", default=config.pack)
    learn.add("--kinds", action="store_true")
    learn.add("--propose", action="store_true")
    learn.add("--title", default="")
    learn.add("--json", action="store_true")
    build = verbs["build"]
    build.add("file", metavar="FILE")
    build.add("-o", "--out", metavar="GRAPH", required=True)
    build.add("--json", action="store_true")
    invent = verbs["invent"]
    invent.add("pack", metavar="PACK")
    invent.add("-o", "--out", metavar="GRAPH", required=True)
    invent.add("--seed", type=int, default=1)
    invent.add("--json", action="store_true")
    evaluate = verbs["evaluate"]
    evaluate.add("graph", metavar="GRAPH")
    evaluate.add("--seed", type=int, default=1)
    evaluate.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    # Each verb loads what it needs: `huying --help` shall not wait for arrays.
    if args.verb == "build":
        from huying.store.roads.reading import read_roads

        return _written(read_roads(Path(args.file)), args, console)
    if args.verb == "invent":
        from huying.sim.land.invent import invent_roads
        from huying.store.packdir import read_pack

        return _written(invent_roads(read_pack(args.pack), args.seed), args, console)
    if args.verb == "learn-speeds":
        return _learn(args, console)
    return _evaluate(args, console)


def _written(built: Built, args: argparse.Namespace, console: Console) -> Exit:
    from huying.store.roads.file import write_graph

    graph = built.graph
    write_graph(graph, Path(args.out))
    answer = {
        "nodes": graph.nodes,
        "edges": graph.edges,
        "km": round(float(graph.metres.sum()) / 1_000, 1),
        "names": len(graph.names) - 1,
        "turns": len(graph.ban_from),
        "posts": len(graph.post_km),
        "digest": graph.digest(),
    }
    console.say("cli.roads.build.done", out=args.out, **answer)
    for what, times in built.strange.items():
        console.say("cli.roads.build.strange", what=console.word(f"roads.strange.{what}"), times=times)
    console.answer({**answer, "strange": built.strange})
    return Exit.OK


def _learn(args: argparse.Namespace, console: Console) -> Exit:
    """How much longer ways took than expected, by hour of the week, and what the factors would bring."""
    from contextlib import closing

    from msgspec.structs import asdict

    from huying.base.refusal import Refusal
    from huying.edge.paces import WAYS_MIN, learn, ways_of
    from huying.edge.shadowed import FACTS_MAX, facts_of
    from huying.store.opening import open_questions
    from huying.store.packdir import read_pack

    pack = read_pack(args.pack)
    if args.kinds:
        return _learn_kinds(args, console)
    with closing(open_questions(args.store)) as questions:
        ways = ways_of(facts_of(questions.facts, 0, FACTS_MAX), pack)
    found = learn(ways)
    if found is None:
        raise Refusal("speeds_too_few", ways=len(ways), least=WAYS_MIN)
    before, after = round(100 * found.error_before, 1), round(100 * found.error_after, 1)
    console.say(
        "cli.roads.learn-speeds.told", ways=found.ways, held=found.held_out, before=before, after=after
    )
    for day in range(7):
        row = found.factors[24 * day : 24 * day + 24]
        console.say(
            "cli.roads.learn-speeds.day", day=day + 1, factors=" ".join(f"{each:.2f}" for each in row)
        )
    if not found.better:
        console.say("cli.roads.learn-speeds.no_better")
    told = {**asdict(found), "better": found.better}
    if args.propose:
        told["plan_id"] = _propose(args, console, found)
    console.answer(told)
    return Exit.OK


def _learn_kinds(args: argparse.Namespace, console: Console) -> Exit:
    """The same by kind of road, as far as whole ways tell; it is read, and changes nothing."""
    from contextlib import closing

    import numpy as np
    from msgspec.structs import asdict

    from huying.base.refusal import Refusal
    from huying.edge.class_paces import WAYS_MIN, kinds_of, learn_kinds
    from huying.edge.shadowed import FACTS_MAX, facts_of
    from huying.geo.roads.travel import RoadTravel
    from huying.store.opening import open_questions
    from huying.store.packdir import read_net, read_pack

    pack, graph = read_pack(args.pack), read_net(args.pack)
    if graph is None:
        raise Refusal("speeds_no_roads", pack=pack.name)
    travel = RoadTravel(graph, pack.speeds)
    with closing(open_questions(args.store)) as questions:
        ways = kinds_of(facts_of(questions.facts, 0, FACTS_MAX), pack, travel)
    # The intervals are drawn: the same records give the same ones.
    found = learn_kinds(ways, np.random.default_rng(len(ways)))
    if found is None:
        raise Refusal("speeds_too_few", ways=len(ways), least=WAYS_MIN)
    before, after = round(100 * found.error_before, 1), round(100 * found.error_after, 1)
    console.say(
        "cli.roads.learn-speeds.told", ways=found.ways, held=found.held_out, before=before, after=after
    )
    for each in found.kinds:
        values = {**asdict(each), "kind": console.word(f"roads.kind.{each.kind}")}
        values["share"] = round(100 * each.share)
        console.say(f"cli.roads.learn-speeds.kind.{'told' if each.told else 'untold'}", **values)
    console.say("cli.roads.learn-speeds.door", seconds=found.door_s)
    if not found.better:
        console.say("cli.roads.learn-speeds.no_better")
    console.answer({**asdict(found), "kinds": [asdict(each) for each in found.kinds], "better": found.better})
    return Exit.OK


def _propose(args: argparse.Namespace, console: Console, found: Paces) -> int:
    """Put the paces on the table of the store; travel times obey them when a supervisor has adopted them."""
    from huying.cli import office
    from huying.domain.deployment import ProposeDeployment
    from huying.edge.paces import figures_of

    title = args.title or console.word("cli.roads.learn-speeds.title")
    command = ProposeDeployment(kind="paces", title=title, paces=found.factors, figures=figures_of(found))
    with office.office(args.store, args.pack) as house:
        plan = int(office.do(house, command)["plan_id"])
    console.say("cli.plan.told.proposed", plan=plan, title=title)
    return plan


def _evaluate(args: argparse.Namespace, console: Console) -> Exit:
    from huying.store.roads.evaluate import evaluate
    from huying.store.roads.reading import read_roads

    found = evaluate(read_roads(Path(args.graph)).graph, args.seed)
    console.say("cli.roads.evaluate.told", **found)
    console.answer({name: found[name] for name in EVALUATED})
    return Exit.OK if found["equal"] else Exit.REFUSED


COMMAND = Command("roads", 58, _run, _arguments)
