"""Who should go where, over all open incidents at once: what one incident would take, another may need more.

Slots of all incidents are matched with free units so that the sum of costs is least: exactly (linear sum
assignment, Jonker and Volgenant 1987, by scipy) up to EXACT_MAX × EXACT_MAX, beyond that by regret: the slot
that would lose most by getting its second choice chooses first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isfinite

import numpy as np
import scipy  # its parts load when they are first used
from msgspec import Struct
from numpy.typing import NDArray

from huying.base.clock import MINUTE
from huying.dispatch.cover import Cover
from huying.dispatch.runcard import Slot, barred, card_of, graded, may_go_alone, option_of, slots, unanswered
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.reason import Reason
from huying.domain.run_card import UnitRow
from huying.domain.unit import Unit

EXACT_MAX = 400
"""Slots or units up to which the matching is exact: 400 × 400 take some milliseconds."""
INCIDENTS_MAX = 200
"""Incidents looked at together, most urgent first; more than that is a disaster with a plan of its own."""

WEIGHT = {1: 16.0, 2: 8.0, 3: 3.0, 4: 1.0, 5: 0.5}
"""What a second of waiting weighs, by priority."""

NOBODY_S = 3_600.0
"""An empty slot weighs as an hour of waiting."""

UNCOVERED_S = 900.0
"""Taking all cover from the county weighs as a quarter of an hour of waiting, at priority 3; it never
delays priority 1."""

SHIFT_ENDS_S, SHIFT_ENDS_MIN = 120.0, 20
"""A unit whose shift ends within 20 minutes counts as two minutes further away."""

REST_S, REST_MIN = 60.0, 10
"""One that has just been freed counts as a minute further."""


class Sent(Struct, frozen=True):
    """Let `unit` go to `incident` for the need `ability`: there in about `expected_s` seconds."""

    incident: int
    unit: str
    agency: str
    ability: str
    expected_s: float
    reasons: tuple[Reason, ...]


class Missing(Struct, frozen=True):
    """`missing` units with `ability` can't be found for `incident`."""

    incident: int
    ability: str
    missing: int


class BoardPlan(Struct, frozen=True):
    """The whole board: who goes where, and what is missing."""

    sent: tuple[Sent, ...] = ()
    missing: tuple[Missing, ...] = ()


def plan_board(cover: Cover, incidents: Sequence[Incident], at: int) -> BoardPlan:
    """Units for every need of the run cards that no unit fills yet, over all incidents together.

    Args:
        cover: the units that are free now, and what they cover.
        incidents: open ones; the most urgent INCIDENTS_MAX of them that have a place are looked at.
        at: now (UTC µs).
    """
    pack = cover.pack
    wanted = _wanted(pack, incidents)
    if not wanted or not cover.free:
        return BoardPlan((), _missing([each for each, _ in wanted], wanted))
    points = list(dict.fromkeys(incident.place.point for incident, _ in wanted if incident.place.point))
    row_of = {point: n for n, point in enumerate(points)}
    times = cover.travel.matrix(cover.free, points, cover.at)
    extra = np.array([_tired(pack, unit, row, at) for unit, row in cover.free])
    losses = cover.losses()
    seconds = np.array([times[row_of[each.place.point]] for each, _ in wanted if each.place.point])
    costs = np.full(seconds.shape, inf)
    able: dict[object, NDArray[np.bool_]] = {}
    for n, (incident, slot) in enumerate(wanted):
        # Whom a rule keeps away hangs on the incident's type and priority, and on nothing else of it.
        key = (slot.need, incident.type, incident.priority) if pack.unit_rules else slot.need
        if key not in able:
            able[key] = np.array([_able(pack, incident, slot, row) for _, row in cover.free], bool)
        away = _graded(cover, slot, seconds[n])
        costs[n] = np.where(able[key], _costs(incident, slot, away, extra, losses), inf)
    chosen = _assign(costs, [WEIGHT.get(each.priority, 1.0) * NOBODY_S for each, _ in wanted])
    _call_off_alone(pack, cover, wanted, chosen)
    return _told(cover, wanted, seconds, costs, losses, chosen)


def _able(pack: Pack, incident: Incident, slot: Slot, row: UnitRow) -> bool:
    return slot.need.takes(row) and not barred(pack, incident, slot.need, row)


