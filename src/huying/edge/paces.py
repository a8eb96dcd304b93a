"""How much longer units were on the way than expected, by hour of the week, learnt from finished ways."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.geo.paces import HOURS, PACE_MAX, PACE_MIN
from huying.geo.travel import UNPACED

SHRINK = 20.0
"""Ways that an hour counts as many of the whole week's: ten ways on Sunday at four prove little."""

SHORTEST_S, LONGEST_S = 30.0, 3 * 3_600.0
"""Ways outside of this are typing mistakes, or reports that came later."""

HELD_OUT = 0.25
"""The newest share of ways, on which the error is shown; nothing is learnt from it."""

WAYS_MIN = 40


class Paces(Struct, frozen=True):
    """`factors` (168) by which expected times are multiplied by hour from Monday 0:00, of so many `ways`;
    mean share by which the held-out ways were off before and after."""

    ways: int
    held_out: int
    factors: tuple[float, ...]
    counts: tuple[int, ...]
    error_before: float
    error_after: float

    @property
    def better(self) -> bool:
        return self.error_after < self.error_before


def ways_of(facts: Iterable[Fact], pack: Pack) -> list[tuple[int, float, float]]:
    """(hour of the week, seconds expected as usual, seconds taken) of each way that ended on scene, oldest
    first; of units that traffic holds up. A pace that was in what was expected is counted off again."""
    going: dict[tuple[int, int], tuple[int, float]] = {}
    found = []
    for fact in facts:
        body = fact.body
        if isinstance(body, f.UnitDispatched):
            row = pack.units.get(body.unit)
            if row is None or row.kind not in UNPACED:
                paces = [each.values.get("pace", 1.0) for each in body.reasons]
                expected = body.expected_s / float(paces[0] if paces else 1.0)
                going[fact.stream, body.n] = fact.at, expected
        elif isinstance(body, f.UnitEnRoute) and (fact.stream, body.n) in going:
            going[fact.stream, body.n] = fact.at, going[fact.stream, body.n][1]
        elif isinstance(body, f.UnitArrived) and (fact.stream, body.n) in going:
            left, expected = going.pop((fact.stream, body.n))
            took = (fact.at - left) / SECOND
            if expected >= SHORTEST_S and SHORTEST_S <= took <= LONGEST_S:
                found.append((pack.worktime.hour_of_week(left), expected, took))
    return found


def learn(ways: list[tuple[int, float, float]]) -> Paces | None:
    """Factors by hour, each drawn towards the week's as far as it has few ways; None where there are too few.

    The factor of an hour is the exponential of the mean of log(taken / expected), which long delays of single
    ways don't carry away.
    """
    if len(ways) < WAYS_MIN:
        return None
    cut = round(len(ways) * (1 - HELD_OUT))
    hour = np.array([each[0] for each in ways])
    expected, taken = (np.array([each[n] for each in ways]) for n in (1, 2))
    ratio = np.log(taken / expected)
    factors, _ = _factors(hour[:cut], ratio[:cut])
    late = slice(cut, None)
    before = _error(expected[late], taken[late])
    after = _error(expected[late] * factors[hour[late]], taken[late])
    final, counts = _factors(hour, ratio)
    listed = tuple(round(min(max(each, PACE_MIN), PACE_MAX), 4) for each in final.tolist())
    return Paces(len(ways), len(ways) - cut, listed, tuple(counts.tolist()), before, after)


def figures_of(paces: Paces) -> dict[str, float]:
    """What a plan of these paces is proposed by."""
    return {
        "ways": float(paces.ways),
        "held_out": float(paces.held_out),
        "error_before": paces.error_before,
        "error_after": paces.error_after,
    }


def _factors(
    hour: NDArray[np.int64], ratio: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    counts = np.bincount(hour, minlength=HOURS)
    sums = np.bincount(hour, ratio, HOURS)
    week = float(ratio.mean())
    factors: NDArray[np.float64] = np.exp((sums + SHRINK * week) / (counts + SHRINK))
    return factors, counts


def _error(expected: NDArray[np.float64], taken: NDArray[np.float64]) -> float:
    return round(float(np.mean(np.abs(expected - taken) / taken)), 4)
