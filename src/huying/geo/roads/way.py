"""The way itself: which roads a unit takes, drawn from door to door."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from huying.geo.points import distance_m
from huying.geo.roads.classes import CLASSES, GROUPS
from huying.geo.roads.net import Net
from huying.geo.roads.search import NEVER
from huying.geo.roads.snap import Snap
from huying.geo.travel import Point, Way

Piece = tuple[int, float, float]
"""A directed edge, and the shares of its length (in its own direction) between which it is travelled."""


def find_way(net: Net, source: Snap, target: Snap) -> Way | None:
    """The quickest way between two spots; None when there is none."""
    found = _found(net, source, target)
    return _drawn(net, *found) if found is not None else None


def spent_on(net: Net, source: Snap, target: Snap) -> tuple[float, ...] | None:
    """Seconds on each of GROUPS along the quickest way, without walking; None when there is none."""
    found = _found(net, source, target)
    if found is None:
        return None
    graph, spent = net.topology.graph, dict.fromkeys(GROUPS, 0.0)
    for directed, start, end in found[1]:
        name = CLASSES[int(graph.road_class[directed // 2])]
        group = next(each for each, names in GROUPS.items() if name in names)
        spent[group] += net.part(directed, 1.0) / 1_000 * (end - start)
    return tuple(spent.values())


def _found(net: Net, source: Snap, target: Snap) -> tuple[float, list[Piece]] | None:
    """Seconds from door to door, and the pieces of the quickest way."""
    starts = [(node, spent) for node, spent in net.starts(source) if spent < NEVER]
    ends = net.ends(target)
    found = net.search.arcs(starts, [(node, spent) for node, spent, _ in ends])
    straight = net.direct(source, target)
    walk_s = net.off_s(source.off_m + target.off_m)
    if straight < NEVER and (found is None or straight <= found[0]):
        pieces = [_direct(source, target)]
        return straight / 1_000 + walk_s, pieces
    if found is None:
        return None
    ms, arcs = found
    return ms / 1_000 + walk_s, _pieces(net, source, target, ms, arcs)


def _direct(source: Snap, target: Snap) -> Piece:
    if target.along >= source.along:
        return 2 * source.edge, source.along, target.along
    return 2 * source.edge + 1, 1.0 - source.along, 1.0 - target.along


def _pieces(net: Net, source: Snap, target: Snap, ms: int, arcs: Sequence[int]) -> list[Piece]:
    """The whole chain: out of the first edge, over the arcs, into the last."""
    topology = net.topology
    spent_on = sum(int(net.weights[arc]) for arc in arcs)
    for side, (node, spent) in enumerate(net.starts(source)):
        for end, after, arc in net.ends(target):
            first, last = (
                (int(topology.tail[arcs[0]]), int(topology.head[arcs[-1]])) if arcs else (node, node)
            )
            if first == node and last == end and spent + spent_on + after == ms:
                out = 2 * source.edge + side
                onto = int(topology.edge[arc])
                return [
                    (out, source.along if side == 0 else 1.0 - source.along, 1.0),
                    *((int(topology.edge[each]), 0.0, 1.0) for each in arcs),
                    (onto, 0.0, target.along if onto % 2 == 0 else 1.0 - target.along),
                ]
    raise AssertionError("a way that was found begins and ends at the spots that were asked for")


def _drawn(net: Net, seconds: float, pieces: Sequence[Piece]) -> Way:
    graph = net.topology.graph
    line: list[Point] = []
    roads: list[str] = []
    metres = 0.0
    for directed, start, end in pieces:
        edge = directed // 2
        points = graph.line(edge)
        if directed % 2:
            points.reverse()
        metres += float(graph.metres[edge]) * (end - start)
        cut = cut_line(points, start, end)
        line += cut[1:] if line and line[-1] == cut[0] else cut
        name = graph.names[int(graph.name[edge])]
        if name and end > start and (not roads or roads[-1] != name):
            roads.append(name)
    return Way(seconds, metres, tuple(line), tuple(roads))


def cut_line(points: Sequence[Point], start: float, end: float) -> list[Point]:
    """The part of a line between two shares (0 … 1, start ≤ end) of its length; at least one point."""
    parts = [distance_m(*a, *b) for a, b in pairwise(points)]
    whole = sum(parts)
    cut = [_at(points, parts, start * whole)]
    done = 0.0
    for n, part in enumerate(parts[:-1]):
        done += part
        if start * whole < done < end * whole:
            cut.append(points[n + 1])
    last = _at(points, parts, end * whole)
    return cut if last == cut[-1] else [*cut, last]


def _at(points: Sequence[Point], parts: Sequence[float], metres: float) -> Point:
    for n, part in enumerate(parts):
        if metres <= part or n == len(parts) - 1:
            share = min(1.0, max(0.0, metres / part)) if part > 0 else 0.0
            (lat, lon), (to_lat, to_lon) = points[n], points[n + 1]
            return lat + (to_lat - lat) * share, lon + (to_lon - lon) * share
        metres -= part
    return points[-1]
