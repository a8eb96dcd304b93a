"""Ordinary days through the live engine, one after another: a city's year in minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from huying.base.clock import DAY, SECOND, Clock, ManualClock
from huying.channels.files import Record
from huying.dispatch.recommend import choose
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.sim.ahead import understood_ahead
from huying.sim.chance import Dice, SeededChance
from huying.sim.drill.stage import own_store
from huying.sim.manner import manner_of
from huying.sim.player import Player, Progress
from huying.sim.rhythm import Rhythm, Source
from huying.store.packdir import read_net, read_pack
from huying.store.verify import verify
from huying.system import SystemClock, rare_collections

# Monday, 5 January 2026, UTC: a year of whole weeks.
BEGINS = 1_767_571_200 * SECOND
# Ten years, and a city of twenty million.
DAYS_MAX, CALLS_MAX = 3_660.0, 50_000.0


class Days(Struct, frozen=True, kw_only=True):
    """What is asked for. `store` empty: in memory."""

    pack: str = "yunxi"
    days: float = 365.0
    calls_per_day: float = 620.0
    seed: int = 1
    store: str = ""


class Ordinary(Player):
    """Nobody drills: the desk sends the nearest by road, units work where their stations are."""

    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        assert self.transaction is not None
        work, house = self.transaction.work, self.engine.house
        found = choose(house.pack, work.incident(incident), work.units(), house.travel, at)
        far_s = self.city.habits.far_s
        return tuple(unit for unit, expected_s in found if expected_s <= far_s)


def run_days(ask: Days, progress: Progress, clock: Clock | None = None) -> Mapping[str, Any]:
    """Play them; the summary as JSON values."""
    clock = clock or SystemClock()
    pack = read_pack(ask.pack)
    rhythm = Rhythm(pack, Dice(ask.seed).fork("rhythm"), ask.calls_per_day, manner_of(ask.pack))
    house = house_of(pack, read_net(ask.pack))
    began = clock.now()
    with own_store(ask.store, ask.seed) as opened, rare_collections():
        engine = Engine(opened.store, house, ManualClock(0), SeededChance(ask.seed))
        player = Ordinary(engine, "days", ask.seed)
        calls = _calls(rhythm, BEGINS + int(ask.days * DAY))
        with understood_ahead(calls, house) as records:
            player.run(records, lambda at: None, progress)
        wall_s = (clock.now() - began) / SECOND
        summary = player.city.tally.summary()
        return {
            "pack": pack.name,
            "days": ask.days,
            "seed": ask.seed,
            **summary,
            "wall_s": round(wall_s, 2),
            "calls_per_s": round(summary["calls"] / wall_s, 1),
            "verify": verify(opened.questions).fault or "ok",
        }


def _calls(source: Source, until: int) -> Iterator[Record]:
    at, call = source.next(BEGINS)
    n = 0
    while at < until:
        n += 1
        yield Record(n, at, call)
        at, call = source.next(at)
