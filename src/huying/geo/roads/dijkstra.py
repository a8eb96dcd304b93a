"""Dijkstra's method by scipy: the fallback where no hierarchy is installed, and the oracle of answers."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
import scipy  # its parts load when they are first used
from numpy.typing import NDArray

from huying.geo.roads.search import NEVER, Offset
from huying.geo.roads.topology import Topology


class Dijkstra:
    """See `Searcher`. Whole milliseconds are exact in 64-bit floats, so answers equal those of integers."""

    def __init__(self, topology: Topology, weights: NDArray[np.int64]) -> None:
        self._topology = topology
        self.weigh(weights)

    def weigh(self, weights: NDArray[np.int64]) -> None:
        topology = self._topology
        arcs = np.flatnonzero(weights < NEVER)
        # Of parallel arcs the quickest stays: a matrix would add them up.
        order = arcs[np.lexsort((arcs, weights[arcs], topology.head[arcs], topology.tail[arcs]))]
        ends = np.stack([topology.tail[order], topology.head[order]], axis=1)
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(ends, axis=0) != 0).any(axis=1)
        self._arcs = order[first]
        self._tail, self._head = topology.tail[self._arcs], topology.head[self._arcs]
        self._weights = weights
        shape = (topology.nodes, topology.nodes)
        times = weights[self._arcs].astype(np.float64)
        self._forth = scipy.sparse.csr_matrix((times, (self._tail, self._head)), shape=shape)
        self._back = scipy.sparse.csr_matrix((times, (self._head, self._tail)), shape=shape)

    def times(self, sources: Sequence[int], targets: Sequence[Sequence[Offset]]) -> NDArray[np.float64]:
        found = np.full((len(targets), len(sources)), inf)
        if not len(sources):
            return found
        for n, target in enumerate(targets):
            if target:
                nodes = [node for node, _ in target]
                after = np.array([spent for _, spent in target], np.float64)
                away = scipy.sparse.csgraph.dijkstra(self._back, indices=nodes)[:, sources] + after[:, None]
                found[n] = away.min(axis=0)
        return found

    def arcs(self, sources: Sequence[Offset], targets: Sequence[Offset]) -> tuple[int, list[int]] | None:
        best, way = inf, (-1, -1, np.empty(0))
        nodes = [node for node, _ in sources]
        if not nodes or not targets:
            return None
        away, before = scipy.sparse.csgraph.dijkstra(self._forth, indices=nodes, return_predecessors=True)
        for n, (_, spent) in enumerate(sources):
            for node, after in targets:
                whole = float(away[n, node]) + spent + after
                if whole < best:
                    best, way = whole, (n, node, before[n])
        if best == inf:
            return None
        n, node, predecessors = way
        arcs: list[int] = []
        while node != nodes[n]:
            last = int(predecessors[node])
            arcs.append(self._arc(last, node))
            node = last
        return int(best), arcs[::-1]

    def reached(self, sources: Sequence[Offset], within_ms: int) -> NDArray[np.float64]:
        """Milliseconds from the nearest source to every node, `inf` beyond `within_ms`."""
        found = np.full(self._topology.nodes, inf)
        for node, spent in sources:
            if spent <= within_ms:
                away = (
                    scipy.sparse.csgraph.dijkstra(self._forth, indices=node, limit=within_ms - spent) + spent
                )
                np.minimum(found, away, out=found)
        return found

    def _arc(self, tail: int, head: int) -> int:
        low = int(np.searchsorted(self._tail, tail, "left"))
        high = int(np.searchsorted(self._tail, tail, "right"))
        return int(self._arcs[low + int(np.searchsorted(self._head[low:high], head))])
