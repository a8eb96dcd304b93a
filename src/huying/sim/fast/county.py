"""A county as the fast engine sees it: one ability's units, the places calls come from, times by road."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from huying.base.clock import SECOND
from huying.dispatch.runcard import shifts_on
from huying.domain.pack import Pack
from huying.domain.run_card import UnitRow
from huying.domain.unit import Unit
from huying.geo.travel import Point, StraightTravel, TravelTime
from huying.sim.fast.problem import Floats, Problem
from huying.sim.rhythm import Source

# Rows and columns of travel times: 2,000 places are 32 MB.
PLACES_MAX = 2_000


class Demand(Struct, frozen=True):
    """A call that needs somebody: `at` UTC µs, where, and whether a reserve may go to it."""

    at: int
    point: Point
    urgent: bool


class County:
    """Units with one ability that are on shift at an instant, of the kind that most of them are.

    Args:
        points: where calls come from; a call is counted to the nearest of them.
    """

    def __init__(
        self, pack: Pack, travel: TravelTime, ability: str, at: int, points: Sequence[Point]
    ) -> None:
        on = shifts_on(pack, at)
        rows = [row for row in pack.units.values() if ability in row.abilities and row.is_on(on)]
        kinds = Counter(row.kind for row in rows)
        self.kind = max(sorted(kinds), key=kinds.__getitem__)
        self.units = sorted((row for row in rows if row.kind == self.kind), key=lambda row: row.code)
        stations = list(dict.fromkeys((row.lat, row.lon) for row in self.units))
        self.points = list(dict.fromkeys([*stations, *points]))[:PLACES_MAX]
        self.home = np.array([self.points.index((row.lat, row.lon)) for row in self.units], np.int64)
        self.stations = tuple(range(len(stations)))
        self.seconds = times_between(self.points, self.units[0], travel)
        self.straight = times_between(self.points, self.units[0], StraightTravel())
        self._lat, self._lon = np.array(self.points).T
        self._place: dict[Point, int] = {point: n for n, point in enumerate(self.points)}

    def place(self, point: Point) -> int:
        """The nearest of the places."""
        known = self._place.get(point)
        if known is None:
            away = (self._lat - point[0]) ** 2 + ((self._lon - point[1]) * 0.88) ** 2
            known = self._place[point] = int(np.argmin(away))
        return known

    def problem(self, calls: Sequence[Demand], work_s: Floats, times: Floats | None = None) -> Problem:
        """What the engine plays. `work_s` are seconds on scene, one for each call.

        Args:
            times: other travel times than those by road.
        """
        first = calls[0].at if calls else 0
        return Problem(
            at=np.array([(each.at - first) / SECOND for each in calls], np.float64),
            place=np.array([self.place(each.point) for each in calls], np.int64),
            urgent=np.array([each.urgent for each in calls], np.bool_),
            work_s=work_s,
            home=self.home,
            times=self.seconds if times is None else times,
        )

    def posts(self, weights: Floats, within_s: float) -> tuple[int, ...]:
        """Stations in the order in which they should not stand empty: each next one brings the most calls
        into reach.

        Args:
            weights: (places) how many calls come from each.
        """
        reach = self.seconds[list(self.stations)] <= within_s
        covered = np.zeros(len(self.points), bool)
        order: list[int] = []
        left = list(self.stations)
        while left:
            best = max(left, key=lambda each: (float(weights[reach[each] & ~covered].sum()), -each))
            covered |= reach[best]
            order.append(best)
            left.remove(best)
        return tuple(order)


def times_between(points: Sequence[Point], row: UnitRow, travel: TravelTime) -> Floats:
    """(from, to) seconds that such a unit needs."""
    there = [(Unit(0, f"@{n}", lat=lat, lon=lon), row) for n, (lat, lon) in enumerate(points)]
    return np.ascontiguousarray(travel.matrix(there, points).T)


def calls_of(source: Source, pack: Pack, ability: str, since: int, until: int) -> list[Demand]:
    """The calls of a time that such a unit is sent to first, by their run cards."""
    wanted = {
        code
        for code, kind in pack.types.items()
        if kind.run_card and any(need.ability == ability for need in pack.run_cards[kind.run_card].needs)
    }
    found = []
    at, call = source.next(since)
    while at < until:
        if source.type in wanted and call.lat is not None and call.lon is not None:
            urgent = pack.types[source.type].priority <= 2
            found.append(Demand(at, (call.lat, call.lon), urgent))
        at, call = source.next(at)
    return found
