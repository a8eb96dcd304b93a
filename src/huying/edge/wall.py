"""What the big screen shows: where, how urgent, how long, what is late. Nobody's name and nobody's words.

What leaves this file has only the fields of these structs; a point is told to a hundred metres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from msgspec import Struct

from huying.base.clock import SECOND
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.unit import Unit
from huying.service.questions import IncidentFilter, Questions

DIGITS = 3
"""Of a degree: a hundred metres, which is a street and not a door."""

LATE_MAX = 12
"""What a person reads from five metres; how many there are in all is told beside it."""

RUNNING_MAX = 6
WEEKS = 8
WEEKS_LEAST = 3
"""Of fewer weeks one can't say what is usual."""

Span = tuple[int, int]


class WallIncident(Struct, frozen=True):
    id: int
    type: str
    priority: int
    status: str
    opened_at: int
    lat: float | None
    lon: float | None
    late: bool


class WallUnit(Struct, frozen=True):
    code: str
    kind: str
    status: str
    lat: float | None
    lon: float | None


class WallLate(Struct, frozen=True):
    """An incident that is late, once: `what` is the clock that ran out first (see `Deadline.key`, without its
    number); `agency` whose it is."""

    incident: int
    type: str
    priority: int
    what: str
    agency: str
    since_at: int


class WallNumber(Struct, frozen=True):
    """`now` and what is usual at this time of this weekday: lowest, highest, middle of `weeks` weeks; None
    where nothing can be said."""

    code: str
    now: float | None
    low: float | None
    high: float | None
    usual: float | None
    weeks: int


class WallShown(Struct, frozen=True):
    """`within_s` is the promise of arrival for priority 1; `running` are those where nobody is yet; `mark` is
    `drill` or `demo`, empty where all is real. Where it is not the `whole`, `open` and `late_count` are of
    the most urgent and the newest only: there are at least so many."""

    at: int
    mark: str
    incidents: list[WallIncident]
    open: int
    units: list[WallUnit]
    within_s: int
    running: list[WallIncident]
    numbers: list[WallNumber]
    late: list[WallLate]
    late_count: int
    whole: bool


ALIVE = ("open", "active")
ALIVE_MAX = 2_000
"""More at once no screen can show: the map would be all signs."""

PAGE = 200
PAST_MAX = 400
"""Urgent incidents of one day that are looked at: a county has some dozen."""


class Past(Struct, frozen=True):
    """What happened from midnight to this time of one day: incidents in all, and of the urgent ones the
    priority and the seconds from opening to the first arrival (None while nobody was there)."""

    opened: int
    arrivals: list[tuple[int, float | None]]


def spans(pack: Pack, at: int) -> list[Span]:
    """From midnight to now, today and on the same weekday of the weeks before (UTC µs)."""
    zone = ZoneInfo(pack.timezone)
    now = datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone)
    found = []
    for week in range(WEEKS + 1):
        until = (now.replace(tzinfo=None) - timedelta(weeks=week)).replace(tzinfo=zone)
        start = until.replace(hour=0, minute=0, second=0)
        found.append((int(start.timestamp()) * SECOND, int(until.timestamp()) * SECOND + SECOND))
    return found


def now(pack: Pack, questions: Questions, weeks: Sequence[Past], at: int, place: bool) -> WallShown:
    today = days(pack, questions, at, 1)[0]
    told = numbers(today, weeks, promise_s(pack))
    alive, whole = unfinished(questions)
    return shown(pack, alive, questions.units(), told, at, place, whole)


def unfinished(questions: Questions) -> tuple[list[Incident], bool]:
    """What is open, and whether that is all; where it is too much, the urgent first and then the newest."""
    found = _some(questions, IncidentFilter(status=ALIVE), ALIVE_MAX + 1)
    if len(found) <= ALIVE_MAX:
        return found, True
    urgent = _some(questions, IncidentFilter(status=ALIVE, priority_max=2), ALIVE_MAX)
    known = {each.id: each for each in (*urgent, *found)}
    return list(known.values())[:ALIVE_MAX], False


def days(pack: Pack, questions: Questions, at: int, count: int = WEEKS + 1) -> list[Past]:
    """Today and so many of its weekdays before, each up to this time of day."""
    chosen = spans(pack, at)[:count]
    urgent = [IncidentFilter(priority_max=2, since=since, until=until) for since, until in chosen]
    opened = questions.opened_in(chosen)
    return [past(n, _some(questions, which, PAST_MAX)) for n, which in zip(opened, urgent, strict=True)]


