"""Measures: numbers with definitions, last year's beside them, and the list behind each; JSON or CSV."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import Struct

from huying.base.text import Text, say
from huying.domain.measure import MEASURES, SPANS, Number, month_ended, year_before
from huying.domain.pack import Pack
from huying.edge.desk import Desk
from huying.edge.instants import from_iso, iso
from huying.edge.measured import (
    USUAL_KIND,
    Line,
    Measured,
    asked,
    behind,
    by_month,
    counted,
    in_course,
    period_of,
    told,
)
from huying.edge.view import View
from huying.service.ports import Period
from huying.service.questions import IncidentLine
from huying.web.answers import answer, asker_of
from huying.web.params import PAGE_USUAL, Code, Cursor, Here, Limit, Name, When
from huying.web.shapes import Instant, dump, outer

By = Annotated[
    str,
    QueryParameter(max_length=20, description="area, agency, type, hour, day, week or month; empty: all"),
]
Kind = Annotated[str, QueryParameter(max_length=40, description="Of which areas: town, community, beat …")]
Format = Annotated[str, QueryParameter(max_length=10, description="csv for a table to be taken along")]

MONTH = "month"

# A byte order mark, without which spreadsheets of some offices take Chinese for something else.
_BOM = "\ufeff"


class Defined(Struct, frozen=True):
    """A measure and what it means. `unit`: number, seconds, share (0…1); `better`: low, high, or neither."""

    code: str
    unit: str
    better: str
    name: str
    definition: str


class NumberShown(Struct, frozen=True):
    """`value` is null where there is nothing to measure, and with `hidden` where it is too small to be told;
    `of` is how many incidents, calls or referrals it is about. `before` is of the same period last year."""

    value: float | None
    of: int | None
    hidden: bool
    before: float | None
    before_of: int | None
    before_hidden: bool


class MeasureLine(Struct, frozen=True):
    """All measures of one group by code; `key` is empty for all together."""

    key: str
    name: Text
    numbers: dict[str, NumberShown]


class MeasuresShown(Struct, frozen=True):
    """`small_hidden` says that numbers below ten are left out for this asker."""

    since: Instant
    until: Instant
    before_since: Instant
    before_until: Instant
    by: str
    kinds: list[str]
    small_hidden: bool
    measures: list[Defined]
    total: MeasureLine
    lines: list[MeasureLine]


class BehindLine(Struct, frozen=True):
    """An incident and what it adds: seconds, how many, a rating, or 1 and 0 for yes and no."""

    incident: outer(IncidentLine)  # type: ignore[valid-type]
    value: float


class BehindPage(Struct, frozen=True):
    measure: Defined
    items: list[BehindLine]
    next: str


@get("/api/measures", summary="What is measured, with last year beside it", opt={"gives": MeasuresShown})
async def measures(
    request: Request[Any, Any, Any],
    desk: Here,
    since: When = "",
    until: When = "",
    by: By = "",
    kind: Kind = "",
    type: Code = "",
    area: Code = "",
    agency: Code = "",
    format: Format = "",
) -> Response[bytes]:
    """Of incidents opened in the period, by default this month so far; of one type, area or agency where
    these are given. Who may not see small numbers is told of the last whole month that had ended by `until`,
    and of no part of it but what their own agency was given. By `hour`, `day`, `week` and `month` a line's
    key is how many of them have passed since the first, in the city's own time; of months, by default of the
    last twelve, those that have ended are told, and to everybody. `format=csv` gives the same as a table.
    """
    asker = asker_of(request.scope, desk)
    view = desk.view(asker)
    if by == MONTH and not since:
        since, until = _twelve_months(view, until)
    period = _period(view, since, until, type, area, agency)
    if by == MONTH:
        found = await desk.ask(by_month, view, period)
    else:
        found = await _counted(desk, view, period, by, kind)
    shown = _shown(desk, found, by, asker.lang)
    if format == "csv":
        return _csv(shown, asker.lang)
    return answer(shown)


def _twelve_months(view: View, until: str) -> tuple[str, str]:
    """Twelve whole months of which the last had ended by then."""
    time = view.desk.pack.worktime
    _, last = month_ended(min(from_iso(until, "until") if until else view.at, view.at), time)
    return iso(year_before(last, time)), iso(last)


async def _counted(desk: Desk, view: View, period: Period, by: str, kind: str) -> Measured:
    span, by = (by, "time") if by in SPANS else ("", by)
    period, earlier, codes = asked(view, period, by, kind)
    if span:
        period, earlier = in_course(view, period, span), in_course(view, earlier, span)
    now, before = await asyncio.gather(
        desk.ask(counted, view, period, by, codes), desk.ask(counted, view, earlier, by, codes)
    )
    return told(view, period, earlier, now, before)


@get(
    "/api/measures/{measure:str}/list",
    summary="The incidents that a number is made of",
    opt={"gives": BehindPage},
)
async def measure_list(
    request: Request[Any, Any, Any],
    desk: Here,
    measure: Name,
    since: When = "",
    until: When = "",
    type: Code = "",
    area: Code = "",
    agency: Code = "",
    cursor: Cursor = "",
    limit: Limit = PAGE_USUAL,
) -> Response[bytes]:
    """Newest first, those that the asker may see, each with what it adds."""
    asker = asker_of(request.scope, desk)
    view = desk.view(asker)
    period = _period(view, since, until, type, area, agency)
    items, rest = await desk.ask(behind, view, period, measure, cursor, limit)
    defined = next(each for each in _defined(desk, asker.lang) if each.code == measure)
    scale = 1_000_000 if defined.unit == "seconds" else 1
    line = dump(IncidentLine)
    lines = [{"incident": line(each), "value": value / scale} for each, value in items]
    return answer({"measure": defined, "items": lines, "next": rest})


def _period(view: View, since: str, until: str, type: str, area: str, agency: str) -> Period:
    return period_of(
        view,
        from_iso(since, "since") if since else 0,
        from_iso(until, "until") if until else 0,
        type,
        area,
        agency,
    )


def _defined(desk: Desk, lang: str) -> list[Defined]:
    word = desk.word
    return [
        Defined(
            each.code,
            each.unit,
            each.better,
            word(f"measure.{each.code}", lang),
            word(f"measure.{each.code}.is", lang),
        )
        for each in MEASURES
    ]


def _shown(desk: Desk, found: Measured, by: str, lang: str) -> MeasuresShown:
    lines = [_line(each, by, desk.pack) for each in found.lines]
    kinds = [USUAL_KIND] if found.hidden else sorted({each.kind for each in desk.pack.areas.values()})
    return MeasuresShown(
        since=iso(found.period.since),
        until=iso(found.period.until),
        before_since=iso(found.earlier.since),
        before_until=iso(found.earlier.until),
        by=by,
        kinds=kinds,
        small_hidden=found.hidden,
        measures=_defined(desk, lang),
        total=lines[0],
        lines=lines[1:],
    )


def _line(line: Line, by: str, pack: Pack) -> MeasureLine:
    rows: Any = {"area": pack.areas, "agency": pack.agencies, "type": pack.types}.get(by, {})
    row = rows.get(line.key)
    name: Text = row.name if row is not None else {}
    numbers = {each.code: _number(line.now.get(each.code), line.before.get(each.code)) for each in MEASURES}
    return MeasureLine(line.key, name, numbers)


def _number(now: Number | None, before: Number | None) -> NumberShown:
    return NumberShown(
        value=now.value if now else None,
        of=now.of if now else None,
        hidden=now is None,
        before=before.value if before else None,
        before_of=before.of if before else None,
        before_hidden=before is None,
    )


def _csv(shown: MeasuresShown, lang: str) -> Response[bytes]:
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(["key", "name", "measure", "unit", "since", "until", "value", "of", "last_year", "last_year_of"])
    for line in (shown.total, *shown.lines):
        for each in shown.measures:
            number = line.numbers[each.code]
            values = [number.value, number.of, number.before, number.before_of]
            cells = ["" if value is None else value for value in values]
            name = _plain(say(line.name, lang) or line.key)
            write([line.key, name, each.code, each.unit, shown.since, shown.until, *cells])
    return Response(
        (_BOM + out.getvalue()).encode(),
        media_type="text/csv",
        headers={"content-disposition": 'attachment; filename="measures.csv"'},
    )


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@") else name


ROUTES: tuple[HTTPRouteHandler, ...] = (measures, measure_list)
