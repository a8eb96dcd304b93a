"""Units: where they are and what they do, and who should go to an incident."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.dispatch.recommend import Recommendation, recommend
from huying.domain import commands as c
from huying.domain.pack import Pack
from huying.domain.unit import Unit
from huying.edge.driven import travel_now
from huying.edge.view import View
from huying.web.answers import answer, asker_of
from huying.web.params import Here, Id
from huying.web.shapes import outer, show
from huying.web.steps import Step


class UnitShown(Struct, frozen=True):
    """A unit's state with its row of the pack."""

    state: outer(Unit)  # type: ignore[valid-type]
    name: dict[str, str]
    agency: str
    kind: str
    abilities: list[str]
    station: str


class UnitList(Struct, frozen=True):
    items: list[UnitShown]


@get("/api/units", summary="All units as they are now", opt={"gives": UnitList})
async def units(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    found = await desk.ask(desk.view(asker_of(request.scope, desk)).units)
    return answer({"items": [_with_row(each, desk.pack) for each in found]})


def _with_row(unit: Unit, pack: Pack) -> dict[str, Any]:
    row = pack.units.get(unit.code)
    return {
        "state": show(unit),
        "name": dict(row.name) if row else {},
        "agency": row.agency if row else "",
        "kind": row.kind if row else "",
        "abilities": sorted(row.abilities) if row else [],
        "station": row.station if row else "",
    }


@get(
    "/api/incidents/{incident:int}/recommendation",
    summary="Who should go, and why",
    opt={"gives": outer(Recommendation)},
)
async def recommendation(request: Request[Any, Any, Any], desk: Here, incident: Id) -> Response[bytes]:
    """The nearest fit units for the run card of the incident's type, and what is missing; a person confirms
    with POST …/dispatch."""
    return answer(await desk.ask(_recommended, desk.view(asker_of(request.scope, desk)), incident))


def _recommended(view: View, id: int) -> dict[str, Any]:
    desk, incident = view.desk, view.incident_to_send(id)
    units = {each.code: each for each in view.units()}
    travel = travel_now(desk, view.at)
    return show(recommend(view.pack_now(), incident, units, travel, view.at))


STEPS = (
    Step("/api/units/{unit:str}/advance", c.AdvanceUnit, "En route, on scene, clear or recalled"),
    Step("/api/units/{unit:str}/backup", c.AskBackup, "Ask for help"),
    Step("/api/units/{unit:str}/status", c.SetUnitStatus, "Out of service, or back"),
    Step("/api/units/{unit:str}/move", c.MoveUnit, "Report a position"),
    Step("/api/units/{unit:str}/post", c.PostUnit, "Say where it shall wait"),
)
ROUTES: tuple[HTTPRouteHandler, ...] = (units, recommendation)
