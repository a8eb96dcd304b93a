"""Believable calls: sentences of a pack's demo folder, places of its gazetteer, the rhythm of its week."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Mapping
from itertools import accumulate
from typing import Protocol

from msgspec import Struct

from huying.base.clock import DAY, HOUR, MINUTE, SECOND
from huying.base.text import say
from huying.domain.commands import ReceiveCall
from huying.domain.pack import GazetteerPlace, Pack
from huying.sim.chance import Dice
from huying.sim.crowds import Crowds

# Second calls about the same thing come within so long of the first, from about so far away.
AGAIN_WITHIN = 8 * MINUTE
AGAIN_DEGREES = 0.0004
NOTHING_SAID = "–"


class Sentence(Struct, frozen=True):
    """One way of saying one thing; `{p}` is a place of one of the kinds `places` (empty: any)."""

    type: str
    lang: str
    weight: float
    places: frozenset[str]
    words: str


class Curve(Struct, frozen=True):
    """When calls of some groups come: weight by hour of the local day, on weekends; and by which way."""

    channel: str
    share: float
    weekend: float
    hours: tuple[float, ...]

    def at(self, hour: int, weekend: bool) -> float:
        return self.share * self.hours[hour] * (self.weekend if weekend else 1.0)


STEADY = Curve("phone", 1.0, 1.0, (0.6,) * 7 + (1.2,) * 15 + (0.8,) * 2)


def read_sentences(table: str) -> list[Sentence]:
    """`type,lang,weight,places,words` of a CSV text."""
    return [
        Sentence(
            row["type"], row["lang"], float(row["weight"]), frozenset(row["places"].split()), row["words"]
        )
        for row in csv.DictReader(table.splitlines())
    ]


def read_curves(table: str) -> dict[str, Curve]:
    """Group → curve; `*` holds for the rest. `groups,channel,share,weekend,hours` of a CSV text."""
    curves: dict[str, Curve] = {}
    for row in csv.DictReader(table.splitlines()):
        hours = tuple(float(each) for each in row["hours"].split())
        curve = Curve(row["channel"], float(row["share"]), float(row["weekend"]), hours)
        curves |= dict.fromkeys(row["groups"].split(), curve)
    return curves


def plain_sentences(pack: Pack) -> list[Sentence]:
    """For a pack without a demo folder: every type by its own name at some place."""
    return [
        Sentence(kind.code, lang, 6.0 - kind.priority, frozenset(), say(kind.name, lang) + ", {p}")
        for kind in pack.types.values()
        for lang in pack.languages
    ]


class Manner(Struct, frozen=True):
    """How a pack's people call: their `sentences`, the `curves` of their week by group, `crowds` by area."""

    sentences: tuple[Sentence, ...] = ()
    curves: Mapping[str, Curve] = {}
    crowds: Mapping[str, float] = {}


NO_MANNER = Manner()


class Source(Protocol):
    """Makes calls one after another. Of the last one: its true `type`, and the number of the `happening` that
    it is about, which a second call may share."""

    type: str
    happening: int

    def next(self, after: int) -> tuple[int, ReceiveCall]:
        """When the next call comes (UTC µs), and what it says."""
        ...


