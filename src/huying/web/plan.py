"""The whole board at once: who should go where, what is missing, where free units should wait."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec.structs import replace

from huying.dispatch.board import INCIDENTS_MAX, Missing, Sent, plan_board
from huying.dispatch.cover import Cover, Covered, Move
from huying.dispatch.swap import Swap, swaps
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.statuses import IncidentStatus
from huying.domain.unit import Unit
from huying.edge.driven import travel_now
from huying.edge.view import View
from huying.service.questions import IncidentFilter
from huying.web.answers import answer, asker_of
from huying.web.params import Here
from huying.web.shapes import outer, show

_OPEN = (IncidentStatus.OPEN.value, IncidentStatus.ACTIVE.value)


class PlanShown(Struct, frozen=True):
    """`sent` and `missing` over all open incidents; `covered` and `moves` of the units that are free now;
    `swaps` where one that is free would be there much sooner than one that is on the way."""

    sent: list[outer(Sent)]  # type: ignore[valid-type]
    missing: list[outer(Missing)]  # type: ignore[valid-type]
    covered: list[outer(Covered)]  # type: ignore[valid-type]
    moves: list[outer(Move)]  # type: ignore[valid-type]
    swaps: list[outer(Swap)]  # type: ignore[valid-type]


@get("/api/plan", summary="Who should go where, over the whole board", opt={"gives": PlanShown})
async def plan(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """One matching over all open incidents and free units, by road time, priority and what stays covered. It
    sends nobody: a person confirms each with POST …/dispatch."""
    return answer(await desk.ask(_plan, desk.view(asker_of(request.scope, desk))))


def _plan(view: View) -> dict[str, object]:
    pack = view.pack_now()
    view.closures()  # who may not see roads is refused
    travel = travel_now(view.desk, view.at)
    units = {each.code: _posted(each, pack) for each in view.units()}
    cover = Cover(pack, units, travel, view.at)
    incidents = _incidents(view)
    planned = plan_board(cover, incidents, view.at)
    going = frozenset(each.unit for each in planned.sent)
    return {
        "sent": [show(each) for each in planned.sent],
        "missing": [show(each) for each in planned.missing],
        "covered": [show(each) for each in cover.covered()],
        "moves": [show(each) for each in cover.moves()],
        "swaps": [show(each) for each in swaps(cover, units, incidents, going)],
    }


def _posted(unit: Unit, pack: Pack) -> Unit:
    """Who was asked to wait at a station counts as there: the same move is not proposed twice."""
    station = pack.stations.get(unit.post)
    return replace(unit, lat=station.lat, lon=station.lon) if station else unit


def _incidents(view: View) -> list[Incident]:
    """Open incidents, all urgent ones before the newest of the others."""
    found: dict[int, Incident] = {}
    for priority in (2, 5):
        wanted = IncidentFilter(status=_OPEN, priority_max=priority)
        found |= {each.id: each for each in view.incidents_to_send(wanted, INCIDENTS_MAX)}
    return list(found.values())[:INCIDENTS_MAX]


ROUTES: tuple[HTTPRouteHandler, ...] = (plan,)
