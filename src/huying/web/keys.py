"""Keys of partners' programs: which there are, a new one, none any more. For the administrator."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct
from msgspec.structs import replace

from huying.base.clock import DAY
from huying.domain.account import KEY_MAX, PartnerKey
from huying.domain.office import IssueKey, RevokeKey
from huying.edge.instants import iso
from huying.edge.secrets import KEY_PREFIX, hash_of, new_secret
from huying.web.answers import answer, asker_of
from huying.web.params import Here
from huying.web.shapes import Instant
from huying.web.sign_in import body_of
from huying.web.steps import Step

# As long as `huying keys add` gives, when nothing is said.
DAYS = 365


class KeyLine(Struct, frozen=True):
    """`state`: valid, over or revoked. The secret itself is known to its holder alone."""

    key: int
    name: str
    scopes: list[str]
    agency: str
    state: str
    issued_at: Instant
    until: Instant
    seen_at: Instant | None


class KeyList(Struct, frozen=True):
    """In the order in which they were issued."""

    items: list[KeyLine]


class KeyWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """`scopes` of `read`, `work`, `calls`, `alerts`; `agency` whose work the program does."""

    name: Annotated[str, Meta(max_length=40)]
    scopes: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=10)]
    days: Annotated[int, Meta(ge=1, le=KEY_MAX // DAY)] = DAYS
    agency: Annotated[str, Meta(max_length=60)] = ""


class KeyIssued(Struct, frozen=True):
    """`secret` is told this once."""

    key: int
    name: str
    secret: str
    until: Instant


def _line(key: PartnerKey, seen: int, now: int) -> KeyLine:
    return KeyLine(
        key=key.id,
        name=key.name,
        scopes=list(key.scopes),
        agency=key.agency,
        state="revoked" if key.revoked_at else "over" if key.until <= now else "valid",
        issued_at=iso(key.issued_at),
        until=iso(key.until),
        seen_at=iso(seen) if seen else None,
    )


@get("/api/keys", summary="Keys of partners' programs", opt={"gives": KeyList})
async def keys(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """All that were ever issued, and when each was last used."""
    found, seen = await desk.ask(desk.view(asker_of(request.scope, desk)).keys)
    now = desk.clock.now()
    return answer({"items": [_line(each, seen.get(each.id, 0), now) for each in found]})


@post("/api/keys", status_code=201, summary="Issue a key", opt={"takes": KeyWanted, "gives": KeyIssued})
async def key_issued(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Shown once, kept as a hash; the program sends it as `Authorization: Bearer …`."""
    said: KeyWanted = await body_of(request, KeyWanted)
    secret = KEY_PREFIX + new_secret(desk.chance)
    command = IssueKey(
        name=said.name,
        hash=hash_of(secret),
        scopes=tuple(said.scopes),
        until=desk.clock.now() + said.days * DAY,
        agency=said.agency,
    )
    # The secret is new each time, so the sender's key for repeating can't hold for it.
    told = await desk.do(replace(asker_of(request.scope, desk), key=""), command)
    return answer(KeyIssued(told["key"], said.name, secret, iso(told["until"])), 201)


STEPS = (Step("/api/keys/{key:int}/revoke", RevokeKey, "Revoke a key"),)
ROUTES: tuple[HTTPRouteHandler, ...] = (keys, key_issued)
