"""Lines that cross are cut where they cross, and get a junction there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from huying.geo.roads.build import Built, Post, Way, build
from huying.geo.roads.classes import BOATS, CLASS_OF, FEET, WHEELS
from huying.sim.land.plane import XY, Line, Pieces, Plane, crossing, length

SAME_M = 6.0
"""Corners nearer than this are one junction."""

STUB_M = 12.0
"""Ends that stick out over a junction by less than this are cut off."""

_USERS: Mapping[str, int] = {"motorway": WHEELS, "path": FEET, "water": BOATS}


def net_of(lines: Sequence[Line], plane: Plane, posts: Sequence[Post]) -> Built:
    """The net of the lines. Lines of different levels meet only where they have a corner in common."""
    joints = _Joints()
    for line in lines:  # ends first: they are where somebody meant to join
        joints.of(line.points[0])
        joints.of(line.points[-1])
    whole = [[joints.of(each) for each in points] for points in _with_crossings(lines)]
    used: dict[XY, int] = {}
    for points in whole:
        for each in points:
            used[each] = used.get(each, 0) + 1
    ids: dict[tuple[float, float], int] = {}
    ways = []
    for n, (line, points) in enumerate(zip(lines, whole, strict=True)):
        kept = _without_stubs(points, used)
        nodes = [ids.setdefault(plane.latlon(each), len(ids)) for each in kept]
        users = _USERS.get(line.road_class, WHEELS | FEET)
        back = users & ~WHEELS if line.oneway else users
        ways.append(Way(nodes, CLASS_OF[line.road_class], users, back, 0.0, line.name, n))
    return build({id: place for place, id in ids.items()}, ways, posts=posts)


def _with_crossings(lines: Sequence[Line]) -> list[list[XY]]:
    """The corners of each line with those where it crosses others of its level."""
    levels: dict[str, Pieces] = {}
    for n, line in enumerate(lines):
        levels.setdefault(line.level, Pieces()).add(n, line.points)
    found = []
    for n, line in enumerate(lines):
        points = [line.points[0]]
        for a, b in pairwise(line.points):
            spots = {
                spot
                for c, d, other, _ in levels[line.level].near(a, b)
                if other != n and (spot := crossing(*min((a, b, c, d), (c, d, a, b)))) is not None
            }
            points += sorted(spots, key=lambda spot: length(a, spot))
            points.append(b)
        found.append(points)
    return found


def _without_stubs(points: Sequence[XY], used: Mapping[XY, int]) -> list[XY]:
    kept = [each for n, each in enumerate(points) if n == 0 or each != points[n - 1]]
    while len(kept) > 2 and used[kept[0]] == 1 and length(kept[0], kept[1]) < STUB_M:
        kept.pop(0)
    while len(kept) > 2 and used[kept[-1]] == 1 and length(kept[-1], kept[-2]) < STUB_M:
        kept.pop()
    return kept


class _Joints:
    """Corners that are nearly one become one: the first that was named."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[XY]] = {}

    def of(self, point: XY) -> XY:
        column, row = int(point[0] // SAME_M), int(point[1] // SAME_M)
        for x in (column - 1, column, column + 1):
            for y in (row - 1, row, row + 1):
                for each in self._cells.get((x, y), ()):
                    if length(each, point) < SAME_M:
                        return each
        self._cells.setdefault((column, row), []).append(point)
        return point
