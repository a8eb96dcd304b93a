"""Who should go, and why; what is missing, and why. A person confirms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import nsmallest
from math import inf, isfinite

from msgspec import Struct

from huying.dispatch.match import Candidate, match
from huying.dispatch.runcard import SLOTS_MAX, Slot, shifts_on, slots
from huying.domain.incident import Incident
from huying.domain.pack import Need, Pack, RunCard, UnitRow
from huying.domain.reason import Reason
from huying.domain.statuses import UnitStatus
from huying.domain.unit import Unit
from huying.geo.points import distance_m
from huying.geo.travel import TravelTime

WHY_NOT_MAX = 3
"""A shortfall names the three nearest units that can't be had; a person who needs more opens the map."""

# A unit that is already on the incident is always taken before another is sent.
_ALREADY = -1e6

Force = list[tuple[Unit, UnitRow]]


class Proposal(Struct, frozen=True):
    """`unit` of `agency` for the need `ability`, there in about `expected_s` seconds."""

    unit: str
    agency: str
    ability: str
    expected_s: float
    reasons: tuple[Reason, ...]


class Shortfall(Struct, frozen=True):
    """`missing` units with `ability` can't be proposed (no ability: those beyond the most a card may ask)."""

    ability: str
    missing: int
    reasons: tuple[Reason, ...]


