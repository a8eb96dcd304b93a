"""The ordered rules of a pack decide whose an incident is; the decision keeps the rule and its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import lru_cache

from msgspec import Struct

from huying.base.text import LANGUAGES, say
from huying.domain.deadline import Span
from huying.domain.pack import Pack, Rule
from huying.domain.place import Place
from huying.domain.reason import Reason

# The agency competent for the town in which the place lies.
TOWN = "{town}"

# Rule codes of decisions that no rule made.
BY_TYPE = "default"
BY_NOBODY = "none"


class Decision(Struct, frozen=True, gc=False):
    """`agency` is competent and must accept by `accept_due` and be done by `due` (UTC µs); when it is late,
    `ladder` (empty for none) says who hears. `rule` is the code of the rule, `default` when only the type
    names an agency, `none` when nobody is named."""

    rule: str
    agency: str
    accept_due: int
    due: int
    ladder: str
    reasons: tuple[Reason, ...]


def route(
    pack: Pack,
    type: str,
    place: Place,
    priority: int,
    at: int,
    answers: Mapping[str, str],
    without: Set[str] = frozenset(),
) -> Decision:
    """Whose an incident of `type` at `place` is, from `at` (UTC µs) on.

    The first rule that fits wins. Agencies in `without` returned it and are passed over. A rule for the
    town goes to the duty desk when the place's town is not known. With no rule, the type's own agency gets
    it, else the duty desk, by the pack's default spans; so an incident is never nowhere.
    """
    reasons: tuple[Reason, ...] = ()
    row = pack.type_of(type)
    for rule in pack.rules_of_type[row.code]:
        if not _fits(rule, pack, place, priority, at, answers):
            continue
        agency = competent(pack, rule.agency, place)
        if agency in without:
            reasons += (Reason("routing.returned", agency, {"agency": agency, "rule": rule.code}),)
            continue
        reasons += (_why(rule),)
        if not agency:
            reasons += (Reason("routing.town_unknown", rule.code, {"rule": rule.code}),)
        return _decision(pack, rule.code, agency, rule.accept, rule.due, rule.ladder, at, reasons)
    agency = competent(pack, row.agency, place)
    if agency and agency not in without:
        reasons += (Reason("routing.type_agency", type, {"type": type, "agency": agency}),)
        rule_code = BY_TYPE
    else:
        if agency:
            reasons += (Reason("routing.returned", agency, {"agency": agency, "rule": BY_TYPE}),)
        reasons += (Reason("routing.nobody", type, {"type": type}),)
        rule_code, agency = BY_NOBODY, ""
    return _decision(
        pack, rule_code, agency, pack.default_accept, pack.default_due, pack.default_ladder, at, reasons
    )


def _decision(
    pack: Pack,
    rule: str,
    agency: str,
    accept: Span,
    due: Span,
    ladder: str,
    at: int,
    reasons: tuple[Reason, ...],
) -> Decision:
    add = pack.worktime.add
    return Decision(rule, agency or pack.duty_desk, add(at, accept), add(at, due), ladder, reasons)


def _fits(rule: Rule, pack: Pack, place: Place, priority: int, at: int, answers: Mapping[str, str]) -> bool:
    if priority > rule.priority_max:
        return False
    if rule.areas and not any(area in rule.areas for area in place.areas):
        return False
    if rule.answers and any(answers.get(code) != value for code, value in rule.answers.items()):
        return False
    return not rule.hours or _open(rule.hours, pack, at)


def _open(hours: str, pack: Pack, at: int) -> bool:
    if hours in ("work", "off"):
        return pack.worktime.is_working(at) == (hours == "work")
    start, end = _minutes(hours)
    minute = pack.worktime.minute_of_day(at)
    return start <= minute < end if start < end else minute >= start or minute < end


@lru_cache(maxsize=256)  # a pack has a handful of different hours
def _minutes(hours: str) -> tuple[int, int]:
    start, end = (int(each[:-3]) * 60 + int(each[-2:]) for each in hours.split("-"))
    return start, end


def competent(pack: Pack, named: str, place: Place) -> str:
    """The agency that a row names: itself, or for `{town}` that of the place's town, empty when unknown."""
    if named != TOWN:
        return named
    towns = pack.town_agency
    for code in place.areas:
        while code:
            if code in towns:
                return towns[code]
            code = pack.areas[code].parent if code in pack.areas else ""
    return ""


def _why(rule: Rule) -> Reason:
    """The rule's own words go along: the journal outlives this edition of the pack."""
    said: dict[str, str | int | float] = {f"why_{lang}": say(rule.reason, lang) for lang in LANGUAGES}
    said["rule"] = rule.code
    said["line"] = rule.line
    return Reason("routing.rule", rule.code, said)
