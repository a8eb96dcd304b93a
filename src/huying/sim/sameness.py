"""A day in which several people call about one thing: who would have been told, and was it right?

Labelled reports, or reports and distorted copies of them, come in as a stream. Each is placed and named as
the desk would see it, compared with what is open, and then joined to its own happening, as a person would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from math import cos, log, sin, sqrt, tau

from msgspec import Struct

from huying.base.clock import MINUTE
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.geo.finding.streets import shifted
from huying.geo.finding.syllables import SYLLABLE
from huying.sim.chance import Dice
from huying.triage.alike import Pair
from huying.triage.duplicates import Duplicates
from huying.triage.title import title

TRAIN_BELOW, DEV_BELOW = 60, 75
"""The frozen split of the labelled reports, by happening."""

CORRUPTED = 0.2
"""Share of characters that a distorted copy has wrong."""

COPIED = 0.12
"""Share of reports of which there is a distorted copy: as many as the labelled ones have."""

LATE_MIN = 15.0
POINT_ERROR_M = 60.0


class Report(Struct, frozen=True):
    """One labelled report: `happening` is the id of the first about the same; `minutes` after that one."""

    id: str
    happening: str
    text: str
    type: str
    minutes: float = 0.0


class Tally(Struct):
    """Of calls about something that is open already (`repeats`), how many were told so (`told`); of all
    suggestions, how many were right; pairs compared."""

    calls: int = 0
    repeats: int = 0
    told: int = 0
    suggestions: int = 0
    right: int = 0
    pairs: int = 0

    @property
    def recall(self) -> float:
        return round(self.told / self.repeats, 4) if self.repeats else 1.0

    @property
    def precision(self) -> float:
        return round(self.right / self.suggestions, 4) if self.suggestions else 1.0


class Arrival(Struct, frozen=True):
    """A call as the desk sees it."""

    at: int
    happening: str
    type: str
    place: Place
    title: str


PlaceOf = Callable[..., Place]


def part(happening: str) -> str:
    number = int(hashlib.sha256(happening.encode()).hexdigest()[:8], 16) % 100
    return "train" if number < TRAIN_BELOW else "dev" if number < DEV_BELOW else "test"


def arrivals(
    reports: Sequence[Report],
    pack: Pack,
    place_of: PlaceOf,
    dice: Dice,
    hours: float,
    start: int,
    how: str = "words",
) -> list[Arrival]:
    """The reports in order of time: happenings begin at any moment of `hours`, calls follow as labelled.

    Args:
        place_of: as `Locate.place`.
        how: places are found in the `words`; or come as `points` with an error, around where the happening's
            first words put it; or as points without any words (`silent`), as from forms and sensors.
    """
    begun: dict[str, int] = {}
    where: dict[str, tuple[float, float]] = {}
    rows = list(pack.places.values())
    calls = []
    for each in reports:
        if each.happening not in begun:
            begun[each.happening] = start + int(dice.fork(each.happening).between(0, hours * 60) * MINUTE)
        place = place_of(None, None, "", "WGS-84", None, each.text)
        at = begun[each.happening] + int(each.minutes * MINUTE)
        if how != "words":
            if each.happening not in where:
                row = dice.fork(f"{each.happening} where").one_of(rows)
                where[each.happening] = place.point or (row.lat, row.lon)
            lat, lon = shifted(where[each.happening], *_jitter(dice.fork(f"{each.id} point")))
            place = place_of(lat, lon, "", "WGS-84", POINT_ERROR_M)
        calls.append(
            Arrival(at, each.happening, each.type, place, title(each.text, "") if how != "silent" else "")
        )
    return sorted(calls, key=lambda each: (each.at, each.happening))


def _jitter(dice: Dice) -> tuple[float, float]:
    """Metres north and east of where it is: an error of `POINT_ERROR_M`, two normal draws."""
    radius, angle = POINT_ERROR_M * sqrt(-2.0 * log(1.0 - dice.random())), tau * dice.random()
    return radius * cos(angle), radius * sin(angle)


def run(
    calls: Sequence[Arrival], pack: Pack, seen: Callable[[Pair, bool], None] | None = None
) -> tuple[Tally, Duplicates]:
    """Let the calls come in; `seen` gets every pair that was compared and whether it is one happening."""
    index, tally = Duplicates(pack), Tally()
    of: dict[int, str] = {}
    there: set[str] = set()
    for number, call in enumerate(calls, 1):
        tally.calls += 1
        if seen is not None:
            for incident, pair in index.compared(call.type, call.place, call.at, call.title):
                tally.pairs += 1
                seen(pair, of[incident] == call.happening)
        found = index.candidates(call.type, call.place, call.at, call.title)
        right = [incident for incident, _ in found if of[incident] == call.happening]
        tally.suggestions += len(found)
        tally.right += len(right)
        if call.happening in there:
            tally.repeats += 1
            tally.told += bool(right)
        if not right:
            of[number] = call.happening
            index.add(_incident(number, call))
        there.add(call.happening)
    return tally, index


def _incident(number: int, call: Arrival) -> Incident:
    return Incident(number, call.at, call.type, 4, place=call.place, title=call.title)


def with_copies(reports: Sequence[Report], dice: Dice) -> list[Report]:
    """The first reports of their happenings, and of some a distorted copy that comes a little later."""
    out = []
    for each in reports:
        if each.id != each.happening:
            continue
        out.append(each)
        own = dice.fork(each.id)
        if own.random() < COPIED:
            late = own.between(0, LATE_MIN)
            out.append(Report(f"{each.id}+", each.happening, distorted(each.text, own), each.type, late))
    return out


def distorted(text: str, dice: Dice) -> str:
    """A fifth of the characters dropped, doubled, or exchanged for one of the same sound."""
    out = []
    for char in text:
        if dice.random() >= CORRUPTED:
            out.append(char)
            continue
        way = dice.below(3)
        if way == 0:
            continue
        alike = _ALIKE.get(SYLLABLE.get(char, ""), "")
        out.append(dice.one_of(alike) if alike else char + char)
    return "".join(out)


def _by_sound() -> dict[str, str]:
    groups: dict[str, str] = {}
    for char, syllable in SYLLABLE.items():
        groups[syllable] = groups.get(syllable, "") + char
    return groups


_ALIKE = _by_sound()
