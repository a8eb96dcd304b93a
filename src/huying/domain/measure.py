"""Measures: what each number is, in which unit, and which way is better. Their words are `measure.<code>`.

Every number counts incidents that were opened in the period, so that all have one list behind them; a later
month may therefore still change what is told of an earlier one, as answers and call-backs come in.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec import Struct

from huying.base.clock import DAY, HOUR, SECOND
from huying.domain.worktime import WorkTime

# Longer periods are two questions, or an analysis: a year of a large city is read in one statement.
DAYS_MAX = 366


class Measure(Struct, frozen=True):
    """`unit`: number, seconds, or share (0…1). `better`: low, high, or empty where neither is."""

    code: str
    unit: str
    better: str = ""


MEASURES = (
    Measure("calls", "number"),
    Measure("incidents", "number"),
    Measure("queue_time_p50", "seconds", "low"),
    Measure("queue_time_p90", "seconds", "low"),
    Measure("response_time_p50", "seconds", "low"),
    Measure("response_time_p90", "seconds", "low"),
    Measure("referrals_on_time", "share", "high"),
    Measure("solved", "share", "high"),
    Measure("satisfied", "share", "high"),
    Measure("reopened", "share", "low"),
)
CODES = tuple(each.code for each in MEASURES)
# A rating of so much and more counts as satisfied, of 1…5.
SATISFIED = 4
# By what numbers are told apart; an incident may have several agencies, and then counts for each.
BY = ("area", "agency", "type")


# Spans of local time by which the course of a number is told.
SPANS = {"hour": HOUR, "day": DAY, "week": 7 * DAY}
# A year of days, or two weeks of hours: more bars than these nobody tells apart.
SPANS_MAX = DAYS_MAX + 2


class Course(Struct, frozen=True):
    """Spans of `width` µs, counted from `origin` (local µs). `offsets` are (until, µs by which local time is
    ahead before that instant, UTC), in order; the last holds for all that is later."""

    width: int
    origin: int
    offsets: tuple[tuple[int, int], ...]


class Period(Struct, frozen=True):
    """Incidents opened from `since` and before `until` (UTC µs), seen at `now`; of one type, area or agency
    where these are given. `among` is what the asker may see of them. `course` tells them apart by time."""

    since: int
    until: int
    now: int
    type: str = ""
    area: str = ""
    agency: str = ""
    among: tuple[tuple[tuple[str, str], ...], ...] = ()
    course: Course | None = None


class Sums(Struct):
    """What the store counts for one group of incidents; times in µs, None for nobody's."""

    incidents: int = 0
    calls: int = 0
    reopened: int = 0
    solved: int = 0
    not_solved: int = 0
    rated: int = 0
    satisfied: int = 0
    owed: int = 0
    on_time: int = 0
    queued: int = 0
    queue_p50: int | None = None
    queue_p90: int | None = None
    responded: int = 0
    response_p50: int | None = None
    response_p90: int | None = None


class Number(Struct, frozen=True):
    """`value` in the measure's unit, None where there is nothing to measure; `of` is how many it is about,
    None where that is not told."""

    value: float | None
    of: int | None


def numbers_of(sums: Sums) -> dict[str, Number]:
    """Every measure of one group."""
    answered = sums.solved + sums.not_solved
    return {
        "calls": Number(sums.calls, sums.calls),
        "incidents": Number(sums.incidents, sums.incidents),
        "queue_time_p50": _seconds(sums.queue_p50, sums.queued),
        "queue_time_p90": _seconds(sums.queue_p90, sums.queued),
        "response_time_p50": _seconds(sums.response_p50, sums.responded),
        "response_time_p90": _seconds(sums.response_p90, sums.responded),
        "referrals_on_time": _share(sums.on_time, sums.owed),
        "solved": _share(sums.solved, answered),
        "satisfied": _share(sums.satisfied, sums.rated),
        "reopened": _share(sums.reopened, sums.incidents),
    }


def _share(part: int, of: int) -> Number:
    return Number(round(part / of, 4) if of else None, of)


def _seconds(at: int | None, of: int) -> Number:
    return Number(None if at is None else round(at / 1_000_000, 1), of)


def course_of(since: int, until: int, by: str, time: WorkTime) -> Course:
    """The spans of a period: hours, or days and weeks that begin at midnight, as clocks there show it."""
    width = SPANS[by]
    first = time.local(since)
    start = first.replace(minute=0, second=0, microsecond=0)
    start = start if by == "hour" else start.replace(hour=0)
    offsets: list[tuple[int, int]] = []
    at, ahead = since, _ahead(since, time)
    while at < until:
        then = min(at + DAY, until)
        if (next_ahead := _ahead(then, time)) != ahead:
            low, high = at, then  # clocks changed in between: to the second
            while high - low > SECOND:
                middle = (low + high) // 2
                low, high = (middle, high) if _ahead(middle, time) == ahead else (low, middle)
            offsets.append((high, ahead))
            ahead = next_ahead
        at = then
    return Course(width, time.utc(start.replace(tzinfo=UTC)), (*offsets, (until, ahead)))


def _ahead(at: int, time: WorkTime) -> int:
    offset = time.local(at).utcoffset()
    return int(offset.total_seconds()) * SECOND if offset else 0


def month_so_far(now: int, time: WorkTime) -> tuple[int, int]:
    """From the first of this month, in local time, until now (UTC µs)."""
    here = time.local(now)
    return time.utc(datetime(here.year, here.month, 1, tzinfo=time.zone)), now


def month_ended(by: int, time: WorkTime) -> tuple[int, int]:
    """The last whole month, in local time, that had ended by this instant (UTC µs)."""
    first, _ = month_so_far(by, time)
    return month_so_far(first - 1, time)[0], first


def year_before(at: int, time: WorkTime) -> int:
    """The same local date and time a year earlier (UTC µs); of 29 February the 28th."""
    here = time.local(at)
    last = date(here.year - 1, 2, 28).day if (here.month, here.day) == (2, 29) else here.day
    return time.utc(here.replace(year=here.year - 1, day=last))
