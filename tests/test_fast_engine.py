"""The fast engine: as the oracle on any problem, and as the live engine on the same calls."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from huying.base.clock import SECOND, ManualClock
from huying.channels.files import Record
from huying.dispatch.recommend import recommend
from huying.domain.commands import ReceiveCall
from huying.domain.pack import Pack
from huying.domain.run_card import Need
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.sim.chance import Dice, SeededChance
from huying.sim.drill.driving import Driving
from huying.sim.fast import engine, oracle
from huying.sim.fast.county import County, Demand
from huying.sim.fast.problem import NOBODY, Outcome, Problem, Rule
from huying.sim.habits import Habits
from huying.sim.player import Player
from huying.store.opening import open_store
from huying.store.packdir import read_net, read_pack
from tiny_pack import MONDAY_10

LINE = np.array([[0.0, 100.0, 200.0], [100.0, 0.0, 100.0], [200.0, 100.0, 0.0]])


def problem(at: list[float], place: list[int], home: list[int], **how: Any) -> Problem:
    return Problem(
        np.array(at),
        np.array(place),
        np.array(how.get("urgent", [True] * len(at))),
        np.array(how.get("work_s", [1_000.0] * len(at))),
        np.array(home),
        how.get("times", LINE),
        how.get("turn_out_s", 10.0),
    )


ENGINES = pytest.mark.parametrize("play", [oracle.play, engine.play], ids=["oracle", "compiled"])


@pytest.mark.slow
@ENGINES
def test_the_nearest_goes_and_the_next_waits_until_it_is_free(play: Any) -> None:
    found: Outcome = play(problem([0.0, 1.0], [1, 1], [0]), Rule())
    # 10 s to turn out, 100 s on the way; then 1,000 s of work; the second is at the same place.
    assert found.waited_s.tolist() == [110.0, 1_110.0 + 10.0 - 1.0]
    assert found.unit.tolist() == [0, 0]


@ENGINES
def test_a_unit_is_where_it_was_at_work_until_it_is_home(play: Any) -> None:
    calls = problem([0.0, 1_150.0, 3_000.0], [1, 2, 1], [0], work_s=[1_000.0, 10.0, 10.0])
    found: Outcome = play(calls, Rule())
    # Free at 1,110, it would be home at 1,210: at 1,150 it still starts from place 1.
    assert found.waited_s.tolist() == [110.0, 110.0, 110.0]


@ENGINES
def test_a_reserve_waits_for_urgent_calls(play: Any) -> None:
    calls = problem([0.0, 1.0, 2.0], [1, 1, 1], [0, 2], urgent=[False, False, True])
    found: Outcome = play(calls, Rule(reserve=1))
    assert found.unit.tolist() == [0, 1, 1] or found.unit[2] == 1
    assert found.waited_s[2] == 110.0
    assert found.waited_s[1] > 1_000


@ENGINES
def test_a_post_that_stands_empty_is_filled(play: Any) -> None:
    calls = problem([0.0, 500.0], [0, 0], [0, 2], work_s=[5_000.0, 10.0])
    still: Outcome = play(calls, Rule())
    moved: Outcome = play(calls, Rule(posts=(0, 2)))
    assert still.waited_s.tolist() == [10.0, 210.0]
    assert moved.waited_s.tolist() == [10.0, 10.0]
    assert moved.moves >= 1


@ENGINES
def test_who_cannot_be_reached_gets_nobody(play: Any) -> None:
    island = LINE.copy()
    island[:2, 2] = island[2, :2] = inf
    found: Outcome = play(problem([0.0, 5.0], [2, 1], [0], times=island), Rule())
    assert found.waited_s.tolist() == [inf, 110.0]
    assert found.unit.tolist() == [NOBODY, 0]


@st.composite
def problems(draw: st.DrawFn) -> tuple[Problem, Rule]:
    seed = draw(st.integers(0, 2**32 - 1))
    calls, units, places = (draw(st.integers(1, most)) for most in (40, 6, 7))
    rng = np.random.default_rng(seed)
    times = rng.uniform(1.0, 900.0, (places, places))
    times[rng.random((places, places)) < draw(st.sampled_from([0.0, 0.2]))] = inf
    np.fill_diagonal(times, 0.0)
    one = Problem(
        np.sort(rng.uniform(0.0, draw(st.sampled_from([500.0, 20_000.0])), calls)),
        rng.integers(0, places, calls),
        rng.random(calls) < 0.5,
        rng.exponential(800.0, calls),
        rng.integers(0, places, units),
        times,
    )
    posts = tuple(rng.permutation(places)[: draw(st.integers(0, places))].tolist())
    by = rng.uniform(1.0, 900.0, (places, places)) if draw(st.booleans()) else None
    return one, Rule(by, draw(st.integers(0, 2)), posts)


@settings(max_examples=300, deadline=None)
@given(problems())
def test_the_compiled_loop_is_the_oracle(drawn: tuple[Problem, Rule]) -> None:
    one, rule = drawn
    fast, plain = engine.play(one, rule), oracle.play(one, rule)
    assert fast.unit.tolist() == plain.unit.tolist()
    assert fast.waited_s.tolist() == plain.waited_s.tolist()
    assert fast.moves == plain.moves


# ── fast and faithful ───────────────────────────────────────────────────────────────────────────────────
STILL = Habits(
    confirm_s=(0.0,) * 5,
    confirm_spread=0.0,
    far_s=inf,
    notices_s=0.0,
    look_again_s=1e8,
    joins=0.0,
    turn_out_s=55.0,
    patrol_turn_out_s=55.0,
    turn_out_spread=0.0,
    drive_spread=0.0,
    drive_s=0.0,
    not_solved=0.0,
    on_scene_s=1_300.0,
    on_scene_spread=0.0,
)


def few_cars(pack: Pack) -> Pack:
    """The county with five patrol cars at different stations, and fights that want one of them."""
    cars = [row for row in pack.units.values() if row.kind == "car" and "patrol" in row.abilities]
    by_station = {row.station: replace(row, shifts=()) for row in cars}
    units = {row.code: row for row in list(by_station.values())[:5]}
    card = replace(pack.run_cards["police_fight"], needs=(Need("patrol", 1, (), 600),))
    return pack.changed(units=units, run_cards={**pack.run_cards, "police_fight": card})


class Plainly(Player):
    """The live engine with people who do everything at once, nearest by road; units drive the roads."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "test", 1, STILL)
        house, city = engine.house, self.city
        self.driving = Driving(house.pack, city.ears, city.units, house.travel)
        self.driving.follow(city.agenda, every=1 << 60)  # they tell where they are at the ends of their ways

    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        assert self.transaction is not None
        work, house = self.transaction.work, self.engine.house
        found = recommend(house.pack, work.incident(incident), work.units(), house.travel, at)
        return tuple(line.unit for line in found.lines)


