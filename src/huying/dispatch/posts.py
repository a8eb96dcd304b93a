"""Where crews should wait for a demand, by road time: choices, what each brings, what else was possible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy  # its parts load when they are first used
from msgspec import Struct
from numpy.typing import NDArray

from huying.dispatch.covering.exact import Solver, best
from huying.dispatch.covering.problem import Answer, Problem
from huying.dispatch.demand import Demand, Places
from huying.domain.pack import Pack
from huying.domain.run_card import UnitRow
from huying.domain.unit import Unit
from huying.geo.travel import Point, TravelTime

SITES_MAX = 400
"""Stations, and places where a post could be: all that a county's gazetteer has of some size."""

AT_ONE_MAX = 4
"""Crews at one post: more stand in each other's way."""

BUSY_MAX = 0.9
SITE_KINDS = (
    "village", "community", "estate", "market", "junction", "square", "station", "school", "hospital", "port",
)  # fmt: skip


class Site(Struct, frozen=True):
    """A place where crews could wait; `code` of a station or place of the pack."""

    code: str
    lat: float
    lon: float
    station: bool


class Board(Struct, frozen=True):
    """Everything that a choice of posts is made from. `seconds` (places, sites); `homes` is the site of each
    crew that there is today; `busy` the share of time that one crew is busy."""

    sites: tuple[Site, ...]
    places: Places
    seconds: NDArray[np.float64]
    homes: tuple[int, ...]
    units: tuple[str, ...]
    busy: float
    within_s: float

    def problem(self, crews: int, kept: tuple[int, ...] = ()) -> Problem:
        most = AT_ONE_MAX
        if kept:
            most = max(AT_ONE_MAX, int(np.bincount(kept).max()))
        return Problem(self.seconds <= self.within_s, self.places.weight, crews, self.busy, most, kept)

    def share(self, chosen: Sequence[int]) -> float:
        """Expected share of the demand that these crews reach in time."""
        total = float(self.places.weight.sum())
        return self.problem(max(1, len(chosen))).covered(chosen) / total if total else 0.0


def sites_of(pack: Pack) -> tuple[Site, ...]:
    """Stations first, then places of the gazetteer of the kinds that a post can be at."""
    found = [Site(each.code, each.lat, each.lon, True) for each in pack.stations.values()]
    taken = {each.code for each in found}
    for kind in SITE_KINDS:
        found += [
            Site(each.code, each.lat, each.lon, False)
            for each in pack.places.values()
            if each.kind == kind and each.code not in taken
        ]
    return tuple(found[:SITES_MAX])


def board_of(
    pack: Pack,
    demand: Demand,
    places: Places,
    travel: TravelTime,
    kind: str,
    within_s: float,
    more: Sequence[Site] = (),
) -> Board:
    """The board for crews of one kind of unit (`car`, `foot` …) with the demand's ability; `more` are sites
    that somebody thought of."""
    sites = (*sites_of(pack), *more)
    rows = [row for row in pack.units.values() if demand.ability in row.abilities and row.kind == kind]
    like = rows[0] if rows else UnitRow("post", {}, "", kind, frozenset(), "", 0.0, 0.0, 40.0)
    there = [(Unit(0, f"@{each.code}", lat=each.lat, lon=each.lon), like) for each in sites]
    seconds = travel.matrix(there, places.points)
    homes = tuple(_nearest(sites, (row.lat, row.lon), row.station) for row in rows)
    reached = seconds[np.isfinite(seconds)]
    way_s = float(np.median(reached)) if len(reached) else 600.0
    asked = float((demand.crews * (demand.work_s + way_s)).sum()) / max(demand.weeks, 1e-9) / (168 * 3_600)
    busy = min(BUSY_MAX, asked / max(1, len(rows)))
    return Board(sites, places, seconds, homes, tuple(row.code for row in rows), busy, within_s)


def _nearest(sites: Sequence[Site], point: Point, station: str) -> int:
    for n, each in enumerate(sites):
        if each.code == station:
            return n
    return min(
        range(len(sites)), key=lambda n: (sites[n].lat - point[0]) ** 2 + (sites[n].lon - point[1]) ** 2
    )


class Choice(Struct, frozen=True):
    """Crews at `chosen` sites (one entry a crew); `answer` says what is proven of it, where it was solved."""

    chosen: tuple[int, ...]
    answer: Answer | None = None


def best_posts(board: Board, crews: int, solver: Solver | None, seconds: float) -> Choice:
    """Anew, from nothing: where so many crews cover most."""
    answer = best(board.problem(crews), solver, seconds)
    return Choice(answer.chosen, answer)


