"""A net small enough to count by hand.

3 ── 4 ── 5        each square 1,112 m (0.01° of latitude) high and about as wide,
│    │    │        roads at 40 km/h: 1,112 m take 100 s
0 ── 1 ── 2        1 → 4 is one-way north
"""

from __future__ import annotations

from math import inf

from huying.geo.roads.build import Built, Turn, Way, build
from huying.geo.roads.classes import BOATS, CLASS_OF, FEET, WHEELS, Speeds

SIDE = 0.01
PLACES = {n: (10.0 + SIDE * (n // 3), 20.0 + SIDE * (n % 3)) for n in range(6)}
PLAIN = Speeds("plain", WHEELS, tuple(40.0 if name == "tertiary" else 0.0 for name in CLASS_OF))
FOOT = Speeds("foot", FEET, tuple(5.0 if name == "tertiary" else 0.0 for name in CLASS_OF))


def way(id: int, *points: int, oneway: bool = False, name: str = "") -> Way:
    users = WHEELS | FEET
    return Way(points, CLASS_OF["tertiary"], users, FEET if oneway else users, 0.0, name, id)


def boat_lane(id: int, *points: int) -> Way:
    return Way(points, CLASS_OF["water"], BOATS, BOATS, 0.0, "", id)


def small(*turns: Turn, more: tuple[Way, ...] = ()) -> Built:
    ways = [
        way(10, 0, 1, 2, name="South Road"),
        way(11, 3, 4, 5, name="North Road"),
        way(12, 0, 3),
        way(13, 1, 4, oneway=True, name="Hill Street"),
        way(14, 2, 5),
        *more,
    ]
    return build(dict(PLACES), ways, turns)


def seconds(metres: float, kmh: float = 40.0) -> float:
    return metres * 3.6 / kmh if kmh else inf
