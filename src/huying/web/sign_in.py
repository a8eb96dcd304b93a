"""Signing in: the page, a passkey, the set-up link of a first passkey, and the buttons of the demo county."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.base.text import LANGUAGES, say
from huying.domain.account import Account, by_code, by_link, by_passkey, demo_code
from huying.domain.commands import Command, Envelope
from huying.domain.office import AddPasskey, BeginSession, EndSession
from huying.domain.principal import PUBLIC, Role
from huying.edge import passkeys
from huying.edge.desk import Desk
from huying.edge.origin import header, origin_of, same_origin
from huying.edge.passkeys import Place, place_of
from huying.edge.secrets import hash_of, new_secret
from huying.edge.visitor import NOBODY, SCOPE, Visitor
from huying.web.answers import address_of, answer, lang_of
from huying.web.board import HEADERS
from huying.web.gate import OPEN
from huying.web.params import Here
from huying.web.render import render

# What a form or an authenticator's answer may be at most.
BODY_MAX = passkeys.ANSWER_MAX
AGENT_MAX = 120


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """`link` is the secret of a set-up link, where one is used."""

    link: str = ""


class Answered(Struct, frozen=True, forbid_unknown_fields=True):
    """`credential` is what the browser's `toJSON()` gives; `name` is what the person calls the device."""

    credential: dict[str, Any]
    link: str = ""
    name: str = ""


class Nothing(Struct, frozen=True):
    """A body without a field; an empty one will do."""


class SignedIn(Struct, frozen=True):
    """Who is in now, until when (UTC µs), and in which shift."""

    actor: str
    role: str
    until: int
    shift: str


async def body_of(request: Request[Any, Any, Any], kind: type[Any]) -> Any:
    raw = await request.body()
    if len(raw) > BODY_MAX:
        raise Refusal("too_large", limit=BODY_MAX)
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal("bad_json", reason=str(error)[:100]) from None


def visitor_of(request: Request[Any, Any, Any]) -> Visitor:
    """Who the gate found to be asking."""
    found: Visitor = request.scope.get(SCOPE, NOBODY)  # type: ignore[assignment]
    return found


def place(request: Request[Any, Any, Any], desk: Desk) -> Place:
    return place_of(
        origin_of(request.scope, desk.settings), say(desk.pack.title, lang_of(request.scope, desk))
    )