class Recommendation(Struct, frozen=True):
    """Units to send, in the order of the run card, and what is missing. `already` are units on the incident
    that fill a need."""

    lines: tuple[Proposal, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    already: tuple[str, ...] = ()


def recommend(
    pack: Pack, incident: Incident, units: Mapping[str, Unit], travel: TravelTime, at: int
) -> Recommendation:
    """The nearest fit units for the run card of the incident's type, each for one need.

    A unit is fit when it has the ability, is of an agency that the card names, is available and on shift at
    `at` (UTC µs). Units already on the incident fill needs first. As many needs as possible are filled, then
    the sum of travel times is least; ties go by code. Who comes later than the card wants is proposed all the
    same, with that reason.

    Args:
        units: states by code; rows of the pack without a state are left out.
    """
    kind = pack.types.get(incident.type)
    card = pack.run_cards.get(kind.run_card) if kind else None
    if card is None or not card.needs:
        return Recommendation()
    return _Choice(pack, incident, units, travel, at, card).made()


class _Choice:
    """One recommendation in the making."""

    def __init__(
        self,
        pack: Pack,
        incident: Incident,
        units: Mapping[str, Unit],
        travel: TravelTime,
        at: int,
        card: RunCard,
    ) -> None:
        self.pack, self.units, self.travel, self.card = pack, units, travel, card
        self.wanted = slots(card)
        self.beyond = sum(each.count for each in card.needs) - len(self.wanted)
        self.point = incident.place.point
        self.on = shifts_on(pack, at)
        assigned = {each.unit for each in incident.running_assignments}
        self.mine = [row for row in pack.rows_able(card) if row.code in assigned] if assigned else []
        fit = [(units[row.code], row) for row in pack.rows_fit(card, self.on) if row.code in units]
        self.free: Force = [
            (unit, row)
            for unit, row in fit
            if unit.status is UnitStatus.AVAILABLE and not unit.incident and row.code not in assigned
        ]
        self.seconds = travel.seconds(self.free, self.point) if self.point else [inf] * len(self.free)
        self.order = sorted(range(len(self.free)), key=self.seconds.__getitem__)
        self.timed: list[tuple[float, str, UnitRow]] = []
        self.ranked: dict[Need, list[Candidate]] = {}

    def made(self) -> Recommendation:
        needs = list(dict.fromkeys(slot.need for slot in self.wanted))
        for need in needs:
            self.ranked[need] = self._candidates(need)
        filled = self._filled(needs)
        uses = {code: slot.need for slot, (_, code) in filled}
        already = tuple(code for _, (cost, code) in filled if cost == _ALREADY)
        lines = [
            self._line(slot.need, seconds, code, uses)
            for slot, (seconds, code) in filled
            if seconds != _ALREADY
        ]
        shortfalls = []
        for need in needs:
            missing = sum(slot.need == need for slot in self.wanted)
            missing -= sum(slot.need == need for slot, _ in filled)
            if missing:
                shortfalls.append(Shortfall(need.ability, missing, self._why_not(need, uses)))
        if self.beyond:
            too_many = Reason("dispatch.too_many", values={"most": SLOTS_MAX})
            shortfalls.append(Shortfall("", self.beyond, (too_many,)))
        return Recommendation(tuple(lines), tuple(shortfalls), already)

    def _candidates(self, need: Need) -> list[Candidate]:
        """Units for the need, best first: those already there, then the nearest, as many as can matter."""
        there = [(_ALREADY, row.code) for row in self.mine if need.takes(row)]
        near: list[Candidate] = []
        for n in self.order:
            seconds, row = self.seconds[n], self.free[n][1]
            if seconds == inf or (len(near) >= len(self.wanted) and seconds > near[-1][0]):
                break
            if need.takes(row):
                near.append((seconds, row.code))
        return sorted(there) + sorted(near)[: len(self.wanted)]

    def _filled(self, needs: Sequence[Need]) -> list[tuple[Slot, Candidate]]:
        """Slots with their units: simply the first of each need when nobody is wanted twice."""
        simple = [
            (slot, self.ranked[slot.need][slot.n])
            for slot in self.wanted
            if slot.n < len(self.ranked[slot.need])
        ]
        if len({code for _, (_, code) in simple}) == len(simple):
            return simple
        chosen = match([self.ranked[slot.need] for slot in self.wanted])
        filled = [(slot, each) for slot, each in zip(self.wanted, chosen, strict=True) if each]
        order = {need: n for n, need in enumerate(needs)}
        return sorted(filled, key=lambda pair: (order[pair[0].need], pair[1]))

    def _line(self, need: Need, seconds: float, code: str, uses: Mapping[str, Need]) -> Proposal:
        row = self.pack.units[code]
        values: dict[str, str | int | float] = {
            "unit": code,
            "ability": need.ability,
            "seconds": round(seconds),
            "metres": self._metres(code),
        }
        nearer = [
            each for cost, each in self.ranked[need] if cost != _ALREADY and (cost, each) < (seconds, code)
        ]
        key = "dispatch.nearest"
        if nearer:
            elsewhere = [each for each in nearer if uses[each] != need]
            key = "dispatch.nearest_left" if elsewhere else "dispatch.next_nearest"
            values["other"] = elsewhere[0] if elsewhere else nearer[-1]
            values["other_ability"] = uses[str(values["other"])].ability
        reasons = [Reason(key, of=code, values=values)]
        if need.within_s and seconds > need.within_s:
            late: dict[str, str | int | float] = {
                "unit": code,
                "seconds": round(seconds),
                "within_s": need.within_s,
            }
            reasons.append(Reason("dispatch.late", of=code, values=late))
        return Proposal(code, row.agency, need.ability, seconds, tuple(reasons))

    def _metres(self, code: str) -> int:
        unit = self.units[code]
        return round(distance_m(unit.lat, unit.lon, *self.point)) if self.point else 0

    def _why_not(self, need: Need, uses: Mapping[str, Need]) -> tuple[Reason, ...]:
        """Why the need is not filled: the nearest units with the ability and what keeps each of them."""
        if self.point is None:
            return (Reason("dispatch.no_point"),)
        if not self.timed:
            rows = self.pack.rows_able(self.card)
            able = [(self.units[row.code], row) for row in rows if row.code in self.units]
            times = self.travel.seconds(able, self.point)
            self.timed = [(seconds, row.code, row) for seconds, (_, row) in zip(times, able, strict=True)]
        ability = need.ability
        others = [
            each[:2] for each in self.timed if ability in each[2].abilities and uses.get(each[1]) != need
        ]
        nearest = nsmallest(WHY_NOT_MAX, others)
        if not nearest:
            return (Reason("dispatch.nobody_has", values={"ability": ability}),)
        return tuple(self._kept_by(need, code, seconds, uses) for seconds, code in nearest)

    def _kept_by(self, need: Need, code: str, seconds: float, uses: Mapping[str, Need]) -> Reason:
        unit, row = self.units[code], self.pack.units[code]
        values: dict[str, str | int | float] = {"unit": code, "ability": need.ability}
        if isfinite(seconds):
            values["seconds"] = round(seconds)
        if code in uses:
            key, values["other_ability"] = "dispatch.used", uses[code].ability
        elif need.agencies and row.agency not in need.agencies:
            key, values["agency"] = "dispatch.other_agency", row.agency
        elif unit.status == UnitStatus.OUT_OF_SERVICE:
            key = "dispatch.out_of_service"
        elif unit.incident or unit.status != UnitStatus.AVAILABLE:
            key, values["incident"] = "dispatch.busy", unit.incident
        elif not row.is_on(self.on):
            key = "dispatch.off_shift"
        else:
            key = "dispatch.cannot_come"
        return Reason(key, of=code, values=values)
