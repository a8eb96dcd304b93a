"""Who goes: a person sends units, and units report how far they are."""

from __future__ import annotations

from math import inf
from typing import Any

from huying.base.refusal import Refusal
from huying.dispatch.deployed import paces_of
from huying.domain import facts as f
from huying.domain.assignment import Assignment
from huying.domain.commands import AdvanceUnit, DispatchUnits, MoveUnit, PostUnit, SetUnitStatus
from huying.domain.incident import Incident
from huying.domain.reason import Reason
from huying.domain.statuses import (
    ASSIGNMENT,
    INCIDENT,
    UNIT,
    AssignmentStatus,
    IncidentStatus,
    UnitStatus,
    step,
)
from huying.domain.unit import Unit
from huying.service.closing import conclude
from huying.service.offering import promise
from huying.service.reported import last_step, when_done
from huying.service.shadowing import chosen_by, note_choice, watched
from huying.service.work import Work

# Units sent by one command: the largest alarm of a county, with room.
UNITS_MAX = 50


def dispatch_units(work: Work, command: DispatchUnits) -> dict[str, Any]:
    """Send units; all of them or, when one can't go, none."""
    incident = work.incident(command.incident, command.version)
    if incident.status is not IncidentStatus.ACTIVE:
        step("incident", INCIDENT, incident.status, IncidentStatus.ACTIVE)
    if not 1 <= len(command.units) <= UNITS_MAX or len(set(command.units)) != len(command.units):
        raise Refusal("out_of_range", field="units", low=1, high=UNITS_MAX)
    units = [_free(work, code) for code in command.units]
    rows = [work.pack.units[unit.code] for unit in units]
    point = incident.place.point
    travel = work.house.travel
    travel.obey(work.closures(), paces_of(work.deployments(), work.at))
    there = list(zip(units, rows, strict=True))
    times = travel.seconds(there, point, work.at) if point else [inf] * len(units)
    policy = watched(work)
    chosen = chosen_by(work, policy, incident) if policy and point else []
    for unit, row, seconds in zip(units, rows, times, strict=True):
        expected = round(seconds) if seconds < inf else 0
        work.on(
            incident,
            f.UnitDispatched(
                n=len(incident.assignments) + 1,
                unit=unit.code,
                agency=row.agency,
                expected_s=expected,
                reasons=(_expected(expected, travel.pace(row.kind, work.at)),),
            ),
        )
    if policy and point:
        note_choice(work, policy, incident, chosen, units, times)
    return {"incident_id": incident.id, "version": incident.version, "units": list(command.units)}


def came_along(work: Work, left: Incident, target: Incident) -> None:
    """Units at work on `left`, which is about the same, are on `target` from now on, as far as they were: the
    times of `target` count from now, those before stand with `left`."""
    if target.status is not IncidentStatus.ACTIVE:
        step("incident", INCIDENT, target.status, IncidentStatus.ACTIVE)
    for each in left.running_assignments:
        work.on(left, f.UnitRecalled(n=each.n, unit=each.unit, why="joined"))
        n = len(target.assignments) + 1
        why = Reason("dispatch.came_along", values={"incident": left.id})
        work.on(
            target,
            f.UnitDispatched(n=n, unit=each.unit, agency=each.agency, expected_s=0, reasons=(why,)),
        )
        if each.en_route_at or each.on_scene_at:
            work.on(target, f.UnitEnRoute(n=n, unit=each.unit))
        if each.on_scene_at:
            work.on(target, f.UnitArrived(n=n, unit=each.unit))


def _expected(seconds: int, pace: float) -> Reason:
    """With the pace that is in the figure, where there is one: who learns from it counts that off."""
    values: dict[str, str | int | float] = {"seconds": seconds}
    if pace != 1.0:
        values["pace"] = pace
    return Reason("dispatch.confirmed", values=values)


