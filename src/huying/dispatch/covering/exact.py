"""The best choice, proven: bounds first, then a mixed integer program over the sites that are left."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import scipy  # its parts load when they are first used
from msgspec import Struct
from numpy.typing import NDArray

from huying.dispatch.covering.bound import bound
from huying.dispatch.covering.problem import Answer, Problem
from huying.dispatch.covering.quick import choose

CLOSE = 1e-7
"""Share of the demand by which an answer may fall short of the best and still be called best: rounding."""


class Program(Struct, frozen=True):
    """Maximise `gain` · v with `low` ≤ v ≤ `high` and `floor` ≤ `rows` v ≤ `roof`; the first `whole` of v are
    whole numbers. `start` is a choice of these that is allowed."""

    gain: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    rows: scipy.sparse.csc_matrix
    floor: NDArray[np.float64]
    roof: NDArray[np.float64]
    whole: int
    start: NDArray[np.float64]


class Solved(Struct, frozen=True):
    """`whole` are the values of the whole numbers, None when nothing better than the start was found;
    no v gains more than `bound`."""

    whole: NDArray[np.float64] | None
    bound: float


class Solver(Protocol):
    """Solves mixed integer programs."""

    def __call__(self, program: Program, seconds: float) -> Solved:
        """The best found within so many seconds."""
        ...


def best(problem: Problem, solver: Solver | None = None, seconds: float = 60.0) -> Answer:
    """The best choice of sites.

    Without a solver, or when time runs out, the best that was found and how far from the best it may be.
    """
    small = problem.merged()
    chosen = choose(small)
    if not len(small.demand):
        return Answer(tuple(chosen), 0.0, 0.0, True)
    found = bound(small, chosen)
    lower, upper, sites = found.lower, found.upper, found.chosen
    if solver is not None and upper - lower > CLOSE * max(1.0, upper):
        solved = solver(_program(small, found.least, found.most, sites), seconds)
        if solved.whole is not None:
            other = np.repeat(np.arange(small.sites), np.rint(solved.whole).astype(int)).tolist()
            if small.covered(other) > lower:
                sites, lower = tuple(other), small.covered(other)
        # What bounds have ruled out is no better than the choice that we had.
        upper = max(lower, min(upper, solved.bound))
    return Answer(sites, lower, upper, upper - lower <= CLOSE * max(1.0, upper))


def _program(
    problem: Problem, least: NDArray[np.int64], most: NDArray[np.int64], chosen: tuple[int, ...]
) -> Program:
    """Whole numbers are crews by site; the rest say how far a place has its first, second … crew."""
    places, levels = len(problem.demand), problem.levels
    reach = problem.by_place
    # Σ_k y_ik - Σ_j reach_ij x_j ≤ 0 for every place i, and all crews are placed.
    covers = scipy.sparse.hstack(
        [-reach, *[scipy.sparse.identity(places, format="csr")] * levels], format="csr"
    )
    placed = scipy.sparse.csr_matrix(
        (np.ones(problem.sites), (np.zeros(problem.sites, int), np.arange(problem.sites))),
        shape=(1, covers.shape[1]),
    )
    gains = np.concatenate([np.zeros(problem.sites), np.outer(problem.gains(), problem.demand).ravel()])
    at = np.bincount(list(chosen), minlength=problem.sites).astype(np.float64)
    return Program(
        gain=gains,
        low=np.concatenate([least.astype(float), np.zeros(places * levels)]),
        high=np.concatenate([most.astype(float), np.ones(places * levels)]),
        rows=scipy.sparse.vstack([covers, placed], format="csc"),
        floor=np.concatenate([np.full(places, -np.inf), [float(min(problem.crews, most.sum()))]]),
        roof=np.concatenate([np.zeros(places), [float(problem.crews)]]),
        whole=problem.sites,
        start=at,
    )
