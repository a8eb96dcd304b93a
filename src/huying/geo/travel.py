"""How long units need to a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import asin, cos, inf, sin, sqrt
from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.domain.closure import Closure
from huying.domain.run_card import UnitRow
from huying.domain.unit import Unit
from huying.geo.paces import HourOf, Paces
from huying.geo.points import DIAMETER_M, HALF, RADIANS, distance_m

Point = tuple[float, float]
"""(lat, lon) in degrees."""


class Way(Struct, frozen=True):
    """`seconds` from door to door, `metres` on the way, points of the `line`, names of the `roads`."""

    seconds: float
    metres: float
    line: tuple[Point, ...]
    roads: tuple[str, ...] = ()


class Band(Struct, frozen=True):
    """Streets reached within `seconds` and not within the band before."""

    seconds: int
    lines: tuple[tuple[Point, ...], ...]
    metres: float


class TravelTime(Protocol):
    """How units get to a point. `at` (UTC µs) is when they set out; 0 is any hour, at the usual speeds."""

    def seconds(self, units: Sequence[tuple[Unit, UnitRow]], to: Point, at: int = 0) -> list[float]:
        """Seconds for each unit from where it is now; `inf` when it can't come."""
        ...

    def matrix(
        self, units: Sequence[tuple[Unit, UnitRow]], to: Sequence[Point], at: int = 0
    ) -> NDArray[np.float64]:
        """Seconds (points, units) for each unit to each point; `inf` when it can't come."""
        ...

    def obey(self, closures: Sequence[Closure], paces: Sequence[float] = ()) -> None:
        """Find ways with these roads closed or slow, and no others, and at these paces by hour of the week
        (168, or none: always as usual), until told otherwise."""
        ...

    def pace(self, kind: str, at: int) -> float:
        """By what times on the road of units of this kind are multiplied at the instant; 1.0 as usual."""
        ...

    def straight(self, kind: str) -> float | None:
        """Length of the way over the straight line for a kind that goes without roads; None for a kind that
        follows them."""
        ...

    def way(self, row: UnitRow, start: Point, end: Point, at: int = 0) -> Way | None:
        """The way of a unit of this row; None when it can't come."""
        ...

    def roads(self, near: Point, within_m: float) -> list[str]:
        """Names of the roads that come so near, each once; nothing where no road is known."""
        ...

    def reach(self, kind: str, start: Point, bands: Sequence[int], at: int = 0) -> list[Band]:
        """Streets that a unit of this kind reaches from `start` within each of the seconds (rising); nothing
        where no road is known."""
        ...


DETOUR = 1.35
"""Length of the way over its great circle: mean of 51 metropolitan road networks (Giacomin and Levinson,
Road network circuity in metropolitan areas, Environment and Planning B 42, 2015)."""

DETOUR_BY_KIND: Mapping[str, float] = {"drone": 1.0}
"""Kinds of units that don't follow roads."""

UNPACED = frozenset({"drone", "foot", "boat"})
"""Kinds that are as fast at eight in the morning as at night."""


class StraightTravel:
    """Travel time by great circle, a detour factor and the unit's usual speed.

    Args:
        detour: way over great circle for units on the ground.
        hour_of: the hour of the week (0 … 167) of an instant, see `Paces`.
    """

    def __init__(self, detour: float = DETOUR, hour_of: HourOf | None = None) -> None:
        self.detour = detour
        self._paces = Paces(hour_of)

    def seconds(
        self, units: Sequence[tuple[Unit, UnitRow]], to: tuple[float, float], at: int = 0
    ) -> list[float]:
        """Seconds for each unit from where it is now; `inf` for a unit without speed."""
        found = self._usual(units, to)
        if not self._paces.known:
            return found
        return [each * self.pace(row.kind, at) for each, (_, row) in zip(found, units, strict=True)]

    def _usual(self, units: Sequence[tuple[Unit, UnitRow]], to: tuple[float, float]) -> list[float]:
        lat, lon = to
        level, scale, by_kind = cos(lat * RADIANS), DIAMETER_M * 3.6, DETOUR_BY_KIND
        found = []
        for unit, row in units:
            # The haversine of `points.distance_m`, written out: 1,000 calls would cost as much again.
            up, over = sin((lat - unit.lat) * HALF), sin((lon - unit.lon) * HALF)
            chord = up * up + level * cos(unit.lat * RADIANS) * over * over
            if row.speed_kmh > 0:
                way = scale * asin(sqrt(chord if chord < 1.0 else 1.0))
                found.append(way * by_kind.get(row.kind, self.detour) / row.speed_kmh)
            else:
                found.append(inf)
        return found

    def matrix(
        self, units: Sequence[tuple[Unit, UnitRow]], to: Sequence[Point], at: int = 0
    ) -> NDArray[np.float64]:
        """Seconds (points, units) for each unit to each point."""
        rows = [self.seconds(units, each, at) for each in to]
        return np.array(rows, np.float64).reshape(len(to), len(units))

    def obey(self, closures: Sequence[Closure], paces: Sequence[float] = ()) -> None:
        """The paces; without roads there is none to close."""
        self._paces.set(paces)

    def pace(self, kind: str, at: int) -> float:
        """1.0 for whom traffic does not hold up."""
        return 1.0 if kind in UNPACED else self._paces.of(at)

    def straight(self, kind: str) -> float | None:
        """Everybody goes straight, and on the ground a detour longer."""
        return DETOUR_BY_KIND.get(kind, self.detour)

    def way(self, row: UnitRow, start: Point, end: Point, at: int = 0) -> Way | None:
        """The straight line, as long as the way is believed to be."""
        if row.speed_kmh <= 0:
            return None
        metres = distance_m(*start, *end) * DETOUR_BY_KIND.get(row.kind, self.detour)
        return Way(metres * 3.6 / row.speed_kmh * self.pace(row.kind, at), metres, (start, end))

    def roads(self, near: Point, within_m: float) -> list[str]:
        """Nothing: without roads none has a name."""
        return []

    def reach(self, kind: str, start: Point, bands: Sequence[int], at: int = 0) -> list[Band]:
        """Nothing: without roads there are no streets to draw."""
        return []
