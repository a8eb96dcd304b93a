"""Covering: what is proven best is best, by trying every choice."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.dispatch.covering.bound import bound
from huying.dispatch.covering.exact import Program, Solved, Solver, best
from huying.dispatch.covering.problem import Problem
from huying.dispatch.covering.quick import choose
from huying.dispatch.covering.solving import solver

SOLVERS = [pytest.param(solver(), id="highs"), pytest.param(None, id="none")]


def reach(*rows: str) -> np.ndarray:
    return np.array([[each == "x" for each in row] for row in rows])


# Greedy takes the middle site first (3 places) and then can't reach the fourth: the two outer ones are best.
TRAP = Problem(reach("x..", "xx.", ".xx", ".x.", "..x"), np.array([2.0, 2.0, 2.0, 0.9, 2.0]), crews=2)


@pytest.mark.parametrize("by", SOLVERS)
def test_the_outer_two_cover_most(by: Solver | None) -> None:
    found = best(TRAP, by)
    assert found.chosen == (0, 2)
    assert found.covered == pytest.approx(8.0)


def test_it_is_said_whether_an_answer_is_proven() -> None:
    assert best(TRAP, solver()).proven

    def nothing(program: Program, seconds: float) -> Solved:
        return Solved(None, inf)

    rng = np.random.default_rng(3)
    hard = Problem(rng.random((60, 14)) < 0.25, rng.integers(1, 9, 60).astype(float), crews=5)
    told = best(hard, nothing)
    assert told.bound >= told.covered and told.covered > 0
    assert told.proven == (told.bound - told.covered < 1e-3)


def test_a_second_crew_counts_while_the_first_is_busy() -> None:
    """One place of 10, one of 4: with crews that are busy half the time the second adds 2.5 at the first
    place and 2 at the other."""
    two = Problem(reach("x.", ".x"), np.array([10.0, 4.0]), crews=2, busy=0.5, most=2)
    found = best(two, solver())
    assert found.chosen == (0, 0) and found.covered == pytest.approx(7.5)
    sharing = Problem(reach("x.", ".x"), np.array([10.0, 6.0]), crews=2, busy=0.5, most=2)
    assert best(sharing, solver()).chosen == (0, 1)


def test_crews_that_are_there_stay() -> None:
    kept = Problem(TRAP.reach, TRAP.demand, crews=2, kept=(1,))
    found = best(kept, solver())
    assert 1 in found.chosen and len(found.chosen) == 2


def test_places_that_nobody_reaches_and_none_at_all() -> None:
    nowhere = Problem(np.zeros((3, 2), bool), np.ones(3), crews=1)
    assert best(nowhere, solver()).covered == 0.0
    assert best(Problem(np.zeros((0, 2), bool), np.zeros(0), crews=1), solver()).covered == 0.0
    more = Problem(reach("x.", ".x"), np.ones(2), crews=9)
    assert best(more, solver()).chosen == (0, 1)


def test_merging_changes_no_answer() -> None:
    rng = np.random.default_rng(5)
    wide = Problem(rng.random((200, 6)) < 0.3, rng.random(200), crews=3)
    small = wide.merged()
    assert len(small.demand) <= 63
    for chosen in combinations(range(6), 3):
        assert small.covered(chosen) == pytest.approx(wide.covered(chosen))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4), st.sampled_from([0.0, 0.3, 0.6]), st.sampled_from([1, 2]))
def test_no_choice_is_better_than_the_proven_one(seed: int, crews: int, busy: float, most: int) -> None:
    rng = np.random.default_rng(seed)
    places, sites = int(rng.integers(1, 15)), int(rng.integers(1, 8))
    problem = Problem(
        rng.random((places, sites)) < 0.4,
        rng.integers(0, 9, places).astype(float),
        crews=min(crews, sites * most),
        busy=busy,
        most=most,
        kept=(0,) if rng.random() < 0.3 else (),
    )
    every = [
        each
        for each in combinations_with_replacement(range(sites), problem.crews)
        if max(map(each.count, each)) <= most and all(each.count(site) for site in problem.kept)
    ]
    top = max(map(problem.covered, every))
    found = best(problem, solver())
    # What the crew beyond the last level adds is left out by the program: less than a thousandth.
    assert found.covered == pytest.approx(top, rel=2e-3, abs=1e-9)
    assert problem.covered(found.chosen) == pytest.approx(found.covered)
    assert found.bound >= top - 1e-6
    quick = choose(problem)
    assert len(quick) == problem.crews and problem.covered(quick) <= top + 1e-9
    limit = bound(problem.merged(), quick) if problem.merged().demand.size else None
    assert limit is None or limit.upper >= top - 1e-6
