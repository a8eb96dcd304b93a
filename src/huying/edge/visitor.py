"""Who stands at the door, and the secret that they show: a session's cookie or a partner's key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from huying.domain.principal import PUBLIC, Principal
from huying.edge.secrets import hash_of

# Under this name the application's scope holds the visitor of a request.
SCOPE = "visitor"
# With the prefix a browser takes it over TLS only, for this host only, from this host only.
COOKIE, COOKIE_PLAIN = "__Host-huying", "huying"
# Longer headers are no secret of ours: 43 characters and a prefix.
SECRET_MAX = 100
# A page that asks by itself says so: it doesn't keep a session awake.
BACKGROUND = b"huying-background"


class Visitor(Struct, frozen=True):
    """`principal` is PUBLIC for who showed nothing, or nothing that holds; `why` is then the refusal that a
    closed door answers with. `session` is 0 for a partner's key, `key` for people. `until` (UTC µs) ends it.
    """

    principal: Principal
    account: int = 0
    session: int = 0
    key: int = 0
    until: int = 0
    locked: bool = False
    hash: str = ""
    why: str = "unauthorised"


NOBODY = Visitor(PUBLIC)


class Shown(NamedTuple):
    """The hash of a secret that came with a request; `bearer` as a key, else as a cookie."""

    hash: str
    bearer: bool
    background: bool


def shown(headers: Iterable[tuple[bytes, bytes]], cookie: bytes) -> Shown | None:
    """What a request shows, None for nothing. `cookie` is the session cookie's name and `=`.

    A key wins over a cookie: programs that send one mean it.
    """
    secret, bearer, background = b"", False, False
    for name, value in headers:
        if name == b"cookie" and not bearer:
            secret = _cookie(value, cookie) or secret
        elif name == b"authorization" and value[:7].lower() == b"bearer ":
            secret, bearer = value[7:].strip(), True
        elif name == BACKGROUND:
            background = True
    if not secret:
        return None
    return Shown(hash_of(secret[:SECRET_MAX]), bearer, background)


def _cookie(header: bytes, name: bytes) -> bytes:
    if name not in header:
        return b""
    for part in header.split(b";"):
        part = part.strip()
        if part.startswith(name):
            return part[len(name) :]
    return b""
