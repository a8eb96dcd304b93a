"""Holidays and make-up working days of a country, from the packages that follow its announcements."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

import holidays
from chinese_calendar import constants as china

from huying.service.packs.settings import Days

# Records older than 1990 are no live work, and rules of holidays change too often to trust them for longer.
# Fixed years, and not "until two years from now": a replay has the same due times whenever it is run.
FIRST_YEAR = 1990
LAST_YEAR = 2040


@lru_cache(maxsize=32)
def country_calendar(country: str, subdivision: str) -> Days | None:
    """Public holidays and make-up working days of the years 1990…2040; None for an unknown country.

    China's days up to the last year that the State Council has announced come from `chinesecalendar`, with
    the working weekends; the years after it, and other countries, from `holidays`. `country` is ISO 3166-1
    alpha-2, `subdivision` a part of it as `holidays` names them, or empty.
    """
    if not re.fullmatch("[A-Z]{2}", country):  # `holidays` would take any name of a class of its own
        return None
    try:
        days = holidays.country_holidays(
            country, subdiv=subdivision or None, years=range(FIRST_YEAR, LAST_YEAR + 1), expand=False
        )
    except (NotImplementedError, KeyError, ValueError):
        return None
    free = {day for day in days if FIRST_YEAR <= day.year <= LAST_YEAR}
    working: set[date] = set(getattr(days, "weekend_workdays", ()))
    if country == "CN" and not subdivision:
        known = {day.year for day in china.holidays}
        free = {day for day in free if day.year not in known} | set(china.holidays)
        working = {day for day in working if day.year not in known} | set(china.workdays)
    return frozenset(free), frozenset(working)
