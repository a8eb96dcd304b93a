"""Times of few units to one point, without arrays: the question of every call, asked again until somebody is
free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf

from huying.geo.roads.search import NEVER, Offset, Searcher
from huying.geo.roads.snap import Snap

FEW = 64
"""Up to so many units numbers one by one are quicker than arrays."""

TARGETS_KEPT = 512
"""Incidents that wait for somebody and are looked at again: more than a county has open at once."""

SPOTS_KEPT = 10_000
"""Spots at which units stood."""

Away = dict[int, float]
"""Milliseconds from nodes to one target."""


class Few:
    """What was found with one set of weights, remembered as long as these hold.

    Args:
        search: ways by these weights.
        starts: nodes by which a spot is left, see `Net.starts`.
        ends: nodes by which it is reached, with the time from there.
        direct: milliseconds from spot to spot of one edge, see `Net.direct`.
        off_s: seconds over so many metres away from the net.
    """

    def __init__(
        self,
        search: Searcher,
        starts: Callable[[Snap], Iterable[Offset]],
        ends: Callable[[Snap], Iterable[Offset]],
        direct: Callable[[Snap, Snap], int],
        off_s: Callable[[float], float],
    ) -> None:
        self._search, self._direct, self._off_s = search, direct, off_s
        self._starts, self._ends = starts, ends
        self._left: dict[Snap, tuple[float, tuple[Offset, ...]]] = {}
        self._away: dict[Snap, Away] = {}

    def seconds(self, spots: Sequence[Snap | None], target: Snap | None) -> list[float]:
        """Seconds from each spot to the target, walking to and from the road included; `inf` where there is
        no way. Exactly what `Net.matrix` says of them."""
        if target is None:
            return [inf] * len(spots)
        left = [self._leave(each) if each is not None else None for each in spots]
        away = self._away_from(target, [each[1] for each in left if each is not None])
        walked, found = self._off_s(target.off_m), []
        for spot, leave in zip(spots, left, strict=True):
            if spot is None or leave is None:
                found.append(inf)
                continue
            walk_s, nodes = leave
            best = min([away[node] + spent for node, spent in nodes], default=inf)
            if spot.edge == target.edge:
                straight = self._direct(spot, target)
                best = min(best, straight if straight < NEVER else inf)
            found.append(best / 1_000 + walk_s + walked)
        return found

    def _leave(self, spot: Snap) -> tuple[float, tuple[Offset, ...]]:
        known = self._left.get(spot)
        if known is None:
            if len(self._left) >= SPOTS_KEPT:
                self._left.clear()
            nodes = tuple((node, spent) for node, spent in self._starts(spot) if spent < NEVER)
            known = self._left[spot] = self._off_s(spot.off_m), nodes
        return known

    def _away_from(self, target: Snap, left: Iterable[Iterable[Offset]]) -> Away:
        away = self._away.get(target)
        if away is None:
            if len(self._away) >= TARGETS_KEPT:
                del self._away[next(iter(self._away))]
            away = self._away[target] = {}
        new = {node: None for nodes in left for node, _ in nodes if node not in away}
        if new:
            away.update(
                zip(new, self._search.times(list(new), [list(self._ends(target))])[0].tolist(), strict=True)
            )
        return away
