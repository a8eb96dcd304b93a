"""Measures as one asker may see them: numbers with last year's beside them, and the incidents behind each.

Counts are open to all staff. Who has no right to small ones is told of groups of ten and more only, of
nothing from which a smaller one could be worked out, and of one whole month of the whole county at a time: a
week less, an area or a type taken out of it could be subtracted. What one's own agency was given one may see
one by one, and so count as one likes.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.domain.measure import (
    BY,
    CODES,
    DAYS_MAX,
    SPANS,
    SPANS_MAX,
    Number,
    Sums,
    course_of,
    month_ended,
    month_so_far,
    numbers_of,
    year_before,
)
from huying.domain.pack import Pack
from huying.domain.policy import NOTHING, About, Action, Thing
from huying.edge.view import View
from huying.privacy.release import LINES_MAX, K, release
from huying.service.ports import Period
from huying.service.questions import IncidentLine

# Areas of this kind are told apart where nobody says which: what a county is made of.
USUAL_KIND = "town"
_SMALL = "small"
_COUNTS = ("calls", "incidents")
_ABOVE_ALL = (1 << 63) - 1


class Line(Struct, frozen=True):
    """The measures of one group, now and a year before. A number that is hidden is missing."""

    key: str
    now: dict[str, Number]
    before: dict[str, Number]


class Measured(Struct, frozen=True):
    """`hidden` says that numbers below `K` are left out for this asker."""

    period: Period
    earlier: Period
    lines: list[Line]
    hidden: bool


def period_of(view: View, since: int, until: int, type: str = "", area: str = "", agency: str = "") -> Period:
    """The period that was asked for, by default this month so far.

    Raises:
        Refusal: `period_empty`, `period_long`, or `unknown_code`.
    """
    pack = view.desk.pack
    first, now = month_so_far(view.at, pack.worktime)
    since, until = since or first, until or now
    if since >= until:
        raise Refusal("period_empty")
    if until - since > (DAYS_MAX + 1) * DAY:
        raise Refusal("period_long", limit=DAYS_MAX)
    known = (
        ("incident_type", pack.types, type),
        ("area", pack.areas, area),
        ("agency", pack.agencies, agency),
    )
    for noun, rows, code in known:
        if code and code not in rows:
            raise Refusal("unknown_code", noun=noun, code=code)
    return Period(since, until, view.at, type, area, agency)


def asked(view: View, period: Period, by: str, kind: str = "") -> tuple[Period, Period, list[str]]:
    """(the period that is told of, the same a year before, the areas that are told apart): as asked for, or
    the last whole month before its end, for who may not see small numbers.

    Raises:
        Refusal: `unknown_code`; `numbers_coarse` for a part of a month's numbers that could be subtracted.
    """
    if by and by not in (*BY, "time"):
        raise Refusal("unknown_code", noun="measure", code=by)
    codes = _codes(view.desk.pack, kind or USUAL_KIND) if by == "area" else []
    if small_hidden(view, period):
        part = period.type or period.area or period.agency or by == "time"
        if part or (by == "area" and kind not in ("", USUAL_KIND)):
            raise Refusal("numbers_coarse")
        since, until = month_ended(min(period.until, view.at), view.desk.pack.worktime)
        period = replace(period, since=since, until=until)
    return period, _earlier(view, period), codes


def small_hidden(view: View, period: Period) -> bool:
    """Whether numbers below `K` are left out: not for who has the field, nor of one's own agency's incidents,
    where each of them, closed ones too, may be seen."""
    if _SMALL in view.grant(Thing.MEASURE, Action.READ, NOTHING).fields:
        return False
    own = bool(period.agency) and period.agency == view.who.agency
    return not (own and view.may(Thing.INCIDENT, Action.READ, About(agencies=(period.agency,))))


def in_course(view: View, period: Period, span: str) -> Period:
    """The period told apart by hours, days or weeks."""
    if span not in SPANS:
        raise Refusal("unknown_code", noun="measure", code=span[:40])
    if (period.until - period.since) // SPANS[span] > SPANS_MAX:
        raise Refusal("period_long", limit=SPANS_MAX * SPANS[span] // DAY)
    return replace(period, course=course_of(period.since, period.until, span, view.desk.pack.worktime))


def by_month(view: View, period: Period) -> Measured:
    """Whole months of the period that have ended, the first first, each as `asked` and `told` tell it alone:
    so whoever may not see small numbers learns nothing that they were not told month by month, and no sum of
    them. Blocks; two short statements a month, of which a period has twelve.

    Raises:
        Refusal: `numbers_coarse` for a part of the county; `period_empty` where no month has ended in it.
    """
    time = view.desk.pack.worktime
    months: list[Period] = []
    since, until = month_ended(min(period.until, view.at), time)
    while since >= period.since:
        months.insert(0, replace(period, since=since, until=until))
        since, until = month_ended(since, time)
    if not months:
        raise Refusal("period_empty")
    whole = replace(period, since=months[0].since, until=months[-1].until)
    lines = [replace(_month(view, each), key=str(n)) for n, each in enumerate(months)]
    hidden = small_hidden(view, period)
    total = Line("", {}, {}) if hidden else _month(view, whole)
    return Measured(whole, _earlier(view, whole), [total, *lines], hidden)


def _month(view: View, month: Period) -> Line:
    month, earlier, _ = asked(view, month, "")
    now, before = (counted(view, each, "", ()) for each in (month, earlier))
    return told(view, month, earlier, now, before).lines[0]


def counted(view: View, period: Period, by: str, codes: Sequence[str]) -> dict[str, Sums]:
    """What the store counted of all there is, before `told` leaves out what is too small. Blocks."""
    view.grant(Thing.MEASURE, Action.READ, NOTHING)
    return view.desk.questions.measured(period, by, codes)


def told(
    view: View, period: Period, earlier: Period, now: dict[str, Sums], before: dict[str, Sums]
) -> Measured:
    """What `counted` found in both periods, largest groups first or as time goes, as the asker may see it."""
    found = (now.keys() | before.keys()) - {""}
    if period.course is not None:
        keys = ["", *sorted(found, key=int)]
    else:
        keys = ["", *sorted(found, key=lambda key: (-_size(now, key), key))]
    hidden = small_hidden(view, period)
    both = [_told(each, keys[: LINES_MAX + 1], hidden) for each in (now, before)]
    return Measured(period, earlier, [Line(key, both[0][key], both[1][key]) for key in both[0]], hidden)


def behind(
    view: View, period: Period, measure: str, cursor: str, limit: int
) -> tuple[list[tuple[IncidentLine, int]], str]:
    """The incidents that a number is made of, as far as the asker may see them, with what each adds."""
    if measure not in CODES:
        raise Refusal("unknown_code", noun="measure", code=measure[:40])
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise Refusal("cursor_unreadable", cursor=cursor[:40])
    view.grant(Thing.MEASURE, Action.READ, NOTHING)
    seen = replace(period, among=view.among(Thing.INCIDENT))
    found, rest = view.desk.questions.behind_measure(seen, measure, int(cursor or _ABOVE_ALL), limit)
    return [(view.line(incident), value) for incident, value in found], str(rest) if rest else ""


def _earlier(view: View, period: Period) -> Period:
    time = view.desk.pack.worktime
    since, until = year_before(period.since, time), year_before(period.until, time)
    return replace(period, since=since, until=until)


def _codes(pack: Pack, kind: str) -> list[str]:
    found = [each.code for each in pack.areas.values() if each.kind == kind]
    if not found:
        raise Refusal("unknown_code", noun="area", code=kind[:40])
    return found[:LINES_MAX]


def _size(sums: dict[str, Sums], key: str) -> int:
    return sums[key].incidents if key in sums else 0


def _told(sums: dict[str, Sums], keys: Sequence[str], hidden: bool) -> dict[str, dict[str, Number]]:
    """Key → its numbers; without the small ones, and what would give them away, where these are hidden."""
    told = {key: numbers_of(sums.get(key, Sums())) for key in keys}
    if not hidden:
        return told
    groups = [key for key in keys if key]
    for measure in _COUNTS if groups else ():
        counts = {(key, measure): int(told[key][measure].value or 0) for key in groups}
        shown = release(counts, groups, [measure]).numbers
        for key, line in zip((*groups, ""), shown, strict=True):
            if line[0] is None:
                del told[key][measure]
    for key in keys:
        told[key] = _without_small(told[key])
    return told


def _without_small(numbers: dict[str, Number]) -> dict[str, Number]:
    return {code: fewer for code, each in numbers.items() if (fewer := _rounded(code, each)) is not None}


def _rounded(code: str, number: Number) -> Number | None:
    """As it is told to who may not see small numbers; of how many is left out, it would give them away."""
    if 0 < (number.of or 0) < K:
        return None
    if code in _COUNTS or number.value is None:
        return number
    return Number(round(number.value, 2), None)
