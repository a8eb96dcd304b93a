"""The telephone: calls wait for somebody to answer, some hang up, some dial again, some are lost.

A queue with impatient callers (Garnett, Mandelbaum, Reiman: Designing a call center with impatient customers,
Manufacturing & Service Operations Management 4, 2002), with redials and with lines that are dead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush

from msgspec import Struct

from huying.base.clock import MINUTE, SECOND
from huying.domain.commands import ReceiveCall
from huying.sim.chance import Dice

# Medians and means that people of such desks name; a drill needs them believable, not exact.
TALK_S, TALK_SPREAD = 50.0, 0.5
PATIENCE_S = 90.0
DIALS_AGAIN = 0.6
AGAIN_S = 90.0
DEAD_AGAIN_S = 300.0
TRIES_MAX = 6


class Ring(Struct):
    """Somebody dials at `at` (UTC µs) about `happening`; `true` is where it really is, `wave` what of the
    scenario it belongs to (empty: an ordinary call). `answered_at` 0: never."""

    id: str
    at: int
    call: ReceiveCall
    happening: str
    type: str
    true: tuple[float, float] | None = None
    wave: str = ""
    corrected_at: int = 0
    answered_at: int = 0
    tries: int = 0


Dead = Callable[[int, tuple[float, float] | None], bool]
"""(instant, where the caller is) → whether the line is dead there and then."""


def answer(rings: Sequence[Ring], takers: int, dice: Dice, dead: Dead) -> list[Ring]:
    """Who gets through, in order of being answered; the others keep `answered_at` 0.

    Args:
        takers: how many talk at once; 0 for as many as call.
    """
    waiting = [(each.at, n) for n, each in enumerate(rings)]
    heapify(waiting)
    free_at = [0] * takers
    through: list[Ring] = []
    while waiting:
        at, n = heappop(waiting)
        ring = rings[n]
        ring.tries += 1
        if dead(at, ring.true):
            if ring.tries < TRIES_MAX:
                heappush(waiting, (at + int(dice.exponential(DEAD_AGAIN_S) * SECOND) + MINUTE, n))
            continue
        talk = int(dice.lognormal(TALK_S, TALK_SPREAD) * SECOND)
        patience = int(dice.exponential(PATIENCE_S) * SECOND) + 10 * SECOND
        begin = max(at, free_at[0]) if takers else at
        if begin - at > patience:
            if ring.tries < TRIES_MAX and dice.random() < DIALS_AGAIN:
                heappush(waiting, (at + patience + int(dice.exponential(AGAIN_S) * SECOND), n))
            continue
        if takers:
            heappop(free_at)
            heappush(free_at, begin + talk)
        # What is said is in the machine a third into the talk; the rest is comfort and advice.
        ring.answered_at = begin + talk // 3
        through.append(ring)
    return sorted(through, key=lambda each: (each.answered_at, each.id))
