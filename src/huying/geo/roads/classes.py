"""Classes of roads, and how fast each kind of unit travels on them until the city's own speeds are known."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

CLASSES = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "track",
    "pedestrian",
    "path",
    "ferry",
    "water",
)
"""In the graph a class is its place in this list: new ones go to the end. Names are those of OpenStreetMap's
`highway`, links with the class they belong to; `water` is a way for boats."""

CLASS_OF: Mapping[str, int] = {name: n for n, name in enumerate(CLASSES)}

GROUPS: Mapping[str, frozenset[str]] = {
    "trunk": frozenset({"motorway", "trunk", "primary"}),
    "street": frozenset({"secondary", "tertiary", "residential", "living_street", "service", "pedestrian"}),
    "lane": frozenset({"unclassified", "track", "path", "ferry", "water"}),
}
"""Kinds of road whose paces can be told apart from records of whole ways: trunk roads, streets of towns,
lanes to villages and over mountains."""

WHEELS, FEET, BOATS = 1, 2, 4
"""Who may use an edge in one direction; the bits of `RoadGraph.forth` and `.back`."""

FERRY_WAIT_S = 600
"""Half of an hourly boat's interval less the time by which the harbour holds it for an emergency."""

KMH_MAX = 200.0
"""Nothing on a road or in a harbour is faster; a greater figure is a slip of the pen."""


class Speeds(Struct, frozen=True):
    """How one kind of unit travels: as `mode`, with km/h by class (0 where it can't go).

    `own` is the part of a limit posted on an edge that is reached on average; 0 where limits don't matter.
    Away from the net, to the door or to a boat in distress, it is `off_kmh` for at most `off_max_m`: who is
    further from every road than that has a wrong position, or is on the open sea.
    """

    kind: str
    mode: int
    kmh: tuple[float, ...]
    own: float = 0.0
    off_kmh: float = 4.0
    off_max_m: float = 3_000.0

    def over(self, classes: NDArray[np.uint8], posted: NDArray[np.float32]) -> NDArray[np.float64]:
        """km/h on each edge by its class and posted limit (0 none)."""
        by_class: NDArray[np.float64] = np.asarray(self.kmh, dtype=np.float64)[classes]
        if not self.own:
            return by_class
        limited = (posted > 0) & (by_class > 0)
        return np.where(limited, np.minimum(posted * self.own, KMH_MAX), by_class)


def _row(text: str) -> tuple[float, ...]:
    kmh = tuple(float(each) for each in text.split())
    assert len(kmh) == len(CLASSES)
    return kmh


# Order of CLASSES. Blue lights don't fly: these are means over a way with its junctions, between half and
# nine tenths of usual limits; `huying roads learn` replaces them by what finished assignments took.
_CAR = "95 75 55 45 40 32 26 12 15 14 6 0 15 0"
_DEFAULT = (
    Speeds("car", WHEELS, _row(_CAR), own=0.85),
    Speeds("ambulance", WHEELS, _row("95 75 55 45 40 32 26 12 15 12 6 0 15 0"), own=0.85),
    Speeds("engine", WHEELS, _row("80 65 48 40 35 26 21 9 11 9 4 0 12 0"), own=0.75),
    Speeds("motorcycle", WHEELS, _row("80 70 55 48 44 36 30 15 18 16 10 0 15 0"), own=0.85),
    Speeds("volunteers", WHEELS, _row("80 65 45 38 34 28 22 10 12 12 5 0 15 0"), own=0.75),
    Speeds("foot", FEET, _row("0 5 5 5 5 5 5 5 5 4.5 5 4 15 0")),
    Speeds("boat", BOATS, _row("0 0 0 0 0 0 0 0 0 0 0 0 0 35"), off_kmh=25.0, off_max_m=20_000.0),
)
SPEEDS: Mapping[str, Speeds] = {each.kind: each for each in _DEFAULT}
"""By kind of unit. A kind that is not here flies: a drone's way is the straight line."""


def speeds_of(kind: str, kmh: Mapping[str, float]) -> Speeds | None:
    """The usual speeds of the kind with the city's own by class in their place; None for what flies."""
    usual = SPEEDS.get(kind)
    if usual is None or not kmh:
        return usual
    own = tuple(kmh.get(name, now) for name, now in zip(CLASSES, usual.kmh, strict=True))
    return replace(usual, kmh=own)


def milliseconds(
    metres: NDArray[np.float32], kmh: NDArray[np.float64], classes: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Time over each edge, at least 1 ms, `inf` where the speed is 0; a ferry's waiting included."""
    with np.errstate(divide="ignore"):
        times = np.where(kmh > 0, metres * 3_600.0 / np.maximum(kmh, 1e-9), inf)
    times = np.maximum(np.rint(times), 1.0)
    return np.where(classes == CLASS_OF["ferry"], times + FERRY_WAIT_S * 1_000, times)
