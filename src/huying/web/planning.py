"""Plans of deployment worked out for a supervisor, who looks at them and puts them on the table."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.policy import Action, Thing
from huying.edge.desk import Desk
from huying.edge.planner import PlanAsked, Planner, Work
from huying.web.answers import answer, asker_of, lang_of
from huying.web.misfits import decoded
from huying.web.params import Here
from huying.words.explain import explain

Spread = tuple[float, float, float]
"""A mean with the ends of its interval."""


class PostMade(Struct, frozen=True):
    """`without_it` is by how much the share in reach falls when nobody is there."""

    post: str
    lat: float
    lon: float
    crews: int
    name: dict[str, str] = {}
    station: bool = False
    units: list[str] = []
    without_it: float = 0.0


class OptionMade(Struct, frozen=True):
    """`name`: today, moved, more, best, base or own. `expected` share in reach; the others from trying out,
    with their intervals: mean and 90th percentile of seconds to the first crew, the share within the time,
    and how much better than today."""

    name: str
    crews: int
    expected: float
    mean_s: Spread
    p90_s: Spread
    within: Spread
    sooner_s: Spread
    more_within: Spread


class ShiftMade(Struct, frozen=True):
    shift: str
    name: dict[str, str]
    crews: int
    today: int


class TurnMade(Struct, frozen=True):
    """`unit` works on `shifts`; today on `before` (empty: at all hours)."""

    unit: str
    shifts: list[str]
    before: list[str]


class HourMade(Struct, frozen=True):
    hour: int
    load: float
    needed: int
    there: int


class PlanMade(Struct, frozen=True):
    """What was worked out; only what the kind of plan has is filled."""

    ability: str = ""
    asks: int = 0
    weeks: float = 0.0
    within_s: float = 0.0
    busy: float = 0.0
    proven: bool = False
    bound: float = 1.0
    posts: list[PostMade] = []
    options: list[OptionMade] = []
    shifts: list[ShiftMade] = []
    roster: list[TurnMade] = []
    short: dict[str, int] = {}
    hours: list[HourMade] = []
    waits: Spread = (0.0, 0.0, 0.0)
    urgent_waits: Spread = (0.0, 0.0, 0.0)
    formula_waits: float = 0.0
    ways: int = 0
    held_out: int = 0
    factors: list[float] = []
    counts: list[int] = []
    error_before: float = 0.0
    error_after: float = 0.0
    better: bool = False


class RefusalMade(Struct, frozen=True):
    code: str
    sentence: str
    todo: str


class WorkShown(Struct, frozen=True):
    """`status`: none, running, done or refused; of what was asked last."""

    id: int
    status: str
    by: str
    for_s: int
    asked: PlanAsked | None = None
    made: PlanMade | None = None
    refusal: RefusalMade | None = None


@post(
    "/api/plans/work",
    summary="Work out a plan of deployment",
    status_code=202,
    opt={"takes": PlanAsked, "gives": WorkShown},
)
async def begin(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """In a process of its own, one at a time; what comes of it is asked for by GET. Nothing changes by it."""
    view = desk.view(asker_of(request.scope, desk))
    view.ever(Thing.PLAN, Action.MANAGE)
    asked = decoded(await request.body(), PlanAsked)
    lang = lang_of(request.scope, desk)
    work = _planner(desk).begin(asked, view.asker.actor, view.at, lang)
    return answer(_shown(work, view.at, lang), 202)


@get("/api/plans/work", summary="The plan that is being worked out", opt={"gives": WorkShown})
async def standing(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The last one that anybody asked for, and what came of it."""
    view = desk.view(asker_of(request.scope, desk))
    view.ever(Thing.PLAN)
    return answer(_shown(_planner(desk).work, view.at, lang_of(request.scope, desk)))


def _planner(desk: Desk) -> Planner:
    if desk.planner is None:
        raise Refusal("not_found", noun="plan", id=0)
    return desk.planner


def _shown(work: Work, at: int, lang: str) -> WorkShown:
    refusal = None
    if work.refusal:
        if "sentence" in work.refusal:
            refusal = RefusalMade(**work.refusal)
        else:
            params = dict(work.refusal)
            said = explain(Refusal(params.pop("code"), **params), lang)
            refusal = RefusalMade(said.code, said.sentence, said.todo)
    made = msgspec.convert(work.made, PlanMade) if work.made else None
    for_s = max(0, (at - work.since_at) // 1_000_000) if work.since_at else 0
    return WorkShown(work.id, work.status, work.by, for_s, work.asked, made, refusal)


ROUTES: tuple[HTTPRouteHandler, ...] = (begin, standing)
