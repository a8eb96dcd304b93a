"""Travel times that are asked for again and again in a drill: units that stand at their stations, to all
places of the county."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from huying.domain.closure import Closure
from huying.domain.run_card import UnitRow
from huying.domain.unit import Unit
from huying.geo.travel import Band, Point, TravelTime, Way

MANY = 20
"""Fewer targets than this are new ones each time: incidents, not the places of a county."""

COLUMNS_MAX = 20_000
"""Columns kept, of one number for each place: some 20 MB."""

Key = tuple[str, float, float, float]


class Remembered:
    """The port `TravelTime` over another that remembers what it said until the roads change."""

    def __init__(self, travel: TravelTime) -> None:
        self._travel = travel
        self._obeyed: tuple[tuple[int, int], ...] = ()
        self._paces: Sequence[float] = ()
        self._targets: tuple[Point, ...] = ()
        self._columns: dict[Key, NDArray[np.float64]] = {}

    def seconds(self, units: Sequence[tuple[Unit, UnitRow]], to: Point, at: int = 0) -> list[float]:
        return self._travel.seconds(units, to, at)

    def matrix(
        self, units: Sequence[tuple[Unit, UnitRow]], to: Sequence[Point], at: int = 0
    ) -> NDArray[np.float64]:
        if len(to) < MANY or self._paces:  # with paces every hour has times of its own
            return self._travel.matrix(units, to, at)
        targets = tuple(to)
        if targets != self._targets or len(self._columns) > COLUMNS_MAX:
            self._targets = targets
            self._columns.clear()
        keys = [(row.kind, row.speed_kmh, unit.lat, unit.lon) for unit, row in units]
        new = {key: pair for key, pair in zip(keys, units, strict=True) if key not in self._columns}
        if new:
            found = self._travel.matrix(list(new.values()), to)
            self._columns |= {key: found[:, n] for n, key in enumerate(new)}
        if not units:
            return np.empty((len(to), 0))
        return np.stack([self._columns[key] for key in keys], axis=1)

    def obey(self, closures: Sequence[Closure], paces: Sequence[float] = ()) -> None:
        wanted = tuple((each.id, each.version) for each in closures)
        if wanted != self._obeyed or paces is not self._paces:
            self._obeyed, self._paces = wanted, paces
            self._columns.clear()
            self._travel.obey(closures, paces)

    def pace(self, kind: str, at: int) -> float:
        return self._travel.pace(kind, at)

    def way(self, row: UnitRow, start: Point, end: Point, at: int = 0) -> Way | None:
        return self._travel.way(row, start, end, at)

    def roads(self, near: Point, within_m: float) -> list[str]:
        return self._travel.roads(near, within_m)

    def reach(self, kind: str, start: Point, bands: Sequence[int], at: int = 0) -> list[Band]:
        return self._travel.reach(kind, start, bands, at)
