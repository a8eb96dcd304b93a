"""A living tiny city for tests: the real engine on a real store, with a clock that the test moves."""

from __future__ import annotations

from typing import Any

from huying.base.clock import ManualClock
from huying.base.refusal import Refusal
from huying.domain.commands import AdoptPack, Command, Envelope, ReceiveCall
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.unit import Unit
from huying.service.engine import Done, Engine
from huying.service.house import house_of
from huying.service.ports import Store
from tiny_pack import MONDAY_10, tiny_pack


class Dice:
    """Chance that repeats: counts upward."""

    def __init__(self) -> None:
        self.count = 0

    def bytes(self, count: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(8, "big").rjust(count, b"\0")[-count:]


class Town:
    """`do` sends one command in a transaction of its own; `later` lets time pass, and its deadlines act."""

    def __init__(self, store: Store, pack: Pack | None = None) -> None:
        self.clock = ManualClock(MONDAY_10)
        self.pack = pack or tiny_pack()
        self.store = store
        self.engine = Engine(store, house_of(self.pack), self.clock, Dice())
        self.facts: list[Fact] = []
        self.do(AdoptPack())

    def send(self, envelope: Envelope) -> Done:
        with self.engine.transaction((envelope,)) as transaction:
            done = transaction.execute(envelope)
            self.facts += transaction.work.batch.facts
        return done

    def do(self, command: Command, **envelope: Any) -> dict[str, Any]:
        return self.send(Envelope(command, **({"actor": "desk-1"} | envelope))).answer

    def refused(self, command: Command, **envelope: Any) -> Refusal:
        try:
            self.do(command, **envelope)
        except Refusal as refusal:
            return refusal
        raise AssertionError(f"{command} was not refused")

    def call(self, words: str, point: tuple[float, float] | None = None, **more: Any) -> dict[str, Any]:
        lat, lon = point or (None, None)
        return self.do(ReceiveCall("desk", words, lat=lat, lon=lon, **more))

    def later(self, microseconds: int) -> list[str]:
        """Let time pass; the types of the facts that the clock made."""
        self.clock.at += microseconds
        with self.engine.transaction() as transaction:
            facts = transaction.run_timers(self.clock.at)
            self.facts += facts
        return [each.type for each in facts]

    def incident(self, id: int) -> Incident:
        """As the store has it: what every reader sees."""
        return self.store.load_incidents([id])[id]

    def unit(self, code: str) -> Unit:
        return next(each for each in self.store.load_units() if each.code == code)

    def types(self, incident: int) -> list[str]:
        return [each.type for each in self.facts if each.stream == incident]
