"""The peer of the fast engine: the same law as `huying.sim.fast.oracle`, played by simpy's processes.

Run by an environment of its own: `python simpy_city.py PROBLEM.npz` prints seconds and the sum of waiting.
"""

from __future__ import annotations

import sys
from math import inf, isfinite
from time import process_time

import numpy as np
import simpy


class City:
    def __init__(self, data):
        self.at, self.to = data["at"].tolist(), data["place"].tolist()
        self.urgent, self.work = data["urgent"].tolist(), data["work_s"].tolist()
        self.home, self.times = data["home"].tolist(), data["times"].tolist()
        self.posts, self.reserve = data["posts"].tolist(), int(data["reserve"])
        self.turn_out = float(data["turn_out_s"])
        self.place, self.post = list(self.home), list(self.home)
        self.free, self.trip = [True] * len(self.home), [0] * len(self.home)
        self.waiting = ([], [])
        self.waited = [inf] * len(self.at)
        self.env = simpy.Environment()

    def source(self):
        for call, at in enumerate(self.at):
            yield self.env.timeout(at - self.env.now)
            if not self.send(call):
                self.waiting[0 if self.urgent[call] else 1].append(call)
            self.move_up()

    def send(self, call):
        free = [unit for unit, is_free in enumerate(self.free) if is_free]
        if not self.urgent[call] and len(free) <= self.reserve:
            return False
        to = self.to[call]
        able = [unit for unit in free if isfinite(self.times[self.place[unit]][to])]
        if not able:
            return False
        unit = min(able, key=lambda each: (self.times[self.place[each]][to], each))
        drive = self.turn_out + self.times[self.place[unit]][to]
        self.free[unit], self.place[unit] = False, to
        self.trip[unit] += 1
        self.env.process(self.job(unit, call, drive))
        return True

    def job(self, unit, call, drive):
        yield self.env.timeout(drive)
        self.waited[call] = self.env.now - self.at[call]
        yield self.env.timeout(self.work[call])
        self.free[unit] = True
        self.go(unit, self.home[unit])
        for queue in self.waiting:
            while queue and self.send(queue[0]):
                queue.pop(0)
        self.move_up()

    def go(self, unit, post):
        self.post[unit] = post
        self.trip[unit] += 1
        self.env.process(self.drive_home(unit, post, self.trip[unit], self.times[self.place[unit]][post]))

    def drive_home(self, unit, post, trip, seconds):
        yield self.env.timeout(seconds)
        if self.free[unit] and self.trip[unit] == trip:
            self.place[unit] = post

    def move_up(self):
        free = [unit for unit, is_free in enumerate(self.free) if is_free]
        wanted = self.posts[: len(free)]
        for post in wanted:
            if any(self.post[unit] == post for unit in free):
                continue
            spare = [
                unit
                for unit in free
                if self.post[unit] not in wanted
                or sum(self.post[other] == self.post[unit] for other in free) > 1
            ]
            if spare:
                self.go(min(spare, key=lambda each: (self.times[self.place[each]][post], each)), post)


def main(file: str) -> None:
    city = City(np.load(file))
    began = process_time()
    city.env.process(city.source())
    city.env.run()
    print(process_time() - began, sum(city.waited))


if __name__ == "__main__":
    main(sys.argv[1])
