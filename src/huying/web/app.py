"""The application: every route, and what stands in front of them."""

from __future__ import annotations

from functools import lru_cache

from litestar import Litestar
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.router import Router
from litestar.types import Scope

from huying import __version__
from huying.edge.desk import Desk, desk_of
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
    isochrone,
    keys,
    looks,
    measures,
    models,
    own_passkeys,
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
from huying.web.application import Application
from huying.web.board import Document
from huying.web.bulk import bulk
from huying.web.gate import Gate, complete_headers
from huying.web.problems import answer_exception
from huying.web.steps import handler_of
from huying.web.stream import stream

NOUNS = (
    board,
    screens,
    calls,
    incidents,
    isochrone,
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
    own_passkeys,
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


# Handlers that speak ASGI themselves.
BARE = (calls.intake, bulk, stream, photos.keeping)
# A process serves one house; tests open many, with a few bounds for the size of what is sent.
KINDS_MAX = 8


def create_app(desk: Desk, more: tuple[HTTPRouteHandler | Router, ...] = ()) -> Application:
    """The application for one installation; `more` are routes of channels."""
    return Application(desk, routes_of(desk.settings.body_max, more))


@lru_cache(KINDS_MAX)
def routes_of(body_max: int, more: tuple[HTTPRouteHandler | Router, ...] = ()) -> Litestar:
    """Every address, for every house of this process whose requests may be `body_max` bytes long."""
    routes = [route for noun in NOUNS for route in noun.ROUTES]
    steps = [handler_of(step) for step in STEPS]
    return Litestar(
        route_handlers=[*routes, *steps, *BARE, *more],
        dependencies={"desk": Provide(_desk, sync_to_thread=False)},
        exception_handlers={Exception: answer_exception},
        middleware=[Gate],  # type: ignore[list-item]
        before_send=[complete_headers],  # type: ignore[list-item]
        openapi_config=OpenAPIConfig(
            title="Huying 呼应", version=__version__, path="/openapi", render_plugins=[Document()]
        ),
        request_max_body_size=body_max,
        logging_config=None,
        debug=False,
    )


def _desk(scope: Scope) -> Desk:
    return desk_of(scope)
