"""Working time of a jurisdiction: office hours, holidays and make-up working days, in its own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from msgspec import Struct

from huying.base.clock import DAY, HOUR, MINUTE
from huying.domain.deadline import Span, SpanUnit

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# The longest wait for a working day that any calendar may ask for; beyond it the calendar is broken.
LONGEST_CLOSURE_DAYS = 60


class WorkTime(Struct, frozen=True, dict=True):
    """`periods` are office hours as (start, end) local minutes of the day, in order; `weekend` are weekdays
    (Monday 0) without work; `holidays` and `workdays` (make-up working days) are single dates, and
    `workdays` win."""

    timezone: str
    periods: tuple[tuple[int, int], ...] = ((540, 720), (810, 1050))
    weekend: frozenset[int] = frozenset({5, 6})
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def local(self, at: int) -> datetime:
        """UTC µs → local time."""
        return (_EPOCH + timedelta(microseconds=at)).astimezone(self.zone)

    def utc(self, local: datetime) -> int:
        """Aware datetime → UTC µs."""
        return (local - _EPOCH) // timedelta(microseconds=1)

    def is_workday(self, day: date) -> bool:
        if day in self.workdays:
            return True
        return day.weekday() not in self.weekend and day not in self.holidays

    def is_working(self, at: int) -> bool:
        """Whether offices are open at the instant."""
        local = self.local(at)
        minute = local.hour * 60 + local.minute
        return self.is_workday(local.date()) and any(a <= minute < b for a, b in self.periods)

    def add(self, at: int, span: Span) -> int:
        """The instant `span` after `at`, UTC µs.

        Working days count from the day after `at` and end at close of office (General Principles of the
        Civil Law of China art. 201: the first day is not counted); working hours run only while offices
        are open. Calendar days keep the local time of day across changes of summer time.
        """
        match span.unit:
            case SpanUnit.MINUTES:
                return at + span.amount * MINUTE
            case SpanUnit.HOURS:
                return at + span.amount * HOUR
            case SpanUnit.DAYS:
                if self.zone.key in _FIXED:
                    return at + span.amount * DAY
                local = self.local(at)
                wall = local.replace(tzinfo=None) + timedelta(days=span.amount)
                return self.utc(wall.replace(tzinfo=self.zone))
            case SpanUnit.WORKING_DAYS:
                return self._working_days(at, span.amount)
            case SpanUnit.WORKING_HOURS:
                return self._working_minutes(at, span.amount * 60)

    def _instant(self, day: date, minute: int) -> int:
        return self.utc(datetime.combine(day, time(minute // 60, minute % 60), tzinfo=self.zone))

    def _working_days(self, at: int, count: int) -> int:
        day = self.local(at).date()
        for _ in range(count):
            day = self._next_workday(day + timedelta(days=1))
        return self._instant(day, self.periods[-1][1])

    def _next_workday(self, day: date) -> date:
        for _ in range(LONGEST_CLOSURE_DAYS):
            if self.is_workday(day):
                return day
            day += timedelta(days=1)
        raise ValueError(f"no working day within {LONGEST_CLOSURE_DAYS} days of {day}")

    def _working_minutes(self, at: int, minutes: int) -> int:
        left = minutes * MINUTE
        day = self._next_workday(self.local(at).date())
        while True:
            for start, end in self.periods:
                opens, closes = self._instant(day, start), self._instant(day, end)
                begin = max(at, opens)
                if begin < closes:
                    if left <= closes - begin:
                        return begin + left
                    left -= closes - begin
            day = self._next_workday(day + timedelta(days=1))


# Zones without summer time in force today: a day is 24 hours, which spares two conversions.
_FIXED = frozenset({"Asia/Shanghai", "UTC"})
