"""Roads are closed and opened again; every way that is found afterwards obeys."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from huying.base.refusal import Refusal
from huying.domain.closure import CloseRoad, ReopenRoad, RoadClosed, RoadReopened
from huying.geo.datum import WGS84
from huying.geo.points import distance_m
from huying.service.work import Work

CLOSURES_MAX = 500
"""In force at once: a typhoon closes some dozens in a county. Each is looked at for every way."""

REACH_M_MAX = 20_000.0
"""A flooded valley; more would close the county."""

RING_MIN, RING_MAX = 3, 200
"""Corners of an area: a triangle, and what a hand draws around a flooded town."""

SLOW_MAX = 20.0
WHY_MAX = 500
ROAD_MAX = 80


def close_road(work: Work, command: CloseRoad) -> dict[str, Any]:
    """Put it on record; units already on their way are not turned back, which is for a person to say."""
    work.house.locate.point(command.lat, command.lon, WGS84)
    for field, value, low, high in (
        ("reach_m", command.reach_m, 1.0, REACH_M_MAX),
        ("slow", command.slow or 1.0, 1.0, SLOW_MAX),
    ):
        if not low <= value <= high:
            raise Refusal("out_of_range", field=field, low=low, high=high)
    if command.ring:
        _check_ring(work, command)
    if not command.why.strip():
        raise Refusal("why_missing")
    for field, text, limit in (("why", command.why, WHY_MAX), ("road", command.road, ROAD_MAX)):
        if len(text) > limit:
            raise Refusal("too_long", field=field, limit=limit)
    if command.until_at and command.until_at <= work.at:
        raise Refusal("closure_over", until=command.until_at)
    if command.incident:
        work.incident(command.incident)
    if len(work.closures()) >= CLOSURES_MAX:
        raise Refusal("closures_too_many", limit=CLOSURES_MAX)
    fact = work.begin(RoadClosed(**asdict(command)))
    return {"closure_id": fact.stream}


def _check_ring(work: Work, command: CloseRoad) -> None:
    if not RING_MIN <= len(set(command.ring)) <= len(command.ring) <= RING_MAX:
        raise Refusal("out_of_range", field="ring", low=RING_MIN, high=RING_MAX)
    for lat, lon in command.ring:
        work.house.locate.point(lat, lon, WGS84)
        if distance_m(lat, lon, command.lat, command.lon) > REACH_M_MAX:
            raise Refusal("closure_too_wide", limit=round(REACH_M_MAX / 1_000))


def reopen_road(work: Work, command: ReopenRoad) -> dict[str, Any]:
    closure = work.closure(command.closure)
    if not closure.holds(work.at):
        raise Refusal("already_so", id=closure.id)
    if len(command.why) > WHY_MAX:
        raise Refusal("too_long", field="why", limit=WHY_MAX)
    work.of_road(closure, RoadReopened(why=command.why))
    return {"closure_id": closure.id}
