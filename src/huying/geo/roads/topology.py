"""The net as a searcher sees it: arcs between nodes, with turn rules told by nodes that are split."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from huying.geo.roads.classes import WHEELS, Speeds, milliseconds
from huying.geo.roads.graph import Ints, RoadGraph

NEVER = 2_147_483_647
"""Weight of an arc that can't be taken (the searcher's own infinity)."""

WAY_MS_MAX = 2_000_000_000
"""23 days: more than this over one edge is as good as never, and sums stay within 32 bits."""


class Topology:
    """Arcs over nodes; arcs 0 … 2m-1 are the directed edges of the graph.

    A turn rule splits a node: the directed edge with the rule ends in a node of its own, from which every
    way leads on but those that the rule forbids to wheels. (Each split node adds a handful of arcs, where a
    graph of turns would have three times the nodes.)

    - `tail`, `head`: (arcs) nodes; `edge`: (arcs) the directed edge of each; `banned`: (arcs) not for wheels
    - `first`, `copies`: arcs that go over directed edge d are d and `copies[first[d]:first[d+1]]`
    """

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        m, n = graph.edges, graph.nodes
        tail = np.empty(2 * m, np.int32)
        head = np.empty(2 * m, np.int32)
        tail[0::2], tail[1::2] = graph.a, graph.b
        head[0::2], head[1::2] = graph.b, graph.a
        rules: dict[int, set[int]] = {}
        for before, after in zip(graph.ban_from.tolist(), graph.ban_to.tolist(), strict=True):
            if head[before] == tail[after]:
                rules.setdefault(before, set()).add(after)
        out_of = _out_of(tail, {int(head[before]) for before in rules})
        via = {before: int(head[before]) for before in rules}
        lat, lon = [graph.lat], [graph.lon]
        for extra, before in enumerate(rules):
            head[before] = n + extra
        more = [
            (n + extra, after, after in rules[before])
            for extra, before in enumerate(rules)
            for after in out_of[via[before]]
        ]
        if rules:
            at = np.fromiter(via.values(), np.int64)
            lat.append(graph.lat[at])
            lon.append(graph.lon[at])
        edge = np.array([each for _, each, _ in more], np.int32)
        self.lat, self.lon = np.concatenate(lat), np.concatenate(lon)
        self.nodes = n + len(rules)
        self.tail: Ints = np.concatenate([tail, np.array([each for each, _, _ in more], np.int32)])
        self.head: Ints = np.concatenate([head, head[edge]])
        self.edge: Ints = np.concatenate([np.arange(2 * m, dtype=np.int32), edge])
        self.banned = np.concatenate([np.zeros(2 * m, bool), np.array([no for _, _, no in more], bool)])
        self.copies: dict[int, list[int]] = {}
        for n_arc, (_, after, _) in enumerate(more, start=2 * m):
            self.copies.setdefault(after, []).append(n_arc)

    def weights(self, speeds: Speeds, slowed: NDArray[np.float64] | None = None) -> NDArray[np.int64]:
        """Milliseconds over each arc for one kind of unit, `NEVER` where it can't go.

        Args:
            slowed: (m) times over each edge are multiplied by this; `inf` closes it.
        """
        graph = self.graph
        times = milliseconds(graph.metres, speeds.over(graph.road_class, graph.kmh), graph.road_class)
        if slowed is not None:
            times = times * slowed
        times = np.where(times < WAY_MS_MAX, np.rint(times), inf)
        both = np.empty(2 * graph.edges)
        both[0::2] = np.where(graph.forth & speeds.mode, times, inf)
        both[1::2] = np.where(graph.back & speeds.mode, times, inf)
        whole = both[self.edge]
        if speeds.mode == WHEELS:
            whole[self.banned] = inf
        return np.where(np.isfinite(whole), whole, NEVER).astype(np.int64)


def _out_of(tail: Ints, nodes: set[int]) -> dict[int, list[int]]:
    """Directed edges out of each of the nodes."""
    out: dict[int, list[int]] = {node: [] for node in nodes}
    if nodes:
        for each in np.flatnonzero(np.isin(tail, np.fromiter(nodes, np.int64))).tolist():
            out[int(tail[each])].append(each)
    return out
