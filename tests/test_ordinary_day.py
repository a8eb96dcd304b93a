"""An ordinary day of the demo county: alive, and in hand; and so is the day after."""

from __future__ import annotations

from collections import Counter

import pytest

from huying.base.clock import DAY, HOUR, SECOND, ManualClock
from huying.domain import facts as f
from huying.domain.commands import AdoptPack, Envelope
from huying.domain.facts import Fact
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.sim.chance import SeededChance
from huying.sim.living import Living
from huying.sim.manner import CALLS_PER_DAY, rhythm_of
from huying.store.opening import open_store
from huying.store.packdir import read_net, read_pack

# Monday, 2 March 2026, midnight in the county.
MIDNIGHT = 1_772_380_800 * SECOND
DAYS = 2
LOOK = 2 * HOUR


class Watch:
    """What a visitor would see of a county: who is open, and whether help came in time."""

    def __init__(self, living: Living) -> None:
        self.pack = living.house.pack
        self.rang: dict[int, tuple[int, int]] = {}
        self.open: set[int] = set()
        self.came: dict[int, list[bool]] = {}
        self.said: Counter[str] = Counter()
        self.busy: set[str] = set()
        ears = living.city.ears
        ears.listen(f.IncidentOpened, self.opened)
        ears.listen(f.UnitArrived, self.arrived)
        ears.listen(f.Escalated, lambda fact, body: self.said.update([body.key.split(":")[0]]))
        for ended in (f.IncidentResolved, f.IncidentClosed):
            ears.listen(ended, lambda fact, body: self.open.discard(fact.stream))
        ears.listen(f.IncidentReopened, lambda fact, body: self.open.add(fact.stream))
        ears.listen(f.UnitDispatched, lambda fact, body: self.busy.add(body.unit))
        for freed in (f.UnitCleared, f.UnitRecalled):
            ears.listen(freed, lambda fact, body: self.busy.discard(body.unit))

    def opened(self, fact: Fact, body: f.IncidentOpened) -> None:
        self.open.add(fact.stream)
        self.rang[fact.stream] = (fact.at, body.priority)

    def arrived(self, fact: Fact, body: f.UnitArrived) -> None:
        at, priority = self.rang.pop(fact.stream, (0, 0))
        if at:
            within = self.pack.standards[priority].arrive_s
            self.came.setdefault(priority, []).append(fact.at - at <= within * SECOND)

    def in_time(self, priority: int) -> float:
        return sum(self.came[priority]) / len(self.came[priority])


@pytest.mark.slow
def test_the_county_has_its_days_in_hand() -> None:
    pack = read_pack("yunxi")
    opened = open_store(":memory:", SeededChance(1))
    engine = Engine(opened.store, house_of(pack, read_net("yunxi")), ManualClock(MIDNIGHT), SeededChance(1))
    with engine.transaction() as transaction:
        transaction.execute(Envelope(AdoptPack()))
    living = Living(engine.house, opened.questions, rhythm_of(pack, "yunxi", 1), 1)
    watch = Watch(living)
    living.play_before(engine, MIDNIGHT, MIDNIGHT + LOOK)
    looks: list[tuple[int, int]] = []
    for at in range(MIDNIGHT + 2 * LOOK, MIDNIGHT + DAYS * DAY + 1, LOOK):
        living.play_on(engine, at)
        looks.append((len(watch.open), len(watch.busy)))
    calls = opened.questions.counts(MIDNIGHT + DAYS * DAY).calls
    opened.close()

    assert 0.75 * CALLS_PER_DAY * DAYS < calls < 1.25 * CALLS_PER_DAY * DAYS
    # Most of those whose life is in danger have somebody with them in five minutes, in a county with hills.
    assert watch.in_time(1) > 0.5
    assert watch.in_time(2) > 0.6
    assert watch.in_time(3) > 0.7
    # Tens are open from the first noon on, at night too, and the second day is no fuller than a day may be.
    filled = [number for number, _ in looks[5:]]
    assert min(filled) > 30
    assert max(filled) < 150
    first, second = looks[5:11], looks[17:23]
    assert sum(number for number, _ in second) < 1.5 * sum(number for number, _ in first)
    # It lives: units are out by day, some answers are late, and somebody hears of them.
    assert max(busy for _, busy in looks) >= 10
    assert all(watch.said[late] > 0 for late in ("accept", "resolve", "dispatch", "arrive"))
