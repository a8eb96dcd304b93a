"""`pack.toml`: the few settings of a city, and its working time."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from huying.base.text import Text
from huying.domain.deadline import Span, SpanUnit
from huying.domain.worktime import LONGEST_CLOSURE_DAYS, WorkTime
from huying.service.packs.faults import Faults
from huying.service.packs.spans import parse_period, parse_span
from huying.service.packs.tables import CODE, Row, decode, is_clean, read_table, visible

FILE = "pack.toml"
CALENDAR_FILE = "calendar.csv"

Days = tuple[frozenset[date], frozenset[date]]
"""Holidays, and make-up working days."""

Calendar = Callable[[str, str], Days | None]
"""(country, subdivision) → its days; None when nobody knows the country or the part of it."""

# Languages of one pack: a third one is a guest, a ninth is a mistake.
LANGUAGES_MAX = 8
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_MISSING = object()


class Settings(Struct, frozen=True):
    """What `pack.toml` says, checked by itself; codes that it names are checked with the tables."""

    name: str
    title: Text
    edition: str
    languages: tuple[str, ...]
    timezone: str
    centre: tuple[float, float]
    duty_desk: str
    default_type: str
    danger_type: str
    follow_up: Span
    emergency_number: str
    reopen_days: int
    duplicate_m: float
    duplicate_s: int
    default_accept: Span
    default_due: Span
    default_ladder: str
    periods: tuple[tuple[int, int], ...]
    weekend: frozenset[int]
    holidays: frozenset[date]
    workdays: frozenset[date]


class _Toml:
    """The settings by `section.key`, with the line of each; what can't be read is a fault there."""

    def __init__(self, text: str, tree: Mapping[str, Any], faults: Faults) -> None:
        self.text, self.tree, self.faults = text, tree, faults

    def line(self, key: str) -> int:
        section, _, name = key.rpartition(".")
        inside = ""
        for number, words in enumerate(self.text.split("\n"), 1):
            heading = re.match(r"\s*\[\s*([\w.-]+)\s*\]", words)
            if heading:
                inside = heading[1]
            elif inside == section and re.match(rf'\s*"?{re.escape(name)}"?\s*[=.]', words):
                return number
        return 0

    def bad(self, key: str, code: str, value: object = "", **params: Any) -> None:
        self.faults.add(FILE, self.line(key), code, column=key, value=visible(str(value)), **params)

    def get(self, key: str, default: object = _MISSING) -> Any:
        node: Any = self.tree
        for name in key.split("."):
            node = node.get(name, _MISSING) if isinstance(node, Mapping) else _MISSING
        if node is _MISSING:
            if default is _MISSING:
                self.bad(key, "setting_missing")
                return None
            return default
        return node

    def words(self, key: str, default: object = _MISSING, pattern: re.Pattern[str] | None = None) -> str:
        value = self.get(key, default)
        if value is None or value == default:
            return value or ""
        words = value if isinstance(value, str) and value.strip() and is_clean(value) else None
        if words is None or (pattern and not pattern.fullmatch(words)):
            self.bad(key, "setting_bad", value)
            return ""
        return words

    def number(self, key: str, default: float, low: float, high: float) -> float:
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.bad(key, "number_bad", value, low=low, high=high)
            return default
        return value

    def span(self, key: str, default: Span) -> Span:
        value = self.get(key, str(default))
        span = parse_span(value) if isinstance(value, str) else None
        if span is None or span.amount < 1:
            self.bad(key, "span_bad", value)
            return default
        return span


def read_settings(content: bytes, days: bytes | None, calendar: Calendar, faults: Faults) -> Settings | None:
    """The settings and calendar; None when the file can't be read at all."""
    text = decode(FILE, content, faults)
    if text is None:
        return None
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        faults.add(FILE, int(line[1]) if line else 0, "toml_bad", why=visible(str(error)))
        return None
    toml = _Toml(text, tree, faults)
    languages = _languages(toml)
    holidays, workdays = _days(toml, days, calendar, faults)
    return Settings(
        name=toml.words("name", pattern=CODE),
        title=_title(toml, languages),
        edition=toml.words("edition"),
        languages=languages,
        timezone=_timezone(toml),
        centre=_centre(toml),
        duty_desk=toml.words("duty_desk", pattern=CODE),
        default_type=toml.words("default_type", pattern=CODE),
        danger_type=toml.words("danger_type", "", pattern=CODE),
        follow_up=toml.span("follow_up", Span(3, SpanUnit.DAYS)),
        emergency_number=toml.words("emergency_number", "110"),
        reopen_days=int(toml.number("reopen_days", 30, 0, 3650)),
        duplicate_m=float(toml.number("duplicates.metres", 150, 0, 5000)),
        duplicate_s=int(toml.number("duplicates.seconds", 1800, 0, 604_800)),
        default_accept=toml.span("routing.accept", Span(1, SpanUnit.WORKING_DAYS)),
        default_due=toml.span("routing.due", Span(5, SpanUnit.WORKING_DAYS)),
        default_ladder=toml.words("routing.ladder", ""),
        periods=_periods(toml),
        weekend=_weekend(toml),
        holidays=holidays,
        workdays=workdays,
    )