class Rhythm:
    """Calls at the rhythm of a pack's week. `calls_per_day` is the mean of a working day."""

    type = ""
    happening = 0

    def __init__(
        self,
        pack: Pack,
        dice: Dice,
        calls_per_day: float,
        manner: Manner = NO_MANNER,
    ) -> None:
        self.pack = pack
        self.crowds = Crowds(pack, manner.crowds)
        self.dice = dice
        self.curves = manner.curves
        self.sentences = [each for each in manner.sentences if each.type in pack.types] or plain_sentences(
            pack
        )
        self.by_kind: dict[str, list[GazetteerPlace]] = {}
        for place in pack.places.values():
            self.by_kind.setdefault(place.kind, []).append(place)
        self.anywhere = list(pack.places.values())
        self.by_hour = [[self._weights(hour, weekend) for hour in range(24)] for weekend in (False, True)]
        day = self.day = sum(weights[-1] for weights in self.by_hour[0])
        # Calls per µs for one unit of weight, and the most that any hour has: candidates are drawn at that
        # rate and kept by the hour's own (thinning, Lewis and Shedler 1979).
        self.rate = calls_per_day / DAY * 24 / day
        self.most = max(weights[-1] for week in self.by_hour for weights in week)
        self.happenings = 0
        self.recent: deque[tuple[int, Sentence, GazetteerPlace, float, float, int]] = deque(maxlen=20)

    def _weights(self, hour: int, weekend: bool) -> list[float]:
        return list(accumulate(each.weight * self._curve(each).at(hour, weekend) for each in self.sentences))

    def _curve(self, sentence: Sentence) -> Curve:
        group = self.pack.types[sentence.type].group
        return self.curves.get(group) or self.curves.get("*") or STEADY

    def next(self, after: int) -> tuple[int, ReceiveCall]:
        """When the next call comes (UTC µs), and what it says."""
        at = after
        for _ in range(10_000):  # the quietest hour has a hundredth of the busiest
            at += max(SECOND, int(self.dice.exponential(1.0 / (self.rate * self.most))))
            local = self.pack.worktime.local(at)
            weights = self.by_hour[not self.pack.worktime.is_workday(local.date())][local.hour]
            if self.dice.random() * self.most < weights[-1]:
                return at, self._call(at, weights)
        return at + HOUR, self._call(at, self.by_hour[0][12])

    def _call(self, at: int, weights: list[float]) -> ReceiveCall:
        while self.recent and self.recent[0][0] < at - AGAIN_WITHIN:
            self.recent.popleft()
        if self.recent and self.dice.random() < 0.06:
            _, first, place, lat, lon, self.happening = self.dice.one_of(self.recent)
            alike = [each for each in self.sentences if each.type == first.type and each.lang == first.lang]
            return self._say(self.dice.one_of(alike), place, lat, lon, AGAIN_DEGREES)
        sentence = self.sentences[_find(weights, self.dice.random() * weights[-1])]
        kinds = sorted(sentence.places & self.by_kind.keys())
        place = self._place(kinds)
        call = self._say(sentence, place, place.lat, place.lon, 0.0012)
        self.happenings += 1
        self.happening = self.happenings
        if self.pack.types[sentence.type].priority <= 3 and call.lat is not None and call.lon is not None:
            self.recent.append((at, sentence, place, call.lat, call.lon, self.happening))
        return call

    def _place(self, kinds: list[str]) -> GazetteerPlace:
        return self.crowds.one_of(
            self.by_kind[self.dice.one_of(kinds)] if kinds else self.anywhere, self.dice
        )

    def _say(
        self, sentence: Sentence, place: GazetteerPlace, lat: float, lon: float, spread: float
    ) -> ReceiveCall:
        dice = self.dice
        name = say(place.name, sentence.lang)
        if place.aliases and sentence.lang == "zh" and dice.random() < 0.3:
            name = next((each for each in place.aliases if not each.isascii()), name)
        self.type = sentence.type
        words = filled(sentence.words, name, dice)
        says_where = "{p}" in sentence.words
        # Most telephones are located; letters and some lines bring only words.
        located = says_where and dice.random() < 0.85
        stated = dice.random() < 0.7
        return ReceiveCall(
            channel=self._curve(sentence).channel,
            words=words or NOTHING_SAID,
            lang=sentence.lang,
            stated_type=sentence.type if stated or not says_where else "",
            lat=round(lat + dice.between(-spread, spread), 6) if located else None,
            lon=round(lon + dice.between(-spread, spread), 6) if located else None,
            error_m=round(dice.between(10, 120), 0) if located else None,
            address=name if says_where else "",
        )


def filled(words: str, place: str, dice: Dice) -> str:
    """A sentence with its slots filled."""
    return re.sub(r"\{(\w+)\}", lambda slot: _slot(slot[1], place, dice), words)


def _slot(slot: str, place: str, dice: Dice) -> str:
    match slot:
        case "p":
            return place
        case "age6":
            return str(3 + dice.below(7))
        case "age80":
            return str(66 + dice.below(25))
        case "money":
            return str((1 + dice.below(60)) * 10 ** (2 + dice.below(2)))
        case "plate":
            return str(100 + dice.below(900))
        case _:
            return str(2 + dice.below(8))


def _find(weights: list[float], wanted: float) -> int:
    """The first place whose accumulated weight is above `wanted`."""
    low, high = 0, len(weights) - 1
    while low < high:
        middle = (low + high) // 2
        if weights[middle] > wanted:
            high = middle
        else:
            low = middle + 1
    return low
