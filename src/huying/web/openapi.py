"""The OpenAPI document: Litestar's, completed with the bodies and answers that handlers declare in `opt`.

Bodies are read and answers written as bytes, so Litestar can't see their types; each handler names them as
`takes` and `gives`, and the two handlers that speak ASGI themselves are described here.
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute

from huying.domain.commands import ReceiveCall
from huying.web.bodies import body_of
from huying.web.bulk import Answered
from huying.web.calls import CHANNEL, Checked, Received
from huying.web.photos import PhotoKept
from huying.web.problems import MEDIA_TYPE, Problem

_TEMPLATE = "#/components/schemas/{name}"
_METHODS = ("get", "post")
_DECLARED = ("takes", "gives", "media", "bytes")


def document(app: Litestar) -> dict[str, Any]:
    """The whole document as JSON values."""
    made: dict[str, Any] = app.openapi_schema.to_schema()
    operations = _declared(app)
    calls = body_of(ReceiveCall, optional=frozenset(CHANNEL))
    types = [Problem, Received, Checked, Answered, PhotoKept, calls]
    types += [kind for opt in operations.values() for kind in (opt.get("takes"), opt.get("gives")) if kind]
    schemas, components = msgspec.json.schema_components(types, ref_template=_TEMPLATE)
    schema_of = dict(zip(map(_name, types), schemas, strict=True))
    made.setdefault("components", {}).setdefault("schemas", {}).update(components)
    paths = made["paths"]
    for (path, method), opt in operations.items():
        operation = paths[path][method]
        if takes := opt.get("takes"):
            required = "required" in components.get(takes.__name__, {})
            operation["requestBody"] = _content(schema_of[_name(takes)], required)
        elif media := opt.get("media"):
            operation["requestBody"] = _content({"type": "string"}, media=media)
        if gives := opt.get("gives"):
            _answers(operation, schema_of[_name(gives)])
        if kind := opt.get("bytes"):
            _answers(operation, {"type": "string", "format": "binary"}, kind)
    paths["/api/calls"] = {"post": _receive(schema_of, calls)}
    paths["/api/calls/bulk"] = {"post": _bulk(schema_of)}
    paths["/api/stream"] = {"get": _stream()}
    paths["/api/photos"] = {"post": _photo(schema_of)}
    for item in paths.values():
        for method in _METHODS:
            if method in item:
                _common(item[method], method)
                # Litestar keeps them in a set: sorted, the same API is described by the same bytes.
                item[method].get("parameters", []).sort(key=lambda each: (each["in"], each["name"]))
    return made


def _declared(app: Litestar) -> dict[tuple[str, str], dict[str, Any]]:
    """(path as OpenAPI writes it, method) → what the handler declares."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            if not handler.resolve_include_in_schema():
                continue
            opt: dict[str, Any] = {name: handler.opt[name] for name in _DECLARED if name in handler.opt}
            for method in handler.http_methods:
                if opt and method.lower() in _METHODS:
                    found[(route.path_format, method.lower())] = opt
    return found


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind)) + str(kind)


def _content(schema: Any, required: bool = True, media: str = "application/json") -> dict[str, Any]:
    return {"required": required, "content": {media: {"schema": schema}}}


def _answers(operation: dict[str, Any], schema: Any, media: str = "application/json") -> None:
    answers = operation["responses"]
    answers.pop("400", None)
    good = next(status for status in answers if status.startswith("2"))
    description = answers[good].get("description") or "Done"
    answers[good] = {"description": description, "content": {media: {"schema": schema}}}


def _common(operation: dict[str, Any], method: str) -> None:
    """What holds for every operation: problems, and the headers that say who asks."""
    problem = {"schema": {"$ref": _TEMPLATE.format(name="Problem")}}
    operation["responses"].setdefault("default", {"description": "Refused", "content": {MEDIA_TYPE: problem}})
    names = [("Accept-Language", "zh or en: the language of sentences")]
    if method == "post":
        names += [
            ("Idempotency-Key", "The same key by the same actor gets the first answer again"),
            (
                "Huying-Actor",
                "Which of its own people a partner's program acts for; staff are known by their session",
            ),
            ("Huying-Purpose", "Why, where the reason is not the usual one"),
        ]
    parameters = operation.setdefault("parameters", [])
    for name, description in names:
        schema = {"type": "string", "maxLength": 80, "pattern": r"^[ -~]*$"}
        parameters.append({"name": name, "in": "header", "description": description, "schema": schema})


def _receive(schema_of: dict[str, Any], calls: type[msgspec.Struct]) -> dict[str, Any]:
    def good(description: str, kind: Any) -> dict[str, Any]:
        return {
            "description": description,
            "content": {"application/json": {"schema": schema_of[_name(kind)]}},
        }

    return {
        "tags": ["calls"],
        "operationId": "ReceiveCall",
        "summary": "A call comes in",
        "description": (
            "Kept, understood, routed and on disk before it is answered. `check=only` says what would become "
            "of it and keeps nothing."
        ),
        "parameters": [
            {"name": "check", "in": "query", "schema": {"type": "string", "enum": ["only"]}},
        ],
        "requestBody": _content(schema_of[_name(calls)]),
        "responses": {
            "201": good("Received", Received),
            "200": good("What would become of it", Checked),
        },
    }


def _bulk(schema_of: dict[str, Any]) -> dict[str, Any]:
    lines = "application/x-ndjson"
    return {
        "tags": ["calls"],
        "operationId": "ReceiveCalls",
        "summary": "Many calls come in: one JSON object a line",
        "description": (
            "Each line is a call as for POST /api/calls and is answered by a line; a bad one is counted with "
            "its number and the reason, and the others go on. The last line is the sum."
        ),
        "requestBody": {"required": True, "content": {lines: {"schema": {"type": "string"}}}},
        "responses": {
            "200": {
                "description": "One answer a line, then the sum",
                "content": {lines: {"schema": schema_of[_name(Answered)]}},
            }
        },
    }


def _photo(schema_of: dict[str, Any]) -> dict[str, Any]:
    picture = {"schema": {"type": "string", "format": "binary"}}
    return {
        "tags": ["photos"],
        "operationId": "KeepPhoto",
        "summary": "A picture comes in",
        "description": (
            "JPEG, PNG or WebP as the body itself; made anew without what came with it. A command names it "
            "by `photo` within the hour, else it is gone."
        ),
        "requestBody": {"required": True, "content": {"image/*": picture}},
        "responses": {
            "201": {
                "description": "Kept",
                "content": {"application/json": {"schema": schema_of[_name(PhotoKept)]}},
            }
        },
    }


def _stream() -> dict[str, Any]:
    return {
        "tags": ["stream"],
        "operationId": "Stream",
        "summary": "Every fact as it is committed (server-sent events)",
        "description": (
            "The id of an event is the fact's seq; Last-Event-ID resumes. `event: resync` tells a client to "
            "load its lists anew."
        ),
        "parameters": [
            {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 2**53}},
        ],
        "responses": {
            "200": {
                "description": "Events",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
    }
