"""Which edges a closure speaks of, and how much slower they are."""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

from huying.domain.closure import Closure
from huying.geo.points import EARTH_RADIUS_M, RADIANS
from huying.geo.roads.classes import CLASS_OF
from huying.geo.roads.graph import Floats, RoadGraph
from huying.geo.roads.ringed import within_ring
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

    def names(self, lat: float, lon: float, within_m: float) -> list[str]:
        """Names of the roads that come so near, the nearest first."""
        away = self._away(lat, lon)
        near = np.flatnonzero(away <= within_m)
        order = near[np.argsort(away[near], kind="stable")]
        found = dict.fromkeys(self._graph.name[self._edge[order]].tolist())
        return [self._graph.names[each] for each in found if self._graph.names[each]]

    def _away(self, lat: float, lon: float) -> Floats:
        """Metres from the point to each segment."""
        x1, y1, x2, y2 = _flat(self._ends, lat, lon)
        dx, dy = x2 - x1, y2 - y1
        share = np.clip(-(x1 * dx + y1 * dy) / np.maximum(dx**2 + dy**2, 1e-9), 0.0, 1.0)
        away: Floats = np.hypot(x1 + share * dx, y1 + share * dy)
        return away

    def _near(self, closure: Closure) -> NDArray[np.int32]:
        if closure.ring:
            near = within_ring(self._ends, closure.ring)
        else:
            near = self._away(closure.lat, closure.lon) <= closure.reach_m
        edges = np.unique(self._edge[near])
        if closure.road:
            names = [n for n, name in enumerate(self._graph.names) if name == closure.road]
            return edges[np.isin(self._graph.name[edges], names)]
        # A flooded quarter is where boats go: lanes on the water are closed by their name only.
        by_land: NDArray[np.int32] = edges[self._graph.road_class[edges] != CLASS_OF["water"]]
        return by_land


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
