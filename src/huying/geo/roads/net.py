"""Times between points for one kind of unit: the net, its speeds, and where points meet it."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
import scipy  # its parts load when they are first used
from msgspec import Struct
from numpy.typing import NDArray

from huying.geo.roads.classes import CLASS_OF, Speeds
from huying.geo.roads.few import Few
from huying.geo.roads.search import NEVER, MakeSearcher, Offset, Searcher
from huying.geo.roads.snap import Snap
from huying.geo.roads.spots import SharedSpots
from huying.geo.roads.topology import Topology

PACES_MAX = 4
"""Paces whose weights are kept at once: this hour, the next, and those of a question about another day. One
is made anew in milliseconds."""


class Pins(Struct, frozen=True, eq=False):
    """Where n units meet the net, as arrays.

    `nodes` at the ends of their edges, each once, and `slot` (2, n) their places in that list, for b and for
    a; `before` (2, n) milliseconds until there, `inf` against a one-way and for who is off the net; `walk_s`
    (n) to the road; `edge` (n, -1 off the net), all of them in `held`; `along` (n).
    """

    nodes: list[int]
    slot: NDArray[np.int64]
    before: NDArray[np.float64]
    walk_s: NDArray[np.float64]
    edge: NDArray[np.int64]
    along: NDArray[np.float64]
    held: frozenset[int]


class Pace(Struct, frozen=True, eq=False):
    """The net at one pace: milliseconds by arc as they usually are at it (`usual`, a list: one number of it
    costs a third of one of an array), with what is closed or slow now (`weights`), ways by these, and what is
    remembered of them."""

    usual: list[int]
    weights: NDArray[np.int64]
    search: Searcher
    few: Few


class Net:
    """One kind of unit on the roads.

    Args:
        make: makes the searcher, see `MakeSearcher`.
        shared: of the nets of one topology, so that a point is looked for once.
    """

    def __init__(
        self, topology: Topology, speeds: Speeds, make: MakeSearcher, shared: SharedSpots | None = None
    ) -> None:
        self.topology, self.speeds = topology, speeds
        self._make = make
        self._usual = topology.weights(speeds)
        self._slowed: NDArray[np.float64] | None = None
        self._tail = topology.tail.tolist()
        self._now = self._pace(self._usual, self._usual, make(topology, self._usual))
        self._paces: dict[float, Pace] = {1.0: self._now}
        self._ferries = topology.graph.road_class == CLASS_OF["ferry"]
        spots = shared or SharedSpots()
        self._spot_of = spots.on(topology.graph, speeds, *_parts(topology, self._usual)).of

    def slow(self, slowed: NDArray[np.float64] | None) -> None:
        """Times over each edge (m) are multiplied by this until told otherwise; `inf` closes it to whoever
        would pass through."""
        self._slowed = slowed
        pace = next(each for each, held in self._paces.items() if held is self._now)
        self._paces = {}
        self._now = self._at_pace(pace, self._now.search)
        self._paces[pace] = self._now

    def at_pace(self, pace: float) -> None:
        """Times on the road are multiplied by this until told otherwise; not the waiting for a ferry, nor
        what is walked to the road."""
        held = self._paces.get(pace)
        if held is None:
            free = None
            if len(self._paces) >= PACES_MAX:
                free = self._paces.pop(next(iter(self._paces))).search
            held = self._at_pace(pace, free)
        else:
            del self._paces[pace]  # the one that was used last goes last
        self._paces[pace] = self._now = held

    def _at_pace(self, pace: float, free: Searcher | None) -> Pace:
        """Weights at a pace; `free` is a searcher that nobody needs any more."""
        usual, slowed = self._usual, self._slowed
        if pace != 1.0:
            factor = np.where(self._ferries, 1.0, pace)
            usual = self.topology.weights(self.speeds, factor)
            slowed = factor if slowed is None else factor * slowed
        weights = usual if self._slowed is None else self.topology.weights(self.speeds, slowed)
        if free is None:
            return self._pace(usual, weights, self._make(self.topology, weights))
        free.weigh(weights)
        return self._pace(usual, weights, free)

    def _pace(self, usual: NDArray[np.int64], weights: NDArray[np.int64], search: Searcher) -> Pace:
        few = Few(search, self.starts, self._offsets, self.direct, self.off_s)
        return Pace(usual.tolist(), weights, search, few)

    @property
    def weights(self) -> NDArray[np.int64]:
        """Milliseconds over each arc as things are now."""
        return self._now.weights

    @property
    def search(self) -> Searcher:
        return self._now.search

    def snap(self, lat: float, lon: float) -> Snap | None:
        """Where the point meets the net, None when no road is near. Roads that are closed just now count:
        a unit in the flooded street is there."""
        return self._spot_of(lat, lon)

    def off_s(self, metres: float) -> float:
        """Seconds over this many metres away from the net."""
        return metres * 3.6 / self.speeds.off_kmh

    def part(self, arc: int, share: float) -> int:
        """Milliseconds over this share of the arc, as it usually is: who stands in the closed street drives
        out of it, and what happened in it is driven up to."""
        whole = self._now.usual[arc]
        return NEVER if whole >= NEVER else round(whole * share)

    def starts(self, spot: Snap) -> tuple[Offset, Offset]:
        """The nodes at both ends of the spot's edge (b, then a) with the time until there; `NEVER` against a
        one-way."""
        head, forth = self.topology.head, 2 * spot.edge
        return (
            (int(head[forth]), self.part(forth, 1.0 - spot.along)),
            (int(head[forth + 1]), self.part(forth + 1, spot.along)),
        )

    def ends(self, spot: Snap) -> list[tuple[int, int, int]]:
        """(node, time from there, arc) by which the spot is reached; one more for every turn rule there."""
        found = []
        for directed, share in ((2 * spot.edge, spot.along), (2 * spot.edge + 1, 1.0 - spot.along)):
            for arc in (directed, *self.topology.copies.get(directed, ())):
                spent = self.part(arc, share)
                if spent < NEVER:
                    found.append((self._tail[arc], spent, arc))
        return found

    def _offsets(self, spot: Snap) -> list[Offset]:
        return [(node, spent) for node, spent, _ in self.ends(spot)]

    def seconds(self, spots: Sequence[Snap | None], target: Snap | None) -> list[float]:
        """Seconds from each of few spots to the target, as `matrix` has them; remembered until something on
        the roads changes."""
        return self._now.few.seconds(spots, target)

    def pins(self, spots: Sequence[Snap | None]) -> Pins:
        """Units at these spots, ready to be asked for many times."""
        n = len(spots)
        slot, before = np.zeros((2, n), np.int64), np.full((2, n), inf)
        walk_s, edge, along = np.full(n, inf), np.full(n, -1), np.zeros(n)
        known: dict[int, int] = {}
        for i, spot in enumerate(spots):
            if spot is not None:
                for side, (node, spent) in enumerate(self.starts(spot)):
                    if spent < NEVER:
                        slot[side, i] = known.setdefault(node, len(known))
                        before[side, i] = spent
                walk_s[i], edge[i], along[i] = self.off_s(spot.off_m), spot.edge, spot.along
        return Pins(list(known), slot, before, walk_s, edge, along, frozenset(edge.tolist()))

    def times(self, pins: Pins, target: Snap | None) -> NDArray[np.float64]:
        """Seconds (n) from each pin to the target, see `matrix`."""
        row: NDArray[np.float64] = self.matrix(pins, [target])[0]
        return row

    def matrix(self, pins: Pins, targets: Sequence[Snap | None]) -> NDArray[np.float64]:
        """Seconds (targets, n) from each pin to each target, walking to and from the road included; `inf`
        where there is no way."""
        if not pins.nodes:
            return np.full((len(targets), len(pins.edge)), inf)
        ends = [self._offsets(each) if each is not None else [] for each in targets]
        away = self.search.times(pins.nodes, ends)
        best = np.minimum(
            *(away[:, slot] + before for slot, before in zip(pins.slot, pins.before, strict=True))
        )
        for n, target in enumerate(targets):
            if target is not None and target.edge in pins.held:
                for i in np.flatnonzero(pins.edge == target.edge).tolist():
                    straight = self.direct(Snap(target.edge, float(pins.along[i]), 0.0), target)
                    best[n, i] = min(best[n, i], straight if straight < NEVER else inf)
        walked = np.array([self.off_s(each.off_m) if each is not None else inf for each in targets])
        seconds: NDArray[np.float64] = best / 1_000 + pins.walk_s + walked[:, None]
        return seconds

    def direct(self, source: Snap, target: Snap) -> int:
        """Milliseconds from spot to spot of one edge without leaving it; `NEVER` when that can't be."""
        if source.edge != target.edge:
            return NEVER
        onward = target.along >= source.along
        return self.part(2 * source.edge + (0 if onward else 1), abs(target.along - source.along))


def _parts(topology: Topology, weights: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Edges that hang together both ways, the largest such part; and all others that may be used."""
    graph = topology.graph
    usable = weights < NEVER
    arcs = np.flatnonzero(usable)
    shape = (topology.nodes, topology.nodes)
    net = scipy.sparse.csr_matrix(
        (np.ones(len(arcs)), (topology.tail[arcs], topology.head[arcs])), shape=shape
    )
    _, part = scipy.sparse.csgraph.connected_components(net, directed=True, connection="strong")
    # By arcs, not by nodes: nodes that nobody of this kind can reach are parts of their own.
    inside = part[topology.tail[arcs]] == part[topology.head[arcs]]
    counts = np.bincount(part[topology.tail[arcs]][inside], minlength=1)
    main_part = int(np.argmax(counts)) if len(counts) else -1
    may = usable[: 2 * graph.edges].reshape(-1, 2).any(axis=1)
    main = may & (part[graph.a] == main_part) & (part[graph.b] == main_part)
    return main, may & ~main
