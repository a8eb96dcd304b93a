"""Pages for citizens: HTML that needs no script, with the words of one language, and refusals as calm pages.

Everything that is put in is escaped by the templates. A page asks one thing, and its first line says which
number to ring.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.edge.desk import Desk, desk_of
from huying.web.citizen.look import Look, look_of
from huying.web.problems import RETRY_AFTER_S, refusal_of
from huying.words import load_words
from huying.words.explain import explain

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
# What somebody wrote, and the code by which it is found, stay out of caches; old browsers, which say no more
# of where a form comes from than its origin, say it to us.
HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


@cache
def _templates() -> Environment:
    loader = PackageLoader("huying.web.citizen", "pages")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def render(name: str, desk: Desk, look: Look, values: Mapping[str, Any]) -> bytes:
    """The page `name` for one reader."""
    pack = desk.pack
    common = {
        "t": partial(_say, look.lang),
        "look": look,
        "city": say(pack.title, look.lang),
        "number": pack.emergency_number,
        "says": desk.settings.says,
        "here": "",
        "draft": None,
        "fault": None,
    }
    return _templates().get_template(f"{name}.html").render(common | dict(values)).encode()


def _say(lang: str, key: str, /, **params: Any) -> str:
    return load_words().say(key, lang, **params)


def page(
    name: str, desk: Desk, look: Look, status: int = 200, keep: bool = False, **values: Any
) -> Response[bytes]:
    """The page as an answer; `keep` remembers the look."""
    return Response(
        render(name, desk, look, values),
        status_code=status,
        media_type="text/html",
        headers=HEADERS,
        cookies=[look.cookie(desk.settings.secure)] if keep else None,
    )


def lead(path: str, desk: Desk, look: Look, keep: bool = False) -> Response[bytes]:
    """On to another page, which may be asked for again without anything happening twice."""
    return Response(
        b"",
        status_code=303,
        headers=HEADERS | {"location": path},
        cookies=[look.cookie(desk.settings.secure)] if keep else None,
    )


class Fault:
    """What is wrong, what to do, and the field that it is about."""

    def __init__(self, says: str, do: str = "", field: str = "") -> None:
        self.says, self.do, self.field = says, do, field


def fault_of(refusal: Refusal, lang: str, field: str = "") -> Fault:
    """A refusal as somebody reads it who never heard of codes."""
    key = f"citizen.refused.{refusal.code}"
    if key in load_words().by_language[lang]:
        return Fault(_say(lang, key, **refusal.params), _say(lang, f"{key}.do", **refusal.params), field)
    said = explain(refusal, lang)
    return Fault(said.sentence, said.todo, field)


def refused(scope: Any, desk: Desk, refusal: Refusal) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and the calm page of a refusal: what is safe, and what to do."""
    look = look_of(scope, desk)
    body = render("refused", desk, look, {"fault": fault_of(refusal, look.lang), "code": refusal.code})
    headers = HEADERS | {"content-type": "text/html; charset=utf-8", "content-length": str(len(body))}
    if wait := RETRY_AFTER_S.get(refusal.code):
        headers["retry-after"] = str(wait)
    return refusal.status, [(name.encode(), value.encode()) for name, value in headers.items()], body


def answer_calmly(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Any exception of a handler of these pages."""
    refusal = refusal_of(request.scope, error)
    status, headers, body = refused(request.scope, desk_of(request.scope), refusal)
    more = {name.decode(): value.decode() for name, value in headers}
    more.pop("content-length"), more.pop("content-type")
    return Response(body, status_code=status, headers=more, media_type="text/html")


# What every handler of a citizen's page says: anybody may come in, and a refusal is a page.
OPT: dict[str, Any] = {"door": "open", "refused": refused}
