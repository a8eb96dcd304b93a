"""Customizable contraction hierarchies by RoutingKit: an order once for the net, new speeds in milliseconds.

Dibbelt, Strasser, Wagner: Customizable Contraction Hierarchies, ACM Journal of Experimental Algorithmics 21,
2016. Orders by inertial flow take longest (half a second for 10,000 nodes) and depend on the net alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray
from routingkit_cch import CCH, CCHManyToOne, CCHMetric, CCHQuery, compute_order_inertial

from huying.geo.roads.search import NEVER, Offset
from huying.geo.roads.topology import Topology


class Hierarchy:
    """The order of a topology's nodes, shared by all kinds of units that travel it."""

    def __init__(self, topology: Topology) -> None:
        tail, head = topology.tail.tolist(), topology.head.tolist()
        order = compute_order_inertial(
            topology.nodes, tail, head, topology.lat.tolist(), topology.lon.tolist()
        )
        self._cch = CCH(order, tail, head, False)

    def __call__(self, topology: Topology, weights: NDArray[np.int64]) -> Contracted:
        return Contracted(self._cch, weights)


class Contracted:
    """See `Searcher`."""

    def __init__(self, cch: CCH, weights: NDArray[np.int64]) -> None:
        self._metric = CCHMetric(cch, weights.tolist())

    def weigh(self, weights: NDArray[np.int64]) -> None:
        self._metric.reset(weights.tolist())

    def times(self, sources: Sequence[int], targets: Sequence[Sequence[Offset]]) -> NDArray[np.float64]:
        if not sources or not targets:
            return np.full((len(targets), len(sources)), inf)
        # Made anew each time (0.1 ms for 1,000 units): it may not leave its thread, nor outlive the weights.
        pinned = CCHManyToOne(self._metric, list(sources))
        to, nobody = pinned.distances_to_multi, [None] * len(sources)
        rows = [to(list(target)) if target else nobody for target in targets]
        found = np.array(rows, np.float64)  # None becomes nan
        np.fmin(found, inf, out=found)
        return found

    def arcs(self, sources: Sequence[Offset], targets: Sequence[Offset]) -> tuple[int, list[int]] | None:
        if not sources or not targets:
            return None
        found = CCHQuery(self._metric).run_multi(list(sources), list(targets))
        if found.distance is None or found.distance >= NEVER:
            return None
        return found.distance, list(found.arc_path)
