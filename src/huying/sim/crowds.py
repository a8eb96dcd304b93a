"""Where people are: how much more often something happens at one place than at another of its kind."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from huying.domain.pack import GazetteerPlace, Pack
from huying.sim.chance import Dice


def read_crowds(table: str) -> dict[str, float]:
    """Code or kind of an area → weight. `area,weight` of a CSV text; lines with `#` are remarks."""
    rows = csv.DictReader(line for line in table.splitlines() if not line.startswith("#"))
    return {row["area"]: float(row["weight"]) for row in rows}


class Crowds:
    """Draws one of some places: by the weights of the area that a place lies in and of all around it, each by
    its code and by its kind. Without weights every place is as good as another."""

    def __init__(self, pack: Pack, weights: Mapping[str, float]) -> None:
        self._areas = pack.areas
        self._weights = weights
        self._upto: dict[int, list[float]] = {}

    def weight(self, place: GazetteerPlace) -> float:
        """Of the innermost area kind and code, of those around it the code alone: no village is a town."""
        found, area = 1.0, self._areas.get(place.area)
        if area is not None:
            found *= self._weights.get(area.kind, 1.0)
        while area is not None:
            found *= self._weights.get(area.code, 1.0)
            area = self._areas.get(area.parent)
        return found

    def one_of(self, places: Sequence[GazetteerPlace], dice: Dice) -> GazetteerPlace:
        if not self._weights:
            return dice.one_of(places)
        # Lists of places live as long as the rhythm that owns them.
        upto = self._upto.get(id(places))
        if upto is None:
            upto = self._upto[id(places)] = list(accumulate(map(self.weight, places)))
        return places[min(bisect_right(upto, dice.random() * upto[-1]), len(places) - 1)]
