"""Who looked at a caller's data: for the data officer, and to be told to the person."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.privacy.looked import Looked
from huying.web.answers import answer, asker_of
from huying.web.params import Here, Id
from huying.web.shapes import dump, outer


class LookedList(Struct, frozen=True):
    """In order of time."""

    items: list[outer(Looked)]  # type: ignore[valid-type]


@get("/api/calls/{call:int}/looks", summary="Who looked at a caller's data", opt={"gives": LookedList})
async def looks(request: Request[Any, Any, Any], desk: Here, call: Id) -> Response[bytes]:
    """Who saw the words, the media or the contact of this call, when, what for, and by which rule."""
    found = await desk.ask(desk.view(asker_of(request.scope, desk)).looked, call)
    line = dump(Looked)
    return answer({"items": [line(each) for each in found]})


ROUTES: tuple[HTTPRouteHandler, ...] = (looks,)
