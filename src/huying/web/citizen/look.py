"""How somebody reads these pages: language and size of letters, remembered by a cookie of no other use."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie
from msgspec import Struct

from huying.base.text import LANGUAGES
from huying.edge.desk import Desk
from huying.web.answers import lang_of

COOKIE = "huying_look"
# Until it is set anew; nobody wants to say every month that they see badly.
KEPT_S = 365 * 86_400
# What a button `look:…` may say.
LARGE, USUAL = "large", "usual"


class Look(Struct, frozen=True):
    lang: str
    large: bool = False

    @property
    def other(self) -> str:
        """The language to switch to."""
        return next(each for each in LANGUAGES if each != self.lang)

    def changed(self, said: str) -> Look:
        """As a button or an address says: a language, or the size of letters; nothing else changes it."""
        if said in LANGUAGES:
            return Look(said, self.large)
        return Look(self.lang, said == LARGE) if said in (LARGE, USUAL) else self

    def cookie(self, secure: bool) -> Cookie:
        value = f"{self.lang}.{LARGE if self.large else USUAL}"
        return Cookie(COOKIE, value=value, max_age=KEPT_S, secure=secure, httponly=True, samesite="lax")


def look_of(scope: Any, desk: Desk) -> Look:
    """By the cookie, else by what the browser says of its reader."""
    return _kept(Request[Any, Any, Any](scope).cookies.get(COOKIE, ""), Look(lang_of(scope, desk)))


def _kept(value: str, usual: Look) -> Look:
    for each in value[:20].split("."):
        usual = usual.changed(each)
    return usual
