"""The best searcher that is installed."""

from __future__ import annotations

from importlib.util import find_spec

from huying.geo.roads.dijkstra import Dijkstra
from huying.geo.roads.search import MakeSearcher
from huying.geo.roads.topology import Topology


def fastest(topology: Topology) -> MakeSearcher:
    """Hierarchies where `routingkit-cch` is installed (extra `roads`), else Dijkstra; answers are equal."""
    if find_spec("routingkit_cch") is None:
        return Dijkstra
    from huying.geo.roads.cch import Hierarchy

    return Hierarchy(topology)