def _graded(cover: Cover, slot: Slot, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds as they count for the slot; an alternative is never worse than nobody."""
    if not slot.need.others:
        return seconds
    listed = zip(cover.free, seconds.tolist(), strict=True)
    counted = np.array([graded(slot.need, row, each) for (_, row), each in listed])
    capped: NDArray[np.float64] = np.minimum(counted, np.maximum(seconds, NOBODY_S * 0.9))
    return capped


def _call_off_alone(
    pack: Pack, cover: Cover, wanted: Sequence[tuple[Incident, Slot]], chosen: list[int]
) -> None:
    """Nobody goes where they may not be alone and would be."""
    by_incident: dict[int, list[int]] = {}
    for n, column in enumerate(chosen):
        if column >= 0:
            by_incident.setdefault(wanted[n][0].id, []).append(n)
    for mine in by_incident.values():
        incident = wanted[mine[0]][0]
        there = [pack.units.get(each.unit) for each in incident.running_assignments]
        rows = [cover.free[chosen[n]][1] for n in mine] + [row for row in there if row is not None]
        if not any(may_go_alone(pack, incident, row) for row in rows):
            for n in mine:
                chosen[n] = -1


def _wanted(pack: Pack, incidents: Sequence[Incident]) -> list[tuple[Incident, Slot]]:
    """Slots that no unit on the incident fills, the most urgent incident's first."""
    found: list[tuple[Incident, Slot]] = []
    ordered = sorted(incidents, key=lambda each: (each.priority, each.opened_at, each.id))
    for incident in ordered[:INCIDENTS_MAX]:
        card = card_of(pack, incident)
        if card is None or incident.place.point is None:
            continue
        there = [
            row for each in incident.running_assignments if (row := pack.units.get(each.unit)) is not None
        ]
        for slot in unanswered(pack, incident, slots(card, incident.alarm))[0]:
            mine = next((row for row in there if slot.need.takes(row)), None)
            if mine is not None:
                there.remove(mine)
            else:
                found.append((incident, slot))
    return found


def _costs(
    incident: Incident,
    slot: Slot,
    seconds: NDArray[np.float64],
    extra: NDArray[np.float64],
    losses: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What it costs to send each unit: waiting by its weight, lateness twice, and what stays uncovered."""
    chained = bool(slot.need.others)  # lateness is in the grade already
    late = np.maximum(seconds - slot.need.within_s, 0.0) if slot.need.within_s and not chained else 0.0
    costs = WEIGHT.get(incident.priority, 1.0) * (seconds + late + extra)
    if incident.priority > 1:
        costs = costs + WEIGHT[3] * UNCOVERED_S * losses
    return costs


def _tired(pack: Pack, unit: Unit, row: UnitRow, at: int) -> float:
    """Seconds by which a unit counts as further away: its shift ends, or it was freed just now."""
    tired = (
        REST_S if unit.changed_at and at - unit.changed_at < REST_MIN * MINUTE and unit.version > 1 else 0.0
    )
    if row.shifts:
        minute = pack.worktime.minute_of_day(at)
        left = [(pack.shifts[code].end_min - minute) % 1_440 for code in row.shifts if code in pack.shifts]
        if left and max(left) <= SHIFT_ENDS_MIN:
            tired += SHIFT_ENDS_S
    return tired


def _assign(costs: NDArray[np.float64], nobody: Sequence[float]) -> list[int]:
    """The column of each row, -1 for nobody, at least total cost."""
    rows, columns = costs.shape
    if rows <= EXACT_MAX and columns <= EXACT_MAX:
        empty = np.where(np.eye(rows, dtype=bool), np.asarray(nobody)[:, None], np.inf)
        whole = np.concatenate([costs, empty], axis=1)
        whole[~np.isfinite(whole)] = 1e12
        taken = dict(
            zip(*(each.tolist() for each in scipy.optimize.linear_sum_assignment(whole)), strict=True)
        )
        return [taken[n] if taken[n] < columns and isfinite(costs[n, taken[n]]) else -1 for n in range(rows)]
    return _by_regret(costs, nobody)


def _by_regret(costs: NDArray[np.float64], nobody: Sequence[float]) -> list[int]:
    """Row by row: who would lose most by the second best (or by nobody) chooses first."""
    columns = costs.shape[1]
    order = np.argsort(costs, axis=1).tolist()
    listed = costs.tolist()
    gone, at = [False] * columns, [0] * len(listed)
    chosen = [-1] * len(listed)

    def next_two(n: int) -> tuple[float, float, int]:
        """(regret, best cost, column) of the row among what is left."""
        row, first = order[n], at[n]
        while first < columns and gone[row[first]]:
            first += 1
        at[n] = first
        if first == columns or listed[n][row[first]] >= nobody[n]:
            return -1.0, nobody[n], -1
        second = first + 1
        while second < columns and gone[row[second]]:
            second += 1
        other = min(listed[n][row[second]], nobody[n]) if second < columns else nobody[n]
        return other - listed[n][row[first]], listed[n][row[first]], row[first]

    state = {n: next_two(n) for n in range(len(listed))}
    while state:
        n = max(state, key=lambda row: (state[row][0], -row))
        column = state.pop(n)[2]
        if column < 0:
            continue  # nobody is left for it
        chosen[n], gone[column] = column, True
        for other in state:  # rows whose best or second best it was
            state[other] = next_two(other)
    return chosen


def _told(
    cover: Cover,
    wanted: Sequence[tuple[Incident, Slot]],
    seconds: NDArray[np.float64],
    costs: NDArray[np.float64],
    losses: NDArray[np.float64],
    chosen: Sequence[int],
) -> BoardPlan:
    """The plan in words: why each goes, and why not the nearest."""
    goes_to = {column: n for n, column in enumerate(chosen) if column >= 0}
    sent = []
    for n, column in enumerate(chosen):
        incident, slot = wanted[n]
        if column < 0:
            continue
        row = cover.free[column][1]
        values: dict[str, str | int | float] = {"unit": row.code, "seconds": round(float(seconds[n, column]))}
        reasons = [Reason("board.sent", of=row.code, values=values)]
        able = np.flatnonzero(np.isfinite(costs[n]) & (seconds[n] < seconds[n, column]))
        for other in able[np.argsort(seconds[n][able])][:2].tolist():
            reasons.append(_why_not(cover, wanted, seconds, losses, goes_to, n, other, column))
        option = option_of(slot.need, row)
        if option is not slot.need:
            instead = {**values, "ability": option.ability, "instead": slot.need.ability}
            instead["within_s"] = slot.need.within_s
            reasons.append(Reason("dispatch.alternative", of=row.code, values=instead))
        if option.within_s and seconds[n, column] > option.within_s:
            late = {**values, "within_s": option.within_s}
            reasons.append(Reason("dispatch.late", of=row.code, values=late))
        expected_s = float(seconds[n, column])
        sent.append(Sent(incident.id, row.code, row.agency, option.ability, expected_s, tuple(reasons)))
    empty = [wanted[n] for n, column in enumerate(chosen) if column < 0]
    return BoardPlan(tuple(sent), _missing([each for each, _ in empty], empty))


def _why_not(
    cover: Cover,
    wanted: Sequence[tuple[Incident, Slot]],
    seconds: NDArray[np.float64],
    losses: NDArray[np.float64],
    goes_to: Mapping[int, int],
    n: int,
    other: int,
    column: int,
) -> Reason:
    """Why a nearer unit does not go: another incident needs it more, or it is left where it is."""
    code = cover.free[other][1].code
    values: dict[str, str | int | float] = {"other": code, "seconds": round(float(seconds[n, other]))}
    elsewhere = goes_to.get(other)
    if elsewhere is not None:
        incident = wanted[elsewhere][0]
        if incident.id == wanted[n][0].id:
            values["ability"] = wanted[elsewhere][1].need.ability
            return Reason("board.same", of=code, values=values)
        values |= {"incident": incident.id, "priority": incident.priority}
        return Reason("board.elsewhere", of=code, values=values)
    if losses[other] > losses[column]:
        values["percent"] = round(100 * float(losses[other]), 1)
        return Reason("board.cover", of=code, values=values)
    return Reason("board.tired", of=code, values=values)


def _missing(incidents: Sequence[Incident], wanted: Sequence[tuple[Incident, Slot]]) -> tuple[Missing, ...]:
    counted: dict[tuple[int, str], int] = {}
    for incident, slot in wanted:
        key = incident.id, slot.need.ability
        counted[key] = counted.get(key, 0) + 1
    return tuple(Missing(id, ability, times) for (id, ability), times in counted.items())
