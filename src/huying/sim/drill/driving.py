"""Units of a drill drive the roads: where they are is told to the journal as they go."""

from __future__ import annotations

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.commands import Envelope, MoveUnit
from huying.domain.facts import Fact
from huying.geo.points import distance_m
from huying.sim.agenda import Agenda
from huying.sim.movers import THERE_M, Movers, Point

# A position a minute: enough to recommend who is on the way home, few enough that the journal stays short.
EVERY = 60 * SECOND


class Driving(Movers):
    """As `Movers`, but steps are acts of the agenda; so they are the same whoever looks on, and how often."""

    agenda: Agenda
    every = EVERY

    def follow(self, agenda: Agenda, every: int = EVERY) -> None:
        """Put steps into `agenda`, one each `every` µs besides those at the ends of a way."""
        self.agenda, self.every = agenda, every

    def _go(self, unit: str, start: Point, end: Point, at: int, until: int) -> None:
        super()._go(unit, start, end, at, until)
        self.agenda.put(min(at + self.every, max(until, at + SECOND)), self.step, (unit, at))

    def arrives(self, fact: Fact, body: f.UnitArrived) -> None:
        super().arrives(fact, body)
        way = self.ways.get(body.unit)
        if way:
            self.agenda.put(fact.at, self.step, (body.unit, way.since))

    def step(self, at: int, what: tuple[str, int]) -> Envelope | None:
        """The unit tells where it is, and the next step is planned; nothing when it goes elsewhere now."""
        unit, since = what
        way = self.ways.get(unit)
        if way is None or way.since != since:
            return None
        lat, lon = way.at(at)
        self.standing[unit] = (lat, lon)
        if distance_m(lat, lon, *way.end) < THERE_M or at >= way.until:
            del self.ways[unit]
        else:
            self.agenda.put(min(at + self.every, way.until), self.step, what)
        move = MoveUnit(unit=unit, lat=round(lat, 6), lon=round(lon, 6))
        return Envelope(move, actor="sim.unit." + unit, purpose="position", at=at)
