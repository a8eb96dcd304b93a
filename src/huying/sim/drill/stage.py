"""Puts a drill together: pack, roads, scenario, store, engine; plays it, and says what it came to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from huying.base.clock import SECOND, Clock, ManualClock
from huying.base.refusal import Refusal
from huying.domain.pack import Pack
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.service.ports import House
from huying.service.questions import Questions
from huying.sim.chance import SeededChance
from huying.sim.drill.cast import BEST, Cast
from huying.sim.drill.fitted import read_fitted
from huying.sim.drill.lines import Ring
from huying.sim.drill.otherwise import otherwise
from huying.sim.drill.red import Red
from huying.sim.drill.remembered import Remembered
from huying.sim.drill.scenario import Scenario, read_scenario, scenarios_of
from huying.sim.drill.town import Drill
from huying.sim.manner import manner_of
from huying.sim.player import Progress
from huying.sim.rhythm import Source
from huying.sim.stage import iso, pace
from huying.store.keys import find_keys
from huying.store.opening import Opened, open_store
from huying.store.packdir import read_net, read_pack
from huying.store.verify import verify
from huying.system import SystemChance, SystemClock, rare_collections

HINDSIGHT_MAX = 10
"""Decisions that are looked at again after a drill: as many as a debriefing has time for."""

FACTS_AT_ONCE = 200
"""As many as one question may ask for."""


class Ask(Struct, frozen=True, kw_only=True):
    """What is asked for. `store` empty: in memory, gone at the end; `speed` 0: as fast as it goes; `fitted`:
    a file of what was learnt from records, for the ordinary calls; `hindsight`: rules by which the same drill
    is played once more afterwards.
    """

    scenario: str
    pack: str = "yunxi"
    seed: int = 1
    policy: str = BEST
    speed: float = 0.0
    store: str = ""
    fitted: str = ""
    hindsight: tuple[str, ...] = ()


class Theatre:
    """A pack with its roads and its drills, read once for any number of runs."""

    def __init__(self, pack: str) -> None:
        self.folder = pack
        self.pack = read_pack(pack)
        self.net = read_net(pack)
        self.manner = manner_of(pack)
        self.equip(self.pack)

    def equip(self, pack: Pack) -> None:
        """Go on with another edition of the pack: with more units, say."""
        self.pack = pack
        # By the words of the pack alone, without its model: the same sentence from every machine.
        plain = house_of(self.pack, self.net)
        self._house = replace(plain, travel=Remembered(plain.travel))

    def scenario(self, name: str) -> Scenario:
        return read_scenario(self.pack, self.folder, name)

    def scenarios(self) -> list[Scenario]:
        return [self.scenario(name) for name in scenarios_of(self.folder)]

    def house(self) -> House:
        """The parts that decide, with all roads open."""
        self._house.travel.obey(())
        return self._house

    def red(
        self, scenario: Scenario, seed: int, ordinary: Source | None = None, own: Sequence[Ring] = ()
    ) -> Red:
        return Red(scenario, self.pack, seed, self.manner, ordinary, own)


def run_drill(
    ask: Ask, progress: Progress, clock: Clock | None = None, theatre: Theatre | None = None
) -> dict[str, Any]:
    """Play one of a pack's scenarios to its end; what it came to as JSON values."""
    theatre = theatre or Theatre(ask.pack)
    scenario = theatre.scenario(ask.scenario)
    source = read_fitted(ask.fitted, theatre.pack, ask.seed) if ask.fitted else None
    return play(ask, theatre, theatre.red(scenario, ask.seed, source), progress, clock or SystemClock())


def play(ask: Ask, theatre: Theatre, red: Red, progress: Progress, clock: Clock) -> dict[str, Any]:
    """Play one drill to its end; what it came to as JSON values."""
    began = clock.now()
    with own_store(ask.store, ask.seed) as opened, rare_collections():
        chance = SeededChance(ask.seed)
        engine = Engine(opened.store, theatre.house(), ManualClock(0), chance)
        drill = Drill(engine, red, ask.seed, ask.policy)
        drill.run(iter(red.records()), pace(ask.speed, clock), progress)
        wall_s = (clock.now() - began) / SECOND
        report = verify(opened.questions)
        again = otherwise(theatre.house(), red, ask.seed, drill.cast.score, ask.hindsight, lambda at: None)
        return {
            **told(drill.cast, red.ends_at),
            "otherwise": msgspec.to_builtins(again),
            "facts": report.facts,
            "digest": digest_of(opened.questions),
            "verify": report.fault or "ok",
            "refused": dict(sorted(drill.city.tally.refused.items())),
            "wall_s": round(wall_s, 2),
        }


def digest_of(questions: Questions) -> str:
    """Hash over all facts in order, without their salts: one story, whatever store it was told to."""
    hashed, after = hashlib.sha256(), 0
    while facts := questions.facts(after, FACTS_AT_ONCE):
        after = facts[-1].seq
        for fact in facts:
            hashed.update(msgspec.json.encode(fact))
    return hashed.hexdigest()


def told(cast: Cast, at: int) -> dict[str, Any]:
    """Scenario, score, decisions and timeline at an instant (UTC µs), as JSON values."""
    red = cast.red
    return {
        "scenario": red.scenario.name,
        "title": red.scenario.title,
        "waves": {each.name: each.said for each in red.scenario.wave},
        "pack": cast.house.pack.name,
        "seed": cast.seed,
        "policy": cast.policy,
        "begins_at": iso(red.begins_at),
        "ends_at": iso(red.ends_at),
        "score": cast.score.told(at),
        "hindsight": [timed(each) for each in cast.timeline.hindsight(HINDSIGHT_MAX)],
        "timeline": [timed(each) for each in cast.timeline.lines],
    }


def timed(thing: Struct) -> dict[str, Any]:
    """The fields of a line or a decision, its instants as text."""
    found: dict[str, Any] = msgspec.to_builtins(thing)
    return {
        key: (iso(value) if value else None) if key in INSTANTS else value for key, value in found.items()
    }


INSTANTS = frozenset({"at", "opened_at", "sent_at"})


@contextmanager
def own_store(address: str, seed: int) -> Iterator[Opened]:
    """A drill's own store: in memory, or a new one that is kept to be looked at. Never one that holds
    anything: refuses with `store_not_empty`."""
    if address and "://" not in address and address != ":memory:":
        find_keys(address, SystemChance(), os.environ)
    opened = open_store(address or ":memory:", SeededChance(seed))
    try:
        if opened.questions.head().seq:
            raise Refusal("store_not_empty", store=address)
        yield opened
    finally:
        opened.close()
