"""One's own passkeys: which there are, another one, one fewer."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.account import Account
from huying.domain.office import RemovePasskey
from huying.edge import passkeys
from huying.edge.instants import iso
from huying.web.answers import answer
from huying.web.own import Done, account_of, do, must_be_present, visitor_with_session
from huying.web.params import Here
from huying.web.shapes import Instant
from huying.web.sign_in import Answered, Nothing, added, body_of, place


class PasskeyLine(Struct, frozen=True):
    id: str
    name: str
    added_at: Instant
    used_at: Instant | None
    synced: bool


class Which(Struct, frozen=True, forbid_unknown_fields=True):
    id: str


@get("/api/passkeys", summary="Which passkeys have I?", opt={"gives": list[PasskeyLine]})
async def own_passkeys(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """One's own passkeys, the oldest first."""
    account = await account_of(desk, visitor_with_session(request))
    return answer(passkeys_of(account))


def passkeys_of(account: Account) -> list[PasskeyLine]:
    """The oldest first."""
    return [
        PasskeyLine(
            each.id, each.name, iso(each.added_at), iso(each.used_at) if each.used_at else None, each.synced
        )
        for each in account.passkeys
    ]


@post(
    "/api/passkeys/options",
    status_code=200,
    summary="What another passkey is made from",
    opt={"takes": Nothing, "gives": dict},
)
async def passkey_options(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Presence must have been proven a moment ago."""
    visitor = visitor_with_session(request)
    must_be_present(desk, visitor)
    account, about = await account_of(desk, visitor), f"add {visitor.session}"
    return answer(await desk.ask(passkeys.ask_to_make, place(request, desk), account, desk.challenges, about))


@post("/api/passkeys", status_code=200, summary="Add another passkey", opt={"takes": Answered, "gives": Done})
async def passkey_added(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """For the telephone as well as the desk, before one of them is lost."""
    visitor = visitor_with_session(request)
    must_be_present(desk, visitor)
    said = await body_of(request, Answered)
    made = await desk.ask(
        passkeys.check_made, place(request, desk), said.credential, desk.challenges, f"add {visitor.session}"
    )
    return await do(desk, visitor, added(request, visitor.account, said, made))


@post(
    "/api/passkeys/remove", status_code=200, summary="Remove a passkey", opt={"takes": Which, "gives": Done}
)
async def passkey_removed(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The last one stays, unless the city's account lets its owner in."""
    visitor = visitor_with_session(request)
    must_be_present(desk, visitor)
    said = await body_of(request, Which)
    account = await account_of(desk, visitor)
    if len(account.passkeys) == 1 and not account.subject and account.passkey(said.id):
        raise Refusal("last_passkey")
    return await do(desk, visitor, RemovePasskey(account=account.id, credential=said.id[:1400]))


ROUTES: tuple[HTTPRouteHandler, ...] = (own_passkeys, passkey_options, passkey_added, passkey_removed)
