"""Where points meet the roads of those who may use the same ones: cars, engines and ambulances share it."""

from __future__ import annotations

import numpy as np
import scipy  # its parts load when they are first used
from numpy.typing import NDArray

from huying.geo.roads.classes import BOATS, CLASS_OF, FEET, WHEELS, Speeds
from huying.geo.roads.graph import RoadGraph
from huying.geo.roads.snap import Snap, Snapper

ISLAND_M = 400.0
"""A point is brought to the net that hangs together unless some cut-off piece is this much nearer: then it
is on an island, and the answer is that it can't be reached, not a landing place on the other shore."""

SHORE_M = 500.0
"""So far from its lane a boat may lie at a quay or on a beach that a road leads to."""

SPOTS_MAX = 50_000
"""Points whose spots are remembered (5 MB): stations, villages, units that wait. Then all are looked for
again."""

Allowed = NDArray[np.bool_]


class Spots:
    """Spots of points on a net.

    Args:
        main, islands: (m) edges that hang together, and all others that may be used.
    """

    def __init__(self, graph: RoadGraph, speeds: Speeds, main: Allowed, islands: Allowed) -> None:
        reach = self._off_max_m = speeds.off_max_m
        self._known: dict[tuple[float, float], Snap | None] = {}
        self._main, self._islands = Snapper(graph, main, reach), Snapper(graph, islands, reach)
        # Boats land where no road leads to; who drives or walks does not cross the water to an islet's path.
        mainland, islets = _ashore(graph)
        self._shore = Snapper(graph, mainland, reach) if speeds.mode == BOATS else None
        self._islets = Snapper(graph, islets, reach) if speeds.mode != BOATS else None

    def of(self, lat: float, lon: float) -> Snap | None:
        """Where the point meets the net, None when no road is near."""
        point = lat, lon
        try:
            return self._known[point]
        except KeyError:
            if len(self._known) >= SPOTS_MAX:
                self._known.clear()
            found = self._known[point] = self._find(lat, lon)
            return found

    def _find(self, lat: float, lon: float) -> Snap | None:
        found = self._main.snap(lat, lon)
        if found is None or found.off_m > ISLAND_M:
            island = self._islands.snap(lat, lon)
            if island is not None and (found is None or island.off_m + ISLAND_M < found.off_m):
                found = island
        if found is None or found.off_m > self._off_max_m:
            return None
        if self._islets is not None and found.off_m > ISLAND_M:
            islet = self._islets.snap(lat, lon)
            if islet is not None and islet.off_m + ISLAND_M < found.off_m:
                return None
        if self._shore is not None and found.off_m > SHORE_M:
            road = self._shore.snap(lat, lon)
            if road is not None and road.off_m < found.off_m:
                return None  # nearer to a road than to the water: no boat gets there
        return found


class SharedSpots:
    """One `Spots` for all kinds of units that may use the same roads."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, float, bytes], Spots] = {}

    def on(self, graph: RoadGraph, speeds: Speeds, main: Allowed, islands: Allowed) -> Spots:
        key = speeds.mode, speeds.off_max_m, main.tobytes() + islands.tobytes()
        if key not in self._known:
            self._known[key] = Spots(graph, speeds, main, islands)
        return self._known[key]


def _ashore(graph: RoadGraph) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Edges on dry land that hang together, by whatever one goes, bridge or ferry; and those of islands
    to which nothing leads."""
    dry = ((graph.forth | graph.back) & (WHEELS | FEET)) > 0
    some = np.flatnonzero(dry)
    net = scipy.sparse.csr_matrix(
        (np.ones(len(some)), (graph.a[some], graph.b[some])), shape=(graph.nodes, graph.nodes)
    )
    _, part = scipy.sparse.csgraph.connected_components(net, directed=False)
    together = dry & (part[graph.a] == np.bincount(part[graph.a[some]], minlength=1).argmax())
    land = graph.road_class != CLASS_OF["ferry"]
    return together & land, dry & ~together & land
