"""Two policies on the same days: paired differences over seeds, with intervals.

Each seed gives both the same calls, so the difference of a pair is free of what the day was like. The
interval is Student's t for paired samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Any

import scipy  # its parts load when they are first used
from msgspec import Struct

from huying.sim.drill.cast import find_policy
from huying.sim.drill.stage import Ask, Theatre, run_drill
from huying.sim.workers import workers

CONFIDENCE = 0.95
SEEDS_MAX = 1_000

Measured = dict[str, float | None]
Run = tuple[str, int, str]
"""(scenario, seed, policy)."""

Told = Callable[[int, int], None]
"""(runs done, of how many)."""

MEASURES = (
    "arrive_1_s",
    "arrive_1_p90_s",
    "arrive_2_s",
    "arrive_2_p90_s",
    "cards_in_time",
    "cards_missed",
    "uncovered_min",
    "referrals_late",
    "callers_lost",
    "closings_false",
    "total",
)


class Difference(Struct, frozen=True):
    """B less A in one measure: means of both, of the difference, and where that lies with 95 % confidence.
    `pairs` are the days on which both measured something."""

    measure: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    pairs: int

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


Compared = dict[str, dict[str, list[Difference]]]
"""Scenario → policy → what it does other than the first."""


def compare(
    pack: str,
    scenarios: Sequence[str],
    a: str,
    others: Sequence[str],
    seeds: Sequence[int],
    jobs: int,
    told: Told,
) -> Compared:
    """For each scenario and each of `others`, what it does other than policy `a`.

    Args:
        jobs: processes that run drills beside each other.
    """
    policies = tuple(dict.fromkeys((a, *others)))
    for policy in policies:
        find_policy(policy)
    asks = [
        Ask(scenario=name, pack=pack, seed=seed, policy=policy)
        for name in scenarios
        for seed in seeds
        for policy in policies
    ]
    found: dict[Run, Measured] = {}
    for done, (ask, measured) in enumerate(_runs(pack, asks, jobs), 1):
        found[ask.scenario, ask.seed, ask.policy] = measured
        told(done, len(asks))
    return differences(found, scenarios, a, others, seeds)


def differences(
    found: Mapping[Run, Measured],
    scenarios: Sequence[str],
    a: str,
    others: Sequence[str],
    seeds: Sequence[int],
) -> Compared:
    """What was measured in runs, as differences of pairs."""
    return {
        name: {
            b: [
                _difference(
                    each, [(found[name, seed, a][each], found[name, seed, b][each]) for seed in seeds]
                )
                for each in MEASURES
            ]
            for b in others
        }
        for name in scenarios
    }


def _runs(pack: str, asks: Sequence[Ask], jobs: int) -> Any:
    if jobs <= 1 or len(asks) < 4:
        theatre = Theatre(pack)
        for ask in asks:
            yield ask, measured(run_drill(ask, _quiet, theatre=theatre)["score"])
        return
    with workers(jobs, _open, pack) as pool:
        yield from zip(asks, pool.map(_run, asks), strict=True)


_theatre: list[Theatre] = []


def _open(pack: str) -> None:
    _theatre.append(Theatre(pack))


def _run(ask: Ask) -> dict[str, float | None]:
    return measured(run_drill(ask, _quiet, theatre=_theatre[0])["score"])


def _quiet(calls: int, at: int) -> None:
    """Nobody watches a run among many."""


def measured(score: dict[str, Any]) -> dict[str, float | None]:
    """The measures that are compared, of one score; None where nothing was measured."""
    nothing = {"median_s": None, "p90_s": None}
    first, second = (score["arrivals"].get(each, nothing) for each in ("1", "2"))
    cards = score["cards"]
    return {
        "arrive_1_s": first["median_s"],
        "arrive_1_p90_s": first["p90_s"],
        "arrive_2_s": second["median_s"],
        "arrive_2_p90_s": second["p90_s"],
        "cards_in_time": round(cards["in_time"] / cards["asked"], 4) if cards["asked"] else None,
        "cards_missed": cards["missed"],
        "uncovered_min": score["uncovered_mean_min"],
        "referrals_late": score["referrals_late"],
        "callers_lost": score["callers_lost"],
        "closings_false": score["closings_false"],
        "total": score["total"],
    }


def _difference(measure: str, pairs: Sequence[tuple[float | None, float | None]]) -> Difference:
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    if not both:
        return Difference(measure, 0.0, 0.0, 0.0, 0.0, 0.0, 0)
    differences = [b - a for a, b in both]
    mean, half = fmean(differences), 0.0
    if len(both) > 1:
        student = float(scipy.special.stdtrit(len(both) - 1, (1 + CONFIDENCE) / 2))
        half = student * stdev(differences) / sqrt(len(both))
    return Difference(
        measure,
        a=round(fmean(a for a, _ in both), 3),
        b=round(fmean(b for _, b in both), 3),
        difference=round(mean, 3),
        low=round(mean - half, 3),
        high=round(mean + half, 3),
        pairs=len(both),
    )
