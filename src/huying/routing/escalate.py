"""Who hears of a deadline that has run out, and when the next one does."""

from __future__ import annotations

from huying.domain.deadline import Deadline
from huying.domain.pack import Pack


def climb(pack: Pack, deadline: Deadline, agency: str, at: int) -> tuple[str, int]:
    """The next rung of the deadline's ladder: (agency that is told, next instant or 0 at the ladder's end).

    `agency` is the late one (empty when nobody has it: then the duty desk stands for it). The first rung is
    reached its span after the due time, each further one its span after the rung before, in working time
    where the ladder says so; a ladder climbed late, after a stand-still, loses no rung and moves none. Told
    is empty when nobody is to be told at `at`: before the first rung, with no ladder, or above the last rung.
    """
    ladder = pack.ladders.get(deadline.ladder)
    if ladder is None or deadline.rung >= len(ladder.rungs):
        return "", 0
    add = pack.worktime.add
    reached = deadline.next
    if deadline.rung == 0:
        reached = add(deadline.due, ladder.rungs[0].after)
        if at < reached:
            return "", reached
    told = _resolve(pack, ladder.rungs[deadline.rung].to, agency)
    if deadline.rung + 1 == len(ladder.rungs):
        return told, 0
    return told, add(reached, ladder.rungs[deadline.rung + 1].after)


def _resolve(pack: Pack, to: str, agency: str) -> str:
    match to:
        case "{duty}":
            return pack.duty_desk
        case "{agency}":
            return agency or pack.duty_desk
        case "{parent}":
            late = pack.agencies.get(agency)
            return (late.parent if late else "") or pack.duty_desk
    return to
