"""Units: turn out, drive, work, are free again; by drawn times, or by the times of the records."""

from __future__ import annotations

from collections.abc import Callable

from huying.base.clock import SECOND
from huying.channels.files import UnitTimes
from huying.domain import facts as f
from huying.domain.commands import AdvanceUnit, DispatchUnits, Envelope
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.sim.agenda import Agenda, Ears
from huying.sim.chance import Dice
from huying.sim.habits import Habits

JOINED = "joined"
"""Why a unit is taken back that comes along with a call to another incident."""

PATROLS = frozenset({"car", "motorcycle", "foot"})
"""Kinds of units that are out on the street when they are free."""


class Units:
    """`real` holds the times of a record by (incident, unit); nothing of them is drawn then."""

    def __init__(self, pack: Pack, agenda: Agenda, ears: Ears, dice: Dice, habits: Habits) -> None:
        self.agenda = agenda
        self.dice = dice
        self.habits = habits
        self.disposition = next(iter(pack.dispositions))
        self.patrols = frozenset(row.code for row in pack.units.values() if row.kind in PATROLS)
        self.real: dict[tuple[int, str], UnitTimes] = {}
        # unit → when it will be on scene
        self.arrives: dict[str, int] = {}
        # incident → units of the records that are still to be sent
        self.awaited: dict[int, int] = {}
        # unit → (incident, seconds expected on the way)
        self.on: dict[str, tuple[int, int]] = {}
        # unit → "en_route" or "on_scene"; and, of one whose call is joined elsewhere, how far it was there
        # with the seconds that were expected, until it is as far on the other incident
        self.far: dict[str, str] = {}
        self.along: dict[str, tuple[str, int]] = {}
        # (unit, incident, step, instant) → when the step can be told: later where something is in the way.
        self.hold: Callable[[str, int, str, int], int] = lambda unit, incident, to, at: at
        ears.listen(f.UnitDispatched, self.dispatched)
        ears.listen(f.UnitEnRoute, self.en_route)
        ears.listen(f.UnitArrived, self.arrived)
        ears.listen(f.UnitCleared, self.ended)
        ears.listen(f.UnitRecalled, self.ended)

    def by_record(self, incident: int, times: UnitTimes) -> None:
        """A record says that the unit was sent to the incident."""
        self.real[(incident, times.code)] = times
        self.awaited[incident] = self.awaited.get(incident, 0) + 1
        self.agenda.put(times.dispatched, self.send, (incident, times.code))

    def send(self, at: int, what: tuple[int, str]) -> Envelope | None:
        incident, unit = what
        if self.awaited[incident] > 1:
            self.awaited[incident] -= 1
        else:
            del self.awaited[incident]
        return Envelope(DispatchUnits(incident=incident, units=(unit,)), actor="sim.record", at=at)

    def dispatched(self, fact: Fact, body: f.UnitDispatched) -> None:
        far, expected_s = self.along.get(body.unit, ("", body.expected_s))
        self.on[body.unit] = (fact.stream, expected_s)
        if far:
            return  # it has left already: the facts that follow say how far it is
        self.along.pop(body.unit, None)
        times = self.real.get((fact.stream, body.unit))
        if times is None:
            habits = self.habits
            usual_s = habits.patrol_turn_out_s if body.unit in self.patrols else habits.turn_out_s
            delay = self.dice.lognormal(usual_s, habits.turn_out_spread)
            self._then(fact, body.unit, "en_route", fact.at + int(delay * SECOND))
        elif times.en_route:
            self._then(fact, body.unit, "en_route", times.en_route)
        else:
            self._after_start(fact, body.unit, times)

    def _after_start(self, fact: Fact, unit: str, times: UnitTimes) -> None:
        if times.on_scene:
            self._then(fact, unit, "on_scene", times.on_scene)
        elif times.clear:
            self._then(fact, unit, "recalled", times.clear)
        else:
            self._then(fact, unit, "recalled", fact.at + int(self._work_s() * SECOND))

    def en_route(self, fact: Fact, body: f.UnitEnRoute) -> None:
        self.far[body.unit] = "en_route"
        far, _ = self.along.get(body.unit, ("", 0))
        if far:
            # One thing told of by two callers: it arrives when it would have arrived.
            self.arrives[body.unit] = max(self.arrives.get(body.unit, 0), fact.at)
            if far == "en_route":
                del self.along[body.unit]
                self._then(fact, body.unit, "on_scene", self.arrives[body.unit])
            return
        times = self.real.get((fact.stream, body.unit))
        if times is not None:
            self._after_start(fact, body.unit, times)
            return
        _, expected = self.on.get(body.unit, (0, 0))
        drive = self.dice.lognormal(expected or self.habits.drive_s, self.habits.drive_spread)
        self.arrives[body.unit] = fact.at + int(drive * SECOND)
        self._then(fact, body.unit, "on_scene", self.arrives[body.unit])

    def arrived(self, fact: Fact, body: f.UnitArrived) -> None:
        self.far[body.unit] = "on_scene"
        self.along.pop(body.unit, None)
        times = self.real.get((fact.stream, body.unit))
        if times is not None and times.clear:
            self._then(fact, body.unit, "clear", times.clear)
        else:
            self._then(fact, body.unit, "clear", fact.at + int(self._work_s() * SECOND))

    def _work_s(self) -> float:
        return self.dice.lognormal(self.habits.on_scene_s, self.habits.on_scene_spread)

    def _then(self, fact: Fact, unit: str, to: str, at: int) -> None:
        # A record whose times run backwards is taken in the order in which its steps are named.
        self.agenda.put(max(at, fact.at), self.advance, (fact.stream, unit, to))

    def advance(self, at: int, what: tuple[int, str, str]) -> Envelope | None:
        incident, unit, to = what
        on = self.on.get(unit)
        if on is None or on[0] != incident:
            return None
        later = self.hold(unit, incident, to, at)
        if later > at:
            self.agenda.put(later, self.advance, what)
            return None
        # As long as more are to come, one that is done does not end the incident.
        disposition = self.disposition if to == "clear" and incident not in self.awaited else ""
        command = AdvanceUnit(unit=unit, to=to, incident=incident, disposition=disposition)
        return Envelope(command, actor="sim.unit." + unit, at=at)

    def ended(self, fact: Fact, body: f.UnitCleared | f.UnitRecalled) -> None:
        on, far = self.on.get(body.unit), self.far.pop(body.unit, "")
        if on is not None and on[0] == fact.stream:
            del self.on[body.unit]
            if isinstance(body, f.UnitRecalled) and body.why == JOINED:
                self.along[body.unit] = far, on[1]
        self.real.pop((fact.stream, body.unit), None)
