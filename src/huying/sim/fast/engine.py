"""The compiled loop (extra `compiled`): the law of `oracle`, in arrays. Without numba the oracle plays."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from huying.base.machine import HERE, compiled
from huying.sim.fast import oracle
from huying.sim.fast.problem import NOBODY, Outcome, Problem, Rule


def play(problem: Problem, rule: Rule) -> Outcome:
    """Play a problem by a rule: compiled where numba is installed, else as the oracle does."""
    if not HERE:
        return oracle.play(problem, rule)
    waited, who, moves = _loop(
        problem.at,
        problem.place,
        problem.urgent,
        problem.work_s,
        problem.home,
        problem.times,
        problem.times if rule.by is None else rule.by,
        problem.turn_out_s,
        rule.reserve,
        np.array(rule.posts, np.int64),
    )
    return Outcome(waited, who, int(moves))


@compiled
def _nearest(free: Any, place: Any, times: Any, by: Any, to: int) -> int:
    """The free unit that is nearest by `by` and can come; NOBODY for none."""
    best, least = NOBODY, inf
    for unit in range(len(free)):
        if free[unit] and times[place[unit], to] < inf and (best == NOBODY or by[place[unit], to] < least):
            best, least = unit, by[place[unit], to]
    return best


@compiled
def _spare(
    free: Any, place: Any, post: Any, standing: Any, rank: Any, times: Any, posts: int, to: int
) -> int:
    """The nearest free unit that no wanted post needs, of which the first `posts` are; NOBODY for none."""
    best, least = NOBODY, inf
    for unit in range(len(free)):
        spare = rank[post[unit]] >= posts or standing[post[unit]] > 1
        if free[unit] and spare and times[place[unit], to] < least:
            best, least = unit, times[place[unit], to]
    return best


@compiled
def _fill(
    free: Any,
    place: Any,
    post: Any,
    standing: Any,
    rank: Any,
    times: Any,
    wanted: Any,
    next_at: Any,
    now: float,
) -> int:
    """Send somebody to every wanted post that stands empty; how many were moved."""
    moves = 0
    for n in range(len(wanted)):
        if standing[wanted[n]] > 0:
            continue
        chosen = _spare(free, place, post, standing, rank, times, len(wanted), wanted[n])
        if chosen != NOBODY:
            standing[post[chosen]] -= 1
            standing[wanted[n]] += 1
            post[chosen] = wanted[n]
            next_at[chosen] = now + times[place[chosen], wanted[n]]
            moves += 1
    return moves


@compiled
def _standing(post: Any, posts: Any, places: int) -> Any:
    """(places) free units by their post, all being free; and which of the posts each place is."""
    standing, rank = np.zeros(places, np.int64), np.full(places, len(posts))
    for unit in range(len(post)):
        standing[post[unit]] += 1
    for n in range(len(posts)):
        rank[posts[n]] = n
    return standing, rank


@compiled
def _earliest(next_at: Any, free: Any) -> Any:
    """Which unit something happens to next, and when; at one instant who becomes free goes first."""
    unit, now = NOBODY, inf
    for n in range(len(next_at)):
        tie = next_at[n] == now and unit != NOBODY and free[unit] and not free[n]
        if next_at[n] < now or tie:
            unit, now = n, next_at[n]
    return unit, now


@compiled
def _loop(
    at: Any,
    to: Any,
    urgent: Any,
    work_s: Any,
    home: Any,
    times: Any,
    by: Any,
    turn_out_s: float,
    reserve: int,
    posts: Any,
) -> Any:
    """As `oracle._Play.run`; what a heap does there is a look over all units here, for they are few."""
    calls, units = len(at), len(home)
    waited, who = np.full(calls, inf), np.full(calls, NOBODY)
    place, post = home.copy(), home.copy()
    free = np.ones(units, np.bool_)
    standing, rank = _standing(post, posts, len(times))
    next_at = np.full(units, inf)  # when a unit at work is free, or one on its way home is there
    queue = np.empty((2, calls), np.int64)
    first, last = np.zeros(2, np.int64), np.zeros(2, np.int64)
    idle, moves, call = units, 0, 0
    while True:
        unit, now = _earliest(next_at, free)
        coming = call < calls and at[call] < now
        if unit == NOBODY and not coming:
            return waited, who, moves
        if not coming and free[unit]:  # it is home
            place[unit], next_at[unit] = post[unit], inf
            continue
        if coming:
            now = at[call]
            kind = 0 if urgent[call] else 1
            queue[kind, last[kind]] = call
            # Who comes is served before those who wait, for they have been looked at already.
            ahead = first[kind] < last[kind]
            last[kind] += 1
            kinds = kind
            call += 1
        else:
            free[unit], idle = True, idle + 1
            post[unit] = home[unit]
            standing[post[unit]] += 1
            next_at[unit] = now + times[place[unit], home[unit]]
            kinds, ahead = 2, False
        for kind in range(2):
            if kinds != 2 and kinds != kind:
                continue
            while first[kind] < last[kind]:
                one = last[kind] - 1 if ahead else first[kind]
                this = queue[kind, one]
                if kind == 1 and idle <= reserve:
                    break
                chosen = _nearest(free, place, times, by, to[this])
                if chosen == NOBODY:
                    break
                there = now + turn_out_s + times[place[chosen], to[this]]
                waited[this], who[this] = there - at[this], chosen
                free[chosen], idle = False, idle - 1
                standing[post[chosen]] -= 1
                place[chosen], next_at[chosen] = to[this], there + work_s[this]
                if ahead:
                    last[kind] -= 1
                    break
                first[kind] += 1
                if kinds != 2:
                    break
        wanted = min(idle, len(posts))
        moves += _fill(free, place, post, standing, rank, times, posts[:wanted], next_at, now)
