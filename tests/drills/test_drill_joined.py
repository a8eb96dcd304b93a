"""The simulated desk takes units along with a call, and lets go who is too many, by people's own commands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from drill_town import facts_of, quiet
from huying.base.clock import ManualClock
from huying.domain.facts import Fact
from huying.service.engine import Engine
from huying.sim.chance import SeededChance
from huying.sim.drill.cast import DRILL_HABITS
from huying.sim.drill.stage import Theatre, own_store
from huying.sim.drill.town import Drill
from huying.sim.replay import with_more_units

# Both are heard to be one thing only when units are on the way for both.
LATE_TO_JOIN = msgspec.structs.replace(DRILL_HABITS, joins=1.0, join_s=45.0, confirm_s=(5.0,) * 5)


def played(theatre: Theatre, store: str, seed: int) -> tuple[list[Fact], Drill]:
    red = theatre.red(theatre.scenario("brawl"), seed)
    with own_store(store, seed) as opened:
        engine = Engine(opened.store, theatre.house(), ManualClock(0), SeededChance(seed))
        drill = Drill(engine, red, seed, habits=LATE_TO_JOIN)
        drill.run(iter(red.records()), lambda at: None, quiet)
    return facts_of(store), drill


def about(facts: list[Fact], type: str) -> list[tuple[Fact, Any]]:
    return [(fact, fact.body) for fact in facts if fact.type == type]


def test_units_come_along_arrive_once_and_who_is_too_many_goes(theatre: Theatre, tmp_path: Path) -> None:
    theatre.equip(with_more_units(theatre.pack, 4, None))
    for seed in range(7, 12):
        facts, drill = played(theatre, str(tmp_path / f"{seed}.sqlite"), seed)
        taken_back = about(facts, "assignment.recalled")
        joined = [fact for fact, body in taken_back if body.why == "joined"]
        spare = [fact for fact, body in taken_back if body.why == "spare"]
        if joined and spare:
            break
    else:
        raise AssertionError("nobody came along with a call in five drills")
    assert {fact.actor for fact in joined + spare} == {"sim.desk"}
    came = [
        (fact, body)
        for fact, body in about(facts, "assignment.dispatched")
        if any(each.key == "dispatch.came_along" for each in body.reasons)
    ]
    assert len(came) == len(joined)
    # Each goes on as far as it was: it leaves once, arrives once and clears once, on one of its incidents.
    assert "not_from_here" not in drill.city.tally.refused
    ended = Counter(
        (fact.stream, body.n)
        for type in ("assignment.clear", "assignment.recalled")
        for fact, body in about(facts, type)
    )
    assert set(ended.values()) == {1}
    # Who stood there already when the calls were joined is not counted as arriving twice.
    (happening,) = [each for each in drill.cast.score.happenings.values() if each.came]
    arrived = [(fact.at, body.unit) for fact, body in about(facts, "assignment.on_scene")]
    there = [(fact.at, body.unit) for fact, body in taken_back if body.why == "joined"]
    assert len(happening.came) == len([each for each in arrived if each not in there])
