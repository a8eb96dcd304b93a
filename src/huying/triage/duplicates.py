"""Seen already? Unfinished incidents near a new call in place and time. Suggestions only; persons join."""

from __future__ import annotations

from collections import OrderedDict
from math import cos, floor, radians

from huying.base.clock import MINUTE, SECOND
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.geo.points import distance_m

# Incidents remembered at most: half an hour of a disaster in a city of ten million.
REMEMBERED_MAX = 50_000
# Suggestions that a desk can look at while the caller waits.
SHOWN_MAX = 5
# A point whose own error is larger says too little about what is the same.
ERROR_MAX_M = 500.0
METRES_PER_DEGREE = 111_195.0

Cell = tuple[int, int]


class Duplicates:
    """Recent incidents by cell of a grid whose cells are as wide as the widest search."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._reach_m = pack.duplicate_m + ERROR_MAX_M
        self._height = self._reach_m / METRES_PER_DEGREE
        self._width = self._height / max(0.1, cos(radians(pack.centre[0])))
        self._cells: dict[Cell, dict[int, Incident]] = {}
        self._where: OrderedDict[int, Cell] = OrderedDict()

    def _cell(self, lat: float, lon: float) -> Cell:
        return floor(lat / self._height), floor(lon / self._width)

    def add(self, incident: Incident) -> None:
        """Remember an incident as it is by now; one without a point is not found by place."""
        point = incident.place.point
        cell = self._cell(*point) if point else None
        if self._where.get(incident.id) != cell:
            self.remove(incident.id)
        if cell is not None:
            self._cells.setdefault(cell, {})[incident.id] = incident
            self._where[incident.id] = cell
            if len(self._where) > REMEMBERED_MAX:
                self.remove(next(iter(self._where)))

    def remove(self, id: int) -> None:
        cell = self._where.pop(id, None)
        if cell is not None:
            incidents = self._cells[cell]
            del incidents[id]
            if not incidents:
                del self._cells[cell]

    def candidates(self, type: str, place: Place, at: int) -> list[tuple[int, Reason]]:
        """(incident, why) of the same group of types within the pack's metres and seconds, closest first.

        The call's own place error (at most ERROR_MAX_M) widens the search.
        """
        point = place.point
        if point is None:
            return []
        reach = self.pack.duplicate_m + min(place.error_m or 0.0, ERROR_MAX_M)
        since = at - self.pack.duplicate_s * SECOND
        group = self.pack.type_of(type).group
        row, column = self._cell(*point)
        found: list[tuple[float, int, int]] = []
        for y in (row - 1, row, row + 1):
            for x in (column - 1, column, column + 1):
                cell = self._cells.get((y, x))
                if cell:
                    self._look(cell, group, point, reach, since, found)
        found.sort()
        return [
            (
                id,
                Reason(
                    "duplicate.near",
                    str(id),
                    {"metres": round(metres), "minutes": (at - opened) // (60 * SECOND)},
                ),
            )
            for metres, id, opened in found[:SHOWN_MAX]
        ]

    def _look(
        self,
        cell: dict[int, Incident],
        group: str,
        point: tuple[float, float],
        reach: float,
        since: int,
        found: list[tuple[float, int, int]],
    ) -> None:
        old = []
        for id, incident in cell.items():
            if incident.opened_at < since:
                old.append(id)
            elif self.pack.type_of(incident.type).group == group:
                other = incident.place.point or point
                metres = distance_m(*point, *other)
                if metres <= reach:
                    found.append((metres, id, incident.opened_at))
        for id in old:
            self.remove(id)


def _near(id: int, metres: float, age: int) -> Reason:
    return Reason("duplicate.near", str(id), {"metres": round(metres), "minutes": age // MINUTE})
