"""A plan tried out: drawn weeks of asks, crews at their posts, the first there counts.

Plain and exact for what it says: a crew drives from its post, works, and stands at its post again as soon as
it is clear. Whole incidents with roads, several agencies and people who are late are what drills play.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.base.machine import compiled
from huying.dispatch.demand import Weeks

SPREAD = 2.09
"""Of a 95 % interval of a mean of 20 runs (Student)."""

LATER = 1e6
"""Seconds by which a crew that is busy counts as further, where crews are chosen by another figure than the
time at which they are there."""


class Driven(Struct, frozen=True):
    """By ask (n): seconds from the ask to the first crew there (`inf` when none ever comes), and whether it
    had to wait for a crew to be free."""

    response_s: NDArray[np.float64]
    waited: NDArray[np.bool_]


def _drive(
    on_way: Any,
    rank: Any,
    at: Any,
    place: Any,
    crews: Any,
    work_s: Any,
    urgent: Any,
    reserve: int,
    later: float,
) -> Any:
    """See `drive`; `rank` orders crews by place, `later` is added for those who are not free."""
    units = on_way.shape[1]
    free_at, sent = np.zeros(units), np.zeros(units, np.bool_)
    response, waited = np.full(len(at), np.inf), np.zeros(len(at), np.bool_)
    for n in range(len(at)):
        begins = at[n]
        if 0 < reserve < units and not urgent[n]:
            # The first moment at which more crews than the reserve are free.
            begins = max(begins, np.sort(free_at)[reserve])
        sent[:] = False
        for _ in range(crews[n]):
            chosen, least = -1, np.inf
            for k in range(units):
                if not sent[k]:
                    start = max(free_at[k], begins)
                    cost = start + rank[place[n], k] + (later if start > begins else 0.0)
                    if cost < least:
                        chosen, least = k, cost
            if chosen < 0 or not on_way[place[n], chosen] < np.inf:
                break
            sent[chosen] = True
            start = max(free_at[chosen], begins)
            there = start + on_way[place[n], chosen]
            if there - at[n] < response[n]:
                response[n], waited[n] = there - at[n], start > at[n]
            free_at[chosen] = there + work_s[n]
    return response, waited


_loop: Callable[..., Any] = compiled(_drive, fused=False)


def drive(
    seconds: NDArray[np.float64],
    posts: Sequence[int],
    weeks: Weeks,
    choice: NDArray[np.float64] | None = None,
    reserve: int = 0,
) -> Driven:
    """Send to each ask, in order, the crews that are there first.

    Args:
        seconds: (places, sites) on the way. posts: the site of each crew.
        choice: (places, sites) by which crews are chosen, where that is not the way's own seconds.
        reserve: crews that are kept for urgent asks: others wait while no more than so many are free.
    """
    on_way = np.ascontiguousarray(seconds[:, list(posts)])
    rank = on_way if choice is None else np.ascontiguousarray(choice[:, list(posts)])
    later = 0.0 if choice is None else LATER
    response, waited = _loop(
        on_way,
        rank,
        weeks.at,
        weeks.place,
        weeks.crews,
        weeks.work_s,
        weeks.urgent,
        reserve,
        later,
    )
    return Driven(response, waited)


class Spread(Struct, frozen=True):
    """A mean over seeds with the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


def spread_of(values: Sequence[float]) -> Spread:
    """The mean of independent runs and its interval by their spread; as wide as the mean for one run."""
    got = np.asarray(values, float)
    mean = float(got.mean())
    half = SPREAD * float(got.std(ddof=1)) / float(len(got)) ** 0.5 if len(got) > 1 else abs(mean)
    return Spread(round(mean, 3), round(mean - half, 3), round(mean + half, 3))


def told(driven: Driven, within_s: float) -> dict[str, float]:
    """Mean and 90th percentile of response, share within so many seconds, share that waited; what nobody
    reaches counts as late and is left out of mean and percentile."""
    got = driven.response_s[np.isfinite(driven.response_s)]
    if not len(got):
        return {"mean_s": 0.0, "p90_s": 0.0, "within": 0.0, "waited": 0.0}
    return {
        "mean_s": float(got.mean()),
        "p90_s": float(np.percentile(got, 90)),
        "within": float((driven.response_s <= within_s).mean()),
        "waited": float(driven.waited.mean()),
    }
