"""Covering: the same maximal covering problem solved by PySAL's spopt and by us, both to the proven best.

The peer is spopt with PuLP's CBC, which is in nobody's lock: `python -m venv .venv-peers` and
`.venv-peers/bin/pip install spopt`, or another environment named by HUYING_PEERS.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from rows import Row

from huying.dispatch.covering.bound import bound
from huying.dispatch.covering.exact import best
from huying.dispatch.covering.problem import Problem
from huying.dispatch.covering.quick import choose
from huying.dispatch.covering.solving import solver

PLACES, SITES, CREWS, REACH_KM = 5_000, 500, 30, 0.6
# Places and sites anywhere in a square of 10 km, demand 1 … 100; three fifths of it stay out of reach.
PROBLEM = f"""
import numpy as np
rng = np.random.default_rng(1)
places, sites = rng.random(({PLACES}, 2)) * 10, rng.random(({SITES}, 2)) * 10
demand = rng.integers(1, 101, len(places))
km = np.hypot(places[:, None, 0] - sites[None, :, 0], places[:, None, 1] - sites[None, :, 1])
"""
PEER = f"""
import sys, time, warnings
warnings.filterwarnings("ignore")
import pulp
from spopt.locate import MCLP
{PROBLEM}
began = time.perf_counter()
model = MCLP.from_cost_matrix(km, demand, service_radius={REACH_KM}, p_facilities={CREWS})
model = model.solve(pulp.PULP_CBC_CMD(msg=False))
print(time.perf_counter() - began, model.problem.objective.value())
"""
PEER_S_MAX = 600


def rows() -> Iterator[Row]:
    made: dict[str, np.ndarray] = {}
    exec(PROBLEM, made)
    problem = Problem(made["km"] <= REACH_KM, made["demand"].astype(float), CREWS)
    best(problem, solver())  # the first is slower: libraries are read
    began = perf_counter()
    answer = best(problem, solver())
    took = perf_counter() - began
    assert answer.proven and solver() is not None
    quick, quick_ms = _of_cpu(lambda: _quick(problem))
    short, short_ms = _of_cpu(lambda: _short(problem))
    yield Row("covering 5,000 × 500, p = 30, greedy and swaps: ms of CPU", quick_ms, 20, 1, less=True)
    yield Row("… short of the best, percent", 100 * (1 - quick / answer.covered), 1, 0.5, less=True)
    yield Row("… with twelve rounds of prices: ms of CPU", short_ms, 20, 1, less=True)
    yield Row("… short of the best, percent", 100 * (1 - short / answer.covered), 1, 0.5, less=True)
    peer = spopt()
    if peer is not None:
        assert abs(peer[1] - answer.covered) < 0.5, (peer, answer)
        yield Row("covering 5,000 × 500, p = 30, proven: spopt over ours, s", peer[0], took, 30)


def _quick(problem: Problem) -> float:
    """Demand covered, from the problem as it is stated."""
    small = problem.merged()
    return small.covered(choose(small))


def _short(problem: Problem) -> float:
    small = problem.merged()
    return bound(small, choose(small), rounds=12).lower


def _of_cpu(run: Callable[[], float]) -> tuple[float, float]:
    """What comes of it, and the least of ten times in ms of this process's CPU: these few milliseconds on the
    wall would be those of other programs."""
    spent = []
    for _ in range(10):
        began = process_time()
        found = run()
        spent.append(process_time() - began)
    return found, min(spent) * 1e3


def spopt() -> tuple[float, float] | None:
    """(seconds, demand covered) by the peer; None, with a line why, where it is not installed."""
    python = Path(os.environ.get("HUYING_PEERS", ".venv-peers")) / "bin" / "python"
    try:
        done = subprocess.run(
            [str(python), "-c", PEER], capture_output=True, text=True, check=True, timeout=PEER_S_MAX
        )
        seconds, covered = map(float, done.stdout.split()[-2:])
    except (OSError, ValueError, subprocess.SubprocessError) as reason:
        print(f"no spopt to compare with: {reason}", file=sys.stderr)
        return None
    return seconds, covered


if __name__ == "__main__":
    for row in rows():
        print(row.line())
