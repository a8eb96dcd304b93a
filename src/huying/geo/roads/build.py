"""Ways as a map lists them → the net: cut where they meet, measured, strange things counted and named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import isfinite

import numpy as np
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.geo.points import distance_m
from huying.geo.roads.classes import CLASSES, KMH_MAX
from huying.geo.roads.graph import EDGES_MAX, RoadGraph

POINTS_PER_WAY_MAX = 20_000
"""OpenStreetMap allows 2,000; ten times that in one line is not a road."""

METRES_MIN = 0.1
"""Two junctions on one spot still have an edge; less than a hand's breadth counts as one."""


class Way(Struct):
    """One line of the map: `points` are ids of nodes in order; the rest as in `RoadGraph`."""

    points: Sequence[int]
    road_class: int
    forth: int
    back: int
    kmh: float = 0.0
    name: str = ""
    id: int = 0


class Turn(Struct):
    """From the way `before` over the node `via` into the way `after`: `only` there, or not there."""

    before: int
    via: int
    after: int
    only: bool


class Post(Struct):
    """A kilometre post of the road `name`."""

    name: str
    km: float
    lat: float
    lon: float


class Built(Struct):
    """The net, and how often each strange thing was met; what is named here was left out or mended."""

    graph: RoadGraph
    strange: dict[str, int]


def build(
    places: dict[int, tuple[float, float]],
    ways: Iterable[Way],
    turns: Iterable[Turn] = (),
    posts: Iterable[Post] = (),
) -> Built:
    """The net of these ways.

    Args:
        places: (lat, lon) of nodes by id.
        ways, turns, posts: as the map has them; what can't be is counted in `strange` and left out.

    Refuses with `roads_empty` when no way is left, and with `roads_too_many` beyond `EDGES_MAX`.
    """
    strange: Counter[str] = Counter()
    sound = [way for way in (_sound(way, places, strange) for way in ways) if way is not None]
    used: Counter[int] = Counter()
    for way in sound:
        used.update(way.points)
        used.update((way.points[0], way.points[-1]))  # ends are always nodes
    turns = list(turns)
    used.update({each.via: 2 for each in turns})
    drawn = _Drawing(places, {id for id, times in used.items() if times > 1})
    for way in sound:
        drawn.add(way)
    if not drawn.a:
        raise Refusal("roads_empty")
    bans = _bans(turns, drawn, strange)
    kept = [each for each in posts if _post(each, strange)]
    return Built(drawn.graph(bans, kept), dict(sorted(strange.items())))


def _sound(way: Way, places: dict[int, tuple[float, float]], strange: Counter[str]) -> Way | None:
    points: list[int] = []
    for id in way.points[:POINTS_PER_WAY_MAX]:
        if id not in places:
            strange["point_missing"] += 1
        elif not points or points[-1] != id:
            points.append(id)
    if len(way.points) > POINTS_PER_WAY_MAX:
        strange["way_too_long"] += 1
    if len(points) < 2:
        strange["way_without_length"] += 1
        return None
    if not 0 <= way.road_class < len(CLASSES) or not (way.forth or way.back):
        strange["way_for_nobody"] += 1
        return None
    kmh = way.kmh
    if not isfinite(kmh) or kmh < 0 or kmh > KMH_MAX:
        strange["speed_impossible"] += 1
        kmh = 0.0
    return Way(points, way.road_class, way.forth, way.back, kmh, way.name, way.id)


def _post(post: Post, strange: Counter[str]) -> bool:
    good = isfinite(post.km) and post.km >= 0 and abs(post.lat) <= 90 and abs(post.lon) <= 180
    if not good:
        strange["post_impossible"] += 1
    return good


