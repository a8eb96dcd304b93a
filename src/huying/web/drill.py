"""How the drill stands that is played here: clock, score, what happened when."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.web.answers import answer
from huying.web.params import Here
from huying.web.shapes import Instant


class DrillShown(Struct, frozen=True):
    """`score` as in docs/en/drills.md; `timeline` lines have `at`, `what`, `happening`, `incident`, `values`
    (its sentence is `drill.line.<what>`). `hindsight`, what the best known policy would have sent, is told
    when the drill is over; `waves` are named once they have begun."""

    scenario: str
    title: dict[str, str]
    about: dict[str, str]
    pack: str
    seed: int
    policy: str
    speed: float
    begins_at: Instant
    ends_at: Instant
    now: Instant
    over: bool
    waves: dict[str, dict[str, str]]
    score: dict[str, Any]
    hindsight: list[dict[str, Any]]
    timeline: list[dict[str, Any]]


@get("/api/drill", summary="How the drill stands", opt={"gives": DrillShown})
async def drill(desk: Here) -> Response[bytes]:
    """Scenario, clock, score so far and timeline of the drill that is played here; `no_drill` in a house that
    works in earnest."""
    if desk.drill is None:
        raise Refusal("no_drill")
    return answer(await desk.ask(desk.drill))


ROUTES: tuple[HTTPRouteHandler, ...] = (drill,)