async def as_system(desk: Desk, command: Command, actor: str) -> dict[str, Any]:
    """Have a command of the door itself done, in the name of the account that it is about."""
    told: dict[str, Any] = (await desk.writer.do(Envelope(command, actor=actor))).answer
    return told


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────
@get(["/sign-in", "/set-up"], include_in_schema=False, opt={"door": OPEN})
async def page(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """`?next=` is where to go afterwards, `?lang=` the language, `?fault=` a refusal to be shown."""
    lang = request.query_params.get("lang", "")
    lang = lang if lang in LANGUAGES else lang_of(request.scope, desk)
    visitor = visitor_of(request)
    parts = {request.scope["path"].strip("/").replace("-", "_")}
    try:
        place(request, desk)
        parts.add("passkeys")
    except Refusal:
        parts.add("no_passkeys")
    parts |= {"demo" if desk.settings.demo else "real", f"says_{desk.settings.says}"}
    if visitor.locked:
        parts = {*parts - {"sign_in", "set_up"}, "locked"}
    # In a demo county nobody has a passkey: its buttons are all there is.
    parts.add("buttons" if {"demo", "sign_in"} <= parts else "asked")
    if desk.oidc.there:
        parts.add("oidc")
    fault = request.query_params.get("fault", "")
    if fault.isidentifier() and f"refusal.{fault}" in desk.words(lang):
        parts.add("fault")
    back = safe_path(request.query_params.get("next", "/"))
    values = {
        "city": say(desk.pack.title, lang),
        "next": back,
        "other": next(each for each in LANGUAGES if each != lang),
        "path": request.scope["path"],
        "emergency": desk.pack.emergency_number,
        "local": f"http://localhost:{request.url.port or 80}{request.scope['path']}",
        "fault_says": desk.word(f"refusal.{fault}", lang),
        "fault_do": desk.word(f"refusal.{fault}.do", lang),
    }
    roles = [
        {
            "role": each.value,
            "title": desk.word(f"role.{each}", lang),
            "does": desk.word(f"role.{each}.does", lang),
        }
        for each in Role
    ]
    body = render("sign_in.html", lang, parts, values, {"roles": roles})
    return Response(body, headers=HEADERS | {"cache-control": "no-store"}, media_type="text/html")


def safe_path(said: str) -> str:
    """A path of our own to go on to; the board for anything that might lead elsewhere."""
    fine = said.startswith("/") and not said.startswith("//") and said.isprintable() and "\\" not in said
    return said[:200] if fine else "/"


# ── passkeys ────────────────────────────────────────────────────────────────────────────────────────────
@post(
    "/api/sign-in/options",
    status_code=200,
    summary="What a passkey is asked to sign",
    opt={"door": OPEN, "takes": Nothing, "gives": dict},
)
async def options(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """For `navigator.credentials.get`."""
    same_origin(request.scope, desk.settings)
    here = place(request, desk)
    return answer(await desk.ask(passkeys.ask_to_prove, here, desk.challenges, "sign in"))


@post(
    "/api/sign-in",
    status_code=200,
    summary="Sign in with a passkey",
    opt={"door": OPEN, "takes": Answered, "gives": SignedIn},
)
async def sign_in(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The session's cookie is set by the answer."""
    same_origin(request.scope, desk.settings)
    address, door = address_of(request.scope), desk.door
    said: Answered = await body_of(request, Answered)
    door.may_try(address)
    account: Account | None = None
    try:
        credential = passkeys.credential_of(said.credential)
        account = await desk.ask(desk.questions.account_by, by_passkey(credential))
        if account is not None:
            door.may_try(address, account.id)
        passkey = account.passkey(credential) if account and not account.closed_at else None
        here = place(request, desk)
        count = await desk.ask(
            passkeys.check_proof, here, said.credential, desk.challenges, "sign in", passkey
        )
        assert account is not None
        return await begin(request, desk, account, "passkey", credential, count)
    except Refusal as refusal:
        if refusal.code not in ("too_many", "busy"):
            door.failed("passkey", refusal, account.id if account else 0, address)
        raise


# ── the first passkey ───────────────────────────────────────────────────────────────────────────────────
@post(
    "/api/set-up/options",
    status_code=200,
    summary="What a new passkey is made from, by a set-up link",
    opt={"door": OPEN, "takes": Asked, "gives": dict},
)
async def set_up_options(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """For `navigator.credentials.create`; the link is not used up by asking."""
    same_origin(request.scope, desk.settings)
    said: Asked = await body_of(request, Asked)
    account = await _by_link(request, desk, said.link)
    here, about = place(request, desk), f"set up {hash_of(said.link)}"
    asked = await desk.ask(passkeys.ask_to_make, here, account, desk.challenges, about)
    return answer(asked)


@post(
    "/api/set-up",
    status_code=200,
    summary="Set up a passkey by a set-up link, and sign in",
    opt={"door": OPEN, "takes": Answered, "gives": SignedIn},
)
async def set_up(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The link is used up."""
    same_origin(request.scope, desk.settings)
    said: Answered = await body_of(request, Answered)
    account = await _by_link(request, desk, said.link)
    here, about = place(request, desk), f"set up {hash_of(said.link)}"
    made = await desk.ask(passkeys.check_made, here, said.credential, desk.challenges, about)
    command = added(request, account.id, said, made, hash_of(said.link))
    await as_system(desk, command, account.code)
    return await begin(request, desk, account, "passkey")


async def _by_link(request: Request[Any, Any, Any], desk: Desk, link: str) -> Account:
    """Whom a set-up link is for; wrong ones are counted."""
    address = address_of(request.scope)
    desk.door.may_try(address)
    account: Account | None = await desk.ask(desk.questions.account_by, by_link(hash_of(link)))
    if account is None or account.closed_at or account.link_until <= desk.clock.now():
        refusal = Refusal("link_over")
        desk.door.failed("link", refusal, account.id if account else 0, address)
        raise refusal
    return account


# ── the demo county ─────────────────────────────────────────────────────────────────────────────────────
@post("/sign-in/demo", status_code=303, include_in_schema=False, opt={"door": OPEN})
async def demo(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """Let a made-up person in: only where `huying demo` runs."""
    same_origin(request.scope, desk.settings)
    if not desk.settings.demo:
        desk.door.failed("demo", refusal := Refusal("demo_off"), 0, address_of(request.scope))
        raise refusal
    raw = await request.body()
    fields = parse_qs(raw[:BODY_MAX].decode("utf-8", "replace"))
    role, back = fields.get("role", [""])[0], safe_path(fields.get("next", ["/"])[0])
    if role not in list(Role):
        raise Refusal("unknown_code", field="role", code=role[:40])
    account = await desk.ask(desk.questions.account_by, by_code(demo_code(Role(role))))
    if account is None:
        raise Refusal("not_found", noun="account", id=role)
    entered = await begin(request, desk, account, "demo")
    cookie = entered.headers["set-cookie"]
    return Response(b"", status_code=303, headers={"location": back, "set-cookie": cookie})


# ── coming in ───────────────────────────────────────────────────────────────────────────────────────────
async def begin(
    request: Request[Any, Any, Any],
    desk: Desk,
    account: Account,
    how: str,
    credential: str = "",
    count: int = 0,
) -> Response[bytes]:
    """A session for who has proven who they are; a session that this browser had before ends."""
    secret = new_secret(desk.chance)
    await end_earlier(request, desk)
    command = BeginSession(
        account=account.id,
        hash=hash_of(secret),
        how=how,
        credential=credential,
        count=count,
        agent=device_of(header(request.scope, b"user-agent")),
        address=address_of(request.scope),
    )
    told = await as_system(desk, command, account.code)
    signed = SignedIn(account.code, account.role.value, told["until"], told["shift"])
    response = answer(signed)
    response.headers["set-cookie"] = desk.door.set_cookie(secret)
    return response


async def end_earlier(request: Request[Any, Any, Any], desk: Desk) -> None:
    before = visitor_of(request)
    if before.principal is not PUBLIC and before.session:
        end = EndSession(account=before.account, session=before.session)
        await as_system(desk, end, before.principal.actor)
        desk.door.forget(before.account)


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(agent: str) -> str:
    """A browser's name for itself in two words, enough to tell one's own sessions apart."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return " · ".join(each for each in (browser, system) if each) or agent.split("/")[0][:40]


def added(
    request: Request[Any, Any, Any], account: int, said: Answered, made: passkeys.Made, link: str = ""
) -> AddPasskey:
    """The command that adds a passkey just made: called as its owner said, else like the browser."""
    return AddPasskey(
        account=account,
        credential=made.credential,
        public_key=made.public_key,
        name=said.name or device_of(header(request.scope, b"user-agent")),
        count=made.count,
        synced=made.synced,
        link=link,
    )


ROUTES: tuple[HTTPRouteHandler, ...] = (page, options, sign_in, set_up_options, set_up, demo)
