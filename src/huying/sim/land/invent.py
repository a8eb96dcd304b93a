"""The country around a pack's named roads: town lanes, villages, mountain ways, quays, boat lanes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, pi, sin

from huying.base.text import say
from huying.domain.pack import GazetteerPlace, Pack, Road
from huying.geo.roads.build import Built, Post
from huying.sim.chance import Dice
from huying.sim.land.noding import STUB_M, net_of
from huying.sim.land.plane import XY, Line, Pieces, Plane, length, winding

CLASS_BY_KIND = {
    "motorway": "motorway",
    "national": "primary",
    "provincial": "secondary",
    "county": "tertiary",
    "street": "tertiary",
}
LANE_M = 130.0
"""Between lanes of a town: a block of four rows of houses."""

DOOR_M = 80.0
"""A place further than this from every road has a drive of its own."""

STREETS_TOGETHER_M = 1_500.0
"""Streets whose middles are nearer than this are of one town."""

NEIGHBOURS_M = 6_000.0
"""Villages within this of each other are joined over the hills, the two nearest of each."""

ISLAND_M = 2_500.0
"""A quay further than this from every road is on an island: a ferry goes there."""

ISLET_M, ISLET_CORNERS = 150.0, 12
"""How far from its middle the path of an islet runs."""

OFFING_M = 900.0
"""Boats keep this far off the outermost quays."""

JOINED_M = 3_000.0
"""A great road that ends within this of another begins or ends there."""


def invent_roads(pack: Pack, seed: int) -> Built:
    """The net. The same pack and seed give the same net, byte by byte."""
    plane, dice = Plane(pack.centre), Dice(seed)
    streets = [_named(each, pack, plane) for each in pack.roads.values() if each.kind == "street"]
    great = [_named(each, pack, plane) for each in pack.roads.values() if each.kind != "street"]
    lines = [*great, *streets]
    lines += _ends(great, lines)
    lines += _ramps(lines)
    lines += _town_lanes(streets, dice.fork("towns"))
    villages = [plane.xy(each.lat, each.lon) for each in _places(pack, "village")]
    lines += [lane for n, each in enumerate(villages) for lane in _village(each, dice.fork(f"village {n}"))]
    lines += _ways_between(villages, lines, dice.fork("hills"))
    quays = [plane.xy(each.lat, each.lon) for each in _places(pack, "quay")]
    at_sea = _at_sea(quays, lines)
    drives = _drives(pack, plane, lines, dice.fork("drives"))
    lines += [*drives, *at_sea, *_on_islands(pack, plane, [*lines, *drives], dice.fork("islands"))]
    return net_of(lines, plane, _posts(pack))


def _places(pack: Pack, *kinds: str) -> list[GazetteerPlace]:
    return [each for each in pack.places.values() if each.kind in kinds]


def _named(road: Road, pack: Pack, plane: Plane) -> Line:
    level = "motorway" if road.kind == "motorway" else "ground"
    name = say(road.name, pack.languages[0])
    return Line([plane.xy(*each) for each in road.line], CLASS_BY_KIND[road.kind], name, level=level)


def _ends(great: Sequence[Line], lines: Sequence[Line]) -> list[Line]:
    """A road whose first post stands a little way out begins at the nearest other road."""
    found = []
    for n, line in enumerate(lines):
        if line in great and line.level == "ground":
            others = Pieces()
            for m, other in enumerate(lines):
                if m != n and other.level == "ground":
                    others.add(m, other.points)
            for end in (line.points[0], line.points[-1]):
                road = others.nearest(end)
                if road is not None and STUB_M < road[0] < JOINED_M:
                    found.append(Line([end, _beyond(end, road[1])], line.road_class, line.name))
    return found


def _ramps(lines: Sequence[Line]) -> list[Line]:
    """The motorway is left every few kilometres, down to the nearest road."""
    ground = Pieces()
    for n, line in enumerate(lines):
        if line.level == "ground":
            ground.add(n, line.points)
    ramps = []
    for line in lines:
        if line.level == "motorway":
            for corner in line.points[1:-1:2]:
                down = ground.nearest(corner)
                if down is not None:
                    ramps.append(Line([corner, _beyond(corner, down[1])], "secondary", level="ground"))
    return ramps


def _town_lanes(streets: Sequence[Line], dice: Dice) -> list[Line]:
    """Lanes in both directions between the streets of a town, some of them one-way, some missing."""
    towns: list[list[Line]] = []
    for line in streets:
        near = [town for town in towns if any(_together(line, each) for each in town)]
        towns = [town for town in towns if town not in near]
        towns.append([line, *(each for town in near for each in town)])
    found = []
    for town in towns:
        xs = [x for line in town for x, _ in line.points]
        ys = [y for line in town for _, y in line.points]
        found += _lanes((min(xs) - 150, min(ys) - 150), (max(xs) + 150, max(ys) + 150), dice)
    return found


def _together(a: Line, b: Line) -> bool:
    return length(a.points[len(a.points) // 2], b.points[len(b.points) // 2]) < STREETS_TOGETHER_M


def _lanes(low: XY, high: XY, dice: Dice) -> list[Line]:
    columns = [
        low[0] + (n + dice.between(-0.2, 0.2)) * LANE_M for n in range(int((high[0] - low[0]) / LANE_M))
    ]
    rows = [low[1] + (n + dice.between(-0.2, 0.2)) * LANE_M for n in range(int((high[1] - low[1]) / LANE_M))]
    corner = {
        (x, y): (columns[x] + dice.between(-12, 12), rows[y] + dice.between(-12, 12))
        for x in range(len(columns))
        for y in range(len(rows))
    }
    runs = [[corner[x, y] for x in range(len(columns))] for y in range(len(rows))]
    runs += [[corner[x, y] for y in range(len(rows))] for x in range(len(columns))]
    found = []
    for run in runs:
        oneway, at = dice.random() < 0.15, 0
        while at < len(run) - 1:
            end = min(len(run) - 1, at + 2 + dice.below(6))
            if dice.random() < 0.82:
                road = "residential" if dice.random() < 0.7 else "living_street"
                found.append(Line(run[at : end + 1], road, oneway=oneway))
            at = end
    return found


def _village(centre: XY, dice: Dice) -> list[Line]:
    """A main lane with lanes to both sides, some of them joined at their ends."""
    turn, half = dice.between(0, pi), dice.between(220, 420)
    along, across = (cos(turn), sin(turn)), (-sin(turn), cos(turn))

    def at(u: float, v: float) -> XY:
        return centre[0] + along[0] * u + across[0] * v, centre[1] + along[1] * u + across[1] * v

    steps = 7
    bends = [dice.between(-14, 14) for _ in range(steps + 1)]
    spine = [at(-half + 2 * half * n / steps, bends[n]) for n in range(steps + 1)]
    spine[steps // 2] = centre
    lines = [Line(spine, "residential")]
    for side in (-1, 1):
        ends: list[XY | None] = []
        for n in range(steps + 1):
            if dice.random() < 0.7:
                far = side * dice.between(70, 190)
                u = -half + 2 * half * n / steps
                end = at(u + dice.between(-15, 15), far)
                lines.append(Line([spine[n], end], "living_street"))
                ends.append(end)
            else:
                ends.append(None)
        for a, b in pairwise(ends):
            if a and b and dice.random() < 0.5:
                lines.append(Line([a, b], "service"))
    return lines


def _ways_between(villages: Sequence[XY], lines: Sequence[Line], dice: Dice) -> list[Line]:
    """Each village to the nearest great road, and over the hills to its two nearest neighbours."""
    great = Pieces()
    for n, line in enumerate(lines):
        if line.name and line.level == "ground":
            great.add(n, line.points)
    found = []
    for village in villages:
        road = great.nearest(village, rings=120)
        if road is not None and road[0] > 30:
            bend = 0.05 if road[0] < 1_200 else 0.16
            way = winding(village, road[1], dice, bend)
            way[-1] = _beyond(way[-2], way[-1])
            found.append(Line(way, "unclassified"))
    joined = set()
    for n, village in enumerate(villages):
        others = sorted((length(village, each), m) for m, each in enumerate(villages) if m != n)
        for away, m in others[:2]:
            pair = min(n, m), max(n, m)
            if away < NEIGHBOURS_M and pair not in joined:
                joined.add(pair)
                kind = "unclassified" if away < 3_000 else "track"
                found.append(Line(winding(village, villages[m], dice, 0.14), kind))
    return found


def _drives(pack: Pack, plane: Plane, lines: Sequence[Line], dice: Dice) -> list[Line]:
    """Every place that is not at sea has a road to its door; temples and views may have a path only."""
    roads = Pieces()
    for n, line in enumerate(lines):
        if line.level == "ground":
            roads.add(n, line.points)
    drives = []
    for place in pack.places.values():
        spot = plane.xy(place.lat, place.lon)
        road = roads.nearest(spot)
        near = STUB_M if place.kind == "quay" else DOOR_M
        if road is None or not near < road[0] < ISLAND_M:
            continue
        on_foot = place.kind in ("temple", "scenic") and dice.random() < 0.4
        way = winding(spot, road[1], dice, 0.08)
        way[-1] = _beyond(way[-2], way[-1])
        drives.append(Line(way, "path" if on_foot else "service"))
        if not on_foot:
            roads.add(-1, way)
    return drives


def _on_islands(pack: Pack, plane: Plane, lines: Sequence[Line], dice: Dice) -> list[Line]:
    """Where no road leads: paths from the quay of the ferry, and on an islet without one a path around it
    to which nothing leads."""
    roads = Pieces()
    for n, line in enumerate(lines):
        if line.level == "ground":
            roads.add(n, line.points)

    def away(spot: XY) -> bool:
        road = roads.nearest(spot)
        return road is None or road[0] >= ISLAND_M

    quays = [spot for each in _places(pack, "quay") if away(spot := plane.xy(each.lat, each.lon))]
    found = []
    for place in pack.places.values():
        spot = plane.xy(place.lat, place.lon)
        if place.kind == "quay" or not away(spot):
            continue
        quay = min(quays, key=lambda each: length(each, spot), default=None)
        if quay is not None and length(quay, spot) < ISLAND_M:
            found.append(Line(winding(quay, spot, dice, 0.08), "path"))
        else:
            corners = [2 * pi * n / ISLET_CORNERS for n in range(ISLET_CORNERS)]
            ring = [(spot[0] + ISLET_M * cos(turn), spot[1] + ISLET_M * sin(turn)) for turn in corners]
            found.append(Line([*ring, ring[0]], "path"))
    return found


def _at_sea(quays: Sequence[XY], lines: Sequence[Line]) -> list[Line]:
    """A fairway off the coast with a lane to each quay, and a ferry to each quay that no road leads to."""
    roads = Pieces()
    for n, line in enumerate(lines):
        if line.level == "ground":
            roads.add(n, line.points)
    found = []
    ashore = [each for each in quays if (road := roads.nearest(each)) is not None and road[0] < ISLAND_M]
    for island in (each for each in quays if each not in ashore):
        over = min(ashore, key=lambda each: length(each, island), default=None)
        if over is not None:
            found.append(Line([over, island], "ferry", level="ferry"))
    # One fairway along the coast (the sea is in the east), and a lane from each quay straight out to it.
    north = sorted(quays, key=lambda each: each[1])
    fairway = [
        (max(x for x, _ in north[max(0, n - 2) : n + 3]) + OFFING_M, y) for n, (_, y) in enumerate(north)
    ]
    if len(fairway) > 1:
        found.append(Line(fairway, "water", level="sea"))
        found += [Line([a, b], "water", level="sea") for a, b in zip(north, fairway, strict=True)]
    return found


def _beyond(a: XY, b: XY, metres: float = 5.0) -> XY:
    """b, moved on by some metres, so that a line that ends at a road surely crosses it."""
    whole = length(a, b) or 1.0
    return b[0] + (b[0] - a[0]) / whole * metres, b[1] + (b[1] - a[1]) / whole * metres


def _posts(pack: Pack) -> list[Post]:
    """A post at every corner of a road whose kilometre is known."""
    return [
        Post(say(road.name, pack.languages[0]), km, lat, lon)
        for road in pack.roads.values()
        for km, (lat, lon) in zip(road.km, road.line, strict=False)
    ]