def more_crews(board: Board, more: int, solver: Solver | None, seconds: float) -> Choice:
    """Everybody stays; so many more crews where they add most."""
    answer = best(board.problem(len(board.homes) + more, board.homes), solver, seconds)
    return Choice(answer.chosen, answer)


def one_moved(board: Board) -> tuple[Choice, int, int]:
    """(choice, from, to): one post moved, with all its crews, to where that brings most."""
    reach, homes = board.seconds <= board.within_s, list(board.homes)
    problem = board.problem(max(1, len(homes)))
    worth = np.append(problem.worth(), problem.worth()[-1])
    top, found = problem.covered(homes), (-1, -1)
    for old in sorted(set(homes)):
        crews = homes.count(old)
        left = reach[:, [each for each in homes if each != old]].sum(axis=1)
        covered = board.places.weight @ worth[left[:, None] + crews * reach]
        to = int(np.argmax(covered))
        if covered[to] > top + 1e-9:
            top, found = float(covered[to]), (old, to)
    old, to = found
    chosen = tuple(sorted(to if each == old else each for each in homes))
    return Choice(chosen), old, to


def base_for(board: Board, crews: int, bases: int = 0) -> Choice:
    """So many bases (0: as many as today) from which the mean way is shortest (p-median), and crews at them
    by the demand that is nearest to each.

    Greedy, then exchanges: Teitz and Bart 1968. Places that no site reaches are left out.
    """
    reached = np.isfinite(board.seconds).any(axis=1)
    seconds, weight = board.seconds[reached], board.places.weight[reached]
    far = np.where(np.isfinite(seconds), seconds, 86_400.0)
    chosen: list[int] = []
    nearest = np.full(len(far), 86_400.0)
    for _ in range(min(bases or len(set(board.homes)) or 1, crews, far.shape[1])):
        sums = weight @ np.minimum(nearest[:, None], far)
        sums[chosen] = np.inf
        chosen.append(int(np.argmin(sums)))
        nearest = np.minimum(nearest, far[:, chosen[-1]])
    improved = bool(chosen)
    while improved:
        improved = False
        for n in range(len(chosen)):
            rest = [each for k, each in enumerate(chosen) if k != n]
            left = far[:, rest].min(axis=1) if rest else np.full(len(far), 86_400.0)
            sums = weight @ np.minimum(left[:, None], far)
            sums[rest] = np.inf
            to = int(np.argmin(sums))
            if sums[to] < sums[chosen[n]] - 1e-9:
                chosen[n], improved = to, True
    nearest_of = far[:, chosen].argmin(axis=1)
    mine: NDArray[np.float64] = np.bincount(nearest_of, weight, len(chosen)).astype(np.float64)
    return Choice(_shared_out(chosen, mine, crews))


def _shared_out(sites: Sequence[int], weight: NDArray[np.float64], crews: int) -> tuple[int, ...]:
    """One crew each, the rest one after another where most demand falls to a crew (Sainte-Laguë)."""
    counts = np.ones(len(sites))
    for _ in range(crews - len(sites)):
        counts[int(np.argmax(weight / (2 * counts + 1)))] += 1
    return tuple(sorted(site for site, count in zip(sites, counts, strict=True) for _ in range(int(count))))


class Why(Struct, frozen=True):
    """`crews` wait at `site`; without them the share in reach falls by `loss`. `other` is the best site that
    has nobody, and would add `gain` with one crew more."""

    site: int
    crews: int
    loss: float
    other: int
    gain: float


def reasons_of(board: Board, chosen: Sequence[int]) -> list[Why]:
    """For each post what it holds, the one that holds most first; and what the next would bring."""
    now = board.share(chosen)
    empty = [n for n in range(len(board.sites)) if n not in set(chosen)]
    shares = [(board.share([*chosen, n]) - now, n) for n in empty]
    gain, other = max(shares, default=(0.0, -1))
    found = []
    for site in sorted(set(chosen)):
        rest = [each for each in chosen if each != site]
        found.append(Why(site, list(chosen).count(site), now - board.share(rest), other, gain))
    return sorted(found, key=lambda each: -each.loss)


def assign_units(board: Board, chosen: Sequence[int]) -> list[tuple[str, int]]:
    """(unit, site): who goes to which post, so that the least is moved; posts beyond the units stay open."""
    if not board.units or not chosen:
        return []
    homes = [board.sites[each] for each in board.homes]
    far = np.array(
        [
            [(a.lat - board.sites[s].lat) ** 2 + (a.lon - board.sites[s].lon) ** 2 for s in chosen]
            for a in homes
        ]
    )
    rows, columns = scipy.optimize.linear_sum_assignment(np.sqrt(far))
    return [(board.units[r], chosen[c]) for r, c in zip(rows.tolist(), columns.tolist(), strict=True)]
