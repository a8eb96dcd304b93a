"""Pages that need no build: the plain board at /plain, and a page to try the API at /docs.

Everything is served from the package; the content policy forbids inline script and any other host.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import OpenAPIRenderPlugin

from huying.base.refusal import Refusal
from huying.web.answers import encode
from huying.web.gate import OPEN
from huying.web.openapi import document
from huying.web.params import Here, Name
from huying.web.render import render

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}
_TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}


class Page(NamedTuple):
    body: bytes
    media_type: str
    etag: str


@cache
def pages() -> dict[str, Page]:
    """Every file of `static`, read once."""
    found = {}
    for path in (files("huying.web") / "static").iterdir():
        end = path.name.rpartition(".")[2]
        if end in _TYPES:
            found[path.name] = _page(path.read_bytes(), _TYPES[end])
    return found


@cache
def whole(name: str, says: str) -> Page:
    """A page that a script fills; in a demo county or a drill it says so in both languages before any script
    runs."""
    return _page(render(name, "zh", (f"says_{says}",)), "text/html")


def _page(body: bytes, media_type: str) -> Page:
    return Page(body, media_type, etag_of(body))


def etag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def _serve(request: Request[Any, Any, Any], page: Page) -> Response[bytes]:
    headers = HEADERS | {"etag": page.etag}
    if request.headers.get("if-none-match") == page.etag:
        return Response(b"", status_code=304, headers=headers)
    return Response(page.body, headers=headers, media_type=page.media_type)


@get("/plain", include_in_schema=False, opt={"page": True})
async def board(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    return _serve(request, whole("board.html", desk.settings.says))


@get("/docs", include_in_schema=False, opt={"door": OPEN})
async def docs(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    return _serve(request, whole("try.html", desk.settings.says))


@get("/static/{name:str}", include_in_schema=False, opt={"door": OPEN})
async def static(request: Request[Any, Any, Any], name: Name) -> Response[bytes]:
    page = pages().get(name)
    if page is None:
        raise Refusal("no_such_address")
    return _serve(request, page)


@get("/favicon.ico", include_in_schema=False, opt={"door": OPEN})
async def icon(request: Request[Any, Any, Any]) -> Response[bytes]:
    return _serve(request, pages()["icon.svg"])


@get("/openapi.json", include_in_schema=False, opt={"door": OPEN})
async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    return _serve(request, document_of(request.app))


def document_of(app: Litestar) -> Page:
    """The OpenAPI document of this application, made when it is first asked for."""
    made: Page | None = app.state.get("document")
    if made is None:
        made = app.state["document"] = _page(encode(document(app)), "application/json")
    return made


class Document(OpenAPIRenderPlugin):
    """Litestar asks for a page of its own; it is given the same document."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type="application/json")  # type: ignore[arg-type]

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return document_of(request.app).body


ROUTES: tuple[HTTPRouteHandler, ...] = (board, docs, static, icon, openapi)
