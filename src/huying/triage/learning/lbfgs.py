"""Minimum of a smooth function of many variables by its gradient (L-BFGS, Nocedal and Wright 2006, 7.2)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[Any]
"""Floats of any precision and shape; sums are taken in the precision given."""

MEMORY = 8
"""Earlier steps that shape the next one; more hardly shortens the way for linear models."""

HALVINGS_MAX = 20


def minimise(
    function: Callable[[Vector], tuple[float, Vector]],
    start: Vector,
    steps: int = 200,
    tolerance: float = 1e-4,
) -> Vector:
    """Where `function` (value and gradient) is smallest, from `start`; any shape.

    Ends when the gradient is `tolerance` of its first length, or after `steps`.
    """
    at = start.copy()
    value, slope = function(at)
    enough = tolerance * float(np.linalg.norm(slope))
    past: deque[tuple[Vector, Vector, float]] = deque(maxlen=MEMORY)
    for _ in range(steps):
        if float(np.linalg.norm(slope)) <= enough:
            break
        way = _direction(slope, past)
        fall = float(np.vdot(slope, way))
        if fall >= 0:
            past.clear()
            way, fall = -slope, -float(np.vdot(slope, slope))
        length = 1.0 if past else min(1.0, 1.0 / float(np.linalg.norm(slope)))
        for _ in range(HALVINGS_MAX):
            there = at + length * way
            new_value, new_slope = function(there)
            if new_value <= value + 1e-4 * length * fall:
                break
            length /= 2
        else:
            break
        moved, turned = there - at, new_slope - slope
        curve = float(np.vdot(moved, turned))
        if curve > 1e-12:
            past.append((moved, turned, 1.0 / curve))
        at, value, slope = there, new_value, new_slope
    return at


def _direction(slope: Vector, past: deque[tuple[Vector, Vector, float]]) -> Vector:
    """The quasi-Newton step from here: the two-loop recursion."""
    way = -slope
    kept = []
    for moved, turned, inverse in reversed(past):
        share = inverse * float(np.vdot(moved, way))
        way -= share * turned
        kept.append(share)
    if past:
        moved, turned, inverse = past[-1]
        way *= 1.0 / (inverse * float(np.vdot(turned, turned)))
    for (moved, turned, inverse), share in zip(past, reversed(kept), strict=True):
        way += (share - inverse * float(np.vdot(turned, way))) * moved
    return way
