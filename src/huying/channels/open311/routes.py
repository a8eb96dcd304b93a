"""The endpoints under /open311. The suffix of the address says xml or json."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from huying.base.refusal import Refusal
from huying.channels.open311 import requests, services, updates
from huying.channels.open311.documents import FORMATS, write, write_errors
from huying.channels.open311.faults import Fault
from huying.channels.open311.forms import Fields, check_jurisdiction, check_key, read_form
from huying.domain.commands import AnswerFollowUp
from huying.edge.asker import Asker, asker_of
from huying.edge.desk import Desk, desk_of
from huying.edge.language import choose_language
from huying.edge.public import PublicView
from huying.words.explain import explain

Here = NamedDependency[Desk]
Name = FromPath[str]
_FORM = "application/x-www-form-urlencoded"


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────
@get(["/discovery.xml", "/discovery.json", "/v2/discovery.xml", "/v2/discovery.json"])
async def discovery(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    root = desk.settings.root_url.rstrip("/") or str(request.base_url).rstrip("/")
    found = services.discovery(desk.settings, desk.pack, root, _lang(request, desk))
    return _document(request, "discovery", "", found)


@get(["/v2/services.xml", "/v2/services.json"])
async def service_list(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    _query(request, desk)
    lang = _lang(request, desk)
    pack = desk.pack
    rows = [services.service(pack.types[code], lang) for code in services.public_types(pack)]
    return _document(request, "services", "service", rows)


@get("/v2/services/{name:str}")
async def service_definition(request: Request[Any, Any, Any], desk: Here, name: Name) -> Response[bytes]:
    _query(request, desk)
    kind = services.public_type(desk.pack, _stem(name))
    found = services.definition(desk.pack, kind, _lang(request, desk))
    return _document(request, "service_definition", "", found)


@get(["/v2/requests.xml", "/v2/requests.json"])
async def request_list(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    fields, lang = _query(request, desk), _lang(request, desk)

    view = _view(request, desk)

    def rows() -> list[dict[str, Any]]:
        return [requests.row(*each, desk, lang) for each in requests.find(fields, view)]

    return _document(request, "service_requests", "request", await desk.ask(rows))


@get("/v2/requests/{name:str}")
async def request_by_id(request: Request[Any, Any, Any], desk: Here, name: Name) -> Response[bytes]:
    _query(request, desk)
    lang, view = _lang(request, desk), _view(request, desk)

    def rows() -> list[dict[str, Any]]:
        return [requests.row(*requests.one(_stem(name), view), desk, lang)]

    return _document(request, "service_requests", "request", await desk.ask(rows))


@get("/v2/tokens/{name:str}")
async def request_by_token(request: Request[Any, Any, Any], desk: Here, name: Name) -> Response[bytes]:
    _query(request, desk)
    token = _stem(name)
    address = request.client.host if request.client else ""
    try:
        call, _ = await desk.ask(_view(request, desk).own_call, token, address)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise Fault(404, "token was not found") from None
        raise
    rows = [{"service_request_id": str(call.id), "token": token}]
    return _document(request, "service_requests", "request", rows)


@get(["/v2/servicerequestupdates.xml", "/v2/servicerequestupdates.json"])
async def update_list(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    fields, lang = _query(request, desk), _lang(request, desk)
    rows = await desk.ask(updates.find, fields, _view(request, desk), lang)
    return _document(request, "service_request_updates", "request_update", rows)


# ── telling ─────────────────────────────────────────────────────────────────────────────────────────────
@post(["/v2/requests.xml", "/v2/requests.json"], status_code=200)
async def request_received(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The call is on disk before this is answered."""
    fields = await _form(request, desk)
    asker = _asker(request, desk)
    view = desk.public_view(asker)
    answer = await view.do(requests.call_of(fields, desk.pack, asker.lang))
    rows = [requests.created(answer, desk, asker.lang)]
    return _document(request, "service_requests", "request", rows)


@post(["/v2/servicerequestupdates.xml", "/v2/servicerequestupdates.json"], status_code=200)
async def update_received(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    fields = await _form(request, desk)
    asker = _asker(request, desk)
    view = desk.public_view(asker)
    command = await desk.ask(updates.command_of, fields, view)
    answer = await (view.do_own if type(command) is AnswerFollowUp else view.do_request)(command)
    id = f"{answer['seq']}-{fields['service_request_id']}"
    return _document(request, "service_request_updates", "request_update", [{"update_id": id}])


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────
def _kind(request: Request[Any, Any, Any]) -> str:
    suffix: str = request.scope["path"].rstrip("/").rpartition(".")[2]
    return suffix if suffix in FORMATS else "xml"


def _stem(name: str) -> str:
    """A name without the suffix of the format, which is not optional in the standard."""
    stem, _, suffix = name.rpartition(".")
    if suffix not in FORMATS:
        raise Fault(404, "the address must end in .xml or .json")
    return stem


def _lang(request: Request[Any, Any, Any], desk: Desk) -> str:
    return choose_language(request.headers.get("accept-language", ""), desk.lang)


def _asker(request: Request[Any, Any, Any], desk: Desk) -> Asker:
    return asker_of(request.scope, desk.lang).as_actor(requests.CHANNEL)


def _query(request: Request[Any, Any, Any], desk: Desk) -> Fields:
    fields = read_form(request.scope["query_string"])
    check_jurisdiction(fields, desk.settings, desk.pack)
    return fields


async def _form(request: Request[Any, Any, Any], desk: Desk) -> Fields:
    kind = request.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    if kind != _FORM:
        raise Fault(415, f"send the form as {_FORM}")
    fields = {**read_form(request.scope["query_string"]), **read_form(await request.body())}
    check_jurisdiction(fields, desk.settings, desk.pack)
    check_key(fields, desk.settings)
    return fields


def _view(request: Request[Any, Any, Any], desk: Desk) -> PublicView:
    return desk.public_view(_asker(request, desk))


def _document(request: Request[Any, Any, Any], root: str, item: str, rows: Any) -> Response[bytes]:
    kind = _kind(request)
    return Response(write(kind, root, item, rows), media_type=FORMATS[kind])


def _errors(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    if isinstance(error, Refusal):
        said = explain(error, _lang(request, desk_of(request.scope)))
        error = updates.as_fault(error, f"{said.sentence} {said.todo}")
    assert isinstance(error, Fault)
    kind = _kind(request)
    body = write_errors(kind, error.status, error.description)
    return Response(body, status_code=error.status, media_type=FORMATS[kind])


# All endpoints, with errors in the standard's form.
ROUTES = (
    Router(
        path="/open311",
        opt={"door": "open"},
        route_handlers=[
            discovery,
            service_list,
            service_definition,
            request_list,
            request_by_id,
            request_by_token,
            update_list,
            request_received,
            update_received,
        ],
        exception_handlers={Fault: _errors, Refusal: _errors},
        include_in_schema=False,
    ),
)
