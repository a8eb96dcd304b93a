"""One's own session: who am I, duty, locking, proving presence, and one's other sessions."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.domain.account import Account
from huying.domain.office import (
    BeginDuty,
    EndDuty,
    EndOtherSessions,
    EndSession,
    LockSession,
    ProvePresence,
)
from huying.edge import passkeys
from huying.edge.instants import iso
from huying.web.answers import address_of, answer, lang_of
from huying.web.gate import LOCKED
from huying.web.own import Done, account_of, do, leave, must_be_present, visitor_with_session
from huying.web.params import Here, Id
from huying.web.shapes import Instant
from huying.web.sign_in import Nothing, body_of, place


class Who(Struct, frozen=True):
    """The session that asks. Instants are empty where there is none. `pack` is the digest of the pack with
    its rules: with another one what a screen has loaded may be no longer for its eyes."""

    actor: str
    name: str
    kind: str
    role: str
    role_name: str
    agency: str
    agency_name: str
    unit: str
    shift: str
    shift_name: str
    duty_until: Instant | None
    until: Instant
    elevated_until: Instant | None
    locked: bool
    demo: bool
    drill: str
    how: str
    pack: str


class SessionLine(Struct, frozen=True):
    id: int
    how: str
    device: str
    address: str
    begun_at: Instant
    seen_at: Instant
    until: Instant
    this: bool
    locked: bool


class Shift(Struct, frozen=True, forbid_unknown_fields=True):
    """A shift's code; empty for the one that runs now."""

    shift: str = ""


class Presence(Struct, frozen=True, forbid_unknown_fields=True):
    """`credential` may be empty for made-up people only; `elevate` asks for sealed data."""

    credential: dict[str, Any] = {}
    elevate: bool = False


