"""How much longer units were on roads of each kind than expected, learnt from finished ways.

The record has only when a unit left and when it was there, so what one kind of road took can't be seen: it is
worked out from many ways that have more of one kind and less of another. Seconds taken are the seconds
expected
on each kind times its factor, and something at the door; factors that can't be negative by non-negative least
squares (Lawson and Hanson, Solving Least Squares Problems, 1974), with intervals by drawing the ways anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import scipy  # its parts load when they are first used
from msgspec import Struct
from numpy.typing import NDArray

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.domain.run_card import UnitRow
from huying.edge.paces import HELD_OUT, LONGEST_S, SHORTEST_S
from huying.geo.roads.classes import GROUPS
from huying.geo.travel import UNPACED, Point

WAYS_MIN = 200
"""Three factors and a constant from noisy times: fewer ways tell nothing."""

ON_KIND_MIN, ON_KIND_S = 50, 30.0
"""So many ways must have been half a minute on a kind of road for its factor to be told."""

WIDEST = 0.5
"""A factor whose interval is wider than this is not told: 1.2 to 1.7 is no reason to change anything."""

OWN = 0.05
"""So much of a kind's column (of its squares) no mix of the others may make: where every way has the same
mix of roads, one factor does as well as another, and drawing the ways anew does not show it."""

DRAWS = 300
LOW, HIGH = 2.5, 97.5

Floats = NDArray[np.float64]


class Classed(Protocol):
    """Travel times by road that also say on what kind of road the time goes."""

    def spent(self, row: UnitRow, start: Point, end: Point) -> tuple[float, ...] | None: ...


class KindPace(Struct, frozen=True):
    """Of one kind of road: the `factor` to what is usual with its 95 % interval, on how many `ways` it was
    travelled for half a minute, its `share` of all time on the road; `told` where the records can tell."""

    kind: str
    factor: float
    low: float
    high: float
    ways: int
    share: float
    told: bool


class KindPaces(Struct, frozen=True):
    """`door_s` is what every way takes besides; the mean share by which held-out ways were off before and
    after."""

    ways: int
    held_out: int
    kinds: tuple[KindPace, ...]
    door_s: float
    error_before: float
    error_after: float

    @property
    def better(self) -> bool:
        return self.error_after < self.error_before and any(each.told for each in self.kinds)


def kinds_of(facts: Iterable[Fact], pack: Pack, travel: Classed) -> list[tuple[tuple[float, ...], float]]:
    """(usual seconds on each kind of road, seconds taken) of each way by wheels that ended on scene, oldest
    first: the quickest way from where the unit was last heard of, with all roads open."""
    codes: dict[int, str] = {}
    where: dict[str, Point] = {code: (row.lat, row.lon) for code, row in pack.units.items()}
    places: dict[int, Point] = {}
    left: dict[tuple[int, int], tuple[int, Point]] = {}
    found = []
    for fact in facts:
        body = fact.body
        if isinstance(body, f.UnitRegistered):
            codes[fact.stream] = body.code
        elif isinstance(body, f.UnitMoved) and fact.stream in codes:
            where[codes[fact.stream]] = body.lat, body.lon
        elif isinstance(body, f.IncidentOpened | f.PlaceSet) and body.place.point:
            places[fact.stream] = body.place.point
        elif isinstance(body, f.UnitEnRoute) and body.unit in where:
            left[fact.stream, body.n] = body.done_at or fact.at, where[body.unit]
        elif isinstance(body, f.UnitArrived) and (fact.stream, body.n) in left:
            since, start = left.pop((fact.stream, body.n))
            took, row = ((body.done_at or fact.at) - since) / SECOND, pack.units.get(body.unit)
            end = places.get(fact.stream)
            if row is None or end is None or row.kind in UNPACED or not SHORTEST_S <= took <= LONGEST_S:
                continue
            spent = travel.spent(row, start, end)
            if spent is not None and sum(spent) >= SHORTEST_S:
                found.append((spent, took))
    return found


def learn_kinds(
    ways: Sequence[tuple[tuple[float, ...], float]], rng: np.random.Generator
) -> KindPaces | None:
    """Factors of the kinds of road; None where there are too few ways."""
    if len(ways) < WAYS_MIN:
        return None
    usual = np.array([each[0] for each in ways], np.float64)
    taken = np.array([each[1] for each in ways], np.float64)
    cut = round(len(ways) * (1 - HELD_OUT))
    early = _fitted(usual[:cut], taken[:cut])
    before = _off(usual[cut:].sum(axis=1), taken[cut:])
    after = _off(_expected(usual[cut:], early), taken[cut:])
    whole = _fitted(usual, taken)
    drawn = np.array(
        [_fitted(usual[pick], taken[pick]) for pick in rng.integers(0, len(ways), (DRAWS, len(ways)))]
    )
    low, high = np.percentile(drawn, (LOW, HIGH), axis=0)
    own = _own(usual)
    on = (usual >= ON_KIND_S).sum(axis=0)
    share = usual.sum(axis=0) / usual.sum()
    kinds = tuple(
        KindPace(
            kind,
            factor=round(float(whole[n]), 3),
            low=round(float(low[n]), 3),
            high=round(float(high[n]), 3),
            ways=int(on[n]),
            share=round(float(share[n]), 3),
            told=bool(on[n] >= ON_KIND_MIN and high[n] - low[n] <= WIDEST and own[n] >= OWN),
        )
        for n, kind in enumerate(GROUPS)
    )
    return KindPaces(len(ways), len(ways) - cut, kinds, round(float(whole[-1]), 1), before, after)


def _fitted(usual: Floats, taken: Floats) -> Floats:
    """Factors of the kinds, and the seconds at the door. Ways count alike by shares, not by seconds: a long
    one is off by more."""
    columns, weight = _columns(usual)
    found: Floats = scipy.optimize.nnls(columns, taken * weight)[0]
    return found


def _columns(usual: Floats) -> tuple[Floats, Floats]:
    weight = 1.0 / np.maximum(usual.sum(axis=1), SHORTEST_S)
    return np.column_stack([usual, np.ones(len(usual))]) * weight[:, None], weight


def _own(usual: Floats) -> list[float]:
    """For each kind which part of its column the other columns can't make, 0 to 1."""
    columns, _ = _columns(usual)
    found = []
    for n in range(usual.shape[1]):
        mine, others = columns[:, n], np.delete(columns, n, axis=1)
        left = mine - others @ np.linalg.lstsq(others, mine, rcond=None)[0]
        whole = float(mine @ mine)
        found.append(float(left @ left) / whole if whole else 0.0)
    return found


def _expected(usual: Floats, fitted: Floats) -> Floats:
    told: Floats = usual @ fitted[:-1] + fitted[-1]
    return told


def _off(expected: Floats, taken: Floats) -> float:
    return round(float(np.mean(np.abs(expected - taken) / taken)), 4)
