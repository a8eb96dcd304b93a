"""Facts of units by themselves become state; what they do on an incident is the incident's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from huying.domain import facts as f
from huying.domain.facts import Fact
from huying.domain.statuses import UnitStatus
from huying.domain.unit import Unit


class Units(Protocol):
    """Where units are found to be changed, and put when they begin."""

    def unit_of_stream(self, id: int) -> Unit: ...
    def add_unit(self, unit: Unit) -> None: ...


def _registered(units: Units, fact: Fact, body: f.UnitRegistered) -> None:
    units.add_unit(
        Unit(
            id=fact.stream,
            code=body.code,
            version=fact.version,
            lat=body.lat,
            lon=body.lon,
            moved_at=fact.at,
            changed_at=fact.at,
            changed_by=fact.actor,
        )
    )


def _unit_status_set(units: Units, fact: Fact, body: f.UnitStatusSet) -> None:
    unit = units.unit_of_stream(fact.stream)
    unit.version = fact.version
    unit.status = UnitStatus(body.status)
    unit.why = body.why
    unit.post = ""
    unit.changed_at = body.done_at or fact.at
    unit.changed_by = fact.actor


def _unit_moved(units: Units, fact: Fact, body: f.UnitMoved) -> None:
    unit = units.unit_of_stream(fact.stream)
    unit.version = fact.version
    unit.lat = body.lat
    unit.lon = body.lon
    unit.moved_at = fact.at


def _unit_posted(units: Units, fact: Fact, body: f.UnitPosted) -> None:
    unit = units.unit_of_stream(fact.stream)
    unit.version = fact.version
    unit.post = body.station
    unit.changed_by = fact.actor


EVOLVE_UNITS: dict[type[f.Payload], Callable[[Any, Fact, Any], None]] = {
    f.UnitRegistered: _registered,
    f.UnitStatusSet: _unit_status_set,
    f.UnitMoved: _unit_moved,
    f.UnitPosted: _unit_posted,
}
