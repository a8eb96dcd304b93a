"""How long units need by road: the port `TravelTime` over a net for each kind of unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huying.domain.closure import Closure
from huying.domain.run_card import UnitRow
from huying.domain.unit import Unit
from huying.geo.paces import HourOf, Paces
from huying.geo.roads.classes import FEET, WHEELS, Speeds, speeds_of
from huying.geo.roads.closed import Closings
from huying.geo.roads.few import FEW
from huying.geo.roads.graph import RoadGraph
from huying.geo.roads.net import Net
from huying.geo.roads.reach import reach
from huying.geo.roads.search import MakeSearcher
from huying.geo.roads.searching import fastest
from huying.geo.roads.spots import SharedSpots
from huying.geo.roads.topology import Topology
from huying.geo.roads.way import find_way, spent_on
from huying.geo.travel import Band, Point, StraightTravel, Way


class RoadTravel:
    """Travel time by road for kinds that use roads or water lanes, by straight line for what flies.

    Nets are made when a kind is first asked for.

    Args:
        kmh: the city's own speeds, by kind of unit and class of road.
        make: how searchers are made; the fastest that is installed unless a test wants another.
        turn: held while an answer is found; a house that several threads ask hands in a lock, for searchers
            can't be shared.
        hour_of: the hour of the week of an instant, see `Paces`.
    """

    def __init__(
        self,
        graph: RoadGraph,
        kmh: Mapping[str, Mapping[str, float]] | None = None,
        make: MakeSearcher | None = None,
        turn: AbstractContextManager[Any] | None = None,
        hour_of: HourOf | None = None,
    ) -> None:
        self._turn = turn or nullcontext()
        self.graph = graph
        self._kmh = kmh or {}
        self._make = make
        self._topology: Topology | None = None
        self._nets: dict[Speeds, Net] = {}
        self._spots = SharedSpots()
        self._closings: Closings | None = None
        self._closures: tuple[Closure, ...] = ()
        self._obeyed: tuple[tuple[int, int], ...] = ()
        self._straight = StraightTravel()
        self._paces = Paces(hour_of)

    def seconds(self, units: Sequence[tuple[Unit, UnitRow]], to: Point, at: int = 0) -> list[float]:
        """Seconds for each unit from where it is now; `inf` for a unit that can't come by its own way."""
        if len(units) > FEW:
            row: list[float] = self.matrix(units, (to,), at)[0].tolist()
            return row
        found = [inf] * len(units)
        with self._turn:
            for kind, which in _kinds(units).items():
                some = [units[n] for n in which]
                net = self._net(kind, at)
                if net is None:
                    times = self._straight.seconds(some, to)
                else:
                    times = net.seconds([net.snap(unit.lat, unit.lon) for unit, _ in some], net.snap(*to))
                for n, seconds in zip(which, times, strict=True):
                    found[n] = seconds
        return found

    def matrix(
        self, units: Sequence[tuple[Unit, UnitRow]], to: Sequence[Point], at: int = 0
    ) -> NDArray[np.float64]:
        """Seconds (points, units) for each unit to each point; `inf` where it can't come."""
        found = np.full((len(to), len(units)), inf)
        with self._turn:
            for kind, which in _kinds(units).items():
                some = [units[n] for n in which]
                net = self._net(kind, at)
                if net is None:
                    found[:, which] = self._straight.matrix(some, to)
                else:
                    spots = [net.snap(unit.lat, unit.lon) for unit, _ in some]
                    found[:, which] = net.matrix(net.pins(spots), [net.snap(*each) for each in to])
        return found

    def straight(self, kind: str) -> float | None:
        """What the straight line of a kind that flies is multiplied by; None for all that use roads or
        water."""
        return self._straight.straight(kind) if speeds_of(kind, {}) is None else None

    def way(self, row: UnitRow, start: Point, end: Point, at: int = 0) -> Way | None:
        """The way of a unit of this row; None when it can't come. What flies goes straight."""
        with self._turn:
            net = self._net(row.kind, at)
            if net is None:
                return self._straight.way(row, start, end)
            a, b = net.snap(*start), net.snap(*end)
            return find_way(net, a, b) if a is not None and b is not None else None

    def spent(self, row: UnitRow, start: Point, end: Point) -> tuple[float, ...] | None:
        """Usual seconds on each kind of road (`GROUPS`) on the quickest way; None where there is none."""
        with self._turn:
            net = self._net(row.kind, 0)
            a, b = (net.snap(*start), net.snap(*end)) if net is not None else (None, None)
            return spent_on(net, a, b) if net is not None and a is not None and b is not None else None

    def roads(self, near: Point, within_m: float) -> list[str]:
        """Names of the roads that come so near, the nearest first."""
        with self._turn:
            return self._edges_near().names(*near, within_m)

    def reach(self, kind: str, start: Point, bands: Sequence[int], at: int = 0) -> list[Band]:
        """Streets that a unit of this kind reaches from `start` within each of the seconds; nothing for what
        flies, and from where no road is near."""
        with self._turn:
            net = self._net(kind, at)
            spot = net.snap(*start) if net is not None else None
            return reach(net, spot, bands) if net is not None and spot is not None else []

    def obey(self, closures: Sequence[Closure], paces: Sequence[float] = ()) -> None:
        """Find ways with these roads closed or slow, and no others, at these paces, until told otherwise."""
        wanted = tuple((each.id, each.version) for each in closures)
        with self._turn:
            self._paces.set(paces)
            if wanted == self._obeyed:
                return
            self._obeyed, self._closures = wanted, tuple(closures)
            for net in self._nets.values():
                self._slow(net)

    def pace(self, kind: str, at: int) -> float:
        """1.0 for whom traffic does not hold up: who walks, sails or flies."""
        speeds = speeds_of(kind, {})
        return self._paces.of(at) if speeds is not None and speeds.mode == WHEELS else 1.0

    def _slow(self, net: Net) -> None:
        net.slow(self._edges_near().slowed(self._closures, net.speeds.mode == FEET))

    def _edges_near(self) -> Closings:
        if self._closings is None:
            self._closings = Closings(self.graph)
        return self._closings

    def _net(self, kind: str, at: int) -> Net | None:
        """The net of this kind of unit, at the pace of the hour; None for what flies. Kinds of equal speeds
        share one."""
        speeds = speeds_of(kind, self._kmh.get(kind, {}))
        if speeds is None:
            return None
        if speeds not in self._nets:
            if self._topology is None:
                self._topology = Topology(self.graph)
                self._make = self._make or fastest(self._topology)
            assert self._make is not None
            net = self._nets[speeds] = Net(self._topology, speeds, self._make, self._spots)
            if self._closures:
                self._slow(net)
        self._nets[speeds].at_pace(self._paces.of(at) if speeds.mode == WHEELS else 1.0)
        return self._nets[speeds]


def _kinds(units: Sequence[tuple[Unit, UnitRow]]) -> dict[str, list[int]]:
    """Who is of each kind."""
    found: dict[str, list[int]] = {}
    for n, (_, row) in enumerate(units):
        found.setdefault(row.kind, []).append(n)
    return found
