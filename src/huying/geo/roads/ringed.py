"""Which straight pieces of road lie in an area drawn by a person, or lead into it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from huying.geo.roads.graph import Floats


def within_ring(ends: Floats, ring: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    """Whether each piece (4, n: both its ends, degrees) has an end in the ring of (lat, lon) or crosses one
    of its sides. What lies in a fold of a ring that crosses itself is out of it (even-odd); the last corner
    is joined to the first."""
    corners = np.array(ring, np.float64)
    a, b = corners, np.roll(corners, -1, axis=0)
    one, two = ends[:2], ends[2:]
    inside = _inside(one, a, b) | _inside(two, a, b)
    for start, end in zip(a, b, strict=True):
        apart = _side(start, end, one) * _side(start, end, two) < 0
        inside |= apart & (_turn(one, two, start) * _turn(one, two, end) < 0)
    return inside


def _inside(at: Floats, a: Floats, b: Floats) -> NDArray[np.bool_]:
    odd = np.zeros(at.shape[1], bool)
    for (lat1, lon1), (lat2, lon2) in zip(a.tolist(), b.tolist(), strict=True):
        if lat1 != lat2:
            level = (lat1 > at[0]) != (lat2 > at[0])
            odd ^= level & (at[1] < lon1 + (at[0] - lat1) * (lon2 - lon1) / (lat2 - lat1))
    return odd


def _side(start: Floats, end: Floats, at: Floats) -> Floats:
    """Above or below zero by the side of the line start-end on which each point lies."""
    found: Floats = (end[0] - start[0]) * (at[1] - start[1]) - (end[1] - start[1]) * (at[0] - start[0])
    return found


def _turn(one: Floats, two: Floats, at: Floats) -> Floats:
    """The same, of one point by the line of each piece."""
    found: Floats = (two[0] - one[0]) * (at[1] - one[1]) - (two[1] - one[1]) * (at[0] - one[0])
    return found
