"""Who works here: accounts, the links that let people in, their sessions. For the administrator."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec.structs import replace

from huying.base.text import say
from huying.domain.account import Account
from huying.domain.office import (
    ChangeAccount,
    CloseAccount,
    EndSession,
    IssueLink,
    OpenAccount,
    RemovePasskey,
    ReopenAccount,
)
from huying.edge.asker import Asker
from huying.edge.desk import Desk
from huying.edge.instants import iso
from huying.edge.origin import origin_of
from huying.edge.secrets import hash_of, new_secret
from huying.web.answers import answer, asker_of
from huying.web.bodies import body_of, reader_of
from huying.web.own_passkeys import PasskeyLine, passkeys_of
from huying.web.params import Here, Id
from huying.web.sessions import SessionLine, lines_of
from huying.web.shapes import Instant
from huying.web.sign_in import Nothing
from huying.web.steps import Step, Told

# Made-up people are the demo county's own.
_NOT_SAID = frozenset({"demo"})
_read = reader_of(OpenAccount, _NOT_SAID)


class AccountLine(Struct, frozen=True):
    """One account. `state`: `open`; `invited` while a set-up link is out and nothing else lets them in;
    `waiting` when nothing lets them in; `closed`; `demo`. `city` tells that the city's own account does.
    `seen_at` is the last use of one of the `sessions` that run, `shift` the duty in one of them."""

    account: int
    code: str
    name: str
    role: str
    role_name: str
    agency: str
    agency_name: str
    areas: list[str]
    unit: str
    state: str
    city: bool
    passkeys: int
    sessions: int
    shift: str
    seen_at: Instant | None
    link_until: Instant | None
    closed_at: Instant | None


class AccountList(Struct, frozen=True):
    """In the order in which the accounts were opened."""

    items: list[AccountLine]


class AccountShown(Struct, frozen=True):
    """An account with the sessions that run and its passkeys."""

    shown: AccountLine
    sessions: list[SessionLine]
    passkeys: list[PasskeyLine]


class Invited(Struct, frozen=True):
    """`link` is told this once: whoever opens it first sets up the passkey."""

    account: int
    link: str
    until: Instant


def _line(desk: Desk, account: Account, seen: dict[int, int], lang: str) -> AccountLine:
    now = desk.clock.now()
    alive = [each for each in account.sessions if each.until > now]
    agency = desk.pack.agencies.get(account.agency)
    last = max((max(seen.get(each.id, 0), each.present_at) for each in alive), default=0)
    link = account.link_until if account.link and account.link_until > now else 0
    return AccountLine(
        account=account.id,
        code=account.code,
        name=account.name,
        role=account.role,
        role_name=desk.word(f"role.{account.role}", lang),
        agency=account.agency,
        agency_name=say(agency.name, lang) if agency else "",
        areas=list(account.areas),
        unit=account.unit,
        state=_state(account, bool(link)),
        city=bool(account.subject),
        passkeys=len(account.passkeys),
        sessions=len(alive),
        shift=next((each.duty.shift for each in alive if each.duty and each.duty.until > now), ""),
        seen_at=iso(last) if last else None,
        link_until=iso(link) if link else None,
        closed_at=iso(account.closed_at) if account.closed_at else None,
    )


def _state(account: Account, link: bool) -> str:
    if account.closed_at:
        return "closed"
    if account.demo:
        return "demo"
    if account.passkeys or account.subject:
        return "open"
    return "invited" if link else "waiting"


@get("/api/accounts", summary="Accounts of staff", opt={"gives": AccountList})
async def accounts(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Role, desk and state of everybody who has or had an account."""
    asker = asker_of(request.scope, desk)
    found, seen = await desk.ask(desk.view(asker).staff)
    return answer({"items": [_line(desk, each, seen, asker.lang) for each in found]})


@get("/api/accounts/{account:int}", summary="One account", opt={"gives": AccountShown})
async def account_shown(request: Request[Any, Any, Any], desk: Here, account: Id) -> Response[bytes]:
    """With its sessions, the newest first, and its passkeys."""
    asker = asker_of(request.scope, desk)
    (found,), seen = await desk.ask(desk.view(asker).staff, account)
    shown = AccountShown(
        shown=_line(desk, found, seen, asker.lang),
        sessions=lines_of(found, seen, desk.clock.now(), 0),
        passkeys=passkeys_of(found),
    )
    return answer(shown)


@post(
    "/api/accounts",
    status_code=201,
    summary="Open an account and invite its owner",
    opt={"takes": body_of(OpenAccount, _NOT_SAID), "gives": Invited},
)
async def account_opened(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The answer's link is handed to its owner, who sets up a passkey with it within three days."""
    asker = asker_of(request.scope, desk)
    told = await desk.do(asker, _read(await request.body(), {}))
    return answer(await _invite(request, desk, asker, told["account"]), 201)


@post(
    "/api/accounts/{account:int}/link",
    status_code=200,
    summary="A new set-up link",
    opt={"takes": Nothing, "gives": Invited},
)
async def invited_again(request: Request[Any, Any, Any], desk: Here, account: Id) -> Response[bytes]:
    """The one before is void. For who lost their passkeys, or never used the link."""
    return answer(await _invite(request, desk, asker_of(request.scope, desk), account))


async def _invite(request: Request[Any, Any, Any], desk: Desk, asker: Asker, account: int) -> Invited:
    """The secret stands behind `#`, so no server or proxy writes it in a log. It is new each time, so the
    sender's key for repeating can't hold for it."""
    secret = new_secret(desk.chance)
    told = await desk.do(replace(asker, key=""), IssueLink(account=account, hash=hash_of(secret)))
    root = origin_of(request.scope, desk.settings).rstrip("/")
    return Invited(account, f"{root}/set-up#{secret}", iso(told["until"]))


@post(
    "/api/accounts/{account:int}/sessions/{session:int}/end",
    status_code=200,
    summary="End somebody's session",
    opt={"takes": Nothing, "gives": Told},
)
async def session_ended(
    request: Request[Any, Any, Any], desk: Here, account: Id, session: Id
) -> Response[bytes]:
    """A telephone was lost, or a screen stands open: out at once, elsewhere within seconds."""
    command = EndSession(account=account, session=session, how="lost")
    return answer(await desk.do(asker_of(request.scope, desk), command))


_ONE = "/api/accounts/{account:int}"
STEPS = (
    Step(f"{_ONE}/change", ChangeAccount, "Change role, name, agency, areas or unit"),
    Step(f"{_ONE}/close", CloseAccount, "Retire an account: its sessions end"),
    Step(f"{_ONE}/reopen", ReopenAccount, "Open a retired account again"),
    Step(f"{_ONE}/passkeys/remove", RemovePasskey, "Remove a passkey that was lost"),
)
ROUTES: tuple[HTTPRouteHandler, ...] = (
    accounts,
    account_shown,
    account_opened,
    invited_again,
    session_ended,
)
