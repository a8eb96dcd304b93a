"""What no choice can exceed, found by Lagrange: each place pays a price for being reached.

Galvão and ReVelle, A Lagrangean heuristic for the maximal covering location problem, European Journal of
Operational Research 88, 1996; fixing by reduced costs as in Beasley, Lagrangean relaxation, 1993.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.dispatch.covering.problem import Problem
from huying.dispatch.covering.quick import exchange

ROUNDS = 300
"""Steps of the prices; by then the bound has settled to a thousandth on problems of some thousand places."""

PATIENCE = 12
"""Steps without a better bound after which steps are halved."""

TRIED = 25
"""Steps between two tries of what the prices favour as a choice of its own."""


class Bound(Struct, frozen=True):
    """`upper` is what no choice exceeds; `chosen` the best choice met (one entry a crew), covering `lower`.

    In some best choice, unless `chosen` is best itself, at least `least` (sites) and at most `most` (sites)
    crews stand at each site.
    """

    upper: float
    lower: float
    chosen: tuple[int, ...]
    least: NDArray[np.int64]
    most: NDArray[np.int64]


def bound(problem: Problem, chosen: list[int], rounds: int = ROUNDS) -> Bound:
    """Prices that make the bound small, from the choice `chosen` on; meets better choices on the way."""
    return _Prices(problem, chosen).settle(rounds)


class _Prices:
    def __init__(self, problem: Problem, chosen: list[int]) -> None:
        self.problem = problem
        self.rows, self.columns = problem.by_place, problem.by_site
        self.kept = np.bincount(np.array(problem.kept, np.int64), minlength=problem.sites)
        self.worths = problem.gains()[:, None] * problem.demand[None, :]  # (levels, places)
        self.chosen, self.lower = chosen, problem.covered(chosen)
        times = self.rows @ np.bincount(chosen, minlength=problem.sites)
        # What one more crew would be worth there: near the truth where the choice is good.
        level = np.minimum(times, problem.levels - 1).astype(int)
        self.prices = self.worths[level, np.arange(len(problem.demand))] * 0.5
        self.upper, self.best = np.inf, self.prices
        self.least = self.kept.copy()
        self.most = np.full(problem.sites, max(problem.most, int(self.kept.max(initial=0))), np.int64)

    def settle(self, rounds: int) -> Bound:
        step, since, tried = 1.5, 0, max(1, min(TRIED, rounds // 2))
        for n in range(rounds):
            upper, slope, favoured = self.look(self.prices)
            if upper < self.upper - 1e-9 * abs(self.upper if self.upper < np.inf else 1.0):
                self.upper, self.best, since = upper, self.prices, 0
            else:
                since += 1
            if self.upper - self.lower < 1e-9 * max(1.0, self.upper):
                break
            if n % tried == tried - 1:
                self.try_out(favoured)
            if since == PATIENCE:
                step, since, self.prices = step / 2, 0, self.best
                upper, slope, _ = self.look(self.prices)
            size = float(slope @ slope)
            if size < 1e-12:
                break
            towards = step * max(upper - self.lower, 1e-6 * upper) / size
            self.prices = np.clip(self.prices + towards * slope, 0.0, self.worths[0])
        # Over the sites that are left nothing may reach even what we have; we have it all the same.
        upper = max(self.upper, self.lower)
        return Bound(upper, self.lower, tuple(sorted(self.chosen)), self.least, self.most)

    def look(self, prices: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.int64]]:
        """(bound, how much more each place wants than it gets, crews by site) at these prices."""
        paid = self.columns @ prices
        profits = self.worths - prices
        wanted = (profits > 0).sum(axis=0)
        at, worst, next_best = self.place(paid)
        upper = float(np.maximum(profits, 0.0).sum() + paid @ at)
        self.fix(upper, paid, at, worst, next_best)
        return upper, wanted - self.rows @ at, at

    def place(self, paid: NDArray[np.float64]) -> tuple[NDArray[np.int64], float, float]:
        """The crews where they are paid best, what the worst paid of them gets, and the best not placed."""
        at = self.least.copy()
        left = self.problem.crews - int(at.sum())
        order = np.argsort(-paid, kind="stable")
        room = (self.most - at)[order]
        before = np.cumsum(room) - room
        takes = np.clip(left - before, 0, room)
        at[order] += takes
        taken, free = takes > 0, takes < room
        worst = float(paid[order][taken][-1]) if taken.any() else np.inf
        next_best = float(paid[order][free][0]) if free.any() else -np.inf
        return at, worst, next_best

    def fix(
        self, upper: float, paid: NDArray[np.float64], at: NDArray[np.int64], worst: float, next_best: float
    ) -> None:
        """Sites that a choice better than ours can't use more, or can't do without."""
        slack = 1e-9 * max(1.0, upper)
        never = (at < self.most) & (upper - (worst - paid) <= self.lower + slack) & (paid < worst)
        always = (at > self.least) & (upper - (paid - next_best) <= self.lower + slack) & (paid > next_best)
        self.most = np.where(never, at, self.most)
        self.least = np.where(always, at, self.least)

    def try_out(self, at: NDArray[np.int64]) -> None:
        sites = [site for site in range(self.problem.sites) for _ in range(int(at[site]))]
        better = exchange(self.problem, sites)
        covered = self.problem.covered(better)
        if covered > self.lower:
            self.chosen, self.lower = better, covered
