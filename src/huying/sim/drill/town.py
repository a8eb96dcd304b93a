"""One drill as fast as it goes: red side, blue desk and everybody else around the live engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huying.domain.closure import Closure
from huying.domain.commands import Envelope
from huying.domain.drilling import BeginDrill
from huying.domain.incident import Incident
from huying.domain.unit import Unit
from huying.service.engine import Engine, Transaction
from huying.service.work import Work
from huying.sim.drill.cast import BEST, DRILL_HABITS, Cast
from huying.sim.drill.driving import Driving
from huying.sim.drill.red import Red
from huying.sim.habits import Habits
from huying.sim.player import Player

ACTOR = "drill"


class Drill(Player):
    """A drill in the making; `Player.run(red.records(), …)` plays it.

    Args:
        engine: over an empty store, its clock at the beginning of the warm-up.
        policy: name of the policy by which the desk sends.
    """

    def __init__(
        self, engine: Engine, red: Red, seed: int, policy: str = BEST, habits: Habits = DRILL_HABITS
    ) -> None:
        super().__init__(engine, ACTOR, seed, habits)
        self.first = red.begins_at - red.scenario.warm_up
        self.until = red.ends_at
        house, city = engine.house, self.city
        self.driving = Driving(house.pack, city.ears, city.units, house.travel)
        self.driving.follow(city.agenda)
        self.cast = Cast(city, house, red, seed, policy, self)

    # ── as `State` ──────────────────────────────────────────────────────────────────────────────────────
    @property
    def work(self) -> Work:
        assert self.transaction is not None
        return self.transaction.work

    def incident(self, id: int) -> Incident:
        return self.work.incident(id)

    def units(self) -> Mapping[str, Unit]:
        return self.work.units()

    def closures(self) -> Sequence[Closure]:
        return self.work.closures()

    # ── as `Player` ─────────────────────────────────────────────────────────────────────────────────────
    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        return self.cast.recommend(incident, at)

    def begin(self, transaction: Transaction) -> None:
        mark = mark_of(self.cast)
        self.city.hear(transaction.execute(Envelope(mark, actor=ACTOR, at=self.first)).facts)
        super().begin(transaction)
        self.cast.plan()


def mark_of(cast: Cast) -> BeginDrill:
    """What makes a journal a drill's."""
    return BeginDrill(scenario=cast.red.scenario.name, seed=cast.seed, policy=cast.policy)
