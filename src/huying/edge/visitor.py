"""Who stands at the door, and the secret that they show: a session's cookie or a partner's key."""

from __future__ import annotations

from collections.abc import Iterable

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
    why: str = "unauthorised"


NOBODY = Visitor(PUBLIC)


# What a request shows is remembered as bytes, its way and the secret itself, so that looking it up again
# costs no hash. Nothing but the memory of the process that the request went through ever holds it.
KEY, SESSION = b"k", b"s"


def shown(headers: Iterable[tuple[bytes, bytes]], cookie: bytes) -> bytes:
    """What a request shows: KEY or SESSION and the secret, empty for nothing. `cookie` is the name of the
    session's cookie and `=`.

    A key wins over a cookie: programs that send one mean it.
    """
    found = b""
    for name, value in headers:
        if name == b"authorization":
            if value[:7].lower() == b"bearer " and (secret := value[7 : 7 + SECRET_MAX].strip()):
                return KEY + secret
        elif name == b"cookie" and cookie in value:
            found = _cookie(value, cookie) or found
    return SESSION + found[:SECRET_MAX] if found else found


def by_itself(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a page asks without anybody's doing."""
    return any(name == BACKGROUND for name, _ in headers)


def hash_shown(secret: bytes) -> str:
    """The hash under which the secret of `shown` is known to the store."""
    return hash_of(secret[1:])


def _cookie(header: bytes, name: bytes) -> bytes:
    for part in header.split(b";"):
        part = part.strip()
        if part.startswith(name):
            return part[len(name) :]
    return b""
