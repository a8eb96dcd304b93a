"""Which edges a closure speaks of, and how much slower they are."""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

from huying.domain.closure import Closure
from huying.geo.points import EARTH_RADIUS_M, RADIANS
from huying.geo.roads.graph import Floats, RoadGraph
from huying.geo.roads.snap import segments_of


class Closings:
    """Edges near a point, for closures on one net."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        self._edge, _, _, self._ends = segments_of(graph, np.ones(graph.edges, bool))

    def slowed(self, closures: Iterable[Closure], on_foot: bool) -> NDArray[np.float64] | None:
        """By what the time over each edge (m) is multiplied, `inf` where it is closed; None when nothing is.

        Where several speak of one edge the slowest counts.
        """
        found: NDArray[np.float64] | None = None
        for each in closures:
            if on_foot and each.feet_pass:
                continue
            edges = self._near(each)
            if len(edges):
                found = np.ones(self._graph.edges) if found is None else found
                found[edges] = np.maximum(found[edges], each.slow or np.inf)
        return found

    def _near(self, closure: Closure) -> NDArray[np.int32]:
        x1, y1, x2, y2 = _flat(self._ends, closure.lat, closure.lon)
        dx, dy = x2 - x1, y2 - y1
        share = np.clip(-(x1 * dx + y1 * dy) / np.maximum(dx**2 + dy**2, 1e-9), 0.0, 1.0)
        near = np.hypot(x1 + share * dx, y1 + share * dy) <= closure.reach_m
        edges = np.unique(self._edge[near])
        if closure.road:
            names = [n for n, name in enumerate(self._graph.names) if name == closure.road]
            edges = edges[np.isin(self._graph.name[edges], names)]
        return edges


def _flat(ends: Floats, lat: float, lon: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Both ends of each segment in metres east and north of the point."""
    metre = EARTH_RADIUS_M * RADIANS
    narrow = cos(radians(lat)) * metre
    return (
        (ends[1] - lon) * narrow,
        (ends[0] - lat) * metre,
        (ends[3] - lon) * narrow,
        (ends[2] - lat) * metre,
    )
