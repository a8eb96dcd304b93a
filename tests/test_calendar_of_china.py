"""The calendar agrees with the public list of China's holidays for every day of every year that it has."""

from __future__ import annotations

import csv
from datetime import date, timedelta

from data_dir import data_dir
from huying.store.calendars import country_calendar


def test_every_day_of_every_announced_year() -> None:
    listed: dict[str, set[date]] = {}
    with (data_dir("calendar_cn") / "cn_holidays.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            listed.setdefault(row["kind"], set()).add(date.fromisoformat(row["date"]))
    days = country_calendar("CN", "")
    assert days is not None
    holidays, workdays = days
    first = date(min(listed["holiday"]).year, 1, 1)
    last = date(max(listed["holiday"]).year, 12, 31)
    assert (first.year, last.year) == (2004, 2026)
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        assert (day in holidays) == (day in listed["holiday"]), day
        assert (day in workdays) == (day in listed["makeup_workday"]), day
