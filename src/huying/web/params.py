"""Kinds of parameters in addresses and queries, with their bounds."""

from __future__ import annotations

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from huying.base.refusal import Refusal
from huying.edge.desk import Desk
from huying.web.bodies import ID_MAX

# A page is what a person reads or a program takes in one breath; the next one is a cursor away.
PAGE_MAX = 200
PAGE_USUAL = 50
# Facts of one incident shown at once; the longest real ones have some hundred.
TIMELINE_MAX = 1_000

# The desk is handed to every handler by the application.
Here = NamedDependency[Desk]
Name = Annotated[str, PathParameter(max_length=60)]
Path = Annotated[str, PathParameter(max_length=200)]
Id = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
Seq = Annotated[int, QueryParameter(ge=0, le=ID_MAX)]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX, description="Items on a page")]
Cursor = Annotated[
    str, QueryParameter(max_length=200, description="`next` of the page before; empty for the first")
]
Code = Annotated[str, QueryParameter(max_length=60)]
Statuses = Annotated[list[str] | None, QueryParameter(max_items=20)]
# Screens ask anew for what a group of facts touched: one request for as many as a page holds.
Streams = Annotated[
    list[Annotated[int, Meta(ge=1, le=ID_MAX)]] | None,
    QueryParameter(max_items=PAGE_MAX, description="Ids of incidents or calls"),
]
MayBe = Annotated[bool | None, QueryParameter()]
Level = Annotated[int, QueryParameter(ge=1, le=5)]
When = Annotated[str, QueryParameter(max_length=40, description="ISO 8601 with a zone")]
Box = Annotated[str, QueryParameter(max_length=100, description="south,west,north,east in degrees (WGS-84)")]


def point_of(said: str) -> tuple[float, float]:
    """A point said as `lat,lon`, as numbers, whatever they are; refuses `near_unreadable`."""
    lat, _, lon = said.partition(",")
    try:
        return float(lat), float(lon)
    except ValueError as error:
        raise Refusal("near_unreadable", near=said) from error
