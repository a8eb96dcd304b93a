"""The screens: one app, built from ui/ into `web/app`, and the addresses at which people open it.

Every address of a screen answers the same page; what it loads, and what of it a person may see, is decided
when it asks the API. An installation from a wheel always has the app; a clone without Node has only the
plain board, and its other addresses say what to do.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from huying.base.refusal import Refusal
from huying.web.board import HEADERS, etag_of, whole
from huying.web.gate import OPEN
from huying.web.params import Here, Path

SCREENS = ("desk", "board", "inbox", "unit", "measures", "plans", "drill", "admin", "account")
_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".pbf": "application/x-protobuf",
}
# Names of built files carry a hash of their content.
_FOR_EVER = "public, max-age=31536000, immutable"
_PACKED = frozenset({".html", ".js", ".mjs", ".css", ".svg", ".json", ".webmanifest"})


class File(NamedTuple):
    body: bytes
    packed: bytes  # the same by gzip; empty when that doesn't pay
    media_type: str
    etag: str


@cache
def built() -> dict[str, File]:
    """Every file of the app by its path under `app`, read once; empty when it hasn't been built."""
    root = files("huying.web") / "app"
    if not root.is_dir():
        return {}
    found: dict[str, File] = {}
    waiting = [(root, "")]
    while waiting:
        folder, start = waiting.pop()
        for each in folder.iterdir():
            path = start + each.name
            if each.is_dir():
                waiting.append((each, f"{path}/"))
            elif (end := PurePosixPath(path).suffix) in _TYPES:
                found[path] = _file(each.read_bytes(), end)
    return found


def _file(body: bytes, end: str) -> File:
    packed = gzip.compress(body, 9, mtime=0) if end in _PACKED else b""
    return File(body, packed if len(packed) < len(body) else b"", _TYPES[end], etag_of(body))


def described() -> str:
    """The digest of the API's description that the built app was made for; empty without an app."""
    made = built().get("made.json")
    return str(json.loads(made.body)["openapi_sha256"]) if made else ""


def _serve(request: Request[Any, Any, Any], file: File, keep: str) -> Response[bytes]:
    headers = HEADERS | {
        "content-security-policy": _POLICY,
        "cache-control": keep,
        "etag": file.etag,
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == file.etag:
        return Response(b"", status_code=304, headers=headers)
    if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            file.packed, headers=headers | {"content-encoding": "gzip"}, media_type=file.media_type
        )
    return Response(file.body, headers=headers, media_type=file.media_type)


@get("/", include_in_schema=False, opt={"page": True})
async def home(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    page = built().get("index.html")
    if page is None:
        board = whole("board.html", desk.settings.says)
        return _serve(request, File(board.body, b"", board.media_type, board.etag), "no-cache")
    return _serve(request, page, "no-cache")


@get(
    [f"/{code}{more}" for code in SCREENS for more in ("", "/{rest:path}")],
    include_in_schema=False,
    opt={"page": True},
)
async def screen(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    page = built().get("index.html")
    if page is None:
        raise Refusal("screens_not_built")
    return _serve(request, page, "no-cache")


@get("/wall", include_in_schema=False, opt={"door": OPEN})
async def wall(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The page of the big screen is anybody's: what it shows, it asks for with its key or a session."""
    page = built().get("index.html")
    if page is None:
        raise Refusal("screens_not_built")
    return _serve(request, page, "no-cache")


@get("/app/{path:path}", include_in_schema=False, opt={"door": OPEN})
async def part(request: Request[Any, Any, Any], path: Path) -> Response[bytes]:
    file = built().get(path.lstrip("/"))
    if file is None:
        raise Refusal("no_such_address")
    return _serve(request, file, _FOR_EVER if path.startswith("/assets/") else "no-cache")


@get("/sw.js", include_in_schema=False, opt={"door": OPEN})
async def worker(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What answers for the unit's page without a network; at the root, so that it may speak for `/unit`."""
    file = built().get("sw.js")
    if file is None:
        raise Refusal("no_such_address")
    return _serve(request, file, "no-cache")


ROUTES: tuple[HTTPRouteHandler, ...] = (home, screen, wall, worker, part)
