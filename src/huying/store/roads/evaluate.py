"""How fast and how right ways over a net are found, beside plain Dijkstra in the same run."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from huying.geo.roads.classes import SPEEDS
from huying.geo.roads.dijkstra import Dijkstra
from huying.geo.roads.graph import RoadGraph
from huying.geo.roads.net import Net
from huying.geo.roads.search import NEVER
from huying.geo.roads.searching import fastest
from huying.geo.roads.snap import Snap
from huying.geo.roads.topology import Topology

UNITS = 200
REPEATS = 5
"""The least of five is what the method costs; the rest is what else the machine did."""


def evaluate(graph: RoadGraph, seed: int) -> dict[str, Any]:
    """Times of a matrix of 200 units that have just moved × 200 calls, of one call, and whether every figure
    equals that of Dijkstra.

    Returns:
        `nodes`, `edges`, `map_points`, `matrix_200_ms`, `one_to_200_us`, `new_speeds_ms`, `set_up_ms`;
        `scipy_200_ms` and `ratio` (scipy over ours) on the same net; `scipy_map_200_ms` and `ratio_map` on
        the map as it was drawn, every point of a line a node, which is what one gives scipy without a net
        like ours; `equal`.
    """
    topology = Topology(graph)
    began = perf_counter()
    net = Net(topology, SPEEDS["car"], fastest(topology))
    set_up = perf_counter() - began
    plain = Net(topology, SPEEDS["car"], Dijkstra)
    rng = np.random.default_rng(seed)
    units, calls = _spots(graph, net, rng), _spots(graph, net, rng)

    def matrix(of: Net) -> NDArray[np.float64]:
        return of.matrix(of.pins(units), calls)

    drawn = _drawn(graph, net)
    some = rng.choice(drawn.shape[0], UNITS)
    pins = net.pins(units)
    ours, theirs = matrix(net), matrix(plain)
    matrix_s = _least(lambda: matrix(net))
    scipy_s = _least(lambda: matrix(plain), 2)
    one_s = _least(lambda: [net.times(pins, each) for each in calls]) / len(calls)
    map_s = _least(lambda: dijkstra(drawn, indices=some), 2)
    new_s = _least(lambda: net.slow(np.ones(graph.edges)))
    return {
        "nodes": graph.nodes,
        "edges": graph.edges,
        "map_points": drawn.shape[0],
        "matrix_200_ms": round(matrix_s * 1e3, 2),
        "one_to_200_us": round(one_s * 1e6, 1),
        "new_speeds_ms": round(new_s * 1e3, 2),
        "set_up_ms": round(set_up * 1e3, 1),
        "scipy_200_ms": round(scipy_s * 1e3, 1),
        "ratio": round(scipy_s / matrix_s, 1),
        "scipy_map_200_ms": round(map_s * 1e3, 1),
        "ratio_map": round(map_s / matrix_s, 1),
        "equal": bool(np.array_equal(ours, theirs)),
    }


def _spots(graph: RoadGraph, net: Net, rng: np.random.Generator) -> list[Snap]:
    """Random spots on edges that a car may use."""
    may = np.flatnonzero((graph.forth | graph.back) & net.speeds.mode)
    edges, shares = rng.choice(may, UNITS), rng.random(UNITS)
    return [Snap(int(edge), float(share), 0.0) for edge, share in zip(edges, shares, strict=True)]


def _drawn(graph: RoadGraph, net: Net) -> csr_matrix:
    """Times between neighbouring points of the map's lines."""
    inner = np.diff(graph.shape_at)
    owner = np.repeat(np.arange(graph.edges), inner + 1)
    start = np.concatenate([[0], np.cumsum(inner + 1)])[:-1]
    n = np.arange(len(owner)) - start[owner]
    point = graph.nodes + graph.shape_at[owner] + n
    tail = np.where(n == 0, graph.a[owner], point - 1)
    head = np.where(n == inner[owner], graph.b[owner], point)
    whole = net.weights[: 2 * graph.edges].reshape(-1, 2)[owner]
    times = np.where(whole < NEVER, whole / (inner[owner] + 1)[:, None], inf)
    size = graph.nodes + len(graph.shape_lat)
    both = [(times[:, 0], tail, head), (times[:, 1], head, tail)]
    ways = [np.concatenate([each[k][each[0] < inf] for each in both]) for k in range(3)]
    return csr_matrix((ways[0], (ways[1], ways[2])), shape=(size, size))


def _least(run: Callable[[], object], times: int = REPEATS) -> float:
    """Seconds of the quickest of several runs."""
    found = []
    for _ in range(times):
        began = perf_counter()
        run()
        found.append(perf_counter() - began)
    return min(found)
