"""Refusals as `application/problem+json` (RFC 9457): a sentence of what happened and one of what to do."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.routes import HTTPRoute
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.pack import Pack
from huying.edge.desk import desk_of
from huying.edge.language import choose_language
from huying.service.engine import Spoiled
from huying.web.misfits import misfit
from huying.words.explain import explain

MEDIA_TYPE = "application/problem+json"
# Parameters repeat what the asker sent; a page of it helps nobody.
PARAM_MAX = 200
# Seconds after which a crowded house is worth another try.
RETRY_AFTER_S = {"busy": 2, "too_many": 1, "store_unavailable": 10, "store_full": 60}

_log = logging.getLogger("huying.web")
_encode = msgspec.json.Encoder().encode


class Problem(Struct, frozen=True):
    """`title` says what happened, `detail` what to do now, both in `lang`; `code` and `params` are for
    programs."""

    type: str
    title: str
    detail: str
    status: int
    code: str
    params: dict[str, Any]
    lang: str


def problem(refusal: Refusal, lang: str, pack: Pack | None = None) -> Problem:
    said = explain(refusal, lang, pack)
    return Problem(
        type=f"urn:huying:problem:{refusal.code}",
        title=said.sentence,
        detail=said.todo,
        status=refusal.status,
        code=refusal.code,
        params=dict(refusal.params),
        lang=lang,
    )


def _shortened(refusal: Refusal) -> Refusal:
    return Refusal(refusal.code, **{name: _short(value) for name, value in refusal.params.items()})


def _short(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value)[:PARAM_MAX]


def problem_response(
    refusal: Refusal, lang: str, pack: Pack | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, extra headers and body; with a `pack` its sentence calls units and agencies by name."""
    shown = problem(_shortened(refusal), lang, pack)
    headers = {}
    if wait := RETRY_AFTER_S.get(shown.code):
        headers["retry-after"] = str(wait)
    if shown.code == "wrong_method":
        headers["allow"] = str(shown.params.get("allowed", ""))
    return shown.status, headers, _encode(shown)


def as_refusal(error: Exception) -> Refusal | None:
    """The refusal behind an exception; None for a bug."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Spoiled):
        return error.refusal
    if isinstance(error, ValidationException):
        extra = error.extra if isinstance(error.extra, list) else []
        first = extra[0] if extra and isinstance(extra[0], dict) else {}
        return misfit(str(first.get("message", error.detail)), str(first.get("key", "")))
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _of_status(error)
    return None


def _of_status(error: HTTPException) -> Refusal:
    match error.status_code:
        case 404:
            return Refusal("no_such_address")
        case 405:
            return Refusal("wrong_method", allowed="")
        case 413:
            return Refusal("too_large")
        case 415:
            return Refusal("unsupported_media")
        case _:
            return Refusal("unreadable", reason=error.detail)


def refusal_of(scope: Any, error: Exception) -> Refusal:
    """The refusal behind an exception. A bug is loud in the log and shown as nothing but itself."""
    refusal = as_refusal(error)
    if refusal is None:
        _log.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
        return Refusal("internal")
    return refusal


def answer_exception(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Any exception of a handler → problem."""
    desk = desk_of(request.scope)
    lang = choose_language(request.headers.get("accept-language", ""), desk.lang)
    refusal = refusal_of(request.scope, error)
    if refusal.code == "wrong_method":
        refusal = Refusal("wrong_method", allowed=", ".join(_methods_at(request.app, request.scope["path"])))
    status, headers, body = problem_response(refusal, lang, desk.pack)
    return Response(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def _methods_at(app: Litestar, path: str) -> list[str]:
    """The methods that an address knows; Litestar's own answer leaves them out."""
    parts = path.strip("/").split("/")
    methods: set[str] = set()
    for route in app.routes:
        pattern = route.path_components
        if isinstance(route, HTTPRoute) and len(pattern) == len(parts):
            pairs = zip(pattern, parts, strict=True)
            if all(each == part or not isinstance(each, str) for each, part in pairs):
                methods |= set(route.methods)
    return sorted(methods - {"OPTIONS"})
