"""Lengths of time and hours of the day as a city writes them: `3wd`, `08:30`, `22:00-06:00`."""

from __future__ import annotations

import re

from huying.domain.deadline import Span, SpanUnit

_SPAN = re.compile(r"([0-9]{1,7})(m|h|d|wh|wd)")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")

# No promise is longer than ten years: beyond it a number is a slip of the pen.
AMOUNT_MAX: dict[SpanUnit, int] = {
    SpanUnit.MINUTES: 5_256_000,
    SpanUnit.HOURS: 87_600,
    SpanUnit.DAYS: 3_650,
    SpanUnit.WORKING_HOURS: 20_000,
    SpanUnit.WORKING_DAYS: 2_500,
}


def parse_span(text: str) -> Span | None:
    """`30m`, `4h`, `2d`, `8wh`, `3wd`; None when it is none of these or longer than ten years."""
    match = _SPAN.fullmatch(text)
    if not match:
        return None
    span = Span(int(match[1]), SpanUnit(match[2]))
    return span if span.amount <= AMOUNT_MAX[span.unit] else None


def parse_clock(text: str) -> int | None:
    """`HH:MM`, 00:00…24:00, as minutes of the day."""
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes if int(match[2]) < 60 and minutes <= 1440 else None


def parse_period(text: str) -> tuple[int, int] | None:
    """`HH:MM-HH:MM` as minutes of the day; the end may be before the start (it crosses midnight)."""
    start, dash, end = text.partition("-")
    opens, closes = parse_clock(start.strip()), parse_clock(end.strip())
    if not dash or opens is None or closes is None or opens == closes or opens == 1440:
        return None
    return opens, closes
