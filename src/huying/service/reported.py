"""When a thing was done that is told later: a unit in a tunnel reports when it has a network again."""

from __future__ import annotations

from huying.base.clock import HOUR, MINUTE
from huying.base.refusal import Refusal
from huying.domain.assignment import Assignment
from huying.service.work import Work

# So much may a telephone's clock be wrong; what it says is then taken as the bound that it crossed.
CLOCK_SLACK = 2 * MINUTE
# A shift and the way home. What was done before is told in words, by a note.
TOLD_LATER_MAX = 24 * HOUR


def when_done(work: Work, said: int, since: int = 0) -> int:
    """The instant at which it was done (UTC µs), 0 for now: at or after `since`, the step before it.

    Raises:
        Refusal: `done_at_out` for what can't have been then.
    """
    if not said:
        return 0
    low = max(since, work.at - TOLD_LATER_MAX)
    if not low - CLOCK_SLACK <= said <= work.at + CLOCK_SLACK:
        raise Refusal("done_at_out", field="done_at")
    return min(max(said, low), work.at)


def last_step(assignment: Assignment) -> int:
    """When the unit's last step on this incident was done (UTC µs)."""
    return assignment.on_scene_at or assignment.en_route_at or assignment.dispatched_at
