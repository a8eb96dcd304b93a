"""Who should go, and why; what is missing, and why. A person confirms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import nsmallest
from math import inf, isfinite

from msgspec import Struct

from huying.dispatch.match import Candidate, match
from huying.dispatch.runcard import (
    SLOTS_MAX,
    Slot,
    barred,
    card_of,
    graded,
    may_go_alone,
    option_of,
    shifts_on,
    slots,
    unanswered,
)
from huying.dispatch.spare import Spare, spare_units
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.reason import Reason
from huying.domain.run_card import Need, RunCard, UnitRow
from huying.domain.statuses import UnitStatus
from huying.domain.unit import Unit
from huying.geo.points import distance_m
from huying.geo.travel import Point, TravelTime

WHY_NOT_MAX = 3

OFF_ROAD = ("drone", "boat")
"""Kinds that get where no road leads."""

PACE_TOLD = 0.05
"""So far from the usual pace an hour must be for the reason to say so."""
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
    that fill a need; `done` those who filled one and have cleared: nobody is proposed for it again until
    somebody asks anew. `ways` say who could get there otherwise where no road leads. `spare` are units on the
    way beyond what the card asks for."""

    lines: tuple[Proposal, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    already: tuple[str, ...] = ()
    ways: tuple[Reason, ...] = ()
    spare: tuple[Spare, ...] = ()
    done: tuple[str, ...] = ()


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
    card = card_of(pack, incident)
    if card is None or not card.at(incident.alarm):
        return Recommendation()
    return _Choice(pack, incident, units, travel, at, card).made()


def choose(
    pack: Pack, incident: Incident, units: Mapping[str, Unit], travel: TravelTime, at: int
) -> tuple[tuple[str, float], ...]:
    """(unit, expected seconds) of those whom `recommend` proposes to send, without the reasons: for rules
    that decide thousands of times what nobody reads."""
    if incident.place.point is None:
        return ()  # nobody is proposed where no way can be found; reasons are `recommend`'s
    card = card_of(pack, incident)
    if card is None or not card.at(incident.alarm):
        return ()
    return _Choice(pack, incident, units, travel, at, card).sent()


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
        self.when = at
        self.incident = incident
        all_of_it = slots(card, incident.alarm)
        self.beyond = sum(each.count for each in card.at(incident.alarm)) - len(all_of_it)
        self.wanted, self.done = unanswered(pack, incident, all_of_it)
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
        self.seconds = travel.seconds(self.free, self.point, at) if self.point else [inf] * len(self.free)
        self.order = sorted(range(len(self.free)), key=self.seconds.__getitem__)
        self.away = {row.code: self.seconds[n] for n, (_, row) in enumerate(self.free)}
        self.timed: list[tuple[float, str, UnitRow]] = []
        self.ranked: dict[Need, list[Candidate]] = {}

    def sent(self) -> tuple[tuple[str, float], ...]:
        _, filled, _ = self._chosen()
        return tuple((code, self.away[code]) for _, (cost, code) in filled if cost != _ALREADY)

    def _chosen(self) -> tuple[list[Need], list[tuple[Slot, Candidate]], list[str]]:
        """What is needed, the slots that are filled, and who may not go because nobody goes along."""
        needs = list(dict.fromkeys(slot.need for slot in self.wanted))
        for need in needs:
            self.ranked[need] = self._candidates(need)
        return needs, *self._accompanied(self._filled(needs))

    def made(self) -> Recommendation:
        needs, filled, alone = self._chosen()
        uses = {code: slot.need for slot, (_, code) in filled}
        already = tuple(code for _, (cost, code) in filled if cost == _ALREADY)
        sent = [(slot.need, cost, code) for slot, (cost, code) in filled if cost != _ALREADY]
        last = {need: n for n, (need, _, _) in enumerate(sent)}
        lines = [
            self._line(need, cost, code, uses, last=last[need] == n)
            for n, (need, cost, code) in enumerate(sent)
        ]
        shortfalls = []
        for need in needs:
            missing = sum(slot.need == need for slot in self.wanted)
            missing -= sum(slot.need == need for slot, _ in filled)
            if missing:
                why = self._why_not(need, uses)
                lone = (Reason("dispatch.not_alone", of=each, values={"unit": each}) for each in alone)
                why = (*lone, *why)
                if need.ask:
                    why += (Reason("dispatch.ask", values={"agency": need.ask}),)
                shortfalls.append(Shortfall(need.ability, missing, why))
        if self.beyond:
            too_many = Reason("dispatch.too_many", values={"most": SLOTS_MAX})
            shortfalls.append(Shortfall("", self.beyond, (too_many,)))
        ways = (
            other_ways(self.pack, self.units, self.travel, self.point, self.when) if self._unreached() else ()
        )
        spare = spare_units(self.pack, self.incident, self.units, self.travel, self.when)
        return Recommendation(tuple(lines), tuple(shortfalls), already, ways, spare, self.done)

    def _unreached(self) -> bool:
        """Whether somebody is free for a need, and nobody who is can get there on the ground."""
        return bool(self.point and self.free) and all(
            seconds == inf or row.kind in OFF_ROAD
            for seconds, (_, row) in zip(self.seconds, self.free, strict=True)
        )

    def _accompanied(
        self, filled: list[tuple[Slot, Candidate]]
    ) -> tuple[list[tuple[Slot, Candidate]], list[str]]:
        """Without those who may not go there alone, where nobody else goes or is there; and who they were."""
        codes = [code for _, (_, code) in filled]
        codes += [each.unit for each in self.incident.running_assignments]
        rows = [self.pack.units[code] for code in codes if code in self.pack.units]
        if not rows or any(may_go_alone(self.pack, self.incident, row) for row in rows):
            return filled, []
        return [each for each in filled if each[1][0] == _ALREADY], [
            code for _, (cost, code) in filled if cost != _ALREADY
        ]

    def _candidates(self, need: Need) -> list[Candidate]:
        """Units for the need, best first: those already there, then the nearest, as many as can matter."""
        there = [(_ALREADY, row.code) for row in self.mine if need.takes(row)]
        near: list[Candidate] = []
        for n in self.order:
            seconds, row = self.seconds[n], self.free[n][1]
            enough = len(near) >= len(self.wanted) and not need.others and seconds > near[-1][0]
            if seconds == inf or enough:
                break
            if need.takes(row) and not barred(self.pack, self.incident, need, row):
                near.append((graded(need, row, seconds), row.code))
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

    def _line(self, need: Need, cost: float, code: str, uses: Mapping[str, Need], last: bool) -> Proposal:
        row, seconds = self.pack.units[code], self.away[code]
        option = option_of(need, row)
        values: dict[str, str | int | float] = {
            "unit": code,
            "ability": option.ability,
            "seconds": round(seconds),
            "metres": self._metres(code),
        }
        nearer = [
            each for other, each in self.ranked[need] if other != _ALREADY and (other, each) < (cost, code)
        ]
        key = "dispatch.nearest"
        if nearer:
            elsewhere = [each for each in nearer if uses[each] != need]
            key = "dispatch.nearest_left" if elsewhere else "dispatch.next_nearest"
            values["other"] = elsewhere[0] if elsewhere else nearer[-1]
            values["other_ability"] = uses[str(values["other"])].ability
        reasons = [Reason(key, of=code, values=values)]
        if option is not need:
            instead: dict[str, str | int | float] = {
                "unit": code,
                "ability": option.ability,
                "instead": need.ability,
                "within_s": need.within_s,
            }
            reasons.append(Reason("dispatch.alternative", of=code, values=instead))
        pace = self.travel.pace(row.kind, self.when)
        if abs(pace - 1.0) >= PACE_TOLD:
            reasons.append(Reason("dispatch.pace", of=code, values={"percent": round(100 * pace)}))
        if option.within_s and seconds > option.within_s:
            late: dict[str, str | int | float] = {
                "unit": code,
                "seconds": round(seconds),
                "within_s": option.within_s,
            }
            reasons.append(Reason("dispatch.late", of=code, values=late))
        if key == "dispatch.nearest":
            reasons += self._nearer(need, code, uses)
        if last:
            reasons.append(self._next(need, option, seconds, uses))
        return Proposal(code, row.agency, option.ability, seconds, tuple(reasons))

    def _next(self, need: Need, option: Need, seconds: float, uses: Mapping[str, Need]) -> Reason:
        """Who would go for the need if not those who are proposed, and why they go before."""
        free = [
            (graded(need, row, self.seconds[n]), row.code, n)
            for n, (_, row) in enumerate(self.free)
            if row.code not in uses
            and self.seconds[n] < inf
            and need.takes(row)
            and not barred(self.pack, self.incident, need, row)
        ]
        if not free:
            return Reason("dispatch.nobody_next", values={"ability": option.ability})
        _, code, n = min(free)
        away, theirs = self.seconds[n], option_of(need, self.free[n][1])
        values: dict[str, str | int | float] = {"other": code, "seconds": round(away)}
        if theirs is not option:
            values["ability"] = theirs.ability
            return Reason("dispatch.next_else", of=code, values=values)
        values["later"] = round(max(0.0, away - seconds))
        return Reason("dispatch.next", of=code, values=values)

    def _nearer(self, need: Need, code: str, uses: Mapping[str, Need]) -> list[Reason]:
        """The unit on duty that would be there before the first that goes but can't be had, and what keeps
        it."""
        rows = [
            row
            for row in self.pack.rows_able(self.card)
            if row.code in self.units
            and need.names(row)
            and row.is_on(self.on)
            and row not in self.mine
            and self.units[row.code].status != UnitStatus.OUT_OF_SERVICE
            and (row.code not in self.away or barred(self.pack, self.incident, need, row))
        ]
        if not rows or self.point is None:
            return []
        some = [(self.units[row.code], row) for row in rows]
        times = self.travel.seconds(some, self.point, self.when)
        least, other = min((seconds, row.code) for seconds, row in zip(times, rows, strict=True))
        if least >= self.away[code]:
            return []
        values: dict[str, str | int | float] = {"other": other, "seconds": round(least)}
        return [Reason("dispatch.nearer", of=other, values=values), self._kept_by(need, other, least, uses)]

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
            times = self.travel.seconds(able, self.point, self.when)
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
        rule = barred(self.pack, self.incident, need, row)
        if rule:
            key, values["kind"] = rule, row.kind
        elif code in uses:
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


def other_ways(
    pack: Pack, units: Mapping[str, Unit], travel: TravelTime, point: Point | None, at: int = 0
) -> tuple[Reason, ...]:
    """That no road leads there, and for each kind of unit that gets there all the same the first of those
    that are free; nothing where somebody who is free gets there on the ground."""
    if point is None:
        return ()
    free = [
        (units[row.code], row)
        for row in pack.units.values()
        if row.code in units
        and units[row.code].status is UnitStatus.AVAILABLE
        and not units[row.code].incident
    ]
    first: dict[str, tuple[float, str]] = {}
    for seconds, (_, row) in zip(travel.seconds(free, point, at), free, strict=True):
        if isfinite(seconds):
            first[row.kind] = min(first.get(row.kind, (inf, "")), (seconds, row.code))
    if any(kind not in OFF_ROAD for kind in first):
        return ()  # a road leads there; only those who are asked for don't drive
    reasons = [Reason("dispatch.no_road")]
    for kind, (seconds, code) in sorted(first.items(), key=lambda each: each[1]):
        values: dict[str, str | int | float] = {
            "kind": kind,
            "unit": code,
            "seconds": round(seconds),
            "minutes": max(1, round(seconds / 60)),
        }
        reasons.append(Reason("dispatch.by_kind", of=code, values=values))
    return tuple(reasons)
