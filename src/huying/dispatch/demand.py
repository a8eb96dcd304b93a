"""What is asked of one ability: where, at which hour of the week, how many crews, for how long."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.geo.travel import Point

WEEK_MIN = 7 * 24 * 60
HOURS = 168
CELL_DEG = 0.005
"""Asks within about 500 m are one place: nearer than any post can be told apart by road time."""

PLACES_MAX = 4_000


class Demand(Struct, frozen=True):
    """Asks (n) for crews with `ability`, seen in `weeks` weeks, in order of `minute`.

    `lat`, `lon` degrees; `minute` of the local week from Monday 0:00; `crews` asked for; `work_s` seconds on
    scene; `urgent` of priority 1 or 2.
    """

    ability: str
    weeks: float
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    minute: NDArray[np.int64]
    crews: NDArray[np.int64]
    work_s: NDArray[np.float64]
    urgent: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.lat)

    def per_hour(self) -> NDArray[np.float64]:
        """(168) asks an hour, by hour of the week."""
        counted = np.bincount(self.minute // 60, minlength=HOURS)[:HOURS]
        return counted / max(self.weeks, 1e-9)


class Places(Struct, frozen=True):
    """Asks gathered into places: `points`, asks a week (`weight`), and the place of each ask (`of`)."""

    points: tuple[Point, ...]
    weight: NDArray[np.float64]
    of: NDArray[np.int64]


Ask = tuple[float, float, int, int, float, bool]
"""(lat, lon, minute of the week, crews, seconds of work, urgent)"""


def demand_of(ability: str, weeks: float, asks: Sequence[Ask]) -> Demand:
    ordered = sorted(asks, key=lambda each: each[2])
    columns = list(zip(*ordered, strict=True)) if ordered else [()] * 6
    return Demand(
        ability,
        weeks,
        np.array(columns[0], float),
        np.array(columns[1], float),
        np.array(columns[2], np.int64),
        np.array(columns[3], np.int64),
        np.array(columns[4], float),
        np.array(columns[5], bool),
    )


def places_of(demand: Demand, cell: float = CELL_DEG) -> Places:
    """Asks by cells of a grid, each at the mean of its asks; cells grow until there are few enough."""
    keys = np.stack([np.round(demand.lat / cell), np.round(demand.lon / cell)], axis=1)
    _, of, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    of = of.ravel()
    if len(counts) > PLACES_MAX:
        return places_of(demand, cell * 2)
    lat = np.bincount(of, demand.lat, len(counts)) / np.maximum(counts, 1)
    lon = np.bincount(of, demand.lon, len(counts)) / np.maximum(counts, 1)
    points = tuple(zip(lat.tolist(), lon.tolist(), strict=True))
    return Places(points, counts / max(demand.weeks, 1e-9), of)


class Weeks(Struct, frozen=True):
    """Asks (n) of drawn weeks in order: `at` seconds from the start, the `place` of each."""

    at: NDArray[np.float64]
    place: NDArray[np.int64]
    crews: NDArray[np.int64]
    work_s: NDArray[np.float64]
    urgent: NDArray[np.bool_]


def draw_weeks(demand: Demand, places: Places, weeks: int, rng: np.random.Generator) -> Weeks:
    """Weeks like those that were seen: in each hour a Poisson number of asks (the mean of that hour of the
    week), each like one that was seen in that hour, at some moment of it. Chance is handed in."""
    hour = demand.minute // 60
    starts = np.searchsorted(hour, np.arange(HOURS + 1))
    means = np.diff(starts) / max(demand.weeks, 1e-9)
    counts = rng.poisson(np.tile(means, weeks))
    which = np.repeat(np.arange(HOURS * weeks), counts)
    low, high = starts[:-1][which % HOURS], starts[1:][which % HOURS]
    like = low + (rng.random(len(which)) * (high - low)).astype(np.int64)
    at = (which + rng.random(len(which))) * 3_600.0
    order = np.argsort(at, kind="stable")
    like = like[order]
    return Weeks(at[order], places.of[like], demand.crews[like], demand.work_s[like], demand.urgent[like])
