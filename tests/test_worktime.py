"""Deadlines in real working time: days to count on a paper calendar, and laws that hold for all days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.base.clock import DAY, HOUR, MINUTE
from huying.domain.deadline import Span, SpanUnit
from huying.domain.worktime import WorkTime
from huying.service.packs.spans import parse_span
from huying.store.calendars import country_calendar

CHINA_DAYS = country_calendar("CN", "")
US_DAYS = country_calendar("US", "NY")
assert CHINA_DAYS is not None and US_DAYS is not None
SPLIT_DAY = ((510, 720), (810, 1050))  # 08:30-12:00, 13:30-17:30
CHINA = WorkTime("Asia/Shanghai", SPLIT_DAY, frozenset({5, 6}), *CHINA_DAYS)
NEW_YORK = WorkTime("America/New_York", ((540, 1020),), frozenset({5, 6}), *US_DAYS)
ZONES = (CHINA, NEW_YORK, WorkTime("Australia/Lord_Howe"), WorkTime("America/St_Johns"), WorkTime("UTC"))

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(worktime: WorkTime, local: str, fold: int = 0) -> int:
    aware = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(worktime.timezone), fold=fold)
    return (aware - EPOCH) // timedelta(microseconds=1)


def after(worktime: WorkTime, start: str, span: str, fold: int = 0) -> str:
    """The local time `span` after the local `start`."""
    parsed = parse_span(span)
    assert parsed is not None
    return worktime.local(worktime.add(instant(worktime, start, fold), parsed)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-02 10:00", "30m", "2026-03-02 10:30"),
        ("2026-03-02 10:00", "40h", "2026-03-04 02:00"),
        ("2026-03-02 10:00", "2d", "2026-03-04 10:00"),
        # The first day is not counted, and the last ends at close of office.
        ("2026-03-02 10:00", "1wd", "2026-03-03 17:30"),
        ("2026-03-02 00:00", "1wd", "2026-03-03 17:30"),
        ("2026-03-02 23:59", "1wd", "2026-03-03 17:30"),
        ("2026-03-06 10:00", "1wd", "2026-03-09 17:30"),  # Friday → Monday
        ("2026-03-07 10:00", "1wd", "2026-03-09 17:30"),  # Saturday → Monday
        ("2026-03-02 10:00", "5wd", "2026-03-09 17:30"),
        # Spring Festival 2026: off from Sunday 15 to Monday 23 February; Saturdays 14 and 28 are worked.
        ("2026-02-13 10:00", "1wd", "2026-02-14 17:30"),
        ("2026-02-13 10:00", "2wd", "2026-02-24 17:30"),
        ("2026-02-14 16:00", "1wd", "2026-02-24 17:30"),
        ("2026-02-27 10:00", "1wd", "2026-02-28 17:30"),
        ("2026-02-27 10:00", "2wd", "2026-03-02 17:30"),
        # National Day 2026: off from Thursday 1 to Wednesday 7 October; Saturday 10 October is worked, and so
        # was Sunday 20 September.
        ("2026-09-30 10:00", "1wd", "2026-10-08 17:30"),
        ("2026-09-30 10:00", "3wd", "2026-10-10 17:30"),
        ("2026-09-30 10:00", "4wd", "2026-10-12 17:30"),
        ("2026-09-18 10:00", "1wd", "2026-09-20 17:30"),
        # Working hours run while offices are open, 7.5 a day.
        ("2026-03-02 10:00", "2wh", "2026-03-02 12:00"),
        ("2026-03-02 10:00", "4wh", "2026-03-02 15:30"),
        ("2026-03-02 12:30", "1wh", "2026-03-02 14:30"),
        ("2026-03-02 17:00", "1wh", "2026-03-03 09:00"),
        ("2026-03-02 20:00", "8wh", "2026-03-04 09:00"),
        ("2026-03-06 17:29", "1wh", "2026-03-09 09:29"),
        ("2026-02-14 17:00", "8wh", "2026-02-24 17:30"),  # half an hour, the Festival, 7.5 hours
        ("2026-02-14 17:00", "9wh", "2026-02-25 09:30"),
        ("2026-10-01 10:00", "15wh", "2026-10-09 17:30"),
    ],
)
def test_china(start: str, span: str, end: str) -> None:
    assert after(CHINA, start, span) == end


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        # Clocks go forward on 8 March 2026 at 02:00 and back on 1 November at 02:00.
        ("2026-03-07 10:00", "1d", "2026-03-08 10:00"),
        ("2026-03-07 10:00", "24h", "2026-03-08 11:00"),
        ("2026-03-07 02:30", "1d", "2026-03-08 03:00"),  # 02:30 is skipped: where the skip ends
        ("2026-10-31 10:00", "1d", "2026-11-01 10:00"),
        ("2026-10-31 10:00", "24h", "2026-11-01 09:00"),
        ("2026-10-31 01:30", "1d", "2026-11-01 01:30"),
        ("2026-03-06 16:00", "2wh", "2026-03-09 10:00"),  # over the change
        ("2026-10-30 16:00", "2wh", "2026-11-02 10:00"),
        ("2026-03-06 16:00", "1wd", "2026-03-09 17:00"),
        ("2026-07-02 12:00", "1wd", "2026-07-06 17:00"),  # Friday 3 July: Independence Day observed
        ("2026-11-25 12:00", "8wh", "2026-11-27 12:00"),  # Thanksgiving between
    ],
)
def test_new_york(start: str, span: str, end: str) -> None:
    assert after(NEW_YORK, start, span) == end


def test_the_hour_that_comes_twice_counts_as_its_end_the_second_time() -> None:
    assert after(NEW_YORK, "2026-11-01 01:30", "1d") == "2026-11-02 01:30"
    assert after(NEW_YORK, "2026-11-01 01:30", "1d", fold=1) == "2026-11-02 01:59"


def test_offices_are_open_from_the_first_minute_to_before_the_last() -> None:
    def opened(local: str) -> bool:
        return CHINA.is_working(instant(CHINA, local))

    assert opened("2026-03-02 08:30") and opened("2026-03-02 11:59") and opened("2026-02-14 10:00")
    assert not opened("2026-03-02 08:29") and not opened("2026-03-02 12:00")
    assert not opened("2026-03-07 10:00") and not opened("2026-02-16 10:00")


def test_an_office_that_is_open_round_the_clock_has_24_working_hours() -> None:
    always = WorkTime("Asia/Shanghai", ((0, 1440),), frozenset())
    start = instant(always, "2026-03-02 10:00")
    assert always.add(start, Span(50, SpanUnit.WORKING_HOURS)) == start + 50 * HOUR
    assert after(always, "2026-03-02 10:00", "1wd") == "2026-03-04 00:00"


def test_minutes_of_the_day_are_local() -> None:
    assert CHINA.minute_of_day(instant(CHINA, "2026-03-02 00:01")) == 1
    assert NEW_YORK.minute_of_day(instant(NEW_YORK, "2026-03-08 03:00")) == 180


# ── laws ────────────────────────────────────────────────────────────────────────────────────────────────
ATS = st.integers(instant(CHINA, "2004-01-02 00:00"), instant(CHINA, "2030-12-31 00:00"))
# Changes of summer time and the edges of days are where mistakes live.
EDGES = st.builds(
    lambda day, minutes: day * DAY + minutes * MINUTE,
    st.sampled_from([12_484, 13_816, 20_520, 20_758, 20_498, 20_727]),  # change days, eves of long holidays
    st.integers(-3 * 1440, 3 * 1440),
)
INSTANTS = st.one_of(ATS, EDGES)
SPANS = st.builds(Span, st.integers(1, 40), st.sampled_from(SpanUnit))


@given(st.sampled_from(ZONES), INSTANTS, st.integers(0, 3 * DAY), SPANS)
@settings(max_examples=400, deadline=None)
def test_who_starts_later_is_not_due_earlier(worktime: WorkTime, at: int, later: int, span: Span) -> None:
    assert worktime.add(at, span) <= worktime.add(at + later, span)


@given(st.sampled_from(ZONES), INSTANTS, SPANS)
@settings(max_examples=400, deadline=None)
def test_a_longer_span_is_not_due_earlier(worktime: WorkTime, at: int, span: Span) -> None:
    longer = Span(span.amount + 1, span.unit)
    assert at < worktime.add(at, span) < worktime.add(at, longer)


@given(st.sampled_from(ZONES), INSTANTS, st.integers(1, 40))
@settings(max_examples=300, deadline=None)
def test_working_days_end_at_close_of_office_on_the_nth_working_day(
    worktime: WorkTime, at: int, count: int
) -> None:
    end = worktime.local(worktime.add(at, Span(count, SpanUnit.WORKING_DAYS)))
    assert end.hour * 60 + end.minute == worktime.periods[-1][1]
    day, counted = worktime.local(at).date(), 0
    while day < end.date():
        day += timedelta(days=1)
        counted += worktime.is_workday(day)
    assert worktime.is_workday(end.date())
    # In the hour that comes twice round midnight the day that has begun once has begun.
    assert counted == count or worktime.local(at).fold == 1


@given(st.sampled_from(ZONES), INSTANTS, st.integers(1, 60))
@settings(max_examples=300, deadline=None)
def test_working_hours_are_hours_in_which_offices_are_open(worktime: WorkTime, at: int, count: int) -> None:
    end = worktime.add(at, Span(count, SpanUnit.WORKING_HOURS))
    assert worked(worktime, at, end) == count * HOUR
    assert worktime.is_working(end - 1)


def worked(worktime: WorkTime, start: int, end: int) -> int:
    """Open µs between two instants, counted the slow way."""
    total, day = 0, worktime.local(start).date() - timedelta(days=1)
    while day <= worktime.local(end).date():
        if worktime.is_workday(day):
            midnight = datetime(day.year, day.month, day.day)
            for opens, closes in worktime.periods:
                edges = [
                    worktime.utc((midnight + timedelta(minutes=edge)).replace(tzinfo=worktime.zone))
                    for edge in (opens, closes)
                ]
                total += max(0, min(edges[1], end) - max(edges[0], start))
        day += timedelta(days=1)
    return total


def test_what_is_remembered_is_bounded() -> None:
    worktime = WorkTime("America/New_York")
    for day in range(0, 80_000, 3):
        worktime.add(day * DAY, Span(2, SpanUnit.WORKING_DAYS))
        worktime.add(day * DAY, Span(2, SpanUnit.DAYS))
    worktime.add(80_000 * DAY, Span(9, SpanUnit.WORKING_HOURS))
    assert all(len(memory) <= 16_384 for memory in (worktime._offsets, worktime._closings))
    assert len(worktime._leaves) <= 64


# ── calendars ───────────────────────────────────────────────────────────────────────────────────────────
def test_years_that_nobody_has_announced_keep_the_lawful_holidays() -> None:
    assert CHINA_DAYS is not None
    assert date(2030, 10, 1) in CHINA_DAYS[0] and date(1999, 10, 1) in CHINA_DAYS[0]


def test_parts_of_a_country_have_their_own_days() -> None:
    massachusetts = country_calendar("US", "MA")
    assert massachusetts is not None and US_DAYS is not None
    assert date(2016, 4, 18) in massachusetts[0] and date(2016, 4, 18) not in US_DAYS[0]  # Patriots' Day


@pytest.mark.parametrize(("country", "part"), [("XX", ""), ("US", "ZZ"), ("China", ""), ("cn", "")])
def test_an_unknown_country_or_part_is_nobody_s(country: str, part: str) -> None:
    assert country_calendar(country, part) is None
