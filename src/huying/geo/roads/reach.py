"""What can be reached in a time: the streets themselves, cut where the time runs out."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from huying.geo.roads.dijkstra import Dijkstra
from huying.geo.roads.net import Net
from huying.geo.roads.search import NEVER
from huying.geo.roads.snap import Snap
from huying.geo.roads.way import cut_line
from huying.geo.travel import Band, Point

PIECES_MAX = 50_000
"""Streets in one answer: an hour by car reaches more than a screen can draw."""


def reach(net: Net, start: Snap, bands: Sequence[int]) -> list[Band]:
    """Streets by the time in which a unit at `start` is there, each drawn once.

    Args:
        bands: seconds, rising; walking to the road counts.
    """
    topology, weights = net.topology, net.weights
    walked = net.off_s(start.off_m)
    sources = [(node, spent) for node, spent in net.starts(start) if spent < NEVER]
    within = max(0, round((bands[-1] - walked) * 1_000))
    at = Dijkstra(topology, weights).reached(sources, within) / 1_000 + walked
    enters = np.where(weights < NEVER, at[topology.tail], inf)
    arcs = np.flatnonzero(enters < bands[-1])
    drawing = _Drawing(net, bands)
    if walked < bands[-1]:
        drawing.add(2 * start.edge, walked, start.along)
        drawing.add(2 * start.edge + 1, walked, 1.0 - start.along)
        drawing.drawn |= {2 * start.edge: 1.0, 2 * start.edge + 1: 1.0}
    for arc in arcs[np.argsort(enters[arcs], kind="stable")][:PIECES_MAX].tolist():
        drawing.add(int(topology.edge[arc]), float(enters[arc]), 0.0, arc)
    return drawing.made()


class _Drawing:
    """Bands in the making. `drawn` is how much of each directed edge is reached, from its own beginning."""

    def __init__(self, net: Net, bands: Sequence[int]) -> None:
        self.net, self.bands = net, bands
        self.lines: list[list[tuple[Point, ...]]] = [[] for _ in bands]
        self.metres = [0.0] * len(bands)
        self.drawn: dict[int, float] = {}

    def add(self, directed: int, begin: float, start: float, arc: int = -1) -> None:
        """Travel the edge from share `start`, which is reached after `begin` seconds, until time runs out or
        until what was reached from its other end."""
        whole = self.net.part(directed if arc < 0 else arc, 1.0) / 1_000
        if whole >= NEVER / 1_000 or (arc >= 0 and directed in self.drawn):
            return
        graph, edge = self.net.topology.graph, directed // 2
        line = graph.line(edge)
        if directed % 2:
            line.reverse()
        low, end = start, 1.0 - self.drawn.get(directed ^ 1, 0.0)
        for n, seconds in enumerate(self.bands):
            high = min(end, start + (seconds - begin) / whole)
            if high > low:
                self.lines[n].append(tuple(cut_line(line, low, high)))
                self.metres[n] += (high - low) * float(graph.metres[edge])
                low = high
        if arc >= 0:
            self.drawn[directed] = low

    def made(self) -> list[Band]:
        rows = zip(self.bands, map(tuple, self.lines), self.metres, strict=True)
        return [Band(*each) for each in rows]
