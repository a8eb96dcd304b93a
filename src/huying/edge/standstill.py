"""Before a house is started: is the machine's clock to be believed?"""

from __future__ import annotations

from huying.base.clock import DAY, SECOND, Clock
from huying.base.refusal import Refusal
from huying.edge.instants import iso

# A house that was still for longer than a month is started by somebody who can look at a calendar.
GAP_MAX = 31 * DAY


def check_clock(last: int, clock: Clock, today: str) -> int:
    """Seconds that a person has confirmed to lie between the journal's last fact and now; 0 when nobody need.

    Args:
        last: instant (UTC µs) of the last fact, 0 when there is none.

    The journal's time never goes back, so a start with a clock that is far ahead would spoil it for good.
    Refuses `clock_ahead` when the last fact is older than `GAP_MAX` and `today` (YYYY-MM-DD) isn't the date.
    """
    now = clock.now()
    if last == 0 or now - last <= GAP_MAX:
        return 0
    date = iso(now)[:10]
    if today != date:
        raise Refusal("clock_ahead", last=iso(last), now=iso(now), today=date)
    return (now - last) // SECOND
