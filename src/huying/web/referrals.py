"""Referrals: what each agency owes by when, and how it answers."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery
from msgspec import Struct

from huying.domain import commands as c
from huying.service.questions import Notice, ReferralLine
from huying.web.answers import answer, asker_of
from huying.web.params import PAGE_USUAL, Code, Cursor, Here, Limit, Seq, Statuses
from huying.web.shapes import dump, outer
from huying.web.steps import Step


class ReferralPage(Struct, frozen=True):
    """By due time; `next` is the cursor of the page that follows, empty at the end."""

    items: list[outer(ReferralLine)]  # type: ignore[valid-type]
    next: str


class NoticeList(Struct, frozen=True):
    """In order of `seq`; ask again with `after` = the last one's `seq`."""

    items: list[outer(Notice)]  # type: ignore[valid-type]


@get("/api/referrals", summary="Referrals by due time", opt={"gives": ReferralPage})
async def referrals(
    request: Request[Any, Any, Any],
    desk: Here,
    agency: Code = "",
    status: Statuses = None,
    overdue: FromQuery[bool] = False,
    cursor: Cursor = "",
    limit: Limit = PAGE_USUAL,
) -> Response[bytes]:
    """`overdue=true` keeps the running ones whose due time has passed."""
    now = desk.clock.now() if overdue else 0
    view = desk.view(asker_of(request.scope, desk))
    page = await desk.ask(view.referrals, agency, tuple(status or ()), now, cursor, limit)
    line = dump(ReferralLine)
    return answer({"items": [line(each) for each in page.items], "next": page.next})


@get("/api/notices", summary="Who was told of a passed deadline", opt={"gives": NoticeList})
async def notices(
    request: Request[Any, Any, Any], desk: Here, to: Code = "", after: Seq = 0, limit: Limit = PAGE_USUAL
) -> Response[bytes]:
    found = await desk.ask(desk.view(asker_of(request.scope, desk)).notices, to, after, limit)
    line = dump(Notice)
    return answer({"items": [line(each) for each in found]})


_ONE = "/api/incidents/{incident:int}/referrals"
STEPS = (
    Step(_ONE, c.OfferReferral, "Hand the incident to an agency"),
    Step(f"{_ONE}/{{n:int}}/accept", c.AcceptReferral, "Accept"),
    Step(f"{_ONE}/{{n:int}}/return", c.ReturnReferral, "Hand back with a reason"),
    Step(f"{_ONE}/{{n:int}}/resolve", c.ResolveReferral, "Say what was done"),
    Step(f"{_ONE}/{{n:int}}/extend", c.ExtendReferral, "Ask for more time, with a reason"),
)
ROUTES: tuple[HTTPRouteHandler, ...] = (referrals, notices)
