"""Roads: the way of a unit to an incident, and what can be reached from a place; both as GeoJSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.domain.closure import CloseRoad, Closure, ReopenRoad
from huying.domain.pack import Pack
from huying.domain.policy import Thing
from huying.edge.desk import Desk
from huying.edge.driven import travel_now
from huying.edge.view import View
from huying.geo.datum import WGS84
from huying.geo.travel import Band, Point
from huying.service.packs.forces import UNIT_KINDS
from huying.web.answers import answer, asker_of
from huying.web.params import Code, Here, Id, point_of
from huying.web.shapes import outer, show
from huying.web.steps import Step

BANDS_MAX = 6
"""Bands of time on one map; more can't be told apart by colour."""

ROADS_MAX = 100
"""Names that one list may have: more are not read."""

SECONDS_MAX = 7_200
"""Two hours: what is further is not reached in time for anything that is decided here."""


class Line(Struct, frozen=True):
    """GeoJSON LineString or MultiLineString; [lon, lat] in degrees (WGS-84)."""

    type: str
    coordinates: list[Any]


class WayShown(Struct, frozen=True):
    """`seconds` from where the unit is now, `metres` on roads, the names of the `roads` in order, in the
    asker's language where the pack says them in it."""

    unit: str
    seconds: float
    metres: float
    roads: list[str]
    line: Line


class BandShown(Struct, frozen=True):
    """Streets reached within `seconds` and not within the band before."""

    seconds: int
    metres: float
    line: Line


class ReachShown(Struct, frozen=True):
    items: list[BandShown]


class RoadsNear(Struct, frozen=True):
    items: list[str]


class ClosureList(Struct, frozen=True):
    """`names` says what the colleagues are called who closed them, by the codes in `by`."""

    items: list[outer(Closure)]  # type: ignore[valid-type]
    names: dict[str, str]


At = Annotated[str, QueryParameter(max_length=60, description="lat,lon in degrees (WGS-84)")]
Within = Annotated[int, QueryParameter(ge=1, le=20_000, description="metres")]
Bands = Annotated[str, QueryParameter(max_length=60, description="seconds, rising, separated by commas")]


@get(
    "/api/incidents/{incident:int}/way",
    summary="The way of a unit to an incident",
    opt={"gives": WayShown},
)
async def way(request: Request[Any, Any, Any], desk: Here, incident: Id, unit: Code = "") -> Response[bytes]:
    """By road for a car, on water for a boat, straight for a drone; refused where there is none."""
    asker = asker_of(request.scope, desk)
    return answer(await desk.ask(_way, desk.view(asker), incident, unit, asker.lang))


def _way(view: View, id: int, code: str, lang: str) -> WayShown:
    desk, point = view.desk, view.place(id).point
    unit = next((each for each in view.units() if each.code == code), None)
    row = desk.pack.units.get(code)
    if unit is None or row is None:
        raise Refusal("not_found", noun="unit", id=code)
    travel = travel_now(desk, view.at)
    found = travel.way(row, (unit.lat, unit.lon), point, view.at) if point is not None else None
    if found is None:
        raise Refusal("no_way", unit=code, incident=id)
    line = Line("LineString", lonlat(found.line))
    roads = named(desk.pack, found.roads, lang)
    return WayShown(code, round(found.seconds, 1), round(float(found.metres), 1), roads, line)


def named(pack: Pack, roads: Iterable[str], lang: str) -> list[str]:
    """Roads as the network calls them, by what the pack calls the same road in this language."""
    wanted = list(roads)
    said = {each: road.name for road in pack.roads.values() for each in road.name.values() if each in wanted}
    return [say(said[each], lang) if each in said else each for each in wanted]


@get("/api/reach", summary="Streets reached within a time", opt={"gives": ReachShown})
async def reach(
    request: Request[Any, Any, Any],
    desk: Here,
    at: At = "",
    kind: Code = "car",
    seconds: Bands = "300,600,900",
) -> Response[bytes]:
    """The streets themselves, each in the band of time in which a unit of this kind is there first."""
    desk.view(asker_of(request.scope, desk)).ever(Thing.ROAD)
    if kind not in UNIT_KINDS:
        raise Refusal("unknown_code", noun="kind", code=kind)
    start, bands = desk.house.locate.point(*point_of(at), WGS84)[:2], bands_of(seconds)
    found = await desk.ask(_reach, desk, kind, start, bands)
    return answer(ReachShown(bands_shown(found)))


def bands_shown(found: Iterable[Band]) -> list[BandShown]:
    return [
        BandShown(
            each.seconds,
            round(each.metres, 1),
            Line("MultiLineString", [lonlat(line) for line in each.lines]),
        )
        for each in found
    ]


def _reach(desk: Desk, kind: str, start: Point, bands: list[int]) -> list[Band]:
    at = desk.clock.now()
    return travel_now(desk, at).reach(kind, start, bands, at)


@get("/api/roads", summary="Roads near a place", opt={"gives": RoadsNear})
async def roads(
    request: Request[Any, Any, Any], desk: Here, at: At = "", within_m: Within = 50
) -> Response[bytes]:
    """Names of the roads that come so near, the nearest first: one of them, or all, may be closed."""
    desk.view(asker_of(request.scope, desk)).ever(Thing.ROAD)
    point = desk.house.locate.point(*point_of(at), WGS84)[:2]
    found = await desk.ask(desk.house.travel.roads, point, float(within_m))
    return answer(RoadsNear(found[:ROADS_MAX]))


@get("/api/closures", summary="Roads that are closed or slow now", opt={"gives": ClosureList})
async def closures(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    view = desk.view(asker_of(request.scope, desk))
    return answer(await desk.ask(_closures, view))


def _closures(view: View) -> dict[str, Any]:
    found = view.closures()
    return {"items": [show(each) for each in found], "names": view.called(each.by for each in found)}


STEPS = (
    Step("/api/closures", CloseRoad, "Close a road, or say that it is slow"),
    Step("/api/closures/{closure:int}/reopen", ReopenRoad, "The road is free again"),
)


def bands_of(said: str) -> list[int]:
    try:
        bands = [int(each) for each in said.split(",")]
    except ValueError as error:
        raise Refusal("out_of_range", field="seconds", low=1, high=SECONDS_MAX) from error
    rising = bands == sorted(set(bands))
    if not rising or not 1 <= bands[0] <= bands[-1] <= SECONDS_MAX or len(bands) > BANDS_MAX:
        raise Refusal("out_of_range", field="seconds", low=1, high=SECONDS_MAX)
    return bands


def lonlat(line: Iterable[Point]) -> list[tuple[float, float]]:
    """GeoJSON's order; six digits are a tenth of a metre."""
    return [(round(lon, 6), round(lat, 6)) for lat, lon in line]


ROUTES: tuple[HTTPRouteHandler, ...] = (way, reach, roads, closures)
