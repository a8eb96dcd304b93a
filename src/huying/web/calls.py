"""Calls come in: one by one, or a file of them at once.

Both handlers speak ASGI themselves. Litestar's request, signature, dependency and response objects take
some 200 µs a request on the machine of the anchors, twice what triage, routing and the commit of a whole
group take together; the bare handler takes a third of that, inside the same application and its limits.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.handlers import asgi
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.call import Call
from huying.domain.commands import ReceiveCall
from huying.domain.principal import Kind
from huying.edge.desk import desk_of
from huying.service.intake import check, understand
from huying.web.answers import answer, asker_of, encode, lang_of, read_body, send_json, send_refusal
from huying.web.asgi import Receive, Scope, Send
from huying.web.bodies import reader_of
from huying.web.gate import OPEN
from huying.web.params import Here, Id
from huying.web.problems import refusal_of
from huying.web.shapes import outer, show

# The way in of a call whose sender does not say: a program that uses the API, or the public's page.
CHANNEL = {"channel": "api"}
PUBLIC_CHANNEL = {"channel": "web"}


class Received(Struct, frozen=True, omit_defaults=True):
    """What the sender of a call is told once it is on disk. `code` is what the caller follows it with: it is
    told this once and kept as a hash only. `may_be_same_as` are incidents that it may belong to, `scam` the
    card of `/api/scams` that is to be shown at once."""

    call_id: int
    incident_id: int
    seq: int
    code: str
    type: str = ""
    priority: int = 0
    joined: bool = False
    may_be_same_as: tuple[int, ...] = ()
    scam: str = ""
    repeated: bool = False


class Checked(Struct, frozen=True):
    """What would become of a call; nothing was kept."""

    type: str
    priority: int
    areas: tuple[str, ...]
    scam: str = ""


_read = reader_of(ReceiveCall, optional=frozenset(CHANNEL))


@asgi("/api/calls", name="receive_call", copy_scope=False, opt={"door": OPEN})
async def intake(scope: Scope, receive: Receive, send: Send) -> None:
    """`POST /api/calls`; `?check=only` says what would become of the call and keeps nothing."""
    desk = desk_of(scope)
    try:
        if scope["method"] != "POST":
            raise Refusal("wrong_method", allowed="POST")
        body = await read_body(receive, desk.settings.body_max)
        asker = asker_of(scope, desk)
        public = asker.principal.kind is Kind.PUBLIC
        command = _read(body, PUBLIC_CHANNEL if public else CHANNEL)
        assert isinstance(command, ReceiveCall)
        if public:
            of_the_public(command)
        if scope["query_string"] == b"check=only":
            check(desk.pack, command)
            heard = understand(desk.house, command)
            suggestion = heard.suggestion
            checked = Checked(suggestion.type, suggestion.priority, heard.place.areas, scam=suggestion.scam)
            return await send_json(send, 200, encode(checked))
        done = await desk.writer.do(desk.view(asker).envelope(command))
        return await send_json(send, 201, encode(done.answer))
    except Exception as error:
        return await send_refusal(send, lang_of(scope, desk), refusal_of(scope, error))


def of_the_public(command: ReceiveCall) -> None:
    """A citizen tells their own call, now; refuses (`public_only`) what only staff and partners may say."""
    fields = {
        "channel": command.channel != PUBLIC_CHANNEL["channel"],
        "incident": command.incident,
        "stated_priority": command.stated_priority,
        "received_at": command.received_at,
        "source_id": command.source_id,
    }
    for field, said in fields.items():
        if said:
            raise Refusal("public_only", field=field)


@get("/api/calls/{call:int}", opt={"gives": outer(Call)}, summary="One call as it came")
async def call_shown(request: Request[Any, Any, Any], desk: Here, call: Id) -> Any:
    return answer(show(await desk.ask(desk.view(asker_of(request.scope, desk)).call, call)))


ROUTES = (call_shown,)
