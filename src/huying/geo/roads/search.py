"""Shortest ways over a topology; what every searcher answers alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from huying.geo.roads.topology import NEVER as NEVER
from huying.geo.roads.topology import Topology

Offset = tuple[int, int]
"""A node, and the milliseconds that are spent before it (or after it, at the end of a way)."""


class Searcher(Protocol):
    """Ways for one set of weights (milliseconds by arc, `NEVER` where there is no way)."""

    def weigh(self, weights: NDArray[np.int64]) -> None:
        """Use these weights from now on."""
        ...

    def times(self, sources: Sequence[int], targets: Sequence[Sequence[Offset]]) -> NDArray[np.float64]:
        """Milliseconds (targets, sources) from each source to the nearest node of each target; `inf` when
        there is no way."""
        ...

    def arcs(self, sources: Sequence[Offset], targets: Sequence[Offset]) -> tuple[int, list[int]] | None:
        """The quickest way from any source to any target: milliseconds, and its arcs in order."""
        ...


class MakeSearcher(Protocol):
    """How a searcher is made: with hierarchies where their library is installed, else plain Dijkstra."""

    def __call__(self, topology: Topology, weights: NDArray[np.int64]) -> Searcher: ...
