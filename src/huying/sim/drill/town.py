"""One drill: the red side, the blue desk and everybody else around the live engine, in a store of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huying.base.clock import MINUTE
from huying.base.refusal import Refusal
from huying.dispatch.cover import Cover
from huying.domain.commands import Envelope
from huying.domain.drilling import BeginDrill
from huying.domain.incident import Incident
from huying.domain.unit import Unit
from huying.service.engine import Engine, Transaction
from huying.sim.chance import Dice
from huying.sim.drill.asking import Asking
from huying.sim.drill.driving import Driving
from huying.sim.drill.faults import Faults
from huying.sim.drill.policies import POLICIES, Choice, Policy
from huying.sim.drill.red import Red
from huying.sim.drill.score import Score
from huying.sim.drill.timeline import Timeline
from huying.sim.habits import Habits
from huying.sim.player import Player

ACTOR = "drill"
BEST = "recommended"
"""The policy that every decision is held beside: what the board itself proposes."""

# How often is looked at what is in reach of a free unit.
COVER_EVERY = 5 * MINUTE
# Incidents that wait and are planned together with the one that is decided.
TOGETHER_MAX = 30

# In a drill agencies and callers are as in the demo county; desks confirm as their habits say.
DRILL_HABITS = Habits(joins=0.92, join_s=8.0, accept_late=0.08, resolve_late=0.1, not_solved=0.1)


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
        self.red, self.seed, self.policy = red, seed, policy
        self.first = red.begins_at - red.scenario.warm_up
        self.until = red.ends_at
        self.blue = find_policy(policy)
        pack, travel, city = engine.house.pack, engine.house.travel, self.city
        self.driving = Driving(pack, city.ears, city.units, travel)
        self.driving.follow(city.agenda)
        self.score = Score(red, pack, city.ears)
        self.faults = Faults(red, pack, city, self.score, travel)
        self.asking = Asking(pack, city, self.score, Dice(seed).fork("asking"))
        self.timeline = Timeline(red, self.score, city.ears, self.advise)

    def begin(self, transaction: Transaction) -> None:
        name = self.red.scenario.name
        mark = BeginDrill(scenario=name, seed=self.seed, policy=self.policy)
        self.city.hear(transaction.execute(Envelope(mark, actor=ACTOR, at=self.first)).facts)
        super().begin(transaction)
        self.faults.plan()
        self.city.agenda.put(self.red.begins_at, self.look, None)

    # ── deciding ────────────────────────────────────────────────────────────────────────────────────────
    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        far_s = self.city.habits.far_s
        return tuple(unit for unit, seconds in self.choose(self.blue, incident, at) if seconds <= far_s)

    def advise(self, incident: int, at: int) -> Choice:
        return self.choose(POLICIES[BEST], incident, at)

    def choose(self, policy: Policy, incident: int, at: int) -> Choice:
        """What a policy sends now, on the state within the transaction."""
        assert self.transaction is not None
        work, house = self.transaction.work, self.engine.house
        house.travel.obey(work.closures())
        return policy(house.pack, self._waiting(incident), work.units(), house.travel, at)

    def _waiting(self, incident: int) -> list[Incident]:
        """The incident, and others of the same or higher urgency that wait for units too."""
        assert self.transaction is not None
        work, desk = self.transaction.work, self.city.desk
        this = work.incident(incident)
        urgent = [
            each for each in desk.looks if each != incident and desk.priority.get(each, 5) <= this.priority
        ]
        return [this, *(work.incident(each) for each in urgent[:TOGETHER_MAX])]

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────
    def look(self, at: int, what: Any) -> None:
        """What is in reach of a free unit now; again in a while."""
        assert self.transaction is not None
        self.note_cover(self.transaction.work.units(), at)
        if at + COVER_EVERY <= self.red.ends_at:
            self.city.agenda.put(at + COVER_EVERY, self.look, None)

    def note_cover(self, units: Mapping[str, Unit], at: int) -> None:
        house = self.engine.house
        cover = Cover(house.pack, units, house.travel, at)
        self.score.note_cover({each.ability: each.share for each in cover.covered()})


def find_policy(name: str) -> Policy:
    """Refuses with `policy_not_known`."""
    if name not in POLICIES:
        raise Refusal("policy_not_known", policy=name, known=", ".join(POLICIES))
    return POLICIES[name]
