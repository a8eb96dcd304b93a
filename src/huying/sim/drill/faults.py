"""Faults by plan: what goes wrong in a drill, as acts at their instants."""

from __future__ import annotations

from typing import Any

from huying.base.clock import MINUTE, SECOND
from huying.domain import facts as f
from huying.domain.closure import CloseRoad
from huying.domain.commands import AdvanceUnit, Envelope, SetPlace, SetUnitStatus
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.domain.unit import Unit
from huying.geo.travel import TravelTime
from huying.sim.city import City
from huying.sim.drill.cut import span
from huying.sim.drill.red import Red
from huying.sim.drill.scenario import Fault
from huying.sim.drill.score import Score

ACTOR = "drill.red"
# A unit that doesn't answer is called again for so long before the desk sends somebody else.
SILENT = 4 * MINUTE


class Faults:
    """Puts the faults of a scenario into the agenda, and what follows from them."""

    def __init__(self, red: Red, pack: Pack, city: City, score: Score, travel: TravelTime) -> None:
        self.red, self.pack, self.city, self.score, self.travel = red, pack, city, score, travel
        self.places: dict[int, tuple[float, float]] = {}
        self.lost: dict[str, int] = {}
        self.later: dict[str, int] = {}
        self.deaf: list[tuple[int, int]] = []
        city.units.hold = self.hold
        city.agencies.told_at = self.told_at
        city.ears.listen(f.IncidentOpened, self.opened)
        city.ears.listen(f.IncidentClosed, self.closed)
        city.ears.listen(f.UnitDispatched, self.dispatched)

    def plan(self) -> None:
        """Everything that has its instant already."""
        begins = self.red.begins_at
        for fault in self.red.scenario.fault:
            low, high = span(fault, self.red.scenario)
            match fault.kind:
                case "road_closed" | "roads_slow":
                    self.city.agenda.put(begins + low, self.close, (fault, begins + high))
                case "notifier_dead":
                    self.deaf.append((begins + low, begins + high))
                case "unit_lost":
                    for unit in fault.units:
                        self.city.agenda.put(begins + low, self.lose, (unit, begins + high))
                case _:
                    pass

    # ── roads ───────────────────────────────────────────────────────────────────────────────────────────
    def close(self, at: int, what: tuple[Fault, int]) -> Envelope:
        fault, until = what
        place = self.pack.places[fault.place]
        command = CloseRoad(
            lat=place.lat,
            lon=place.lon,
            reach_m=fault.reach_m,
            road=fault.road,
            slow=0.0 if fault.kind == "road_closed" else fault.times,
            why=fault.said.get(self.pack.languages[0], fault.kind),
            until_at=until,
        )
        return Envelope(command, actor=ACTOR, at=at)

    # ── units ───────────────────────────────────────────────────────────────────────────────────────────
    def lose(self, at: int, what: tuple[str, int]) -> Envelope | None:
        """The unit is silent: out of service when it is free, called off its incident when it is not."""
        unit, until = what
        self.lost[unit] = until
        if until < self.red.ends_at:
            self.city.agenda.put(until, self.find, unit)
        return self._silent(at, unit)

    def _silent(self, at: int, unit: str) -> Envelope:
        on = self.city.units.on.get(unit)
        if on is not None:
            self.city.agenda.put(at + SECOND, self.out, unit)
            gone = AdvanceUnit(unit=unit, to="recalled", incident=on[0], why="silent")
            return Envelope(gone, actor=ACTOR, at=at)
        return self.out(at, unit)

    def out(self, at: int, unit: str) -> Envelope:
        status = SetUnitStatus(unit=unit, status="out_of_service", why="silent")
        return Envelope(status, actor=ACTOR, at=at)

    def find(self, at: int, unit: str) -> Envelope:
        self.lost.pop(unit, None)
        return Envelope(SetUnitStatus(unit=unit, status="available", why=""), actor=ACTOR, at=at)

    def dispatched(self, fact: Fact, body: f.UnitDispatched) -> None:
        if body.unit in self.lost:  # it was sent before anybody knew
            self.city.agenda.put(fact.at + SILENT, self._silent, body.unit)

    def hold(self, unit: str, incident: int, to: str, at: int) -> int:
        """Reports of a lost unit, and from where the network is cut, come later."""
        if unit in self.lost:
            return max(at, self.lost[unit])
        if to == "on_scene" and self.later.get(unit, 0) > at:
            return self.later[unit]
        return self.red.cut.back_at(at, self.places.get(incident))

    # ── agencies, places ────────────────────────────────────────────────────────────────────────────────
    def told_at(self, at: int) -> int:
        return next((high for low, high in self.deaf if low <= at < high), at)

    def opened(self, fact: Fact, body: f.IncidentOpened) -> None:
        if body.place.point:
            self.places[fact.stream] = body.place.point
        happening = self.score.of_incident.get(fact.stream)
        ring = self.score.of_call.get(body.call)
        if happening is None or ring is None or ring.true is None or not ring.corrected_at:
            return
        if fact.at < ring.corrected_at:
            self.city.agenda.put(ring.corrected_at, self.correct, (fact.stream, ring.true, happening.id))

    def closed(self, fact: Fact, body: f.IncidentClosed) -> None:
        self.places.pop(fact.stream, None)

    def correct(self, at: int, what: tuple[int, tuple[float, float], str]) -> Envelope | None:
        """The right place is known: whoever is on the way or at the wrong place drives on from there."""
        incident, (lat, lon), happening = what
        wrong = self.places.get(incident)
        if wrong is None:
            return None
        self.places[incident] = (lat, lon)
        units = self.city.units
        for unit, (on, _) in units.on.items():
            row = self.pack.units.get(unit)
            if on != incident or row is None:
                continue
            seconds = self._seconds(row, wrong, (lat, lon))
            self.score.way_back[happening] = max(self.score.way_back.get(happening, 0.0), seconds)
            if unit in units.arrives and units.arrives[unit] > at:
                units.arrives[unit] += int(seconds * SECOND)
                self.later[unit] = units.arrives[unit]
        return Envelope(SetPlace(incident=incident, lat=round(lat, 6), lon=round(lon, 6)), actor=ACTOR, at=at)

    def _seconds(self, row: Any, start: tuple[float, float], end: tuple[float, float]) -> float:
        there = [(Unit(0, row.code, lat=start[0], lon=start[1]), row)]
        found = self.travel.seconds(there, end)[0]
        return min(found, 3_600.0)