def _free(work: Work, code: str) -> Unit:
    unit = work.unit(code)
    if unit.incident:
        raise Refusal("unit_busy", unit=code, incident=unit.incident, by=unit.changed_by, at=unit.changed_at)
    if unit.status is not UnitStatus.AVAILABLE or code not in work.pack.units:
        raise Refusal("unit_out_of_service", unit=code)
    return unit


_REPORTS = {
    AssignmentStatus.EN_ROUTE: f.UnitEnRoute,
    AssignmentStatus.ON_SCENE: f.UnitArrived,
}


def advance_unit(work: Work, command: AdvanceUnit) -> dict[str, Any]:
    """A unit reports its next status; the last one to clear with a disposition resolves the incident."""
    unit = _assigned(work, command.unit, command.incident)
    if command.disposition and command.disposition not in work.pack.dispositions:
        raise Refusal("unknown_code", noun="disposition", code=command.disposition)
    incident = work.incident(unit.incident)
    assignment = _running(incident, unit.code)
    if command.n and command.n != assignment.n:
        raise Refusal("unit_not_assigned", unit=unit.code)
    step("assignment", ASSIGNMENT, assignment.status, command.to)
    to = AssignmentStatus(command.to)
    done_at = when_done(work, command.done_at, last_step(assignment))
    if to is AssignmentStatus.CLEAR:
        work.on(
            incident,
            f.UnitCleared(n=assignment.n, unit=unit.code, disposition=command.disposition, done_at=done_at),
        )
        conclude(work, incident)
    elif to is AssignmentStatus.RECALLED:
        work.on(incident, f.UnitRecalled(n=assignment.n, unit=unit.code, why=command.why))
        if incident.status is IncidentStatus.OPEN:
            promise(work, incident)
        else:
            conclude(work, incident)
    else:
        work.on(incident, _REPORTS[to](n=assignment.n, unit=unit.code, done_at=done_at))
    return {"incident_id": incident.id, "version": incident.version, "unit": unit.code, "status": to.value}


def _assigned(work: Work, code: str, incident: int) -> Unit:
    """The unit, which is on an incident: on this one, where one is named."""
    unit = work.unit(code)
    if not unit.incident or (incident and incident != unit.incident):
        raise Refusal("unit_not_assigned", unit=unit.code)
    return unit


def _running(incident: Incident, unit: str) -> Assignment:
    return next(each for each in incident.assignments if each.unit == unit and each.running)


def set_unit_status(work: Work, command: SetUnitStatus) -> dict[str, Any]:
    unit = work.unit(command.unit)
    if unit.incident:
        raise Refusal(
            "unit_busy", unit=unit.code, incident=unit.incident, by=unit.changed_by, at=unit.changed_at
        )
    step("unit", UNIT, unit.status, command.status)
    if command.status not in (UnitStatus.AVAILABLE, UnitStatus.OUT_OF_SERVICE):
        raise Refusal("unit_not_assigned", unit=unit.code)
    done_at = when_done(work, command.done_at)
    work.about(unit, f.UnitStatusSet(status=command.status, why=command.why[:500], done_at=done_at))
    return {"unit": unit.code, "status": unit.status.value}


def move_unit(work: Work, command: MoveUnit) -> dict[str, Any]:
    unit = work.unit(command.unit)
    if not (-90 <= command.lat <= 90 and -180 <= command.lon <= 180):
        raise Refusal("place_impossible", lat=command.lat, lon=command.lon)
    work.about(unit, f.UnitMoved(lat=command.lat, lon=command.lon))
    return {"unit": unit.code}


def post_unit(work: Work, command: PostUnit) -> dict[str, Any]:
    """A person confirms where a free unit shall wait."""
    unit = _free(work, command.unit)
    if command.station and command.station not in work.pack.stations:
        raise Refusal("unknown_code", noun="station", code=command.station)
    if unit.post == command.station:
        raise Refusal("already_so", id=unit.code)
    work.about(unit, f.UnitPosted(station=command.station))
    return {"unit": unit.code, "station": unit.post}