@pytest.mark.slow
def test_the_fast_and_the_live_engine_give_the_same_response_times() -> None:
    pack, net = few_cars(read_pack("yunxi")), read_net("yunxi")
    house = house_of(pack, net)
    dice, at = Dice(11), MONDAY_10
    places = [each for each in pack.places.values() if each.kind in ("village", "estate", "junction")]
    calls = []
    for n in range(120):
        at += int(dice.exponential(700.0) * SECOND)
        spot = dice.one_of(places)
        call = ReceiveCall("110", "打架", stated_type="crime.fight", lat=spot.lat, lon=spot.lon)
        calls.append(Record(n, at, call))
    opened = open_store(":memory:", SeededChance(1))
    live = Plainly(Engine(opened.store, house, ManualClock(0), SeededChance(1)))
    live.run(iter(calls), lambda at: None, lambda calls, at: None)
    opened.close()

    points = [(each.call.lat or 0.0, each.call.lon or 0.0) for each in calls]
    county = County(pack, house.travel, "patrol", MONDAY_10, points)
    demand = [Demand(each.at, point, True) for each, point in zip(calls, points, strict=True)]
    # The live engine keeps whole seconds of what a drive is expected to take.
    problem = county.problem(demand, np.full(len(calls), 1_300.0), np.rint(county.seconds))
    fast = engine.play(problem, Rule(by=county.seconds))
    assert len(live.city.tally.response_s) == len(calls)
    # The live engine tells them in order of arrival.
    order = np.argsort(problem.at + fast.waited_s)
    assert np.allclose(fast.waited_s[order], np.array(live.city.tally.response_s), atol=0.01)
    assert np.isfinite(fast.waited_s).all()
    assert len(set(fast.unit.tolist())) == 5
    assert fast.waited_s.max() > 2_000  # some had to wait for a unit