# ── this session ────────────────────────────────────────────────────────────────────────────────────────
@get("/api/session", summary="Who am I?", opt={"door": LOCKED, "gives": Who})
async def session(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The account and the session that ask."""
    visitor, lang = visitor_with_session(request), lang_of(request.scope, desk)
    account, who = await account_of(desk, visitor), visitor.principal
    here = account.session(visitor.session)
    agency = desk.pack.agencies.get(who.agency)
    duty = who.duty
    shift = desk.pack.shifts.get(duty.shift) if duty else None
    return answer(
        Who(
            actor=who.actor,
            name=account.name,
            kind=who.kind,
            role=account.role,
            role_name=desk.word(f"role.{account.role}", lang),
            agency=who.agency,
            agency_name=say(agency.name, lang) if agency else "",
            unit=who.unit,
            shift=duty.shift if duty else "",
            shift_name=say(shift.name, lang) if shift else "",
            duty_until=iso(duty.until) if duty else None,
            until=iso(visitor.until),
            elevated_until=iso(who.elevated_until) if who.elevated(desk.clock.now()) else None,
            locked=visitor.locked,
            demo=who.demo,
            drill=desk.settings.drill,
            how=here.how if here else "",
            pack=desk.pack.digest,
        )
    )


@post(
    "/api/session/end",
    status_code=200,
    summary="Sign out",
    opt={"door": LOCKED, "takes": Nothing, "gives": Done},
)
async def sign_out(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The session ends and the browser forgets its cookie."""
    visitor = visitor_with_session(request)
    return await leave(desk, visitor, EndSession(account=visitor.account, session=visitor.session))


@post(
    "/api/session/lock",
    status_code=200,
    summary="Lock the screen",
    opt={"door": LOCKED, "takes": Nothing, "gives": Done},
)
async def lock(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Until presence is proven nothing is shown and nothing is taken."""
    visitor = visitor_with_session(request)
    return await do(desk, visitor, LockSession(account=visitor.account, session=visitor.session))


@post("/api/session/duty", status_code=200, summary="Take up a shift", opt={"takes": Shift, "gives": Done})
async def begin_duty(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The session then ends with the shift."""
    visitor, said = visitor_with_session(request), await body_of(request, Shift)
    command = BeginDuty(account=visitor.account, session=visitor.session, shift=said.shift)
    return await do(desk, visitor, command)


@post(
    "/api/session/duty/end",
    status_code=200,
    summary="End one's duty, and the session",
    opt={"takes": Nothing, "gives": Done},
)
async def end_duty(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Handing over is done."""
    visitor = visitor_with_session(request)
    return await leave(desk, visitor, EndDuty(account=visitor.account, session=visitor.session))


# ── presence ────────────────────────────────────────────────────────────────────────────────────────────
@post(
    "/api/session/presence/options",
    status_code=200,
    summary="What a passkey is asked to sign again",
    opt={"door": LOCKED, "takes": Nothing, "gives": dict},
)
async def presence_options(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Only the passkeys of this account will do."""
    visitor = visitor_with_session(request)
    account = await account_of(desk, visitor)
    if not account.passkeys:
        raise Refusal("no_passkey")
    about = f"presence {visitor.session}"
    return answer(
        await desk.ask(passkeys.ask_to_prove, place(request, desk), desk.challenges, about, account)
    )


@post(
    "/api/session/presence",
    status_code=200,
    summary="Prove that one is there: unlock, or open sealed data",
    opt={"door": LOCKED, "takes": Presence, "gives": Done},
)
async def presence(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """A locked session goes on; with `elevate` sealed data is open for five minutes."""
    visitor, said = visitor_with_session(request), await body_of(request, Presence)
    account, address = await account_of(desk, visitor), address_of(request.scope)
    credential, count = "", 0
    if not (account.demo and desk.settings.demo):
        desk.door.may_try(address, account.id)
        try:
            credential = passkeys.credential_of(said.credential)
            count = await desk.ask(
                passkeys.check_proof,
                place(request, desk),
                said.credential,
                desk.challenges,
                f"presence {visitor.session}",
                account.passkey(credential),
            )
        except Refusal as refusal:
            desk.door.failed("passkey", refusal, account.id, address)
            raise
    command = ProvePresence(
        account=account.id,
        session=visitor.session,
        elevate=said.elevate,
        credential=credential,
        count=count,
    )
    return await do(desk, visitor, command)


# ── one's other sessions ────────────────────────────────────────────────────────────────────────────────
@get("/api/sessions", summary="Where am I signed in?", opt={"gives": list[SessionLine]})
async def sessions(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """One's own sessions, the newest first."""
    visitor = visitor_with_session(request)
    account, now = await account_of(desk, visitor), desk.clock.now()
    seen = await desk.ask(desk.questions.seen, [each.id for each in account.sessions])
    return answer(lines_of(account, seen, now, visitor.session))


def lines_of(account: Account, seen: dict[int, int], now: int, this: int) -> list[SessionLine]:
    """Sessions that run, the newest first; `this` is the one that asks, 0 for none of them."""
    return [
        SessionLine(
            id=each.id,
            how=each.how,
            device=each.agent,
            address=each.address,
            begun_at=iso(each.begun_at),
            seen_at=iso(max(seen.get(each.id, 0), each.present_at)),
            until=iso(each.until),
            this=each.id == this,
            locked=bool(each.locked_at),
        )
        for each in reversed(account.sessions)
        if each.until > now
    ]


@post(
    "/api/sessions/{session:int}/end",
    status_code=200,
    summary="End one of one's own sessions",
    opt={"takes": Nothing, "gives": Done},
)
async def session_ended(request: Request[Any, Any, Any], desk: Here, session: Id) -> Response[bytes]:
    """A lost telephone is out at once. Presence must have been proven a moment ago."""
    visitor = visitor_with_session(request)
    if session != visitor.session:
        must_be_present(desk, visitor)
    return await do(desk, visitor, EndSession(account=visitor.account, session=session, how="revoked"))


@post(
    "/api/sessions/others/end",
    status_code=200,
    summary="End all of one's sessions but this one",
    opt={"takes": Nothing, "gives": Done},
)
async def others_ended(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """After a passkey was added or removed, or when in doubt. Presence must have been proven a moment ago."""
    visitor = visitor_with_session(request)
    must_be_present(desk, visitor)
    return await do(desk, visitor, EndOtherSessions(account=visitor.account, session=visitor.session))


ROUTES: tuple[HTTPRouteHandler, ...] = (
    session,
    sign_out,
    lock,
    begin_duty,
    end_duty,
    presence_options,
    presence,
    sessions,
    session_ended,
    others_ended,
)
