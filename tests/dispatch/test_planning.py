"""Posts, shifts and bases: small towns that can be counted by hand, and laws."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.dispatch import drive as driving
from huying.dispatch.covering.solving import solver
from huying.dispatch.demand import Weeks, demand_of, draw_weeks, places_of
from huying.dispatch.deployed import deployed
from huying.dispatch.drive import drive, spread_of
from huying.dispatch.posts import assign_units, base_for, best_posts, board_of, more_crews, one_moved
from huying.dispatch.shifts import drive_shifts
from huying.dispatch.staffing import crews_for, loads_of, staff, waits
from huying.dispatch.suggest import suggest_posts
from huying.domain.deployment import Deployment, Posting
from huying.domain.run_card import UnitRow
from huying.geo.travel import StraightTravel
from tiny_pack import EAST_STATION, IN_EAST, IN_WEST, MONDAY_10, WEST_STATION, text, tiny_pack

travel = StraightTravel(detour=1.0)


def asked(*points: tuple[float, float], every: int = 60, work_s: float = 600.0):
    """An ask at each point in turn, every so many minutes of a week."""
    asks = [
        (*points[n % len(points)], minute, 1, work_s, n % 4 == 0)
        for n, minute in enumerate(range(0, 10_080, every))
    ]
    return demand_of("patrol", 1.0, asks)


def board(*cars: tuple[float, float], points=(EAST_STATION,), within_s: float = 300.0):
    rows = {
        f"c{n}": UnitRow(f"c{n}", text("车", "car"), "police", "car", frozenset({"patrol"}), "", *at, 40.0)
        for n, at in enumerate(cars, 1)
    }
    demand = asked(*points)
    city = tiny_pack(units=rows)
    return city, demand, board_of(city, demand, places_of(demand), travel, "car", within_s)


@pytest.mark.slow
def test_the_post_goes_to_where_calls_are() -> None:
    """All calls are at the east station; the one car stands in the west, 9.8 km (883 s) away."""
    _, demand, found = board(WEST_STATION)
    assert found.share(found.homes) == 0.0
    best = best_posts(found, 1, solver(), 5.0)
    assert [found.sites[each].code for each in best.chosen] == ["east-post"]
    _, old, to = one_moved(found)
    assert (found.sites[old].code, found.sites[to].code) == ("west-post", "east-post")
    more = more_crews(found, 1, solver(), 5.0)
    assert sorted(found.sites[each].code for each in more.chosen) == ["east-post", "west-post"]
    told = suggest_posts(found, demand, 0, [np.random.default_rng(n) for n in range(3)], solver=solver())
    by_name = {each.name: each for each in told.options}
    assert list(by_name) == ["today", "moved", "more", "best"]
    assert by_name["today"].within.mean == 0.0 and by_name["moved"].within.mean > 0.9
    assert by_name["moved"].more_within.low > 0.85  # the same weeks, so the difference is sharp
    assert told.proven and told.units == (("c1", to),)


def test_half_way_has_the_shortest_mean_way() -> None:
    """Three of four asks in the west: one base stands there; with two there is one at each end."""
    _, _, found = board(WEST_STATION, WEST_STATION, points=(IN_WEST, IN_WEST, IN_WEST, IN_EAST))
    one = base_for(found, 1, 1)
    assert found.sites[one.chosen[0]].code == "west-market"  # 5.9 km from three of four; the post 6.7
    two = base_for(found, 4, 2)
    assert [list(two.chosen).count(each) for each in sorted(set(two.chosen))] in ([3, 1], [1, 3])


def test_units_move_as_little_as_can_be() -> None:
    _, _, found = board(WEST_STATION, EAST_STATION)
    codes = [each.code for each in found.sites]
    chosen = (codes.index("east-post"), codes.index("west-post"))
    assert dict(assign_units(found, chosen)) == {"c1": chosen[1], "c2": chosen[0]}


WAY = np.array([[100.0, 400.0]])  # one place, two posts


def weeks(*at: float, crews: int = 1, work_s: float = 1_000.0, urgent: bool = False) -> Weeks:
    n = len(at)
    return Weeks(
        np.array(at), np.zeros(n, int), np.full(n, crews), np.full(n, work_s), np.full(n, urgent, bool)
    )


def test_driving_is_counted_by_hand() -> None:
    """The first crew goes at 0, is there at 100 and clear at 1,100; the second goes at 10; the third ask at
    20 waits until 1,100 for the near crew, which is there at 1,200."""
    got = drive(WAY, (0, 1), weeks(0.0, 10.0, 20.0))
    assert got.response_s.tolist() == [100.0, 400.0, 1_180.0]
    assert got.waited.tolist() == [False, False, True]
    both = drive(WAY, (0, 1), weeks(0.0, 10.0, crews=2))
    assert both.response_s.tolist() == [100.0, 1_190.0]
    kept = drive(WAY, (0, 1), weeks(0.0, 10.0), reserve=1)
    assert kept.response_s.tolist() == [100.0, 1_190.0]  # the second crew is for urgent asks
    assert drive(WAY, (0, 1), weeks(0.0, 10.0, urgent=True), reserve=1).response_s.tolist() == [100.0, 400.0]
    assert drive(np.array([[inf]]), (0,), weeks(0.0)).response_s.tolist() == [inf]
    by_line = drive(WAY, (0, 1), weeks(0.0), choice=np.array([[5.0, 1.0]]))
    assert by_line.response_s.tolist() == [400.0]


def test_the_compiled_loop_is_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    demand = asked(IN_WEST, IN_EAST, EAST_STATION, every=7, work_s=2_000.0)
    places = places_of(demand)
    drawn = draw_weeks(demand, places, 1, np.random.default_rng(5))
    seconds = np.random.default_rng(6).random((len(places.points), 6)) * 900
    posts = (0, 1, 1, 3, 5)
    fast = drive(seconds, posts, drawn, reserve=2)
    monkeypatch.setattr(driving, "_loop", driving._drive)
    plain = drive(seconds, posts, drawn, reserve=2)
    assert np.array_equal(fast.response_s, plain.response_s)
    assert np.array_equal(fast.waited, plain.waited)


def test_drawn_weeks_are_like_those_seen_and_repeat_from_their_seed() -> None:
    demand = asked(IN_WEST, IN_EAST, every=30)
    places = places_of(demand)
    first = draw_weeks(demand, places, 20, np.random.default_rng(1))
    again = draw_weeks(demand, places, 20, np.random.default_rng(1))
    assert np.array_equal(first.at, again.at)
    assert len(first.at) == pytest.approx(20 * 336, rel=0.05)
    assert (np.diff(first.at) >= 0).all()
    assert np.bincount(first.place).tolist() == pytest.approx([3_360, 3_360], rel=0.1)


def test_erlang_by_the_tables() -> None:
    """C(1, 0.5) = 0.5; C(2, 1) = 1/3; C(10, 8) = 0.409 (Erlang's tables)."""
    assert waits(1, 0.5) == pytest.approx(0.5)
    assert waits(2, 1.0) == pytest.approx(1 / 3)
    assert waits(10, 8.0) == pytest.approx(0.409, abs=0.001)
    assert waits(2, 2.5) == 1.0 and waits(3, 0.0) == 0.0
    assert crews_for(8.0, 1.0, 0.41) == 10 and crews_for(0.0, 1.0, 0.1) == 1


@settings(max_examples=50, deadline=None)
@given(st.floats(0.1, 30), st.floats(1, 3), st.floats(0.01, 0.5))
def test_more_load_or_lumps_never_need_fewer_crews(load: float, peak: float, target: float) -> None:
    crews = crews_for(load, peak, target)
    assert crews_for(load + 1, peak, target) >= crews
    assert crews_for(load, peak + 0.5, target) >= crews
    assert crews > load


def test_shifts_give_every_hour_its_crews_and_trying_out_agrees_with_the_formula() -> None:
    demand = asked(IN_WEST, every=10, work_s=1_500.0)
    loads = loads_of(demand, 300.0)
    assert loads.load.mean() == pytest.approx(3.0, rel=0.05)  # six an hour, half an hour each
    shifts = {code: each for code, each in tiny_pack().shifts.items() if code != "weekday"}
    found = staff(loads, shifts, 0.1)
    assert (found.there >= found.needed).all()
    assert set(found.crews.values()) == {int(found.needed.max())}
    drawn = draw_weeks(demand, places_of(demand), 8, np.random.default_rng(2))
    waited, _ = drive_shifts(found.there, 300.0, drawn)
    # Work of one length waits less than the formula's (half as much in heavy traffic).
    assert waited < waits(int(found.needed.max()), 3.0) + 0.03
    short, urgent = drive_shifts(np.maximum(found.there - 3, 1), 300.0, drawn, 1)
    assert short > waited and urgent < short


def test_an_interval_is_as_wide_as_its_runs_differ() -> None:
    found = spread_of([1.0, 2.0, 3.0])
    assert found.mean == 2.0 and found.low < 1.0 < 3.0 < found.high
    assert spread_of([4.0, 4.0]).low == 4.0


def test_the_plan_adopted_last_counts_and_ends() -> None:
    city = tiny_pack()
    east = Deployment(id=1, kind="posts", posts=(Posting("x", *IN_EAST, "p1", ("night",)),), adopted_at=5)
    west = Deployment(id=2, kind="posts", posts=(Posting("west-post", *WEST_STATION, "p1"),), adopted_at=9)
    now = deployed(city, [west, east], MONDAY_10)
    assert now.units["p1"].station == "west-post" and now.units["p1"].shifts == ("night",)
    assert now.stations["post.1.1"].lat == IN_EAST[0]
    assert deployed(city, [east], 4) is city
    east.ended_at = 7
    assert deployed(city, [east], MONDAY_10) is city
