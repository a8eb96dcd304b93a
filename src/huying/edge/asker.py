"""Who asks, in which language, and with which idempotency key: read from a request's headers in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.domain.principal import PUBLIC, Kind, Principal
from huying.edge.language import choose_language
from huying.edge.visitor import NOBODY, SCOPE

# Names and keys become parts of facts and hashes; longer ones are mistakes.
ACTOR_MAX = 80
KEY_MAX = 200
PURPOSE_MAX = 80

ANONYMOUS = "anonymous"
_NAMES = {
    b"huying-actor": "actor",
    b"huying-purpose": "purpose",
    b"idempotency-key": "key",
    b"accept-language": "accept",
}


class Asker(Struct, frozen=True):
    """`actor` is the principal's name in facts; a partner's program adds which of its own people it was.
    `purpose` is what they named, empty for what such an asker usually does."""

    lang: str
    actor: str = ANONYMOUS
    purpose: str = ""
    key: str = ""
    principal: Principal = PUBLIC

    def as_actor(self, actor: str) -> Asker:
        """The same asker under the name of a door, unless they named themselves."""
        return self if self.actor != ANONYMOUS else replace(self, actor=actor)


def asker_of(scope: Any, default_lang: str) -> Asker:
    """Who asks, as the door has found out."""
    return read_asker(scope["headers"], default_lang, scope.get(SCOPE, NOBODY).principal)


def read_asker(
    headers: Iterable[tuple[bytes, bytes]], default_lang: str, principal: Principal = PUBLIC
) -> Asker:
    """Header pairs (names in lower case, as ASGI has them) → who asks.

    Raises:
        Refusal: `too_long` or `bad_characters` in one of the headers; `not_your_name` for a name that is not
            that of who is signed in.
    """
    actor, purpose, key, lang = principal.actor, "", "", default_lang
    for name, value in headers:
        kind = _NAMES.get(name)
        if kind is None:
            continue
        if kind == "accept":
            lang = choose_language(value.decode("latin-1"), default_lang)
        elif kind == "actor":
            actor = _named(_text("Huying-Actor", value, ACTOR_MAX), principal)
        elif kind == "purpose":
            purpose = _text("Huying-Purpose", value, PURPOSE_MAX) or purpose
        else:
            key = _text("Idempotency-Key", value, KEY_MAX)
    return Asker(lang, actor, purpose, key, principal)


def _named(said: str, principal: Principal) -> str:
    """The name in facts of who calls themselves `said`."""
    if not said or said == principal.actor:
        return principal.actor
    if principal.kind is Kind.PARTNER:
        return f"{principal.actor}/{said}"
    raise Refusal("not_your_name", said=said, actor=principal.actor)


def _text(field: str, value: bytes, limit: int) -> str:
    try:
        text = value.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise Refusal("bad_characters", field=field) from None
    if not text.isprintable():
        raise Refusal("bad_characters", field=field)
    if len(text) > limit:
        raise Refusal("too_long", field=field, limit=limit)
    return text
