"""Commands over HTTP: one line for each says its address; the rest is made from the command itself."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.commands import Command
from huying.web.answers import answer, asker_of
from huying.web.bodies import ID_MAX, body_of, reader_of
from huying.web.params import Here

_PLACE = re.compile(r"\{(\w+):(\w+)\}")


class Step(Struct, frozen=True):
    """`POST address` sends `command`; places in the address (`{incident:int}`) fill its fields."""

    address: str
    command: type[Command]
    summary: str


class Told(Struct, frozen=True):
    """What the sender of a command is told: `seq` is the journal's end after it; more by command."""

    seq: int
    incident_id: int = 0
    call_id: int = 0
    plan_id: int = 0
    n: int = 0
    version: int = 0
    repeated: bool = False


def handler_of(step: Step) -> HTTPRouteHandler:
    """The Litestar handler for a step."""
    places = dict(_PLACE.findall(step.address))
    named = frozenset(places)
    read = reader_of(step.command, named)

    async def send(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
        address = {name: _place(name, places[name], request.path_params[name]) for name in places}
        command = read(await request.body(), address)
        return answer(await desk.do(asker_of(request.scope, desk), command))

    send.__name__ = step.command.__name__
    send.__doc__ = step.command.__doc__
    # Names of places are read from the request itself: Litestar wants them in a signature only to convert.
    return post(
        step.address,
        name=step.command.__name__,
        operation_id=step.command.__name__,
        summary=step.summary,
        status_code=200,
        opt={"takes": body_of(step.command, named), "gives": Told},
    )(send)


def _place(name: str, kind: str, value: Any) -> Any:
    if kind == "int":
        if not 1 <= value <= ID_MAX:
            raise Refusal("not_found", noun=name, id=value)
        return value
    return str(value)[:60]
