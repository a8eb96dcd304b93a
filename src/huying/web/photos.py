"""Pictures: handed in first, named by the command that needs them, looked at by who may see the incident."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler, asgi
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.photo import KIND
from huying.domain.principal import Kind
from huying.edge.desk import desk_of
from huying.edge.instants import iso
from huying.edge.pictures import BYTES_MAX
from huying.web.answers import (
    address_of,
    asker_of,
    encode,
    lang_of,
    read_body,
    send_json,
    send_refusal,
)
from huying.web.asgi import Receive, Scope, Send
from huying.web.gate import OPEN
from huying.web.params import Here, Id, Name
from huying.web.problems import refusal_of
from huying.web.shapes import Instant

# A picture opened by itself is a picture and nothing else.
_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "content-disposition": "inline",
}


class PhotoKept(Struct, frozen=True):
    """`photo` names the picture in `photos` of a command until `until`; `size` in bytes, as it is kept."""

    photo: str
    size: int
    width: int
    height: int
    until: Instant
    seq: int
    repeated: bool = False


@asgi("/api/photos", name="keep_photo", copy_scope=False, opt={"door": OPEN})
async def keeping(scope: Scope, receive: Receive, send: Send) -> None:
    """`POST /api/photos`: the picture itself as the body."""
    desk = desk_of(scope)
    try:
        if scope["method"] != "POST":
            raise Refusal("wrong_method", allowed="POST")
        asker = asker_of(scope, desk)
        stranger = asker.principal.kind is Kind.PUBLIC
        desk.pictures.count("" if stranger else asker.principal.actor, address_of(scope))
        command = await desk.pictures.take(await read_body(receive, BYTES_MAX))
        told = await desk.do(asker, command)
        return await send_json(send, 201, encode(told | {"until": iso(told["until"])}))
    except Exception as error:
        return await send_refusal(send, lang_of(scope, desk), refusal_of(scope, error))


@get("/api/photos/{photo:int}", summary="A picture of an incident", opt={"bytes": KIND})
async def photo(request: Request[Any, Any, Any], desk: Here, photo: Id) -> Response[bytes]:
    """For who may see pictures of its incident; the look goes on record."""
    view = desk.view(asker_of(request.scope, desk))
    return _picture(await desk.ask(view.photo, photo))


@get(
    "/api/follow/{code:str}/photos/{photo:int}",
    summary="A picture of my own call or of the answer to it",
    opt={"door": OPEN, "bytes": KIND},
)
async def own_photo(request: Request[Any, Any, Any], desk: Here, code: Name, photo: Id) -> Response[bytes]:
    """By the code that was told when the call came in."""
    view = desk.public_view(asker_of(request.scope, desk))
    return _picture(await desk.ask(view.own_photo, code, address_of(request.scope), photo))


def _picture(image: bytes) -> Response[bytes]:
    return Response(image, media_type=KIND, headers=_HEADERS)


ROUTES: tuple[HTTPRouteHandler, ...] = (photo, own_photo)
