"""Does it help? What San Francisco's unit times alone can say about sending the nearest by line.

The records have no roads, no stations and a tenth of the calls, so neither "nearest by road" nor an
optimised rule
can be tried on them. What can: where each engine stands is fitted from its own travel times (older half:
seconds =
a + b × metres by line, robust least squares); in the newer half, calls are told apart by whether the
engine that
stands nearest by line was first there. `HUYING_DATA=… python -m bench helps_line` prints one JSON line.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import scipy
from rows import Row

SEEDS = 20
LEAST = 40
"""Journeys of an engine from which its place is fitted."""

DATA = Path(os.environ.get("HUYING_DATA", "../shared/data"))
FILE = DATA / "cfs_sf_fire_units" / "sf_fire_unit_responses_sample_dev.csv.gz"
METRES = np.array([111_195.0, 111_195.0 * np.cos(np.radians(37.77))])


def journeys() -> list[tuple[str, str, str, np.ndarray, float]]:
    """(day, incident, engine, place in metres, seconds from leaving to being there), oldest first."""
    found = []
    for row in csv.DictReader(io.StringIO(gzip.decompress(FILE.read_bytes()).decode("utf-8"))):
        if row["Unit Type"] != "ENGINE" or not (row["Response DtTm"] and row["On Scene DtTm"] and row["lat"]):
            continue
        left, there = (datetime.fromisoformat(row[each]) for each in ("Response DtTm", "On Scene DtTm"))
        took = (there - left).total_seconds()
        if 20 <= took <= 1_800:
            at = np.array([float(row["lat"]), float(row["lon"])]) * METRES
            found.append((row["Received DtTm"], row["Incident Number"], row["Unit ID"], at, took))
    return sorted(found, key=lambda each: each[0])


def fitted(old: list[tuple[str, str, str, np.ndarray, float]]) -> tuple[dict[str, np.ndarray], float, float]:
    """Where each engine stands, and seconds = a + b × metres."""
    mine = defaultdict(list)
    for each in old:
        mine[each[2]].append(each)
    codes = sorted(code for code, some in mine.items() if len(some) >= LEAST)
    some = [each for code in codes for each in mine[code]]
    of = np.array([codes.index(each[2]) for each in some])
    at, took = np.array([each[3] for each in some]), np.array([each[4] for each in some])
    start = np.array([np.median([each[3] for each in mine[code]], axis=0) for code in codes])
    middle = at.mean(axis=0)

    def off(x: np.ndarray) -> np.ndarray:
        homes = x[2:].reshape(-1, 2) * 1_000 + middle
        return (x[0] * 60 + x[1] * 0.1 * np.hypot(*(at - homes[of]).T) - took) / 60

    first = np.concatenate([[1.0, 1.0], ((start - middle) / 1_000).ravel()])
    bound = np.full(len(first), np.inf)
    low = np.concatenate([[0.0, 0.0], -bound[2:]])
    x = scipy.optimize.least_squares(off, first, bounds=(low, bound), loss="soft_l1").x
    homes = x[2:].reshape(-1, 2) * 1_000 + middle
    return dict(zip(codes, homes, strict=True)), float(x[0] * 60), float(x[1] * 0.1)


def results() -> dict[str, object]:
    every = journeys()
    old, new = every[: len(every) // 2], every[len(every) // 2 :]
    homes, a, b = fitted(old)
    firsts: dict[str, tuple[str, str, str, np.ndarray, float]] = {}
    for each in new:
        known = firsts.get(each[1])
        if each[2] in homes and (known is None or each[4] < known[4]):
            firsts[each[1]] = each
    calls = list(firsts.values())
    metres = np.array([[float(np.hypot(*(each[3] - home))) for home in homes.values()] for each in calls])
    codes = list(homes)
    sent = np.array([codes.index(each[2]) for each in calls])
    took = np.array([each[4] for each in calls])
    nearest = metres.argmin(axis=1)
    same = nearest == sent
    each_call = np.arange(len(calls))
    as_sent, as_nearest = a + b * metres[each_call, sent], a + b * metres[each_call, nearest]
    told: dict[str, object] = {"calls": len(calls), "engines": len(homes)}
    told["nearest_first"] = round(float(same.mean()), 3)
    told |= {"a_s": round(a, 1), "s_per_km": round(1_000 * b, 1)}
    told["off"] = round(float(np.mean(np.abs(as_sent - took) / took)), 3)
    draws = [np.random.default_rng(seed).integers(0, len(calls), len(calls)) for seed in range(SEEDS)]
    for name, values, where in (
        ("was_nearest_s", took, same),
        ("was_another_s", took, ~same),
        ("by_model_as_sent_s", as_sent, same | True),
        ("by_model_nearest_s", as_nearest, same | True),
    ):
        for what, of in (("mean", np.mean), ("p90", lambda each: np.percentile(each, 90))):
            drawn = [float(of(values[pick][where[pick]])) for pick in draws]
            low, high = np.percentile(drawn, (2.5, 97.5))
            told[f"{name}.{what}"] = [round(float(of(values[where])), 1), round(low, 1), round(high, 1)]
    return told


def rows() -> Iterator[Row]:
    if FILE.is_file():
        print(json.dumps(results()), flush=True)
    yield from ()
