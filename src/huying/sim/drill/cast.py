"""Everybody who belongs to a drill around a city: faults, units on the roads, the score, the timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from huying.base.clock import MINUTE
from huying.base.refusal import Refusal
from huying.dispatch.cover import Cover
from huying.domain.closure import Closure
from huying.domain.incident import Incident
from huying.domain.unit import Unit
from huying.service.ports import House
from huying.sim.chance import Dice
from huying.sim.city import City
from huying.sim.drill.asking import Asking
from huying.sim.drill.faults import Faults
from huying.sim.drill.policies import POLICIES, Choice, Policy
from huying.sim.drill.red import Red
from huying.sim.drill.score import Score
from huying.sim.drill.timeline import Timeline
from huying.sim.habits import Habits

BEST = "recommended"
"""The policy that every decision is held beside: what the board itself proposes."""

PEOPLE = "people"
"""Nobody's rule: whoever sits at the screens decides."""

# How often is looked at what is in reach of a free unit.
COVER_EVERY = 5 * MINUTE
# Incidents that wait and are planned together with the one that is decided.
TOGETHER_MAX = 30

# In a drill agencies and callers are as in the demo county; desks confirm as their habits say.
DRILL_HABITS = Habits(joins=0.92, join_s=8.0, accept_late=0.08, resolve_late=0.1, not_solved=0.1)


class State(Protocol):
    """What is so now: within a transaction, or as it is committed."""

    def incident(self, id: int) -> Incident: ...
    def units(self) -> Mapping[str, Unit]: ...
    def closures(self) -> Sequence[Closure]: ...


class Cast:
    """Puts itself around `city`. `state` is asked whenever something has to be decided."""

    def __init__(self, city: City, house: House, red: Red, seed: int, policy: str, state: State) -> None:
        self.city, self.house, self.red, self.state = city, house, red, state
        self.seed, self.policy = seed, policy
        self.blue = find_policy(BEST if policy == PEOPLE else policy)
        self.score = Score(red, house.pack, city.ears)
        self.faults = Faults(red, house.pack, city, self.score, house.travel)
        self.asking = Asking(house.pack, city, self.score, Dice(seed).fork("asking"))
        self.timeline = Timeline(red, self.score, city.ears, self.advise)

    def plan(self) -> None:
        """The faults, and the first look at what is covered."""
        self.faults.plan()
        self.city.agenda.put(self.red.begins_at, self.look, None)

    # ── deciding ────────────────────────────────────────────────────────────────────────────────────────
    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        """Codes of the units that the desk's policy sends now."""
        far_s = self.city.habits.far_s
        return tuple(unit for unit, seconds in self.choose(self.blue, incident, at) if seconds <= far_s)

    def advise(self, incident: int, at: int) -> Choice:
        """What the best known policy would send now."""
        return self.choose(POLICIES[BEST], incident, at)

    def choose(self, policy: Policy, incident: int, at: int) -> Choice:
        house, state = self.house, self.state
        house.travel.obey(state.closures())
        return policy(house.pack, self._waiting(incident), state.units(), house.travel, at)

    def _waiting(self, incident: int) -> list[Incident]:
        """The incident, and others of the same or higher urgency that wait for units too."""
        desk, this = self.city.desk, self.state.incident(incident)
        urgent = [
            each for each in desk.looks if each != incident and desk.priority.get(each, 5) <= this.priority
        ]
        return [this, *(self.state.incident(each) for each in urgent[:TOGETHER_MAX])]

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────
    def look(self, at: int, what: Any) -> None:
        """What is in reach of a free unit now; again in a while."""
        cover = Cover(self.house.pack, self.state.units(), self.house.travel, at)
        self.score.note_cover({each.ability: each.share for each in cover.covered()})
        if at + COVER_EVERY <= self.red.ends_at:
            self.city.agenda.put(at + COVER_EVERY, self.look, None)


def find_policy(name: str) -> Policy:
    """Refuses with `policy_not_known`."""
    if name not in POLICIES:
        raise Refusal("policy_not_known", policy=name, known=", ".join(POLICIES))
    return POLICIES[name]
