"""What the fast engine is given and gives: calls, units, travel times, a rule; how long each call waited."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOBODY = -1


class Problem(Struct, frozen=True, eq=False):
    """`n` calls in order of time, `u` units, `p` places.

    - `at`: (n) seconds; `place`: (n) of the p places; `urgent`: (n) true where no reserve is held back;
      `work_s`: (n) seconds on scene
    - `home`: (u) the place of each unit's station
    - `times`: (p, p) seconds from place to place, `inf` where there is no way
    - `turn_out_s`: seconds until a unit rolls
    """

    at: Floats
    place: Ints
    urgent: NDArray[np.bool_]
    work_s: Floats
    home: Ints
    times: Floats
    turn_out_s: float = 55.0


class Rule(Struct, frozen=True, eq=False):
    """Who is sent, and where free units wait.

    - `by`: (p, p) what the nearest is chosen by: the times themselves, or straight lines; None: the times
    - `reserve`: so many free units stay for urgent calls
    - `posts`: places in the order in which they should not stand empty; with k free units the first k. Empty:
      every unit goes home
    """

    by: Floats | None = None
    reserve: int = 0
    posts: tuple[int, ...] = ()


class Outcome(Struct, frozen=True, eq=False):
    """`waited_s`: (n) from call to arrival, `inf` for who never got anybody; `unit`: (n) who came, NOBODY for
    none; `moves`: how often a free unit was moved up."""

    waited_s: Floats
    unit: Ints
    moves: int


class Engine(Protocol):
    """Plays a problem by a rule."""

    def __call__(self, problem: Problem, rule: Rule) -> Outcome: ...
