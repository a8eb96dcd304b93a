"""The city's own rows as clients need them, and the words of the project."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.base.text import LANGUAGES, Text
from huying.domain.deadline import Ladder
from huying.domain.pack import Agency, Disposition, LetterPart, Pack, Question, Station
from huying.domain.run_card import Standard
from huying.web.answers import answer_packed
from huying.web.gate import OPEN
from huying.web.params import Here, Name
from huying.words import load_words


class TypeShown(Struct, frozen=True):
    """An incident type with the questions to ask and the texts of both languages."""

    code: str
    name: Text
    group: str
    priority: int
    police: bool
    agency: str
    questions: tuple[str, ...]
    open311: bool
    description: Text


class PackShown(Struct, frozen=True):
    """What a client needs of a city; `emergency_number` is what a caller in danger rings.

    `box` is south, west, north, east of its areas in degrees (WGS-84); `map` the address of its map
    (PMTiles), empty without one.
    """

    name: str
    title: Text
    edition: str
    languages: tuple[str, ...]
    timezone: str
    centre: tuple[float, float]
    emergency_number: str
    duty_desk: str
    types: list[TypeShown]
    agencies: list[Agency]
    questions: list[Question]
    dispositions: list[Disposition]
    standards: list[Standard]
    ladders: list[Ladder]
    letter: list[LetterPart]
    units: dict[str, Text]
    shifts: dict[str, Text]
    stations: list[Station]
    box: tuple[float, float, float, float]
    map: str


@get("/api/pack", summary="Types, agencies, questions and more of this city", opt={"gives": PackShown})
async def pack(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    return answer_packed(request, _shown(desk.pack, f"/map/{desk.pack.name}.pmtiles" if desk.basemap else ""))


def _shown(pack: Pack, map: str) -> PackShown:
    types = [
        TypeShown(**{name: getattr(each, name) for name in TypeShown.__struct_fields__})
        for each in pack.types.values()
    ]
    return PackShown(
        name=pack.name,
        title=pack.title,
        edition=pack.edition,
        languages=pack.languages,
        timezone=pack.timezone,
        centre=pack.centre,
        emergency_number=pack.emergency_number,
        duty_desk=pack.duty_desk,
        types=types,
        agencies=list(pack.agencies.values()),
        questions=list(pack.questions.values()),
        dispositions=list(pack.dispositions.values()),
        standards=list(pack.standards.values()),
        ladders=list(pack.ladders.values()),
        letter=list(pack.letter),
        units={code: row.name for code, row in pack.units.items()},
        shifts={code: row.name for code, row in pack.shifts.items()},
        stations=list(pack.stations.values()),
        box=box_of(pack),
        map=map,
    )


def box_of(pack: Pack) -> tuple[float, float, float, float]:
    """South, west, north, east in degrees; ten kilometres around the centre where areas have no shape."""
    corners = [corner for area in pack.areas.values() for ring in area.rings for corner in ring]
    lat, lon = pack.centre
    corners = corners or [(lon - 0.1, lat - 0.1), (lon + 0.1, lat + 0.1)]
    lons, lats = [lon for lon, _ in corners], [lat for _, lat in corners]
    return min(lats), min(lons), max(lats), max(lons)


@get(
    "/api/words/{lang:str}",
    summary="Every word and sentence in one language",
    opt={"door": OPEN, "gives": dict[str, str]},
)
async def words(request: Request[Any, Any, Any], lang: Name) -> Response[bytes]:
    if lang not in LANGUAGES:
        raise Refusal("not_found", lang=lang)
    said: Any = load_words().by_language[lang]
    return answer_packed(request, said)


ROUTES: tuple[HTTPRouteHandler, ...] = (pack, words)