class _Drawing:
    """Edges in the making."""

    def __init__(self, places: dict[int, tuple[float, float]], joints: set[int]) -> None:
        self.places, self.joints = places, joints
        self.node: dict[int, int] = {}
        self.names: dict[str, int] = {"": 0}
        self.a: list[int] = []
        self.b: list[int] = []
        self.metres: list[float] = []
        self.rows: list[tuple[int, float, int, int, int]] = []
        self.shape: list[tuple[float, float]] = []
        self.shape_at: list[int] = [0]
        self.at: dict[tuple[int, int], list[tuple[int, int]]] = {}  # (way, node) → directed edges out of it

    def add(self, way: Way) -> None:
        name = self.names.setdefault(way.name, len(self.names))
        row = (way.road_class, way.kmh, way.forth, way.back, name)
        first, last = way.points[0], len(way.points) - 1
        metres, inner = 0.0, list[tuple[float, float]]()
        before = self.places[first]
        for n, id in enumerate(way.points[1:], start=1):
            here = self.places[id]
            metres += distance_m(*before, *here)
            before = here
            if id in self.joints or n == last:
                self._edge(way.id, first, id, metres, inner, row)
                first, metres, inner = id, 0.0, []
            else:
                inner.append(here)

    def _edge(
        self,
        way: int,
        first: int,
        last: int,
        metres: float,
        inner: list[tuple[float, float]],
        row: tuple[int, float, int, int, int],
    ) -> None:
        if len(self.a) >= EDGES_MAX:
            raise Refusal("roads_too_many", limit=EDGES_MAX)
        edge = len(self.a)
        self.a.append(self.node.setdefault(first, len(self.node)))
        self.b.append(self.node.setdefault(last, len(self.node)))
        self.metres.append(max(metres, METRES_MIN))
        self.rows.append(row)
        self.shape += inner
        self.shape_at.append(len(self.shape))
        self.at.setdefault((way, first), []).append((2 * edge, row[2]))
        self.at.setdefault((way, last), []).append((2 * edge + 1, row[3]))

    def graph(self, bans: Sequence[tuple[int, int]], posts: Sequence[Post]) -> RoadGraph:
        roads = [self.names.setdefault(each.name, len(self.names)) for each in posts]
        places = [self.places[id] for id in self.node]
        road_class, kmh, forth, back, name = zip(*self.rows, strict=True)
        graph = RoadGraph(
            lat=np.array([lat for lat, _ in places], np.float64),
            lon=np.array([lon for _, lon in places], np.float64),
            a=np.array(self.a, np.int32),
            b=np.array(self.b, np.int32),
            metres=np.array(self.metres, np.float32),
            road_class=np.array(road_class, np.uint8),
            kmh=np.array(kmh, np.float32),
            forth=np.array(forth, np.uint8),
            back=np.array(back, np.uint8),
            name=np.array(name, np.int32),
            names=tuple(self.names),
            shape_at=np.array(self.shape_at, np.int32),
            shape_lat=np.array([lat for lat, _ in self.shape], np.float64),
            shape_lon=np.array([lon for _, lon in self.shape], np.float64),
            ban_from=np.array([each for each, _ in bans], np.int32),
            ban_to=np.array([each for _, each in bans], np.int32),
            post_road=np.array(roads, np.int32),
            post_km=np.array([each.km for each in posts], np.float64),
            post_lat=np.array([each.lat for each in posts], np.float64),
            post_lon=np.array([each.lon for each in posts], np.float64),
        )
        graph.check()
        return graph


def _bans(turns: Sequence[Turn], drawn: _Drawing, strange: Counter[str]) -> list[tuple[int, int]]:
    """Pairs of directed edges. A rule "only there" bans every other way out of the node."""
    out_of: dict[int, list[int]] = {}
    wanted = {each.via for each in turns}
    for (_, node), edges in drawn.at.items():
        if node in wanted:
            out_of.setdefault(node, []).extend(each for each, users in edges if users)
    bans: set[tuple[int, int]] = set()
    for turn in turns:
        # Into the node: the reverse of what leads out of it, where that direction may be travelled.
        into = [each ^ 1 for each, _ in drawn.at.get((turn.before, turn.via), ())]
        onto = [each for each, _ in drawn.at.get((turn.after, turn.via), ())]
        if not into or not onto:
            strange["turn_unknown"] += 1
        elif turn.only:
            bans |= {(i, o) for i in into for o in out_of[turn.via] if o not in onto and o != i ^ 1}
        else:
            bans |= {(i, o) for i in into for o in onto}
    return sorted(bans)
