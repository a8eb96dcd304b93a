"""Units on the map: along the roads to where they are wanted and back, a few steps a second."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import accumulate, pairwise

from msgspec import Struct

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.commands import Envelope, MoveUnit
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.domain.unit import Unit
from huying.geo.points import distance_m
from huying.geo.travel import TravelTime
from huying.sim.agenda import Ears
from huying.sim.units import Units

# A unit reports its place at most so often (simulated), and all units together so often for each look: the
# journal keeps every step, and a screen needs no more.
STEP = 5 * SECOND
STEPS_AT_ONCE = 4
# Nearer than this a unit has come to where it goes.
THERE_M = 15.0

Point = tuple[float, float]


class Way(Struct, dict=True):
    """Along the points of `line`, left at `since` and at its end at `until`; `told` is when its place was
    last told."""

    line: tuple[Point, ...]
    since: int
    until: int
    told: int = 0

    @property
    def end(self) -> Point:
        return self.line[-1]

    def at(self, now: int) -> Point:
        if now >= self.until:
            return self.end
        share = (now - self.since) / (self.until - self.since)
        lengths = self._lengths
        gone = share * lengths[-1]
        n = min(bisect_left(lengths, gone, 1), len(lengths) - 1)
        metres = lengths[n] - lengths[n - 1]
        part = (gone - lengths[n - 1]) / metres if metres else 1.0
        (south, west), (north, east) = self.line[n - 1], self.line[n]
        return south + (north - south) * part, west + (east - west) * part

    @cached_property
    def _lengths(self) -> list[float]:
        """Metres from the start to each point."""
        steps = (distance_m(*one, *other) for one, other in pairwise(self.line))
        return list(accumulate(steps, initial=0.0))


class Movers:
    """Follows the facts: who is on the way where. `stepped` gives the commands of one look.

    Args:
        travel: finds the ways; without it units go straight.
    """

    def __init__(self, pack: Pack, ears: Ears, units: Units, travel: TravelTime | None = None) -> None:
        self.pack = pack
        self.units = units
        self.travel = travel
        self.places: dict[int, Point] = {}
        self.standing: dict[str, Point] = {}
        self.ways: dict[str, Way] = {}
        self._codes: dict[int, str] = {}
        ears.listen(f.IncidentOpened, self.opened)
        ears.listen(f.PlaceSet, self.placed)
        ears.listen(f.IncidentClosed, self.closed)
        ears.listen(f.UnitEnRoute, self.leaves)
        ears.listen(f.UnitArrived, self.arrives)
        ears.listen(f.UnitCleared, self.returns)
        ears.listen(f.UnitRecalled, self.returns)
        ears.listen(f.UnitPosted, self.posted)

    def stand(self, units: list[Unit]) -> None:
        """Where units are to begin with."""
        self.standing |= {unit.code: (unit.lat, unit.lon) for unit in units}
        self._codes |= {unit.id: unit.code for unit in units}

    def opened(self, fact: Fact, body: f.IncidentOpened) -> None:
        if body.place.point:
            self.places[fact.stream] = body.place.point

    def placed(self, fact: Fact, body: f.PlaceSet) -> None:
        if body.place.point:
            self.places[fact.stream] = body.place.point

    def closed(self, fact: Fact, body: f.IncidentClosed) -> None:
        self.places.pop(fact.stream, None)

    def leaves(self, fact: Fact, body: f.UnitEnRoute) -> None:
        end = self.places.get(fact.stream)
        if end:
            start = self._where(body.unit, fact.at)
            until = self.units.arrives.get(body.unit) or self._there(body.unit, start, end, fact.at)
            self._go(body.unit, start, end, fact.at, until)

    def arrives(self, fact: Fact, body: f.UnitArrived) -> None:
        way = self.ways.get(body.unit)
        if way:
            way.since = way.until = fact.at

    def returns(self, fact: Fact, body: f.UnitCleared | f.UnitRecalled) -> None:
        self.home(body.unit, fact.at)

    def posted(self, fact: Fact, body: f.UnitPosted) -> None:
        """A dispatcher has said where a unit shall wait: it drives there."""
        unit = self._codes.get(fact.stream)
        station = self.pack.stations.get(body.station)
        if unit and station:
            start, end = self._where(unit, fact.at), (station.lat, station.lon)
            self._go(unit, start, end, fact.at, self._there(unit, start, end, fact.at))
        elif unit:
            self.home(unit, fact.at)

    def home(self, unit: str, at: int) -> None:
        """The unit goes where it waits."""
        row = self.pack.units.get(unit)
        if row:
            start = self._where(unit, at)
            until = self._there(unit, start, (row.lat, row.lon), at)
            self._go(unit, start, (row.lat, row.lon), at, until)

    def _go(self, unit: str, start: Point, end: Point, at: int, until: int) -> None:
        row = self.pack.units.get(unit)
        way = self.travel.way(row, start, end, at) if self.travel and row else None
        # The line begins and ends on a road: the first and last steps are to and from there.
        line = (start, *way.line, end) if way else (start, end)
        self.ways[unit] = Way(line, at, until)

    def _where(self, unit: str, at: int) -> Point:
        way = self.ways.get(unit)
        if way:
            return way.at(at)
        row = self.pack.units[unit]
        return self.standing.get(unit, (row.lat, row.lon))

    def _there(self, unit: str, start: Point, end: Point, at: int) -> int:
        row = self.pack.units.get(unit)
        way = self.travel.way(row, start, end, at) if self.travel and row else None
        if way:
            return at + int(way.seconds * SECOND)
        metres_s = max(1.0, (row.speed_kmh if row else 30.0) / 3.6)
        return at + int(distance_m(*start, *end) / metres_s * SECOND)

    def ended(self, now: int) -> list[Envelope]:
        """Steps to tell for units that have come to the end of their way: one each, whatever lies between."""
        there = sorted(code for code, way in self.ways.items() if way.until <= now)
        return [self._step(code, self.ways[code], now) for code in there]

    def stepped(self, now: int) -> list[Envelope]:
        """Steps to tell now, of those first who were silent longest."""
        waiting = [(way.told, code) for code, way in self.ways.items() if way.told + STEP <= now]
        told = []
        for _, code in sorted(waiting)[:STEPS_AT_ONCE]:
            told.append(self._step(code, self.ways[code], now))
        return told

    def _step(self, code: str, way: Way, now: int) -> Envelope:
        lat, lon = way.at(now)
        way.told = now
        self.standing[code] = (lat, lon)
        if distance_m(lat, lon, *way.end) < THERE_M:
            del self.ways[code]
        move = MoveUnit(unit=code, lat=round(lat, 6), lon=round(lon, 6))
        return Envelope(move, actor="sim.unit." + code, purpose="position")
