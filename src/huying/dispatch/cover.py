"""How well what stays free covers the county, and what is lost when a unit leaves.

Daskin, A Maximum Expected Covering Location Model, Transportation Science 17, 1983: with k units in reach,
each busy with probability q, a place is covered with probability 1 - q^k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from huying.dispatch.runcard import shifts_on
from huying.domain.pack import Pack
from huying.domain.run_card import UnitRow
from huying.domain.statuses import UnitStatus
from huying.domain.unit import Unit
from huying.geo.travel import Point, TravelTime

BUSY = 0.3
"""Share of time that a unit is busy; a third is what services plan with."""

SHARE_WANTED = 0.7
"""Expected share of places in reach below which moving up is proposed, where a pack's standard for life in
danger says nothing."""

MOVES_MAX = 3
"""Proposals at once: more than a dispatcher can ask for by radio."""

GAIN_MIN = 0.02
"""A move must bring a fiftieth of the county into reach to be worth the fuel and the rest lost."""

POINTS_MAX = 2_000
"""Places looked at; the villages and communities of a large county."""


class Ability(Struct, frozen=True):
    """What must be in reach everywhere, and within how many seconds."""

    ability: str
    within_s: int


class Covered(Struct, frozen=True):
    """Expected share of places that an ability reaches in time."""

    ability: str
    within_s: int
    share: float
    wanted: float


class Move(Struct, frozen=True):
    """Let `unit` wait at `station`, which it reaches in `seconds`: the share in reach grows by `gain`."""

    unit: str
    station: str
    ability: str
    seconds: float
    gain: float


def first_abilities(pack: Pack) -> list[Ability]:
    """What run cards of life in danger ask for first, with the shortest time that they want."""
    within: dict[str, int] = {}
    cards = {each.run_card for each in pack.types.values() if each.priority == 1 and each.run_card}
    for code in sorted(cards):
        for need in pack.run_cards[code].needs[:3]:
            if need.within_s:
                within[need.ability] = min(within.get(need.ability, need.within_s), need.within_s)
    counted = {each: sum(each in row.abilities for row in pack.units.values()) for each in within}
    common = sorted((each for each in within if counted[each] >= 3), key=lambda each: (-counted[each], each))
    return [Ability(each, within[each]) for each in common[:4]]


def share_wanted(pack: Pack) -> float:
    """The share of places that the city wants in reach of who is sent to life in danger."""
    standard = pack.standards.get(1)
    return (standard.cover if standard else 0.0) or SHARE_WANTED


def places_of(pack: Pack) -> list[Point]:
    """The middle of every village and community (or grid cell, where a city has none)."""
    for kinds in (("village", "community"), ("grid",), ("town",)):
        rings = [each.rings for each in pack.areas.values() if each.kind in kinds]
        if rings:
            return [_middle(each[0]) for each in rings[:POINTS_MAX]]
    return [pack.centre]


def _middle(ring: Sequence[Point]) -> Point:
    lons, lats = zip(*ring, strict=True)
    return (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2


class Cover:
    """The county as the free units of this moment cover it."""

    def __init__(
        self, pack: Pack, units: Mapping[str, Unit], travel: TravelTime, at: int, busy: float = BUSY
    ) -> None:
        self.pack, self.travel, self._busy, self.at = pack, travel, busy, at
        on = shifts_on(pack, at)
        self.free = [
            (units[row.code], row)
            for row in pack.units.values()
            if row.code in units
            and units[row.code].status is UnitStatus.AVAILABLE
            and not units[row.code].incident
            and row.is_on(on)
        ]
        self.abilities = first_abilities(pack)
        self.wanted = share_wanted(pack)
        self._points = places_of(pack)
        self._times = travel.matrix(self.free, self._points, at)
        self._reach = {each.ability: self._reaching(each) for each in self.abilities}
        self._stationed: dict[str, NDArray[np.float64]] = {}

    def _reaching(self, ability: Ability) -> NDArray[np.bool_]:
        """(points, units): the unit has the ability and is there in time."""
        able = np.array([ability.ability in row.abilities for _, row in self.free], bool)
        reach: NDArray[np.bool_] = (self._times <= ability.within_s) & able
        return reach

    def covered(self) -> list[Covered]:
        """The expected share of places in reach, for every ability that must be."""
        return [
            Covered(each.ability, each.within_s, round(share, 4), self.wanted)
            for each in self.abilities
            for share in [self._share(self._reach[each.ability])]
        ]

    def _share(self, reach: NDArray[np.bool_]) -> float:
        return float((1.0 - self._busy ** reach.sum(axis=1)).mean()) if len(reach) else 1.0

    def losses(self) -> NDArray[np.float64]:
        """(units) how much of the expected share goes when each free unit leaves, over all abilities."""
        lost = np.zeros(len(self.free))
        for reach in self._reach.values():
            others = np.maximum(reach.sum(axis=1) - 1, 0)
            gone = (1.0 - self._busy) * self._busy**others
            lost += (reach * gone[:, None]).mean(axis=0) if len(reach) else 0.0
        return lost

    def moves(self) -> list[Move]:
        """Free units that should wait elsewhere, best first; none where enough is in reach."""
        found: list[Move] = []
        for ability in self.abilities:
            if self.pack.stations and self._share(self._reach[ability.ability]) < self.wanted:
                found += self._moves_for(ability)
        found.sort(key=lambda each: (-each.gain, each.seconds, each.unit, each.station))
        # The best of each unit and of each post: three who could all wait at one place are one proposal.
        units, posts, best = set[str](), set[tuple[str, str]](), list[Move]()
        for each in found:
            post = each.station, each.ability
            if each.unit not in units and post not in posts:
                units.add(each.unit)
                posts.add(post)
                best.append(each)
        return best[:MOVES_MAX]

    def _moves_for(self, ability: Ability) -> list[Move]:
        """For each able unit the station where it brings most, if that is enough."""
        reach = self._reach[ability.ability]
        now, found = self._share(reach), list[Move]()
        able = [n for n, (_, row) in enumerate(self.free) if ability.ability in row.abilities]
        stations = list(self.pack.stations.values())
        points = [(each.lat, each.lon) for each in stations]
        there = self.travel.matrix([self.free[n] for n in able], points, self.at)
        for k, n in enumerate(able):
            code = self.free[n][1].code
            rest = reach.sum(axis=1) - reach[:, n]
            from_there = self._from_stations(self.free[n][1]) <= ability.within_s
            shares = (1.0 - self._busy ** (rest[:, None] + from_there)).mean(axis=0)
            best = int(np.argmax(np.where(np.isfinite(there[:, k]), shares, -1.0)))
            gain = float(shares[best]) - now
            if gain >= GAIN_MIN:
                seconds = float(there[best, k])
                found.append(Move(code, stations[best].code, ability.ability, seconds, round(gain, 4)))
        return found

    def _from_stations(self, row: UnitRow) -> NDArray[np.float64]:
        """Seconds (points, stations) that such a unit would need from each station."""
        if row.kind not in self._stationed:
            stations = self.pack.stations.values()
            there = [(Unit(0, f"@{each.code}", lat=each.lat, lon=each.lon), row) for each in stations]
            self._stationed[row.kind] = self.travel.matrix(there, self._points, self.at)
        return self._stationed[row.kind]
