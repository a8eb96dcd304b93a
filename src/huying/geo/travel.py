"""How long units need to a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import asin, cos, inf, sin, sqrt
from typing import Protocol

from huying.domain.pack import UnitRow
from huying.domain.unit import Unit
from huying.geo.points import DIAMETER_M, HALF, RADIANS


class TravelTime(Protocol):
    """How long units need to a point (lat, lon), in seconds; `inf` when they can't come."""

    def seconds(self, units: Sequence[tuple[Unit, UnitRow]], to: tuple[float, float]) -> list[float]: ...


DETOUR = 1.35
"""Length of the way over its great circle: mean of 51 metropolitan road networks (Giacomin and Levinson,
Road network circuity in metropolitan areas, Environment and Planning B 42, 2015)."""

DETOUR_BY_KIND: Mapping[str, float] = {"drone": 1.0}
"""Kinds of units that don't follow roads."""


class StraightTravel:
    """Travel time by great circle, a detour factor and the unit's usual speed.

    Args:
        detour: way over great circle for units on the ground.
    """

    def __init__(self, detour: float = DETOUR) -> None:
        self.detour = detour

    def seconds(self, units: Sequence[tuple[Unit, UnitRow]], to: tuple[float, float]) -> list[float]:
        """Seconds for each unit from where it is now; `inf` for a unit without speed."""
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
