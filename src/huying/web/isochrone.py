"""What is reached in which time as areas: GeoJSON that any map reads."""

from __future__ import annotations

from statistics import median
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.pack import Pack
from huying.domain.policy import Thing
from huying.edge.driven import travel_now
from huying.edge.view import View
from huying.geo.circle import circles
from huying.geo.datum import WGS84
from huying.geo.outline import Outline, outlines
from huying.geo.travel import Point
from huying.service.packs.forces import UNIT_KINDS
from huying.web.answers import answer, asker_of
from huying.web.params import Code, Here, point_of
from huying.web.roads import At, Bands, bands_of, lonlat

Incident = Annotated[int, QueryParameter(ge=0, description="number of an incident")]


class Area(Struct, frozen=True):
    """GeoJSON MultiPolygon; [lon, lat] in degrees (WGS-84). Areas of longer times hold those of shorter."""

    coordinates: list[list[list[tuple[float, float]]]]
    type: str = "MultiPolygon"


class Within(Struct, frozen=True):
    """Everything within `edge_m` metres of a street that is reached within `seconds`; 0 for a circle."""

    seconds: int
    square_km: float
    edge_m: float


class AreaShown(Struct, frozen=True):
    properties: Within
    geometry: Area
    type: str = "Feature"


class AreasShown(Struct, frozen=True):
    """A GeoJSON FeatureCollection, the shortest time first: around streets, and circles for what flies (and
    for all where no roads are known); empty where no road is near."""

    features: list[AreaShown]
    type: str = "FeatureCollection"


@get("/api/isochrone", summary="Areas reached within a time", opt={"gives": AreasShown})
async def isochrone(
    request: Request[Any, Any, Any],
    desk: Here,
    at: At = "",
    unit: Code = "",
    station: Code = "",
    incident: Incident = 0,
    kind: Code = "",
    seconds: Bands = "300,600,900",
) -> Response[bytes]:
    """From a point, a unit where it is now, a station or an incident (exactly one of them), by the roads as
    they are now. `kind` of unit: the unit's own, else a car's."""
    view = desk.view(asker_of(request.scope, desk))
    view.ever(Thing.ROAD)
    bands = bands_of(seconds)
    return answer(await desk.ask(_areas, view, (at, unit, station, incident), kind, bands))


def _areas(view: View, of: tuple[str, str, str, int], kind: str, bands: list[int]) -> AreasShown:
    start, usual = _start(view, *of)
    kind = kind or usual
    if kind not in UNIT_KINDS:
        raise Refusal("unknown_code", noun="kind", code=kind)
    if start is None:
        return AreasShown([])
    travel = travel_now(view.desk, view.at)
    factor = travel.straight(kind)
    if factor is None:
        found = outlines(travel.reach(kind, start, bands, view.at))
    else:
        found = circles(
            start, bands, _kmh(view.desk.pack, of[1], kind) / 3.6 / factor / travel.pace(kind, view.at)
        )
    return AreasShown([_shown(each) for each in found])


def _kmh(pack: Pack, unit: str, kind: str) -> float:
    """How fast the unit is, or the middle one of the city's units of the kind; 0 where it has none."""
    row = pack.units.get(unit)
    if row is not None and row.kind == kind:
        return row.speed_kmh
    return median([each.speed_kmh for each in pack.units.values() if each.kind == kind] or [0.0])


def _start(view: View, at: str, code: str, station: str, incident: int) -> tuple[Point | None, str]:
    """Where from, and the kind of unit that is usual there."""
    if sum(map(bool, (at, code, station, incident))) > 1:
        raise Refusal("isochrone_from")
    if code:
        unit = next((each for each in view.units() if each.code == code), None)
        row = view.desk.pack.units.get(code)
        if unit is None or row is None:
            raise Refusal("not_found", noun="unit", id=code)
        return (unit.lat, unit.lon), row.kind
    if station:
        post = view.desk.pack.stations.get(station)
        if post is None:
            raise Refusal("unknown_code", noun="station", code=station)
        return (post.lat, post.lon), "car"
    if incident:
        return view.place(incident).point, "car"
    return view.desk.house.locate.point(*point_of(at), WGS84)[:2], "car"


def _shown(each: Outline) -> AreaShown:
    coordinates = [[lonlat(ring) for ring in rings] for rings in each.polygons]
    return AreaShown(Within(each.seconds, each.square_km, each.edge_m), Area(coordinates))


ROUTES: tuple[HTTPRouteHandler, ...] = (isochrone,)
