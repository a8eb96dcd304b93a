"""How the drill stands that is played here: clock, score, what happened when."""

from __future__ import annotations

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.web.answers import answer
from huying.web.params import Here
from huying.web.shapes import Instant


class DrillArrivals(Struct, frozen=True):
    """Of one priority: to how many somebody came, how many had nobody; seconds from the first ring, null
    where nothing was measured."""

    came: int
    waiting: int
    median_s: float | None
    p90_s: float | None


class DrillCards(Struct, frozen=True):
    """Places on run cards of priority 1 and 2; `missed` are cards that lacked somebody to the end."""

    asked: int
    in_time: int
    late: int
    never: int
    missed: int


class DrillPoints(Struct, frozen=True):
    """What each measure brings, of a hundred together."""

    arrivals: float
    cards: float
    cover: float
    callers: float
    referrals: float
    closings: float


class DrillScore(Struct, frozen=True):
    """As in docs/en/drills.md; `arrivals` by priority, `uncovered_min` by ability."""

    calls: int
    happenings: int
    arrivals: dict[str, DrillArrivals]
    cards: DrillCards
    uncovered_min: dict[str, float]
    uncovered_mean_min: float
    referrals: int
    referrals_late: int
    callers_lost: int
    joined_wrong: int
    closings_false: int
    points: DrillPoints
    total: float


class DrillLine(Struct, frozen=True):
    """One line of the timeline; its sentence is `drill.line.<what>`, filled by `values`."""

    at: Instant
    what: str
    happening: str
    incident: int
    values: dict[str, str | int | float]


class DrillDecision(Struct, frozen=True):
    """Who was sent, and who would have been when it was opened; `lost_s` negative where it was better."""

    incident: int
    happening: str
    type: str
    priority: int
    opened_at: Instant
    advised: list[str]
    advised_s: float
    sent_at: Instant | None
    sent: list[str]
    expected_s: float
    lost_s: float


class DrillRun(Struct, frozen=True):
    """The same drill, played once more by a rule."""

    policy: str
    score: DrillScore


class DrillTurned(Struct, frozen=True):
    """What went otherwise in the best of those runs: seconds from the first ring to the first unit, null
    where nobody came."""

    happening: str
    type: str
    priority: int
    rang_at: Instant
    came_s: float | None
    came: list[str]
    would_s: float | None
    would_come: list[str]


class DrillOtherwise(Struct, frozen=True):
    """The drill once more, from the same calls, by every known rule; `best` has the most points."""

    best: str
    runs: list[DrillRun]
    turned: list[DrillTurned]


class DrillShown(Struct, frozen=True):
    """`hindsight`, decision by decision, is told when the drill is over; `otherwise` some seconds later, when
    the same drill has been played by every known rule; `waves` are named once they have begun."""

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
    score: DrillScore
    hindsight: list[DrillDecision]
    otherwise: DrillOtherwise | None
    timeline: list[DrillLine]


@get("/api/drill", summary="How the drill stands", opt={"gives": DrillShown})
async def drill(desk: Here) -> Response[bytes]:
    """Scenario, clock, score so far and timeline of the drill that is played here; `no_drill` in a house that
    works in earnest."""
    if desk.drill is None:
        raise Refusal("no_drill")
    return answer(await desk.ask(desk.drill))


ROUTES: tuple[HTTPRouteHandler, ...] = (drill,)
