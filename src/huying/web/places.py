"""Places as somebody types: candidates with how sure each is, how far from the caller, and why."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import Struct

from huying.base.text import Text
from huying.domain.pack import Pack
from huying.geo.datum import WGS84
from huying.geo.finding.spots import Candidate
from huying.web.answers import answer, lang_of
from huying.web.params import Here, point_of
from huying.words import load_words

# A place field holds a line; a whole report may be pasted into it.
Typed = Annotated[str, QueryParameter(max_length=2_000, description="What was typed or said")]
Near = Annotated[
    str, QueryParameter(max_length=60, description="lat,lon in degrees: the caller's cell or a stated point")
]
Datum = Annotated[str, QueryParameter(max_length=20, description="WGS-84, CGCS2000, GCJ-02 or BD-09")]


class Why(Struct, frozen=True):
    """A reason: its key, and its sentence in the asker's language."""

    key: str
    sentence: str


class PlaceShown(Struct, frozen=True):
    """A place that may be meant. `confidence` is 0…1, `sure` false for one of several bearers of one name;
    [start, end) are the characters that name it; `inside` says whether it lies in the jurisdiction."""

    code: str
    kind: str
    how: str
    name: Text
    lat: float | None
    lon: float | None
    error_m: float
    confidence: float
    sure: bool
    inside: bool
    areas: tuple[str, ...]
    start: int
    end: int
    distance_m: float | None
    reasons: list[Why]


class PlacesShown(Struct, frozen=True):
    """Candidates, the likeliest first; `elsewhere` are names of other cities and counties that were said,
    `areas` is the smallest area that is named with those above it."""

    items: list[PlaceShown]
    elsewhere: tuple[str, ...]
    areas: tuple[str, ...]


@get("/api/places", summary="Which place is meant, as one types", opt={"gives": PlacesShown})
async def places(
    desk: Here, request: Request[Any, Any, Any], q: Typed = "", near: Near = "", datum: Datum = WGS84
) -> Response[bytes]:
    """Candidates for what was typed, with the names that begin so."""
    lang = lang_of(request.scope, desk)
    locate = desk.house.locate
    point = locate.point(*point_of(near), datum)[:2] if near else None
    found = locate.complete(q, point)
    items = [_shown(each, desk.pack, lang) for each in found.candidates]
    return answer(PlacesShown(items, found.elsewhere, found.areas))


def _shown(each: Candidate, pack: Pack, lang: str) -> PlaceShown:
    whys = [
        Why(reason.key, load_words().say(f"reason.{reason.key}", lang, **reason.values))
        for reason in each.reasons
    ]
    return PlaceShown(
        **{
            name: getattr(each, name)
            for name in PlaceShown.__struct_fields__
            if name not in ("inside", "reasons")
        },
        inside=not any(reason.key == "place.outside" for reason in each.reasons),
        reasons=whys,
    )


ROUTES: tuple[HTTPRouteHandler, ...] = (places,)