def _languages(toml: _Toml) -> tuple[str, ...]:
    value = toml.get("languages")
    if (
        not isinstance(value, list)
        or not 1 <= len(value) <= LANGUAGES_MAX
        or len(set(map(str, value))) < len(value)
    ):
        toml.bad("languages", "languages_bad", value)
        return ()
    if not all(isinstance(each, str) and _LANGUAGE.fullmatch(each) for each in value):
        toml.bad("languages", "languages_bad", value)
        return ()
    return tuple(value)


def _title(toml: _Toml, languages: tuple[str, ...]) -> Text:
    value = toml.get("title")
    title = value if isinstance(value, dict) else {}
    for lang in languages:
        if not isinstance(title.get(lang), str) or not title[lang].strip():
            toml.bad("title", "language_missing", lang=lang)
        elif not is_clean(title[lang]):
            toml.bad("title", "setting_bad", title[lang])
    return {lang: str(title.get(lang, "")) for lang in languages}


def _timezone(toml: _Toml) -> str:
    name = toml.words("timezone")
    if name:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            toml.bad("timezone", "timezone_unknown", name)
            return "UTC"
    return name or "UTC"


def _centre(toml: _Toml) -> tuple[float, float]:
    value = toml.get("centre")
    if isinstance(value, list) and len(value) == 2:
        lat, lon = value
        numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in value)
        if numbers and abs(lat) <= 90 and abs(lon) <= 180:
            return float(lat), float(lon)
    if value is not None:
        toml.bad("centre", "centre_bad", value)
    return 0.0, 0.0


def _periods(toml: _Toml) -> tuple[tuple[int, int], ...]:
    value = toml.get("calendar.office_hours", ["09:00-12:00", "13:30-17:30"])
    periods = (
        [parse_period(each) if isinstance(each, str) else None for each in value]
        if isinstance(value, list)
        else []
    )
    known = tuple(each for each in periods if each is not None)
    flat = [minute for period in known for minute in period]
    if not known or len(known) < len(periods) or flat != sorted(set(flat)):
        toml.bad("calendar.office_hours", "office_hours_bad", value)
        return ((540, 1050),)
    return known


def _weekend(toml: _Toml) -> frozenset[int]:
    value = toml.get("calendar.weekend", [6, 7])
    days = (
        {each for each in value if type(each) is int and 1 <= each <= 7} if isinstance(value, list) else set()
    )
    if not isinstance(value, list) or len(days) < len(value) or len(days) == 7:
        toml.bad("calendar.weekend", "weekend_bad", value)
        return frozenset()
    return frozenset(each - 1 for each in days)


def _days(toml: _Toml, own: bytes | None, calendar: Calendar, faults: Faults) -> Days:
    """The country's days with the city's own on top."""
    country = toml.words("calendar.country", "")
    subdivision = toml.words("calendar.subdivision", "")
    days = calendar(country, subdivision) if country else (frozenset[date](), frozenset[date]())
    if days is None:
        toml.bad("calendar.country", "calendar_unknown", country, subdivision=subdivision or "–")
        return frozenset(), frozenset()
    holidays, workdays = set(days[0]), set(days[1])
    if own is not None:
        for row in read_table(CALENDAR_FILE, own, ("date", "kind", "name?"), faults):
            _own_day(row, holidays, workdays)
    return frozenset(holidays), frozenset(workdays)


def _own_day(row: Row, holidays: set[date], workdays: set[date]) -> None:
    try:
        day = date.fromisoformat(row.raw("date"))
    except ValueError:
        row.bad("date_bad", "date")
        return
    if not 1970 <= day.year <= 2199:
        row.bad("date_bad", "date")
        return
    into, out_of = (
        (holidays, workdays)
        if row.one_of("kind", ("holiday", "workday")) == "holiday"
        else (workdays, holidays)
    )
    into.add(day)
    out_of.discard(day)


def check_closures(worktime: WorkTime, faults: Faults) -> None:
    """A fault where offices are closed longer than anything may wait for them."""
    if not worktime.holidays:
        return
    day, last, closed = min(worktime.holidays), max(worktime.holidays), 0
    while day <= last + timedelta(days=7):
        closed = 0 if worktime.is_workday(day) else closed + 1
        if closed >= LONGEST_CLOSURE_DAYS:
            faults.add(CALENDAR_FILE, 0, "closed_too_long", value=day.isoformat(), max=LONGEST_CLOSURE_DAYS)
            return
        day += timedelta(days=1)
