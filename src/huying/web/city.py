"""Signing in with a city's own account: to its page and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from huying.base.clock import MINUTE, SECOND
from huying.base.refusal import Refusal
from huying.domain.account import Account, by_code, by_subject
from huying.domain.office import ChangeAccount, OpenAccount, ProvePresence
from huying.edge.desk import Desk
from huying.edge.oidc import WAY_MAX, Citizen
from huying.edge.origin import header, origin_of
from huying.web.answers import address_of
from huying.web.gate import OPEN, SIGN_IN
from huying.web.params import Here
from huying.web.sign_in import as_system, begin, safe_path, visitor_of

COOKIE = "huying-way"
# Who just showed the city who they are has done so within this time.
JUST_NOW = 5 * MINUTE


def _led(desk: Desk, to: str, way: str = "", session: str = "") -> Response[bytes]:
    """On to an address of ours or the city's; `way` is remembered in its cookie, or forgotten when empty."""
    response = Response(b"", status_code=303, headers={"location": to, "cache-control": "no-store"})
    if session:
        response.headers["set-cookie"] = session
    response.set_cookie(
        key=_cookie_name(desk),
        value=way,
        max_age=WAY_MAX // SECOND if way else 0,
        path="/",
        httponly=True,
        samesite="lax",
        secure=desk.settings.secure,
    )
    return response


def _cookie_name(desk: Desk) -> str:
    return f"__Host-{COOKIE}" if desk.settings.secure else COOKIE


@get("/sign-in/city", include_in_schema=False, opt={"door": OPEN, "page": True})
async def leave(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """To the city's page. `?again=1` asks it to have the person show who they are anew."""
    back = safe_path(request.query_params.get("next", "/"))
    again = request.query_params.get("again", "") == "1"
    try:
        if not desk.oidc.there:
            raise Refusal("city_none")
        desk.door.may_try(address_of(request.scope))
        root = origin_of(request.scope, desk.settings)
        address, sealed = await desk.oidc.leave(root, back, again)
    except Refusal as refusal:
        return _led(desk, f"{SIGN_IN}?fault={refusal.code}&next={quote(back)}")
    return _led(desk, address, sealed)


@get("/sign-in/city/back", include_in_schema=False, opt={"door": OPEN, "page": True})
async def arrive(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Back from the city's page."""
    address, account, cookie = address_of(request.scope), None, ""
    try:
        if not desk.oidc.there:
            raise Refusal("city_none")
        desk.door.may_try(address)
        way = desk.oidc.open_way(_sealed(request, desk), request.query_params.get("state", ""))
        code = request.query_params.get("code", "")
        if not code:
            raise Refusal("city_refused")
        citizen = await desk.oidc.arrive(way, code[:4_096], origin_of(request.scope, desk.settings))
        account = await _account(desk, citizen)
        if way.again:
            await _present(request, desk, account, citizen)
        else:
            cookie = (await begin(request, desk, account, "oidc")).headers["set-cookie"]
    except Refusal as refusal:
        if refusal.code not in ("too_many", "busy", "city_none", "city_away"):
            desk.door.failed("oidc", refusal, account.id if account else 0, address)
        return _led(desk, f"{SIGN_IN}?fault={refusal.code}")
    return _led(desk, way.back, session=cookie)


def _sealed(request: Request[Any, Any, Any], desk: Desk) -> str:
    name = _cookie_name(desk)
    for part in header(request.scope, b"cookie").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value[:2_000]
    raise Refusal("city_refused")


async def _account(desk: Desk, citizen: Citizen) -> Account:
    """The account of who the city says it is: opened or changed as the city's groups now say.

    Without a mapping of groups only accounts that were linked by hand come in.
    """
    account: Account | None = await desk.ask(desk.questions.account_by, by_subject(citizen.subject))
    governed = bool(desk.oidc.settings.roles)
    if account is None and citizen.role is None:
        raise Refusal("city_stranger")
    if account is not None and (account.closed_at or (governed and citizen.role is None)):
        raise Refusal("account_closed" if account.closed_at else "city_stranger")
    if account is None:
        assert citizen.role is not None
        opened = OpenAccount(
            code=citizen.code,
            role=citizen.role,
            name=citizen.name,
            agency=citizen.agency,
            subject=citizen.subject,
        )
        try:
            await as_system(desk, opened, "city")
        except Refusal as refusal:  # the name is taken or can't be one: somebody must link them by hand
            raise (refusal if refusal.code == "busy" else Refusal("city_stranger")) from refusal
        account = await desk.ask(desk.questions.account_by, by_code(citizen.code))
    elif governed and (account.role, account.agency) != (citizen.role, citizen.agency):
        change = ChangeAccount(account=account.id, role=citizen.role, agency=citizen.agency)
        await as_system(desk, change, "city")
        desk.door.forget(account.id)
        account = await desk.ask(desk.questions.account_by, by_subject(citizen.subject))
    assert account is not None
    return account


async def _present(request: Request[Any, Any, Any], desk: Desk, account: Account, citizen: Citizen) -> None:
    """Presence proven at the city's page: for the session that asks, if it is the same person's."""
    visitor = visitor_of(request)
    if visitor.account != account.id or not visitor.session:
        raise Refusal("city_refused")
    if not -MINUTE <= desk.clock.now() - citizen.proven_at <= JUST_NOW:
        raise Refusal("city_refused")
    proof = ProvePresence(account=account.id, session=visitor.session, elevate=True)
    await as_system(desk, proof, account.code)
    desk.door.forget(account.id)


ROUTES: tuple[HTTPRouteHandler, ...] = (leave, arrive)
