"""The big screen: what it shows now, its county, and what its joint stations reach within the promise.

It may be opened by who works at a desk, or by a screen with a key of the scope `wall`, which opens nothing
else.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec.structs import replace

from huying.base.clock import SECOND
from huying.base.text import Text
from huying.domain.pack import Station
from huying.edge.desk import Desk, state_of
from huying.edge.driven import travel_now
from huying.edge.view import View
from huying.edge.wall import Past, WallShown, promise_s
from huying.web.answers import answer, asker_of, encode
from huying.web.pack import box_of
from huying.web.params import Here
from huying.web.roads import BandShown, ReachShown, bands_shown
from huying.web.shapes import outer, show

FRESH_S = 2
"""Screens that ask within so long are given the same answer, unless a fact came in between."""

USUAL_S = 600
"""What is usual changes slowly: it is worked out anew so often."""

WALL = "wall"


class WallCounty(Struct, frozen=True):
    """What a screen needs once: names by code, joint stations, the box of the county, its map."""

    title: Text
    timezone: str
    languages: tuple[str, ...]
    stations: list[Station]
    box: tuple[float, float, float, float]
    map: str
    types: dict[str, Text]
    agencies: dict[str, Text]


class Kept:
    """The last answer, so that a wall of screens costs as much as one."""

    def __init__(self) -> None:
        self.key: tuple[int, int, bool] = (-1, -1, False)
        self.body = b""
        self.weeks: list[Past] = []
        self.weeks_at = -1


@get("/api/wall", summary="What the big screen shows now", opt={"scope": WALL, "gives": outer(WallShown)})
async def wall(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    view = desk.view(asker_of(request.scope, desk))
    kept: Kept = state_of(request.scope).setdefault("wall", Kept())
    return Response(await desk.ask(_now, desk, view, kept), media_type="application/json")


def _now(desk: Desk, view: View, kept: Kept) -> bytes:
    place = view.may_see_wall()
    key = desk.writer.head, view.at // (FRESH_S * SECOND), place
    if kept.key != key:
        if view.at // (USUAL_S * SECOND) != kept.weeks_at:
            kept.weeks, kept.weeks_at = view.wall_weeks(), view.at // (USUAL_S * SECOND)
        told = replace(view.wall(place, kept.weeks), mark=desk.settings.says)
        kept.body, kept.key = encode(show(told)), key
    return kept.body


@get("/api/wall/county", summary="The county of the big screen", opt={"scope": WALL, "gives": WallCounty})
async def county(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    desk.view(asker_of(request.scope, desk)).may_see_wall()
    pack = desk.pack
    return answer(
        WallCounty(
            title=pack.title,
            timezone=pack.timezone,
            languages=pack.languages,
            stations=[each for each in pack.stations.values() if each.joint],
            box=box_of(pack),
            map=f"/map/{pack.name}.pmtiles" if desk.basemap else "",
            types={code: each.name for code, each in pack.types.items()},
            agencies={code: each.name for code, each in pack.agencies.items()},
        )
    )


@get(
    "/api/wall/reach",
    summary="Reached from the joint stations in time",
    opt={"scope": WALL, "gives": ReachShown},
)
async def reach(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Streets that a car at a joint station reaches within the promise for priority 1, as roads are now."""
    desk.view(asker_of(request.scope, desk)).may_see_wall()
    return answer(ReachShown(await desk.ask(_reached, desk)))


def _reached(desk: Desk) -> list[BandShown]:
    at = desk.clock.now()
    travel = travel_now(desk, at)
    seconds = promise_s(desk.pack)
    joint = [each for each in desk.pack.stations.values() if each.joint]
    found = [travel.reach("car", (each.lat, each.lon), [seconds], at) for each in joint]
    return [shown for bands in found for shown in bands_shown(bands)]


ROUTES: tuple[HTTPRouteHandler, ...] = (wall, county, reach)
