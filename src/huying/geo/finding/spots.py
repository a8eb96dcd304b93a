"""What is passed along while a place is looked for: names said, spots meant, candidates shown."""

from __future__ import annotations

from math import exp, log

from msgspec import Struct

from huying.base.text import Text
from huying.domain.reason import Reason

ERROR_M: dict[str, float] = {
    "junction": 30.0,
    "shop": 50.0,
    "bank": 50.0,
    "restaurant": 50.0,
    "hotel": 50.0,
    "building": 50.0,
    "bus_stop": 50.0,
    "station": 100.0,
    "bridge": 100.0,
    "temple": 100.0,
    "gov": 100.0,
    "school": 150.0,
    "hospital": 150.0,
    "market": 150.0,
    "kmpost": 250.0,
    "park": 300.0,
    "estate": 300.0,
    "community": 500.0,
    "scenic": 500.0,
    "seawall": 800.0,
    "village": 800.0,
    "reservoir": 1000.0,
    "road": 1500.0,
    "river": 3000.0,
    "town": 3000.0,
}
"""How far from a named place's own point somebody who names it may be, metres, by kind of place: half the
usual extent of such a place in a county."""

ERROR_OTHER_M = 300.0
"""The same for kinds that the table doesn't know."""

POINT_ERROR_MAX_M = 3000.0
"""What is known less exactly than a town is no point to send anybody to; it is still shown."""

NESTED_ODDS = 2.0
"""Log-odds that a village has less than the thing that is called after it, where the name of the thing was
not said exactly: 罗岙渡口 is rather the ferry than the village of Luo'ao."""

# Log-odds of each way of being right, before what speaks for or against it is added: 0.95 for a name, 0.98
# for two roads or a post, 0.8 for a bare road. Set by hand on the phrases of the train half; see docs.
GROUND: dict[str, float] = {
    "post": 4.0,
    "junction": 4.0,
    "number": 3.6,
    "named": 3.0,
    "about": 2.4,
    "street": 1.4,
    "sounds": 2.2,
    "begins": 2.0,
    "part": -0.2,
    "area": 1.0,
}


class Named(Struct, frozen=True):
    """What a name stands for: a place of the gazetteer, a road (either or both), or an area."""

    place: str = ""
    road: str = ""
    area: str = ""
    error_m: float = 0.0


class Said(Struct, frozen=True):
    """Names at [start, end); `cost` is how unlike they are what was written, 0 for exactly; `split` when the
    name was said in two parts."""

    start: int
    end: int
    values: tuple[Named, ...]
    cost: float = 0.0
    split: bool = False


class Spot(Struct, frozen=True):
    """One place that the words at [start, end) may mean. `group` is the same for all that they may mean."""

    start: int
    end: int
    how: str
    code: str
    lat: float
    lon: float
    error_m: float
    odds: float
    group: int = 0


class Candidate(Struct, frozen=True, omit_defaults=True):
    """A place that may be meant, with how sure that is (0…1) and why.

    `how` is a key of `GROUND`; `lat` and `lon` are None for areas; `distance_m` is from the point that the
    asker gave; `code` is that of the gazetteer's row, the road's or the area's.
    """

    code: str
    kind: str
    how: str
    name: Text
    lat: float | None
    lon: float | None
    error_m: float
    confidence: float
    areas: tuple[str, ...]
    start: int = 0
    end: int = 0
    distance_m: float | None = None
    sure: bool = True
    reasons: tuple[Reason, ...] = ()


class Answer(Struct, frozen=True):
    """What a text says of a place: candidates, the likeliest first; names of other cities and counties that
    it gives; areas of this one that it names, as chains from the smallest to the largest."""

    candidates: tuple[Candidate, ...] = ()
    elsewhere: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


def confidence(odds: float) -> float:
    """Log-odds → 0…1, two places."""
    return round(1 / (1 + exp(-max(min(odds, 20.0), -20.0))), 2)


def exactness(error_m: float) -> float:
    """Log-odds that are lost by a place that is wide: the more exact of two names is meant."""
    return -0.35 * log(max(error_m, 20.0) / 50.0)
