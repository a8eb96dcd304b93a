"""A drill once more, from the same calls, with a desk that follows another rule: what would have come of it.

Every ring, fault and draw of the red side is the same, and the blue desk confirms as quickly as desks do; so
what differs comes of who was sent. Nothing here is scored by hand: each rule is played through the live code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from huying.base.clock import SECOND, ManualClock
from huying.service.engine import Engine
from huying.service.ports import House
from huying.sim.chance import SeededChance
from huying.sim.drill.policies import POLICIES
from huying.sim.drill.red import Red
from huying.sim.drill.score import Happening, Score
from huying.sim.drill.town import Drill
from huying.sim.stage import iso
from huying.store.opening import open_store
from huying.system import rare_collections

TURNED_MAX = 12
"""Happenings that went otherwise and are told one by one: a debriefing has time for so many."""

URGENT = 2
DIFFERS_S = 60.0
"""Less than a minute sooner or later is chance, not the rule."""

Pace = Callable[[int], None]
"""Told before every step (UTC µs); may stop the run by an error of its own."""


class Turned(Struct, frozen=True):
    """A happening, as it went and as it would have gone by the best of the rules: seconds from the first ring
    to the first unit, None where nobody came, and who came."""

    happening: str
    type: str
    priority: int
    rang_at: str
    came_s: float | None
    came: tuple[str, ...]
    would_s: float | None
    would_come: tuple[str, ...]


class Otherwise(Struct, frozen=True):
    """`runs` are (policy, score) of every rule that was played, `best` the one with the most points, `turned`
    what that would have changed most."""

    best: str
    runs: tuple[dict[str, Any], ...]
    turned: tuple[Turned, ...]


def otherwise(
    house: House, red: Red, seed: int, played: Score, policies: Sequence[str], pace: Pace
) -> Otherwise | None:
    """Play the same drill by each of `policies`, each in a store of its own; None for no policy.

    Args:
        played: the score of the drill as it went.
    """
    scores = {policy: _score(house, red, seed, policy, pace) for policy in policies}
    if not scores:
        return None
    told = {policy: score.told(red.ends_at) for policy, score in scores.items()}
    order = list(POLICIES)
    best = min(told, key=lambda each: (-told[each]["total"], order.index(each)))
    return Otherwise(
        best,
        tuple({"policy": policy, "score": told[policy]} for policy in policies),
        _turned(played, scores[best], red),
    )


def _score(house: House, red: Red, seed: int, policy: str, pace: Pace) -> Score:
    chance = SeededChance(seed)
    opened = open_store(":memory:", SeededChance(seed))
    house.travel.obey(())
    try:
        with rare_collections():
            drill = Drill(Engine(opened.store, house, ManualClock(0), chance), red, seed, policy)
            drill.run(iter(red.records()), pace, lambda calls, at: None)
    finally:
        opened.close()
    return drill.cast.score


def _turned(played: Score, best: Score, red: Red) -> tuple[Turned, ...]:
    """Of the scenario's happenings and the most urgent, those that would have gone otherwise; who would have
    had somebody sooner first."""
    found = []
    for each in played.counted(red.ends_at):
        if not (each.wave or each.priority <= URGENT):
            continue
        other = best.happenings[each.id]
        came_s, would_s = _first_s(each), _first_s(other)
        if came_s is None and would_s is None:
            continue
        never = float(red.ends_at - each.rang_at) / SECOND
        gain = (never if came_s is None else came_s) - (never if would_s is None else would_s)
        if abs(gain) >= DIFFERS_S:
            turned = Turned(
                each.id,
                each.type,
                each.priority,
                iso(each.rang_at),
                came_s,
                _who(each),
                would_s,
                _who(other),
            )
            found.append((-gain, each.id, turned))
    return tuple(turned for _, _, turned in sorted(found, key=lambda one: one[:2])[:TURNED_MAX])


def _first_s(happening: Happening) -> float | None:
    return (min(happening.came)[0] - happening.rang_at) / SECOND if happening.came else None


def _who(happening: Happening) -> tuple[str, ...]:
    return tuple(unit for _, unit in sorted(happening.came))
