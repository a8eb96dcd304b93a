"""A drill that people play: its town is served, red goes by the clock, and the score stands at an address."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from huying.bootstrap import Installation, open_house, start_writer
from huying.channels.files import Record
from huying.config import read_config
from huying.domain.closure import Closure
from huying.domain.commands import Envelope, ReceiveCall
from huying.domain.drilling import BeginDrill
from huying.domain.incident import Incident
from huying.domain.unit import Unit
from huying.doors import create_app, open_desk, settings_of
from huying.service.ports import House
from huying.serving import serve
from huying.sim.demo import open_accounts
from huying.sim.drill.cast import DRILL_HABITS, PEOPLE, Cast
from huying.sim.drill.otherwise import Otherwise, otherwise
from huying.sim.drill.policies import POLICIES
from huying.sim.drill.red import Red
from huying.sim.drill.stage import Theatre, told
from huying.sim.drill.town import ACTOR
from huying.sim.living import CityClock, Living
from huying.sim.stage import iso
from huying.store.writer import Writer
from huying.system import SystemClock

log = logging.getLogger("huying.drill")


class Served(Struct, frozen=True, kw_only=True):
    """What is asked for. `policy` `people`: nobody sends but who sits at the screens. `store` empty: a
    temporary file, gone at the end."""

    scenario: str
    pack: str = "yunxi"
    seed: int = 1
    policy: str = PEOPLE
    speed: float = 1.0
    store: str = ""
    host: str = "127.0.0.1"
    port: int = 8700


class Interrupted(Exception):
    """The server is told to stop while something is played in the background."""


class PlayedDrill(Living):
    """A living county whose calls are the red side's and whose desk may be people.

    Args:
        again: another house of the same pack, for playing it once more when it is over.
    """

    def __init__(self, installation: Installation, red: Red, ask: Served, again: House) -> None:
        house, questions = installation.house, installation.questions
        super().__init__(house, questions, None, ask.seed, DRILL_HABITS)
        self._records: Iterator[Record] = iter(red.records())
        self.red, self.ask, self.installation, self.again = red, ask, installation, again
        self.cast = Cast(self.city, house, red, ask.seed, ask.policy, self)
        self.cast.plan()
        self.clock: CityClock | None = None
        self.otherwise: Otherwise | None = None
        self._looking_back: threading.Thread | None = None
        self._lock = threading.Lock()

    # ── as `State` ──────────────────────────────────────────────────────────────────────────────────────
    def incident(self, id: int) -> Incident:
        if self.transaction is not None:
            return self.transaction.work.incident(id)
        return self.questions.incident(id)

    def units(self) -> Mapping[str, Unit]:
        if self.transaction is not None:
            return self.transaction.work.units()
        return {unit.code: unit for unit in self.questions.units()}

    def closures(self) -> Sequence[Closure]:
        if self.transaction is not None:
            return self.transaction.work.closures()
        return self.questions.closures(self.clock.now() if self.clock else 0)

    # ── as `Living` ─────────────────────────────────────────────────────────────────────────────────────
    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        return self.cast.recommend(incident, at)

    def _next_call(self, after: int) -> None:
        record = next(self._records, None)
        if record is not None:
            self.city.agenda.put(record.at, self.ring, record.call)

    def ring(self, at: int, call: ReceiveCall) -> Envelope:
        self._next_call(at)
        return Envelope(call, actor=ACTOR, at=at)

    def look(self, writer: Writer, now: int) -> None:
        """One look around; after the drill's end red is still, and people may look at what they did."""
        with self._lock:
            super().look(writer, min(now, self.red.ends_at))

    def hand_over(self) -> None:
        """The warm-up is over: from here on people send, join and ask."""
        if self.ask.policy == PEOPLE:
            self.city.desk.has_run_card = frozenset()
            self.city.desk.looks.clear()
            self.cast.asking.off = True

    # ── afterwards ──────────────────────────────────────────────────────────────────────────────────────
    def look_back(self, house: House) -> None:
        """Play the same drill by every known rule, once, in a thread of its own: people read meanwhile."""
        if self._looking_back is None:
            self._looking_back = threading.Thread(
                target=self._look_back, args=(house,), name="huying-hindsight", daemon=True
            )
            self._looking_back.start()

    def _look_back(self, house: House) -> None:
        try:
            self.otherwise = otherwise(
                house, self.red, self.ask.seed, self.cast.score, tuple(POLICIES), self._unless_stopped
            )
        except Interrupted:
            log.info("told to stop: what would have been otherwise is not told")

    def _unless_stopped(self, at: int) -> None:
        if self._stop.is_set():
            raise Interrupted

    def stop(self) -> None:
        super().stop()
        if self._looking_back is not None:
            self._looking_back.join()

    def told(self) -> dict[str, Any]:
        """How it stands, for `GET /api/drill`; what would have been better is told when it is over."""
        now = self.clock.now() if self.clock else self.red.begins_at
        over = now >= self.red.ends_at
        with self._lock:
            found = told(self.cast, min(now, self.red.ends_at))
        begun = {line["values"].get("wave") for line in found["timeline"] if line["what"] == "called"}
        found["waves"] = {name: said for name, said in found["waves"].items() if over or name in begun}
        if over:
            self.look_back(self.again)
        else:
            found["hindsight"] = []
        scenario = self.red.scenario
        return {
            **found,
            "about": scenario.about,
            "now": iso(now),
            "over": over,
            "speed": self.ask.speed,
            "otherwise": msgspec.to_builtins(self.otherwise),
        }


def run_served(ask: Served, ready: Callable[[str], None]) -> dict[str, Any]:
    """Serve the drill until told to stop; how it stood then."""
    with tempfile.TemporaryDirectory(prefix="huying-drill-") as folder:
        return _run(ask, ask.store or str(Path(folder) / "drill.sqlite"), ready)


def _run(ask: Served, store: str, ready: Callable[[str], None]) -> dict[str, Any]:
    theatre, real = Theatre(ask.pack), SystemClock()
    scenario = theatre.scenario(ask.scenario)
    red = theatre.red(scenario, ask.seed)
    since = red.begins_at - scenario.warm_up
    clock = CityClock(real, since, ask.speed)
    mark = BeginDrill(scenario=scenario.name, seed=ask.seed, policy=ask.policy)
    installation = open_house(store, ask.pack, clock, drill=mark)
    drill = PlayedDrill(installation, red, ask, theatre.house())
    drill.play_before(installation.engine, since, red.begins_at)
    drill.hand_over()
    clock.run(max(red.begins_at, installation.questions.head().at))
    drill.clock = clock
    open_accounts(installation)
    writer = start_writer(installation)
    settings = replace(settings_of(read_config(os.environ)), demo=True, drill=scenario.name)
    try:
        desk = replace(open_desk(installation, writer, settings), drill=drill.told)
        app = create_app(desk)
        drill.start(writer, clock)
        serve(app, ask.host, ask.port, ready)
    finally:
        drill.stop()
        writer.close()
        installation.close()
    return drill.told()
