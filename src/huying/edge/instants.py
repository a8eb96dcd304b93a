"""Instants at the edge: UTC µs inside, ISO 8601 with a zone outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from huying.base.clock import EARLIEST_AT, LATEST_AT
from huying.base.refusal import Refusal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# The longest way to write an instant: 2026-03-02T10:00:00.000000+08:00, with room for spaces.
TEXT_MAX = 40


def iso(at: int) -> str:
    """UTC µs → `2026-03-02T02:00:00Z`, with a fraction only where there is one."""
    return (_EPOCH + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")


def iso_local(at: int, zone: tzinfo) -> str:
    """UTC µs → `2026-03-02T10:00:00+08:00`, whole seconds (the W3C's profile of ISO 8601)."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone).isoformat(timespec="seconds")


def from_iso(text: str, field: str, zone: tzinfo | None = None) -> int:
    """ISO 8601 → UTC µs; a time without a zone is read in `zone` when one is given.

    Raises:
        Refusal: `bad_time` when it isn't an instant, `time_out_of_range` outside 1970…2200.
    """
    try:
        text = text.strip()[:TEXT_MAX]
        # In a query string the + of an offset arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if moment.tzinfo is None:
            if zone is None:
                raise Refusal("bad_time", field=field, value=text)
            moment = moment.replace(tzinfo=zone)
        at = (moment - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        raise Refusal("bad_time", field=field, value=text) from None
    if not EARLIEST_AT <= at <= LATEST_AT:
        raise Refusal("time_out_of_range", field=field, value=text)
    return at
