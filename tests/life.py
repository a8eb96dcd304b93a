"""The whole life of incidents as a state machine: any order of commands, by anybody, at any time.

After every step the laws hold: what is stored is what the facts say, timers are those that the incidents ask
for, units and assignments agree, nothing closed is still being worked on, and no machine has closed a
priority 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from huying.base.clock import DAY, MINUTE
from huying.base.refusal import Refusal
from huying.domain import commands as c
from huying.domain.call import Call
from huying.domain.contact import Contact
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.unit import Unit
from huying.service.evolve import evolve
from huying.service.ports import Store
from huying.service.work import timers_of
from tiny_pack import DISPOSITIONS, IN_EAST, IN_WEST, OUTSIDE, TYPES, UNITS
from town import Town

WORDS = st.sampled_from(
    ["打架", "有人打架动刀", "噪音", "邻居吵架", "着火 fire", "？", "💥 مرحبا \u202e", "被偷"]
)
POINTS = st.sampled_from([IN_WEST, IN_EAST, OUTSIDE, None])
CODES = st.sampled_from([each.code for each in TYPES])
UNIT = st.sampled_from([each.code for each in UNITS])
DISPOSITION = st.sampled_from(["", *(each.code for each in DISPOSITIONS)])
PICK = st.integers(0, 7)


class Rebuilt:
    """State from facts alone, in plain dictionaries: what the store must show."""

    def __init__(self) -> None:
        self.incidents: dict[int, Incident] = {}
        self.calls: dict[int, Call] = {}
        self.units: dict[str, Unit] = {}

    def incident_to_change(self, id: int) -> Incident:
        return self.incidents[id]

    def call_to_change(self, id: int) -> Call:
        return self.calls[id]

    def unit_to_change(self, code: str) -> Unit:
        return self.units[code]

    def unit_of_stream(self, id: int) -> Unit:
        return next(each for each in self.units.values() if each.id == id)

    def add_incident(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident

    def add_call(self, call: Call) -> None:
        self.calls[call.id] = call

    def add_unit(self, unit: Unit) -> None:
        self.units[unit.code] = unit


class Life(RuleBasedStateMachine):
    """Subclasses say which store."""

    open_store: ClassVar[Callable[[], Store]]

    @initialize()
    def found(self) -> None:
        self.store = type(self).open_store()
        self.town = Town(self.store)
        self.rebuilt = Rebuilt()
        self.applied = self.laid = 0
        self.accepted = 0

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    def attempt(self, command: c.Command, **envelope: Any) -> None:
        """Send a command; a refusal is as good as an answer, anything else is a bug."""
        try:
            self.town.do(command, **envelope)
            self.accepted += 1
        except Refusal as refusal:
            assert refusal.code and refusal.status < 500, refusal

    def pick(self, n: int) -> int:
        ids = list(self.rebuilt.incidents)
        return ids[n % len(ids)]

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────
    @rule(words=WORDS, point=POINTS, named=st.booleans(), key=st.sampled_from(["", "", "k"]))
    def call(self, words: str, point: tuple[float, float] | None, named: bool, key: str) -> None:
        lat, lon = point or (None, None)
        contact = Contact(phone="13900000000") if named else None
        self.attempt(c.ReceiveCall("desk", words, lat=lat, lon=lon, contact=contact), key=key)

    @precondition(lambda self: self.rebuilt.incidents)
    @rule(n=PICK, unit=UNIT, stale=st.booleans())
    def dispatch(self, n: int, unit: str, stale: bool) -> None:
        self.attempt(c.DispatchUnits(incident=self.pick(n), units=(unit,), version=1 if stale else 0))

    @rule(
        unit=UNIT,
        to=st.sampled_from(["en_route", "on_scene", "clear", "recalled", "nonsense"]),
        disposition=DISPOSITION,
    )
    def advance(self, unit: str, to: str, disposition: str) -> None:
        self.attempt(c.AdvanceUnit(unit=unit, to=to, disposition=disposition), actor=unit)

    @rule(unit=UNIT, status=st.sampled_from(["available", "out_of_service", "on_scene"]))
    def unit_status(self, unit: str, status: str) -> None:
        self.attempt(c.SetUnitStatus(unit=unit, status=status))

    @precondition(lambda self: self.rebuilt.incidents)
    @rule(n=PICK, k=st.integers(0, 3), act=st.sampled_from(["accept", "return", "resolve", "extend"]))
    def referral(self, n: int, k: int, act: str) -> None:
        id = self.pick(n)
        commands: dict[str, c.Command] = {
            "accept": c.AcceptReferral(incident=id, n=k),
            "return": c.ReturnReferral(incident=id, n=k, why="不属本单位"),
            "resolve": c.ResolveReferral(incident=id, n=k, answer="已办", disposition="done"),
            "extend": c.ExtendReferral(incident=id, n=k, due=self.town.clock.at + DAY, why="等配件"),
        }
        self.attempt(commands[act], actor="agency")

    @precondition(lambda self: self.rebuilt.incidents)
    @rule(n=PICK, agency=st.sampled_from(["", "urban", "police", "west", "nobody"]))
    def offer(self, n: int, agency: str) -> None:
        self.attempt(c.OfferReferral(incident=self.pick(n), agency=agency, why="核实"))

    @precondition(lambda self: self.rebuilt.incidents)
    @rule(n=PICK, type=CODES, priority=st.integers(0, 6))
    def retype(self, n: int, type: str, priority: int) -> None:
        self.attempt(c.RetypeIncident(incident=self.pick(n), type=type, priority=priority))

    @precondition(lambda self: self.rebuilt.incidents)
    @rule(n=PICK, priority=st.integers(0, 6))
    def priority(self, n: int, priority: int) -> None:
        self.attempt(c.SetPriority(incident=self.pick(n), priority=priority))

    @precondition(lambda self: self.rebuilt.calls)
    @rule(n=PICK, k=PICK, part=st.booleans())
    def join_or_part(self, n: int, k: int, part: bool) -> None:
        calls = list(self.rebuilt.calls)
        call = calls[k % len(calls)]
        if part:
            self.attempt(c.PartCall(incident=self.rebuilt.calls[call].incident, call=call))
        else:
            self.attempt(c.JoinCall(incident=self.pick(n), call=call))

    @precondition(lambda self: self.rebuilt.incidents)
    @rule(n=PICK, disposition=DISPOSITION)
    def resolve(self, n: int, disposition: str) -> None:
        self.attempt(c.ResolveIncident(incident=self.pick(n), disposition=disposition))

    @precondition(lambda self: self.rebuilt.incidents)
    @rule(n=PICK, solved=st.booleans(), rating=st.integers(0, 6))
    def follow_up(self, n: int, solved: bool, rating: int) -> None:
        self.attempt(c.AnswerFollowUp(incident=self.pick(n), solved=solved, rating=rating), actor="caller")

    @precondition(lambda self: self.rebuilt.incidents)
    @rule(n=PICK, automatic=st.booleans(), open=st.booleans())
    def close_or_reopen(self, n: int, automatic: bool, open: bool) -> None:
        id = self.pick(n)
        command = c.ReopenIncident(incident=id, why="复核") if open else c.CloseIncident(incident=id, why="x")
        self.attempt(command, actor="robot" if automatic else "chief", automatic=automatic)

    @precondition(lambda self: self.rebuilt.incidents)
    @rule(n=PICK, kinds=st.sampled_from([("contact",), ("words",), ("contact", "words")]), hold=st.booleans())
    def erase_or_hold(self, n: int, kinds: tuple[str, ...], hold: bool) -> None:
        id = self.pick(n)
        command = (
            c.HoldIncident(incident=id, why="法院")
            if hold
            else c.EraseIncident(incident=id, kinds=kinds, why="本人要求")
        )
        self.attempt(command)

    @invariant()
    def what_is_left_makes_the_same_state(self) -> None:
        """Facts whose words are gone come to what the live state has."""
        if not any(each.type == "incident.erased" for each in self.town.facts[self.laid :]):
            return
        self.laid = len(self.town.facts)
        again = Rebuilt()
        streams = {each.stream for each in self.town.facts}
        for fact in self.store.load_streams(sorted(streams)):
            evolve(again, fact)
        assert again.incidents == self.rebuilt.incidents
        assert again.calls == self.rebuilt.calls

    @rule(step=st.sampled_from([MINUTE, 6 * MINUTE, DAY, 5 * DAY, -DAY]))
    def time_passes(self, step: int) -> None:
        self.town.later(step)

    # ── what holds after every step ─────────────────────────────────────────────────────────────────────
    @invariant()
    def the_store_shows_what_the_facts_say(self) -> None:
        facts = self.town.facts
        for fact in facts[self.applied :]:
            assert fact.seq == self.applied + 1
            self.applied += 1
            evolve(self.rebuilt, fact)
        ids = list(self.rebuilt.incidents)
        assert self.store.load_incidents(ids) == self.rebuilt.incidents
        assert self.store.load_calls(list(self.rebuilt.calls)) == self.rebuilt.calls
        assert {each.code: each for each in self.store.load_units()} == self.rebuilt.units

    @invariant()
    def timers_are_what_incidents_ask_for(self) -> None:
        asked = {timer for each in self.rebuilt.incidents.values() for timer in timers_of(each)}
        assert set(self.store.timers_due(-1, 2**62, 10_000)) == asked

    @invariant()
    def units_and_assignments_agree(self) -> None:
        running = {
            each.unit: incident.id
            for incident in self.rebuilt.incidents.values()
            for each in incident.running_assignments
        }
        assert running == {each.code: each.incident for each in self.rebuilt.units.values() if each.incident}

    @invariant()
    def nothing_closed_is_being_worked_on(self) -> None:
        for each in self.rebuilt.incidents.values():
            if each.status == "closed":
                assert not each.running_assignments
                assert not each.running_referrals
                assert not each.deadlines
            elif each.status in ("open", "active"):
                assert each.calls

    @invariant()
    def nothing_unfinished_is_left_to_nobody(self) -> None:
        for each in self.rebuilt.incidents.values():
            if each.status in ("open", "active"):
                assert each.running_assignments or each.running_referrals or each.deadlines

    @invariant()
    def no_machine_closes_a_priority_1(self) -> None:
        closed: dict[int, Fact] = {
            each.stream: each for each in self.town.facts if each.type == "incident.closed"
        }
        for id, fact in closed.items():
            incident = self.rebuilt.incidents[id]
            if incident.status == "closed" and incident.priority == 1:
                assert fact.actor not in ("clock", "robot")
