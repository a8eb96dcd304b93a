"""The fast engine's law, written to be read: objects, a heap, no compiled line. Tests hold the two together.

A unit is known to be where it last told: at its station, or where it was last at work, until it is home. A
call takes the nearest free unit that can come; who finds none waits, urgent ones before others, each kind in
turn. A unit that becomes free goes to its post and can be sent at once, from where it is known to be.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf, isfinite

import numpy as np

from huying.sim.fast.problem import NOBODY, Outcome, Problem, Rule

CLEAR, HOME, CALL = 0, 1, 2
"""At one instant units become free first, then some are home, then calls come."""


class _Unit:
    def __init__(self, n: int, home: int) -> None:
        self.n, self.home, self.place, self.post = n, home, home, home
        self.free = True
        self.trip = 0  # number of the last movement: an earlier arrival at home doesn't count any more


class _Play:
    def __init__(self, problem: Problem, rule: Rule) -> None:
        self.problem, self.rule = problem, rule
        self.times = problem.times.tolist()
        self.by = (problem.times if rule.by is None else rule.by).tolist()
        self.units = [_Unit(n, int(home)) for n, home in enumerate(problem.home)]
        self.waiting: tuple[list[int], list[int]] = ([], [])
        self.waited = np.full(len(problem.at), inf)
        self.who = np.full(len(problem.at), NOBODY, np.int64)
        self.heap: list[tuple[float, int, int, int]] = []
        self.moves = 0

    def free(self) -> list[_Unit]:
        return [each for each in self.units if each.free]

    def send(self, now: float, call: int) -> bool:
        """Send the nearest that can come; false when nobody can or may."""
        free, to = self.free(), int(self.problem.place[call])
        if not self.problem.urgent[call] and len(free) <= self.rule.reserve:
            return False
        able = [each for each in free if isfinite(self.times[each.place][to])]
        if not able:
            return False
        unit = min(able, key=lambda each: (self.by[each.place][to], each.n))
        there = now + self.problem.turn_out_s + self.times[unit.place][to]
        self.waited[call] = there - self.problem.at[call]
        self.who[call] = unit.n
        unit.free, unit.place, unit.trip = False, to, unit.trip + 1
        heappush(self.heap, (there + float(self.problem.work_s[call]), CLEAR, unit.n, 0))
        return True

    def go(self, now: float, unit: _Unit, post: int) -> None:
        unit.post, unit.trip = post, unit.trip + 1
        heappush(self.heap, (now + self.times[unit.place][post], HOME, unit.n, unit.trip))

    def move_up(self, now: float) -> None:
        """Fill the first posts, as many as units are free, from those who stand elsewhere or are two."""
        free = self.free()
        wanted = self.rule.posts[: len(free)]
        for post in wanted:
            if any(each.post == post for each in free):
                continue
            spare = [
                each
                for each in free
                if (each.post not in wanted or sum(other.post == each.post for other in free) > 1)
                and isfinite(self.times[each.place][post])
            ]
            if spare:
                unit = min(spare, key=lambda each: (self.times[each.place][post], each.n))
                self.go(now, unit, post)
                self.moves += 1

    def clear(self, now: float, unit: _Unit) -> None:
        unit.free = True
        self.go(now, unit, unit.home)
        for queue in self.waiting:
            while queue and self.send(now, queue[0]):
                queue.pop(0)

    def run(self) -> Outcome:
        for call, at in enumerate(self.problem.at.tolist()):
            heappush(self.heap, (at, CALL, call, 0))
        while self.heap:
            now, what, n, trip = heappop(self.heap)
            if what == HOME:
                unit = self.units[n]
                if unit.free and unit.trip == trip:
                    unit.place = unit.post
                continue
            if what == CLEAR:
                self.clear(now, self.units[n])
            elif not self.send(now, n):
                self.waiting[0 if self.problem.urgent[n] else 1].append(n)
            self.move_up(now)
        return Outcome(self.waited, self.who, self.moves)


def play(problem: Problem, rule: Rule) -> Outcome:
    """Play it, at some ten thousand calls a second."""
    return _Play(problem, rule).run()