def _some(questions: Questions, which: IncidentFilter, limit: int) -> list[Incident]:
    """Every incident of that kind up to so many, newest first."""
    found: list[Incident] = []
    cursor = ""
    while len(found) < limit:
        page = questions.states(which, cursor, PAGE)
        found += page.items
        cursor = page.next
        if not cursor:
            break
    return found[:limit]


def arrival_s(incident: Incident) -> float | None:
    first = min((each.on_scene_at for each in incident.assignments if each.on_scene_at), default=0)
    return (first - incident.opened_at) / SECOND if first else None


def past(opened: int, urgent: Iterable[Incident]) -> Past:
    return Past(opened, [(each.priority, arrival_s(each)) for each in urgent])


def numbers(today: Past, weeks: Sequence[Past], within_s: int) -> list[WallNumber]:
    """Three: incidents so far today, the share of priority 1 reached in time, the middle arrival of 1, 2."""
    known = [each for each in weeks if each.opened]

    def number(code: str, of: Callable[[Past], float | None]) -> WallNumber:
        before = [value for each in known if (value := of(each)) is not None]
        if len(before) < WEEKS_LEAST:
            return WallNumber(code, of(today), None, None, None, len(before))
        return WallNumber(code, of(today), min(before), max(before), median(before), len(before))

    def share(each: Past) -> float | None:
        times = [seconds for priority, seconds in each.arrivals if priority == 1 and seconds is not None]
        return round(sum(seconds <= within_s for seconds in times) / len(times), 3) if times else None

    def middle(each: Past) -> float | None:
        times = [seconds for _, seconds in each.arrivals if seconds is not None]
        return round(median(times)) if times else None

    return [
        number("opened", lambda each: float(each.opened)),
        number("in_time", share),
        number("arrival", middle),
    ]


def shown(
    pack: Pack,
    alive: Sequence[Incident],
    units: Iterable[Unit],
    told: list[WallNumber],
    at: int,
    place: bool,
    whole: bool = True,
) -> WallShown:
    """The whole answer; without `place` no point is told."""
    within_s = promise_s(pack)
    lines = [_line(each, at, place) for each in alive]
    late = sorted((first for each in alive if (first := _first_late(each, at)) is not None), key=_worst)
    waiting = {
        each.id for each in alive if each.priority == 1 and each.assignments and arrival_s(each) is None
    } | {each.id for each in alive if each.priority == 1 and not each.assignments and not each.referrals}
    running = sorted((each for each in lines if each.id in waiting), key=lambda each: each.opened_at)
    return WallShown(
        at=at,
        mark="",
        incidents=lines,
        open=len(lines),
        units=[_unit(each, pack, place) for each in units],
        within_s=within_s,
        running=running[-RUNNING_MAX:],
        numbers=told,
        late=late[:LATE_MAX],
        late_count=len(late),
        whole=whole,
    )


def promise_s(pack: Pack) -> int:
    """Seconds to arrival that the city promises for priority 1; five minutes where it promises nothing."""
    row = pack.standards.get(1)
    return row.arrive_s if row is not None and row.arrive_s else 300


def _line(incident: Incident, at: int, place: bool) -> WallIncident:
    point = incident.place.point if place else None
    return WallIncident(
        incident.id,
        incident.type,
        incident.priority,
        str(incident.status),
        incident.opened_at,
        round(point[0], DIGITS) if point else None,
        round(point[1], DIGITS) if point else None,
        any(True for _ in _late(incident, at)),
    )


def _unit(unit: Unit, pack: Pack, place: bool) -> WallUnit:
    row = pack.units.get(unit.code)
    known = place and bool(unit.lat or unit.lon)
    return WallUnit(
        unit.code,
        row.kind if row else "",
        str(unit.status),
        round(unit.lat, DIGITS) if known else None,
        round(unit.lon, DIGITS) if known else None,
    )


def _late(incident: Incident, at: int) -> Iterable[WallLate]:
    for each in incident.deadlines:
        if each.due < at:
            what, _, n = each.key.partition(":")
            agency = next((row.agency for row in incident.referrals if n and row.n == int(n)), "")
            yield WallLate(incident.id, incident.type, incident.priority, what, agency, each.due)


def _first_late(incident: Incident, at: int) -> WallLate | None:
    """What an incident has been late with for longest. Whoever stands before the wall sends somebody there
    once, whatever else is late by then."""
    return min(_late(incident, at), key=lambda each: each.since_at, default=None)


def _worst(late: WallLate) -> tuple[int, int]:
    return late.priority, late.since_at
