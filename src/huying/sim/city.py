"""A city that lives around a live engine: its people hear facts and answer with commands, at their time."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec

from huying.base.clock import HOUR, SECOND
from huying.base.refusal import Refusal
from huying.channels.files import Record, UnitTimes
from huying.domain.commands import Envelope, ReceiveCall
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.service.engine import Done, Transaction
from huying.sim.agencies import Agencies
from huying.sim.agenda import Agenda, Ears
from huying.sim.callers import Callers
from huying.sim.chance import Dice
from huying.sim.desk import Desk, Recommend
from huying.sim.habits import Habits
from huying.sim.tally import Tally
from huying.sim.units import Units

# Join keys remembered: rows of one incident stand close together in every known file.
KEYS_KEPT = 100_000

# So long after a record sent somebody the desk asks whether anybody is on it.
NOBODY_CAME = 6 * HOUR


class City:
    """Everybody who is not the engine. The live dispatch says whom to `recommend`, and who is `spare`."""

    def __init__(
        self, pack: Pack, seed: int, recommend: Recommend, habits: Habits | None, spare: Recommend
    ) -> None:
        habits = habits or Habits()
        dice = Dice(seed)
        self.pack = pack
        self.habits = habits
        self.dice = dice.fork("city")
        self.agenda = Agenda()
        self.ears = Ears()
        self.tally = Tally(self.ears)
        self.desk = Desk(pack, self.agenda, self.ears, dice.fork("desk"), habits, recommend, spare)
        self.units = Units(pack, self.agenda, self.ears, dice.fork("units"), habits)
        self.desk.awaited = self.units.awaited
        self.agencies = Agencies(pack, self.agenda, self.ears, dice.fork("agencies"), habits)
        self.callers = Callers(self.agenda, self.ears, dice.fork("callers"), habits)
        self.keys: OrderedDict[str, int] = OrderedDict()
        self.rows_are_units = False

    def hear(self, facts: tuple[Fact, ...] | list[Fact]) -> None:
        """Everybody hears what happened, in order."""
        counts, by_type = self.tally.facts, self.ears.by_type
        for fact in facts:
            body = fact.body
            kind = type(body)
            counts[kind] += 1
            for ear in by_type.get(kind, ()):
                ear(fact, body)

    def do(self, transaction: Transaction, envelope: Envelope) -> Done | None:
        """Send one command; None when it was refused."""
        try:
            return transaction.execute(envelope)
        except Refusal as refusal:
            self.tally.refused[refusal.code] += 1
            return None

    def receive(self, transaction: Transaction, record: Record, actor: str) -> None:
        """A record's call comes in, with what the record knows of its end."""
        known = self.keys.get(record.key, 0) if record.key else 0
        if known and self.rows_are_units:
            if record.unit is not None:
                self._sent_by_record(known, record.unit)
            return

        def envelope(call: ReceiveCall) -> Envelope:
            return Envelope(call, actor=actor, at=record.at, understood=record.understood)

        done = None
        if known:
            call = msgspec.structs.replace(record.call, incident=known)
            done = self.do(transaction, envelope(call))
        # What the record's incident was has been closed since: the further call opens a new one.
        done = done or self.do(transaction, envelope(record.call))
        if done is None:
            return
        incident: int = done.answer["incident_id"]
        if record.key:
            self.keys[record.key] = incident
            if len(self.keys) > KEYS_KEPT:
                self.keys.popitem(last=False)
        if record.unit is not None:
            self.desk.by_record.add(incident)
        if record.answer is not None:
            self.agencies.real[incident] = record.answer
        self.hear(done.facts)
        if record.unit is not None:
            self._sent_by_record(incident, record.unit)
        elif record.answer is None:
            self.look_for_same(record.at, done.answer)

    def _sent_by_record(self, incident: int, times: UnitTimes) -> None:
        """A unit goes at its real time; when it is refused (records overlap), the desk ends it at last."""
        self.units.by_record(incident, times)
        self.agenda.put(times.dispatched + NOBODY_CAME, self.desk.end, incident)

    def look_for_same(self, at: int, answer: dict[str, Any]) -> None:
        """The desk may find that a new call is about something already known."""
        same = answer.get("may_be_same_as")
        if same and self.dice.random() < self.habits.joins:
            what = (answer["incident_id"], answer["call_id"], same[0])
            self.agenda.put(at + int(self.habits.join_s * SECOND), self.desk.join, what)
