"""Working time of a jurisdiction: office hours, holidays and make-up working days, in its own time zone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from huying.base.clock import DAY, HOUR, MINUTE
from huying.domain.deadline import Span, SpanUnit

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday
_MICROSECOND = timedelta(microseconds=1)

# The longest wait for a working day that any calendar may ask for; beyond it the calendar is broken.
LONGEST_CLOSURE_DAYS = 60

# What is remembered of days: a replay walks through a few years, at some 100 bytes a day.
REMEMBERED = 16_384

# Office hours are laid out for this many days at once (some ms), which serve every span of that time.
LEAF_DAYS = 512
LEAVES_REMEMBERED = 64


K = TypeVar("K")
V = TypeVar("V")


class Leaf(NamedTuple):
    """Office hours of `LEAF_DAYS` days: when each period opens and closes (UTC µs), and the working time
    from the leaf's beginning to each closing (µs)."""

    opens: list[int]
    closes: list[int]
    worked: list[int]


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
        return (local - _EPOCH) // _MICROSECOND

    def is_workday(self, day: date) -> bool:
        if day in self.workdays:
            return True
        return day.weekday() not in self.weekend and day not in self.holidays

    def is_working(self, at: int) -> bool:
        """Whether offices are open at the instant."""
        leaf = self._leaf(self._day(at) // LEAF_DAYS)
        last = bisect_right(leaf.opens, at) - 1
        return last >= 0 and at < leaf.closes[last]

    def minute_of_day(self, at: int) -> int:
        """Local minutes since midnight, 0…1439."""
        offset = self._offset(at // DAY)
        if offset is None:
            local = self.local(at)
            return local.hour * 60 + local.minute
        return (at + offset) % DAY // MINUTE

    def weekday(self, at: int) -> int:
        """Of the local day, 0 for Monday."""
        return (self._day(at) + _EPOCH_WEEKDAY) % 7

    def hour_of_week(self, at: int) -> int:
        """Local hour since Monday 0:00, 0…167."""
        return self.weekday(at) * 24 + self.minute_of_day(at) // 60

    def add(self, at: int, span: Span) -> int:
        """The instant `span` after `at`, UTC µs.

        Working days count from the day after `at` and end at close of office (General Principles of the
        Civil Law of China art. 201: the first day is not counted); working hours run only while offices
        are open. Calendar days keep the local time of day across changes of summer time: an hour that is
        skipped ends where the skip ends, and a start in an hour that comes twice counts as its last instant,
        so a later start never has an earlier end.
        """
        match span.unit:
            case SpanUnit.MINUTES:
                return at + span.amount * MINUTE
            case SpanUnit.HOURS:
                return at + span.amount * HOUR
            case SpanUnit.DAYS:
                return self._calendar_days(at, span.amount)
            case SpanUnit.WORKING_DAYS:
                return self._working_days(self._day(at), span.amount)
            case SpanUnit.WORKING_HOURS:
                return self._working_time(at, span.amount * HOUR)

    def worked(self, at: int, span: int) -> int:
        """The instant at which offices have been open for `span` µs since `at`."""
        return self._working_time(at, span)

    # ── days are counted from 1970-01-01 = 0; what is asked again and again is remembered ───────────────
    @cached_property
    def _offsets(self) -> dict[int, int | None]:
        return {}

    @cached_property
    def _leaves(self) -> dict[int, Leaf]:
        return {}

    @cached_property
    def _closings(self) -> dict[tuple[int, int], int]:
        return {}

    def _offset(self, utc_day: int) -> int | None:
        """Local time minus UTC in µs, None on a day on which it changes."""
        try:
            return self._offsets[utc_day]
        except KeyError:
            start, end = self._offset_at(utc_day * DAY), self._offset_at(utc_day * DAY + DAY)
            return _remember(self._offsets, utc_day, start if start == end else None)

    def _offset_at(self, at: int) -> int:
        offset = self.local(at).utcoffset()
        assert offset is not None
        return offset // _MICROSECOND

    def _wall(self, at: int) -> datetime:
        """Local time that never goes back: an hour that comes twice is its last instant the second time."""
        local = self.local(at)
        if local.fold:
            change = self._change(at - HOUR * 3, at)
            local = self.local(change - 1)
        return local.replace(tzinfo=None, fold=0)

    def _change(self, low: int, high: int) -> int:
        """The first instant in (low, high] at which the offset is that of `high`; it differs at `low`."""
        offset = self._offset_at(high)
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset_at(middle) == offset:
                high = middle
            else:
                low = middle
        return high

    def _instant(self, wall: datetime) -> int:
        """The first instant with this local time; where it is skipped, the end of the skip."""
        at = self.utc(wall.replace(tzinfo=self.zone))
        if self.local(at).replace(tzinfo=None) != wall:
            return self._change(at - DAY, at)
        return at

    def _day(self, at: int) -> int:
        offset = self._offset(at // DAY)
        if offset is None:
            return self._wall(at).toordinal() - _EPOCH_ORDINAL
        return (at + offset) // DAY

    def _leaf(self, number: int) -> Leaf:
        try:
            return self._leaves[number]
        except KeyError:
            leaf, worked = Leaf([], [], []), 0
            for day in range(number * LEAF_DAYS, (number + 1) * LEAF_DAYS):
                if not self.is_workday(date.fromordinal(day + _EPOCH_ORDINAL)):
                    continue
                midnight = _NAIVE_EPOCH + timedelta(days=day)
                for start, end in self.periods:
                    opens = self._instant(midnight + timedelta(minutes=start))
                    closes = self._instant(midnight + timedelta(minutes=end))
                    worked += closes - opens
                    leaf.opens.append(opens)
                    leaf.closes.append(closes)
                    leaf.worked.append(worked)
            return _remember(self._leaves, number, leaf, LEAVES_REMEMBERED)

    def _next_workday(self, day: int) -> int:
        for candidate in range(day, day + LONGEST_CLOSURE_DAYS):
            if self.is_workday(date.fromordinal(candidate + _EPOCH_ORDINAL)):
                return candidate
        raise ValueError(f"no working day within {LONGEST_CLOSURE_DAYS} days of day {day}")

    def _calendar_days(self, at: int, count: int) -> int:
        end = at + count * DAY
        offset = self._offset(at // DAY)
        if offset is not None and offset == self._offset(end // DAY):
            return end
        return self._instant(self._wall(at) + timedelta(days=count))

    def _working_days(self, day: int, count: int) -> int:
        try:
            return self._closings[day, count]
        except KeyError:
            last = day
            for _ in range(count):
                last = self._next_workday(last + 1)
            closes = self._instant(_NAIVE_EPOCH + timedelta(days=last, minutes=self.periods[-1][1]))
            return _remember(self._closings, (day, count), closes)

    def _working_time(self, at: int, left: int) -> int:
        number = self._day(at) // LEAF_DAYS
        leaf = self._leaf(number)
        last = bisect_right(leaf.opens, at) - 1
        if last >= 0:
            left += leaf.worked[last] - max(0, leaf.closes[last] - at)
        while not leaf.worked or leaf.worked[-1] < left:
            if not leaf.worked:
                raise ValueError(f"no working day within {LEAF_DAYS} days")
            left -= leaf.worked[-1]
            number += 1
            leaf = self._leaf(number)
        period = bisect_left(leaf.worked, left)
        return max(at, leaf.closes[period] - (leaf.worked[period] - left))


def _remember(memory: dict[K, V], key: K, value: V, most: int = REMEMBERED) -> V:
    if len(memory) >= most:
        memory.clear()
    memory[key] = value
    return value
