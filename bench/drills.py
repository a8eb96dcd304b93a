"""The city that lives: the fast engine beside simpy, the live engine by itself, a year of the demo county.

Seconds are of CPU, so that other programs on the machine do not matter. The peer is simpy, which is in
nobody's lock: `python -m venv .venv-peers` and `.venv-peers/bin/pip install simpy numpy`, or another
environment named by HUYING_PEERS.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np
from rows import Row

from huying.base.clock import DAY
from huying.service.house import house_of
from huying.sim.chance import Dice
from huying.sim.fast import engine, oracle
from huying.sim.fast.county import County, calls_of
from huying.sim.fast.problem import Problem, Rule
from huying.sim.manner import manner_of
from huying.sim.rhythm import Rhythm
from huying.sim.year import BEGINS, Days, run_days
from huying.store.packdir import read_net, read_pack

# Days of the year that are played through the live engine; the rest is calculated from them.
DAYS = float(os.environ.get("HUYING_BENCH_DAYS", "28"))
PEER_S_MAX = 600


def rows() -> Iterator[Row]:
    problem, rule = _county()
    engine.play(problem, rule)  # compiled by now
    ours = min(_timed(problem, rule)[0] for _ in range(5))
    calls = len(problem.at)
    began = process_time()
    plain = oracle.play(problem, rule)
    oracle_s = process_time() - began
    fast = engine.play(problem, rule)
    assert fast.waited_s.tolist() == plain.waited_s.tolist()
    yield Row(
        "fast engine with roads and move-up, calls/s over the plain oracle",
        calls / ours,
        calls / oracle_s,
        100,
    )
    peer = simpy(problem, rule)
    if peer is not None:
        seconds, waited = peer
        assert abs(waited - float(fast.waited_s.sum())) < 1e-3 * calls, (waited, fast.waited_s.sum())
        yield Row(
            "fast engine with roads and move-up, calls/s over simpy", calls / ours, calls / seconds, 100
        )
    with tempfile.TemporaryDirectory() as folder:
        found = run_days(Days(days=DAYS, store=str(Path(folder) / "days.sqlite")), lambda calls, at: None)
    assert found["verify"] == "ok"
    yield Row("live engine on SQLite, ordinary days by road, calls/s", found["calls_per_s"], 2_000, 1)
    yield Row(
        f"a year of the demo county from {DAYS:g} days, s", found["wall_s"] * 365 / DAYS, 300, 1, less=True
    )


def _county() -> tuple[Problem, Rule]:
    """Patrol cars of the demo county, a month of their calls, posts that should not stand empty."""
    pack, net = read_pack("yunxi"), read_net("yunxi")
    travel = house_of(pack, net).travel
    points = [(each.lat, each.lon) for each in pack.places.values()]
    county = County(pack, travel, "patrol", BEGINS, points)
    rhythm = Rhythm(pack, Dice(1).fork("bench"), 620.0, manner_of("yunxi"))
    calls = calls_of(rhythm, pack, "patrol", BEGINS, BEGINS + 120 * DAY)
    # Islands are no car's business.
    calls = [each for each in calls if np.isfinite(county.seconds[0, county.place(each.point)])]
    work_s = np.random.default_rng(1).lognormal(np.log(1_300), 0.6, len(calls))
    problem = county.problem(calls, work_s)
    weights = np.bincount(problem.place, minlength=len(county.points)).astype(float)
    return problem, Rule(reserve=1, posts=county.posts(weights, 300.0))


def _timed(problem: Problem, rule: Rule) -> tuple[float, object]:
    began = process_time()
    found = engine.play(problem, rule)
    return process_time() - began, found


def simpy(problem: Problem, rule: Rule) -> tuple[float, float] | None:
    """(seconds, sum of waiting) by the peer; None, with a line why, where it is not installed."""
    python = Path(os.environ.get("HUYING_PEERS", ".venv-peers")) / "bin" / "python"
    peer = Path(__file__).parent / "simpy_city.py"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problem.npz"
        given = {name: getattr(problem, name) for name in problem.__struct_fields__}
        np.savez(file, **given, posts=np.array(rule.posts, np.int64), reserve=rule.reserve)
        try:
            done = subprocess.run(
                [str(python), str(peer), str(file)],
                capture_output=True,
                text=True,
                check=True,
                timeout=PEER_S_MAX,
            )
            seconds, waited = map(float, done.stdout.split())
        except (OSError, ValueError, subprocess.SubprocessError) as reason:
            print(f"no simpy to compare with: {reason}", file=sys.stderr)
            return None
    return seconds, waited


if __name__ == "__main__":
    for row in rows():
        print(row.line())
