"""The whole board: who goes where when several incidents want the same units."""

from __future__ import annotations

from itertools import permutations
from math import inf, isfinite

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from huying.dispatch.board import EXACT_MAX, BoardPlan, _assign, _by_regret, plan_board
from huying.dispatch.cover import BUSY, Cover, first_abilities, places_of
from huying.domain.assignment import Assignment
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.run_card import UnitRow
from huying.domain.statuses import UnitStatus
from huying.domain.unit import Unit
from huying.geo.travel import StraightTravel
from shipped_packs import pack as shipped
from tiny_pack import EAST_STATION, IN_EAST, IN_WEST, MONDAY_10, WEST_STATION, text, tiny_pack

travel = StraightTravel(detour=1.0)


def cars(*at: tuple[float, float]) -> Pack:
    """Patrol cars c1, c2 … and no others."""
    rows = {
        f"c{n}": UnitRow(f"c{n}", text("车", "car"), "police", "car", frozenset({"patrol"}), "", *point, 36.0)
        for n, point in enumerate(at, 1)
    }
    return tiny_pack(units=rows)


def free(city: Pack) -> dict[str, Unit]:
    return {
        row.code: Unit(n, row.code, lat=row.lat, lon=row.lon) for n, row in enumerate(city.units.values(), 1)
    }


def theft(id: int, priority: int, at: tuple[float, float], *units: str) -> Incident:
    on = [Assignment(n, code, "police", MONDAY_10) for n, code in enumerate(units, 1)]
    return Incident(id, MONDAY_10, "police.theft", priority, place=Place(*at), assignments=on)


def planned(city: Pack, *incidents: Incident, units: dict[str, Unit] | None = None) -> BoardPlan:
    return plan_board(Cover(city, units or free(city), travel, MONDAY_10), incidents, MONDAY_10)


def test_the_urgent_incident_takes_the_unit_that_both_would_take() -> None:
    city = cars(IN_WEST, EAST_STATION)
    found = planned(city, theft(1, 3, IN_WEST), theft(2, 1, WEST_STATION))
    assert {(each.incident, each.unit) for each in found.sent} == {(2, "c1"), (1, "c2")}
    other = next(each for each in found.sent if each.incident == 1)
    assert [each.key for each in other.reasons][:2] == ["board.sent", "board.elsewhere"]
    assert other.reasons[1].values["incident"] == 2 and other.reasons[1].values["priority"] == 1


def test_what_a_unit_on_the_incident_fills_is_not_filled_again() -> None:
    city = cars(WEST_STATION, EAST_STATION)
    assert planned(city, theft(1, 1, IN_WEST, "c1")).sent == ()


def test_what_nobody_can_fill_is_named() -> None:
    city = cars(WEST_STATION)
    found = planned(city, theft(1, 1, IN_WEST), theft(2, 3, IN_EAST))
    assert [(each.incident, each.unit) for each in found.sent] == [(1, "c1")]
    assert [(each.incident, each.ability, each.missing) for each in found.missing] == [(2, "patrol", 1)]


def test_busy_units_and_incidents_without_a_place_are_left_out() -> None:
    city = cars(WEST_STATION, EAST_STATION)
    units = free(city)
    units["c1"].status, units["c1"].incident = UnitStatus.DISPATCHED, 9
    nowhere = Incident(3, MONDAY_10, "police.theft", 1)
    found = planned(city, theft(1, 2, IN_WEST), nowhere, units=units)
    assert [(each.incident, each.unit) for each in found.sent] == [(1, "c2")]
    assert found.missing == ()


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32))
def test_the_matching_is_the_best_there_is(rows: int, columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs = np.where(
        rng.random((rows, columns)) < 0.2, inf, rng.integers(0, 100, (rows, columns)).astype(float)
    )
    nobody = [80.0] * rows

    def cost(chosen: tuple[int, ...] | list[int]) -> float:
        return sum(costs[n, c] if 0 <= c < columns else nobody[n] for n, c in enumerate(chosen))

    found = _assign(costs.copy(), nobody)
    every = permutations([*range(columns), *[-1] * rows], rows)
    best = min(
        cost(each) for each in every if all(c < 0 or isfinite(costs[n, c]) for n, c in enumerate(each))
    )
    assert cost(found) == pytest.approx(best)
    regret = _by_regret(costs, nobody)
    taken = [each for each in regret if each >= 0]
    assert len(taken) == len(set(taken)) and cost(regret) >= best


def test_beyond_the_exact_size_regret_is_near_the_best() -> None:
    rng = np.random.default_rng(5)
    costs = rng.random((150, 180)) * 1_000
    nobody = [5_000.0] * 150
    exact, regret = _assign(costs, nobody), _by_regret(costs, nobody)
    sums = [sum(costs[n, c] for n, c in enumerate(each)) for each in (exact, regret)]
    assert sums[0] <= sums[1] < 2.5 * sums[0]
    assert EXACT_MAX >= 150


def test_cover_is_that_of_daskin() -> None:
    yunxi = shipped("yunxi")
    units = {
        row.code: Unit(n, row.code, lat=row.lat, lon=row.lon) for n, row in enumerate(yunxi.units.values(), 1)
    }
    cover = Cover(yunxi, units, travel, MONDAY_10)
    assert len(places_of(yunxi)) == 64
    for wanted, told in zip(first_abilities(yunxi), cover.covered(), strict=True):
        counts = [
            sum(
                wanted.ability in row.abilities and travel.seconds([(unit, row)], point)[0] <= wanted.within_s
                for unit, row in cover.free
            )
            for point in places_of(yunxi)
        ]
        assert told.share == pytest.approx(sum(1 - BUSY**k for k in counts) / len(counts), abs=1e-3)


def test_free_units_are_asked_to_wait_where_they_bring_most() -> None:
    yunxi = shipped("yunxi")
    far = {
        row.code: Unit(n, row.code, lat=27.95, lon=121.31) for n, row in enumerate(yunxi.units.values(), 1)
    }
    moves = Cover(yunxi, far, travel, MONDAY_10).moves()
    assert 1 <= len(moves) <= 3
    assert all(each.gain >= 0.02 and each.station in yunxi.stations for each in moves)
    assert len({each.unit for each in moves}) == len(moves)
    assert len({(each.station, each.ability) for each in moves}) == len(moves)


@pytest.mark.parametrize(("cover", "moves"), [(0.01, False), (1.0, True), (0.0, True)])
def test_moving_up_is_suggested_below_the_standard_of_the_pack(cover: float, moves: bool) -> None:
    """A city that says a hundredth is enough hears nothing, one that wants everything does; unsaid, 0.7."""
    yunxi = shipped("yunxi")
    wanted = yunxi.changed(standards={1: replace(yunxi.standards[1], cover=cover)})
    far = {
        row.code: Unit(n, row.code, lat=27.95, lon=121.31) for n, row in enumerate(yunxi.units.values(), 1)
    }
    found = Cover(wanted, far, travel, MONDAY_10)
    assert bool(found.moves()) is moves
    assert {each.wanted for each in found.covered()} == {cover or 0.7}
