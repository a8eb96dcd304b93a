"""The application: every route, what stands in front of them, and what happens at start and end."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.router import Router

from huying import __version__
from huying.edge.desk import Desk
from huying.web import (
    accounts,
    basemap,
    board,
    calls,
    citizen,
    city,
    corrections,
    drill,
    follow,
    health,
    incidents,
    keys,
    looks,
    measures,
    models,
    pack,
    pack_tables,
    photos,
    places,
    plan,
    planning,
    plans,
    record,
    referrals,
    roads,
    scams,
    screens,
    sessions,
    sign_in,
    understanding,
    units,
    wall,
)
from huying.web.board import Document
from huying.web.bulk import bulk
from huying.web.gate import Gate, security_headers
from huying.web.problems import answer_exception
from huying.web.steps import handler_of
from huying.web.stream import Hub, stream

NOUNS = (
    board,
    screens,
    calls,
    incidents,
    looks,
    referrals,
    units,
    wall,
    roads,
    follow,
    photos,
    pack,
    pack_tables,
    places,
    understanding,
    scams,
    plan,
    drill,
    basemap,
    planning,
    plans,
    measures,
    models,
    health,
    record,
    sign_in,
    city,
    sessions,
    citizen,
    accounts,
    keys,
)
STEPS = (
    *incidents.STEPS,
    *referrals.STEPS,
    *units.STEPS,
    *roads.STEPS,
    *plans.STEPS,
    *corrections.STEPS,
    *understanding.STEPS,
    *accounts.STEPS,
    *keys.STEPS,
)


def create_app(desk: Desk, more: Sequence[HTTPRouteHandler | Router] = ()) -> Litestar:
    """The application for one installation; `more` are routes of channels."""
    hub = Hub(desk)
    routes = [route for noun in NOUNS for route in noun.ROUTES]
    steps = [handler_of(step) for step in STEPS]
    bare = [calls.intake(desk), bulk(desk), stream(desk, hub), photos.keeping(desk)]
    return Litestar(
        route_handlers=[*routes, *steps, *bare, *more],
        dependencies={"desk": Provide(lambda: desk, sync_to_thread=False)},
        exception_handlers={Exception: answer_exception},
        middleware=[DefineMiddleware(Gate, desk=desk)],  # type: ignore[arg-type]
        before_send=[security_headers(desk)],
        openapi_config=OpenAPIConfig(
            title="Huying 呼应", version=__version__, path="/openapi", render_plugins=[Document()]
        ),
        request_max_body_size=desk.settings.body_max,
        state=State({"desk": desk, "hub": hub, "reports": citizen.reports(desk)}),
        on_startup=[desk.looks.start],
        on_shutdown=[desk.looks.stop, desk.readers.close, desk.pictures.close],
        logging_config=None,
        debug=False,
    )
