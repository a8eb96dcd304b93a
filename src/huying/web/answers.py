"""Answers as bytes: for the few handlers that speak ASGI themselves, and for everybody else as Response."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Any

import msgspec
from litestar import Request, Response

from huying.base.refusal import Refusal
from huying.edge import asker as askers
from huying.edge.asker import Asker
from huying.edge.desk import Desk
from huying.edge.language import choose_language
from huying.web.asgi import Receive, Scope, Send
from huying.web.problems import MEDIA_TYPE, problem_response

encode = msgspec.json.Encoder().encode

JSON = (b"content-type", b"application/json")


def answer(value: Any, status: int = 200) -> Response[bytes]:
    """JSON values → response, encoded once and never looked at again."""
    return Response(encode(value), status_code=status, media_type="application/json")


def answer_packed(request: Request[Any, Any, Any], value: Any) -> Response[bytes]:
    """The same by gzip for who takes it: for what is long, the same for all, and repeats nothing of what was
    asked (else its length would tell of what is secret in it: BREACH, 2013)."""
    body = encode(value)
    headers = {"vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = _packed(body), "gzip"
    return Response(body, headers=headers, media_type="application/json")


@lru_cache(maxsize=8)  # the pack in use, those before it that tabs still hold, the words of two languages
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


async def send_json(send: Send, status: int, body: bytes) -> None:
    headers = [JSON, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def send_refusal(send: Send, lang: str, refusal: Refusal) -> None:
    status, extra, body = problem_response(refusal, lang)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        *((name.encode(), value.encode()) for name, value in extra.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body.

    Raises:
        Refusal: `too_large` past `limit` bytes, `gone` when the client left in the middle.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Refusal("unreadable", reason="disconnected")
    body: bytes = message["body"]
    if not message.get("more_body"):
        if len(body) > limit:
            raise Refusal("too_large", limit=limit)
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal("unreadable", reason="disconnected")
        size += len(message["body"])
        if size > limit:
            raise Refusal("too_large", limit=limit)
        parts.append(message["body"])
    return b"".join(parts)


def asker_of(scope: Scope, desk: Desk) -> Asker:
    return askers.asker_of(scope, desk.lang)


def address_of(scope: Scope) -> str:
    """Where the request came from, for counting."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def lang_of(scope: Scope, desk: Desk) -> str:
    """The asker's language, also when the other headers can't be read."""
    accept = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    return choose_language(accept.decode("latin-1"), desk.lang)
