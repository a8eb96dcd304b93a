"""One's own session: who am I, duty, locking, proving presence, one's other sessions and passkeys."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.domain.account import Account, by_code
from huying.domain.commands import Command
from huying.domain.office import (
    AddPasskey,
    BeginDuty,
    EndDuty,
    EndSession,
    LockSession,
    ProvePresence,
    RemovePasskey,
)
from huying.edge import passkeys
from huying.edge.desk import Desk
from huying.edge.instants import iso
from huying.edge.origin import header
from huying.edge.visitor import SCOPE, Visitor
from huying.web.answers import address_of, answer, lang_of
from huying.web.gate import LOCKED
from huying.web.params import Here, Id
from huying.web.shapes import Instant
from huying.web.sign_in import Answered, Nothing, as_system, body_of, device_of, place


class Who(Struct, frozen=True):
    """The session that asks. Instants are empty where there is none."""

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


class PasskeyLine(Struct, frozen=True):
    id: str
    name: str
    added_at: Instant
    used_at: Instant | None
    synced: bool


class Done(Struct, frozen=True):
    """Until when the session goes on, and sealed data is open to it (0 for not), in UTC µs."""

    until: int = 0
    elevated_until: int = 0
    shift: str = ""


class Shift(Struct, frozen=True, forbid_unknown_fields=True):
    """A shift's code; empty for the one that runs now."""

    shift: str = ""


class Presence(Struct, frozen=True, forbid_unknown_fields=True):
    """`credential` may be empty for made-up people only; `elevate` asks for sealed data."""

    credential: dict[str, Any] = {}
    elevate: bool = False


class Which(Struct, frozen=True, forbid_unknown_fields=True):
    id: str


def _visitor(request: Request[Any, Any, Any]) -> Visitor:
    """Who asks, with a session; a partner's key has none."""
    visitor: Visitor = request.scope[SCOPE]  # type: ignore[literal-required]
    if not visitor.session:
        raise Refusal("people_only")
    return visitor


async def _account(desk: Desk, visitor: Visitor) -> Account:
    account: Account | None = await desk.ask(desk.questions.account_by, by_code(visitor.principal.actor))
    if account is None:
        raise Refusal("session_over")
    return account


async def _do(desk: Desk, visitor: Visitor, command: Command) -> Response[bytes]:
    told = await as_system(desk, command, visitor.principal.actor)
    desk.door.forget(visitor.account)
    return answer(Done(told.get("until", 0), told.get("elevated_until", 0), told.get("shift", "")))


async def _leave(desk: Desk, visitor: Visitor, command: Command) -> Response[bytes]:
    """The browser forgets the cookie and what it has loaded; not its storage, in which the unit's phone keeps
    what it has still to tell."""
    done = await _do(desk, visitor, command)
    done.headers["set-cookie"] = desk.door.drop_cookie()
    done.headers["clear-site-data"] = '"cache"'
    return done


def _elevated(desk: Desk, visitor: Visitor) -> None:
    """Who finds a screen open must not be able to make it their own, nor to turn its owner out."""
    if not visitor.principal.elevated(desk.clock.now()):
        raise Refusal("presence_needed")


