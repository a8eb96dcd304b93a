"""The caller's own view, by the code that was told when the call came in: no account is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.text import say
from huying.domain.commands import AnswerFollowUp
from huying.domain.incident import Incident
from huying.domain.photo import ANSWER, CALL, FOLLOW_UP, Photo
from huying.domain.statuses import FollowUpStatus
from huying.edge.instants import iso
from huying.edge.public import PublicView
from huying.edge.view import Behind
from huying.web.answers import address_of, answer, asker_of
from huying.web.bodies import body_of, reader_of
from huying.web.gate import OPEN
from huying.web.params import Here, Name
from huying.web.shapes import Instant
from huying.web.steps import Told


class Promise(Struct, frozen=True):
    """Which agency answers by when, and what it answered."""

    agency: str
    status: str
    due: Instant | None
    answer: str
    photos: list[int]


class Followed(Struct, frozen=True):
    """Where a call stands. `asked` is true while the caller is asked if it is solved, until `answer_by`.
    `photos` are the caller's own; each is at `/api/follow/{code}/photos/{photo}`."""

    received_at: Instant
    words: str
    type: str
    status: str
    status_name: str
    promises: list[Promise]
    units_sent: int
    asked: bool
    answer_by: Instant | None
    closed_at: Instant | None
    photos: list[int]


_read = reader_of(AnswerFollowUp, frozenset({"incident", "version"}))


@get("/api/follow/{code:str}", summary="Where my call stands", opt={"door": OPEN, "gives": Followed})
async def followed(request: Request[Any, Any, Any], desk: Here, code: Name) -> Response[bytes]:
    """By the code that was told when the call came in."""
    asker = asker_of(request.scope, desk)
    view = desk.public_view(asker)
    return answer(await desk.ask(_followed, view, code, address_of(request.scope), asker.lang))


@post(
    "/api/follow/{code:str}",
    summary="Is it solved? The caller says yes or no",
    status_code=200,
    opt={"door": OPEN, "takes": body_of(AnswerFollowUp, frozenset({"incident", "version"})), "gives": Told},
)
async def follow_up_answered(request: Request[Any, Any, Any], desk: Here, code: Name) -> Response[bytes]:
    """A no opens the incident again."""
    asker = asker_of(request.scope, desk)
    view = desk.public_view(asker.as_actor("caller"))
    call, _ = await desk.ask(view.own_call, code, address_of(request.scope))
    command = _read(await request.body(), {"incident": call.incident})
    return answer(await view.do_own(command))


def _followed(view: PublicView, code: str, address: str, lang: str) -> Followed:
    desk, (call, incident) = view.desk, view.own_call(code, address)
    follow_up = incident.follow_up
    asked = follow_up is not None and follow_up.status is FollowUpStatus.ASKED
    return Followed(
        received_at=iso(call.at),
        words=call.words,
        type=say(desk.pack.type_of(incident.type).name, lang),
        status=incident.status,
        status_name=desk.word(f"status.incident.{incident.status}", lang),
        promises=_promises(desk, incident, lang),
        units_sent=len(incident.assignments),
        asked=asked,
        answer_by=iso(follow_up.due) if asked and follow_up is not None else None,
        closed_at=iso(incident.closed_at) if incident.closed_at else None,
        photos=_photos(call.photos, CALL, call.id) + _photos(incident.photos, FOLLOW_UP),
    )


def _photos(photos: Sequence[Photo], part: str, of: int = 0) -> list[int]:
    """Those of a part that are still there."""
    return [each.id for each in photos if each.part == part and of in (0, each.of) and not each.gone]


def _promises(desk: Behind, incident: Incident, lang: str) -> list[Promise]:
    promises = []
    for each in incident.referrals:
        if each.status in ("returned", "withdrawn"):
            continue
        agency = desk.pack.agencies.get(each.agency)
        promises.append(
            Promise(
                agency=say(agency.name, lang) if agency else each.agency,
                status=desk.word(f"status.referral.{each.status}", lang),
                due=iso(each.due) if each.due else None,
                answer=each.answer,
                photos=_photos(incident.photos, ANSWER, each.n),
            )
        )
    return promises


ROUTES: tuple[HTTPRouteHandler, ...] = (followed, follow_up_answered)
