"""How many crews each hour of the week needs, and how many each shift.

Green, Kolesar and Whitt, Coping with time-varying demand when setting staffing requirements for a service
system, Production and Operations Management 16, 2007: the load of an hour is what is still being worked on
(modified offered load); each hour is then looked at as if it lasted (period by period).
Several crews for one ask make the load lumpier: servers and load are divided by the peakedness (Hayward;
Fredericks, Congestion in blocking systems, Bell System Technical Journal 59, 1980).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy  # its parts load when they are first used
from msgspec import Struct
from numpy.typing import NDArray

from huying.dispatch.demand import HOURS, Demand
from huying.domain.run_card import Shift

CREWS_MAX = 500
STEPS = 12
"""Looks an hour at what is still being worked on."""


class Loads(Struct, frozen=True):
    """(168) crews that are busy on average (`load`), asks an hour, and how lumpy it is (1: one by one)."""

    load: NDArray[np.float64]
    asks: NDArray[np.float64]
    peak: float


def loads_of(demand: Demand, travel_s: float) -> Loads:
    """What is being worked on in each hour of the week, when each crew is busy for its way and its work."""
    asks = demand.per_hour()
    crews = demand.crews.astype(float)
    busy_s = float((demand.work_s * crews).sum() / max(crews.sum(), 1.0)) + travel_s if len(demand) else 1.0
    per_ask = float(crews.mean()) if len(demand) else 1.0
    rate = np.repeat(asks * per_ask / 3_600.0, STEPS)  # crews asked for a second
    step_s = 3_600.0 / STEPS
    kept = np.exp(-step_s / busy_s)  # exponential times of work
    load = np.zeros(len(rate))
    busy = float(rate.mean()) * busy_s
    for _ in range(2):  # the second week has forgotten how the first began
        for n in range(len(rate)):
            busy = busy * kept + rate[n] * busy_s * (1.0 - kept)
            load[n] = busy
    lumps = float((crews**2).mean() / max(crews.mean(), 1e-9)) if len(demand) else 1.0
    return Loads(load.reshape(HOURS, STEPS).max(axis=1), asks, 1.0 + (lumps - 1.0) / 2.0)


def waits(servers: float, load: float) -> float:
    """Probability that an ask waits (Erlang's C), for a number of servers that need not be whole."""
    if load <= 0.0:
        return 0.0
    if servers <= load:
        return 1.0
    blocked = 1.0
    whole = int(servers)
    for n in range(1, whole + 1):
        blocked = load * blocked / (n + load * blocked)
    if servers > whole:  # between two whole numbers, straight in the logarithm
        after = load * blocked / (whole + 1 + load * blocked)
        blocked = blocked ** (1 - (servers - whole)) * after ** (servers - whole)
    return float(blocked / (1.0 - (load / servers) * (1.0 - blocked)))


def crews_for(load: float, peak: float, target: float) -> int:
    """The fewest crews with which no more than the share `target` of asks waits."""
    crews = max(1, int(np.ceil(load)))
    while crews < CREWS_MAX and waits(crews / peak, load / peak) > target:
        crews += 1
    return crews


class ShiftCrews(Struct, frozen=True):
    """Crews for each shift, and by hour of the week what is needed and what is then there."""

    crews: dict[str, int]
    needed: NDArray[np.int64]
    there: NDArray[np.int64]


def staff(loads: Loads, shifts: Mapping[str, Shift], target: float, reserve: int = 0) -> ShiftCrews:
    """The fewest crew hours that give every hour of the week its crews and `reserve` more for urgent asks.

    A whole-number program over the shifts; hours that no shift covers stay without.
    """
    needed = np.array([crews_for(float(each), loads.peak, target) + reserve for each in loads.load])
    codes = sorted(shifts)
    on = np.stack([_hours(shifts[code]) for code in codes], axis=1).astype(float)
    wanted = np.where(on.any(axis=1), needed, 0)
    solved = scipy.optimize.milp(
        c=on.sum(axis=0) + 1e-3 * np.arange(1, len(codes) + 1),
        constraints=scipy.optimize.LinearConstraint(on, wanted, np.inf),
        integrality=np.ones(len(codes)),
    )
    counts = np.rint(solved.x).astype(int)
    crews = dict(zip(codes, counts.tolist(), strict=True))
    return ShiftCrews(crews, needed, (on @ counts).astype(int))


def given(loads: Loads, shifts: Mapping[str, Shift], crews: Mapping[str, int], target: float) -> ShiftCrews:
    """The same for crews that somebody else has counted."""
    needed = np.array([crews_for(float(each), loads.peak, target) for each in loads.load])
    there = sum((_hours(shifts[code]) * count for code, count in crews.items()), np.zeros(HOURS, np.int64))
    return ShiftCrews({code: int(crews.get(code, 0)) for code in sorted(shifts)}, needed, there.astype(int))


def _hours(shift: Shift) -> NDArray[np.bool_]:
    """(168) hours of the week of which the shift covers more than half."""
    on = np.zeros(HOURS * 60, bool)
    length = (shift.end_min - shift.start_min) % 1_440 or 1_440
    for day in shift.days:
        begin = day * 1_440 + shift.start_min
        on[np.arange(begin, begin + length) % (HOURS * 60)] = True
    more: NDArray[np.bool_] = on.reshape(HOURS, 60).sum(axis=1) > 30
    return more