# ── this session ────────────────────────────────────────────────────────────────────────────────────────
@get("/api/session", summary="Who am I?", opt={"door": LOCKED, "gives": Who})
async def session(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The account and the session that ask."""
    visitor, lang = _visitor(request), lang_of(request.scope, desk)
    account, who = await _account(desk, visitor), visitor.principal
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
    visitor = _visitor(request)
    return await _leave(desk, visitor, EndSession(account=visitor.account, session=visitor.session))


@post(
    "/api/session/lock",
    status_code=200,
    summary="Lock the screen",
    opt={"door": LOCKED, "takes": Nothing, "gives": Done},
)
async def lock(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Until presence is proven nothing is shown and nothing is taken."""
    visitor = _visitor(request)
    return await _do(desk, visitor, LockSession(account=visitor.account, session=visitor.session))


@post("/api/session/duty", status_code=200, summary="Take up a shift", opt={"takes": Shift, "gives": Done})
async def begin_duty(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The session then ends with the shift."""
    visitor, said = _visitor(request), await body_of(request, Shift)
    command = BeginDuty(account=visitor.account, session=visitor.session, shift=said.shift)
    return await _do(desk, visitor, command)


@post(
    "/api/session/duty/end",
    status_code=200,
    summary="End one's duty, and the session",
    opt={"takes": Nothing, "gives": Done},
)
async def end_duty(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Handing over is done."""
    visitor = _visitor(request)
    return await _leave(desk, visitor, EndDuty(account=visitor.account, session=visitor.session))


# ── presence ────────────────────────────────────────────────────────────────────────────────────────────
@post(
    "/api/session/presence/options",
    status_code=200,
    summary="What a passkey is asked to sign again",
    opt={"door": LOCKED, "takes": Nothing, "gives": dict},
)
async def presence_options(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Only the passkeys of this account will do."""
    visitor = _visitor(request)
    account = await _account(desk, visitor)
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
    visitor, said = _visitor(request), await body_of(request, Presence)
    account, address = await _account(desk, visitor), address_of(request.scope)
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
    return await _do(desk, visitor, command)


# ── one's other sessions ────────────────────────────────────────────────────────────────────────────────
@get("/api/sessions", summary="Where am I signed in?", opt={"gives": list[SessionLine]})
async def sessions(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """One's own sessions, the newest first."""
    visitor = _visitor(request)
    account, now = await _account(desk, visitor), desk.clock.now()
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
    visitor = _visitor(request)
    if session != visitor.session:
        _elevated(desk, visitor)
    return await _do(desk, visitor, EndSession(account=visitor.account, session=session, how="revoked"))


@post(
    "/api/sessions/others/end",
    status_code=200,
    summary="End all of one's sessions but this one",
    opt={"takes": Nothing, "gives": Done},
)
async def others_ended(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """After a passkey was added or removed, or when in doubt. Presence must have been proven a moment ago."""
    visitor = _visitor(request)
    _elevated(desk, visitor)
    for each in (await _account(desk, visitor)).sessions:
        if each.id != visitor.session:
            await _do(desk, visitor, EndSession(account=visitor.account, session=each.id, how="revoked"))
    return answer(Done(visitor.until))


# ── one's passkeys ──────────────────────────────────────────────────────────────────────────────────────
@get("/api/passkeys", summary="Which passkeys have I?", opt={"gives": list[PasskeyLine]})
async def own_passkeys(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """One's own passkeys, the oldest first."""
    account = await _account(desk, _visitor(request))
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
    visitor = _visitor(request)
    _elevated(desk, visitor)
    account, about = await _account(desk, visitor), f"add {visitor.session}"
    return answer(await desk.ask(passkeys.ask_to_make, place(request, desk), account, desk.challenges, about))


@post("/api/passkeys", status_code=200, summary="Add another passkey", opt={"takes": Answered, "gives": Done})
async def passkey_added(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """For the telephone as well as the desk, before one of them is lost."""
    visitor = _visitor(request)
    _elevated(desk, visitor)
    said = await body_of(request, Answered)
    made = await desk.ask(
        passkeys.check_made, place(request, desk), said.credential, desk.challenges, f"add {visitor.session}"
    )
    command = AddPasskey(
        account=visitor.account,
        credential=made.credential,
        public_key=made.public_key,
        name=said.name or device_of(header(request.scope, b"user-agent")),
        count=made.count,
        synced=made.synced,
    )
    return await _do(desk, visitor, command)


@post(
    "/api/passkeys/remove", status_code=200, summary="Remove a passkey", opt={"takes": Which, "gives": Done}
)
async def passkey_removed(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The last one stays, unless the city's account lets its owner in."""
    visitor = _visitor(request)
    _elevated(desk, visitor)
    said = await body_of(request, Which)
    account = await _account(desk, visitor)
    if len(account.passkeys) == 1 and not account.subject and account.passkey(said.id):
        raise Refusal("last_passkey")
    return await _do(desk, visitor, RemovePasskey(account=account.id, credential=said.id[:1400]))


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
    own_passkeys,
    passkey_options,
    passkey_added,
    passkey_removed,
)
