"""Instants as people say them: “today 17:00”, “Friday”, in the city’s time and the reader’s calendar."""

from __future__ import annotations

from datetime import datetime

from huying.domain.worktime import WorkTime
from huying.words import load_words

# A weekday alone is clear for the days of the coming week; later ones have their date.
WEEK = 7
_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def when(at: int, now: int, time: WorkTime, lang: str) -> str:
    """UTC µs `at`, seen from `now`, in words of `lang`."""
    moment, here = time.local(at), time.local(now)
    say, clock = load_words().say, f"{moment:%H:%M}"
    days = (moment.date() - here.date()).days
    if days in _NEAR:
        return say(f"citizen.when.{_NEAR[days]}", lang, clock=clock)
    date = _date(moment, here, lang)
    if 0 < days < WEEK:
        weekday = say(f"citizen.weekday.{moment.isoweekday()}", lang)
        return say("citizen.when.weekday", lang, weekday=weekday, date=date, clock=clock)
    return say("citizen.when.date", lang, date=date, clock=clock)


def _date(moment: datetime, here: datetime, lang: str) -> str:
    month = load_words().say(f"citizen.month.{moment.month}", lang)
    key = "citizen.date" if moment.year == here.year else "citizen.date.year"
    return load_words().say(key, lang, year=moment.year, month=month, day=moment.day)
