"""What stands in front of every handler: how much one address may ask, who asks, whether this door is open.

A handler says in `opt` what it needs. `door`: nothing for somebody who is let in; OPEN for anybody; LOCKED
for who is let in but has locked the screen. `page`: people are led to the sign-in page, not refused.
`refused`: makes the page that says why, for people who can't read problems.
`scope`: what a partner's key must be for (else `read` for asking and `work` for everything that changes).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.principal import Kind, Principal
from huying.edge.buckets import Buckets
from huying.edge.desk import Desk, desk_of, state_of
from huying.edge.origin import SAFE, same_origin
from huying.edge.settings import Settings
from huying.edge.visitor import NOBODY, SCOPE, SESSION, Visitor, by_itself, shown
from huying.web.answers import JSON, address_of, lang_of, send_refusal
from huying.web.asgi import App, Message, Receive, Scope, Send

OPEN, LOCKED = "open", "locked"
SIGN_IN = "/sign-in"
_LOCAL = frozenset({"127.0.0.1", "::1", "testclient", ""})

# On every answer that brings none of its own: answers of the API are data and nothing else.
_DATA = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# Besides, on what is no mere data and may so become a page.
_PAGE = (
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(self), payment=(), usb=()"),
)
# A browser that was here over TLS comes only over TLS for two years.
_TLS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class Rates(Struct, frozen=True):
    """How much may be asked of one house. A partner's program counts by its key as well, from however many
    addresses it comes."""

    of_addresses: Buckets
    of_keys: Buckets

    @classmethod
    def of(cls, desk: Desk) -> Rates:
        rate, burst, clock = desk.settings.rate, desk.settings.burst, desk.clock
        return cls(Buckets(rate, burst, clock), Buckets(rate, burst, clock))

    def hold_back(self, scope: Scope) -> None:
        address = address_of(scope)
        if self.of_addresses.rate and address not in _LOCAL and not self.of_addresses.take(address):
            raise Refusal("too_many")

    def hold_back_key(self, scope: Scope, key: int) -> None:
        if self.of_keys.rate and address_of(scope) not in _LOCAL and not self.of_keys.take(str(key)):
            raise Refusal("too_many")


class Gate:
    """ASGI middleware: leaves the visitor in the request's scope, or refuses."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        opt = scope["route_handler"].opt
        desk = desk_of(scope)
        rates: Rates = state_of(scope)["rates"]
        door = desk.door
        try:
            rates.hold_back(scope)
            headers = scope["headers"]
            secret = shown(headers, door.cookie_start)
            if secret:
                session = secret.startswith(SESSION)
                background = session and by_itself(headers)
                visitor = door.known(secret, background)
                if visitor is None:
                    visitor = await door.find(secret, address_of(scope), background)
                if session and scope["method"] not in SAFE:
                    same_origin(scope, desk.settings)
            else:
                visitor = NOBODY
            if visitor.key:
                rates.hold_back_key(scope, visitor.key)
            scope[SCOPE] = visitor
            if opt.get("door") != OPEN:
                check(visitor, opt, scope["method"])
        except Refusal as refusal:
            if "page" in opt and refusal.status in (401, 403, 423):
                return await _lead_to_sign_in(scope, send)
            if "refused" in opt:
                return await _send_page(send, *opt["refused"](scope, desk, refusal))
            return await send_refusal(send, lang_of(scope, desk), refusal)
        return await self.app(scope, receive, send)


def check(visitor: Visitor, opt: dict[str, Any], method: str) -> None:
    """Refuse whoever may not pass a closed door."""
    principal: Principal = visitor.principal
    if principal.kind is Kind.PUBLIC:
        raise Refusal(visitor.why)
    if visitor.locked and opt.get("door") != LOCKED:
        raise Refusal("session_locked")
    if principal.kind is Kind.PARTNER:
        wanted = opt.get("scope") or ("read" if method in SAFE else "work")
        if wanted not in principal.scopes:
            raise Refusal("scope_missing", scope=wanted)


async def _lead_to_sign_in(scope: Scope, send: Send) -> None:
    """People who open a page they may not see yet are asked who they are, and come back to it."""
    back = quote(scope["path"], safe="/")
    headers = [(b"location", f"{SIGN_IN}?next={back}".encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_page(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


class Headers(Struct, frozen=True):
    """What every answer of a house brings: `data` all of them, `all` those that may become a page."""

    data: tuple[tuple[bytes, bytes], ...]
    all: tuple[tuple[bytes, bytes], ...]


def headers_of(settings: Settings) -> Headers:
    data = (*_DATA, _TLS) if settings.secure else _DATA
    if settings.drill:  # nobody shall take an answer of a drill for a real one
        data = (*data, (b"huying-drill", settings.drill.encode("ascii", "replace")))
    return Headers(data, (*data, *_PAGE))


async def complete_headers(message: Message, scope: Scope) -> None:
    """Complete the headers of every answer, also of those that no handler gave."""
    if message["type"] != "http.response.start":
        return
    wanted: Headers = state_of(scope)["headers"]
    headers = message.setdefault("headers", [])
    if headers and headers[0] is JSON:  # of the busiest addresses, which bring none of these
        headers += wanted.data
        return
    there = {name for name, _ in headers}
    message["headers"] = [*headers, *(each for each in wanted.all if each[0] not in there)]
