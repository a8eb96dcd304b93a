"""Whose is it, by when, and who hears of it if not: examples to count by hand."""

from __future__ import annotations

import msgspec

from huying.base.clock import HOUR, MINUTE
from huying.domain.deadline import Deadline
from huying.domain.pack import Rule
from huying.domain.place import NOWHERE, Place
from huying.routing import Decision, climb, competent, route
from huying.words import load_words
from tiny_pack import MONDAY_10, MONDAY_23, SATURDAY_10, TYPES, instant, span, text, tiny_pack

PACK = tiny_pack()
IN_WEST = Place(areas=("old-street", "west-1", "west", "xikou"))
IN_EAST = Place(areas=("east", "xikou"))


def routed(
    type: str, at: int = MONDAY_10, place: Place = IN_WEST, without: tuple[str, ...] = (), **answers: str
) -> Decision:
    return route(PACK, type, place, 4, at, answers, frozenset(without))


def keys(decision: Decision) -> list[str]:
    return [reason.key for reason in decision.reasons]


def test_the_first_rule_that_fits_wins_and_is_kept_with_its_words() -> None:
    decision = routed("city.noise")
    assert (decision.rule, decision.agency, decision.ladder) == ("city", "urban", "usual")
    [why] = decision.reasons
    said = load_words().say(f"reason.{why.key}", "en", **why.values)
    assert said == "By the routing rule “city” (line 4): The city's order belongs to urban management"
    # Monday 10:00 + 4 working hours: 2 until noon, 2 from 13:30. Two working days: Wednesday at close.
    assert decision.accept_due == instant(2026, 3, 2, 15, 30)
    assert decision.due == instant(2026, 3, 4, 17, 30)


def test_an_answer_and_the_hour_choose_another_rule() -> None:
    assert routed("city.noise", danger="yes").rule == "danger"
    assert routed("city.noise", danger="no").rule == "city"
    assert routed("city.noise", at=MONDAY_23).rule == "noise-night"
    assert routed("city.noise", at=instant(2026, 3, 3, 5, 59)).rule == "noise-night"
    assert routed("city.noise", at=instant(2026, 3, 3, 6, 0)).rule == "city"


def test_office_hours_are_those_of_the_calendar() -> None:
    def at_work(hours: str, at: int) -> str:
        rule = Rule("x", 1, "police", span("1h"), span("2h"), "", text("", ""), hours=hours)
        return route(tiny_pack(rules=(rule,)), "unknown", NOWHERE, 4, at, {}).rule

    assert at_work("work", MONDAY_10) == "x" and at_work("work", SATURDAY_10) == "none"
    assert at_work("off", MONDAY_10) == "none" and at_work("off", SATURDAY_10) == "x"
    assert at_work("work", instant(2026, 10, 10, 10)) == "x"  # a Saturday worked in exchange
    assert at_work("work", instant(2026, 3, 2, 12, 0)) == "none"  # noon: the offices have just closed


def test_the_town_is_that_of_the_place() -> None:
    assert routed("town.dispute").agency == "west"
    assert routed("town.dispute", place=IN_EAST).agency == "east"
    assert routed("town.dispute", place=Place(areas=("west-1",))).agency == "west"  # through the parents


def test_without_a_known_town_the_duty_desk_decides_by_the_rules_own_time() -> None:
    decision = routed("town.dispute", place=NOWHERE)
    assert (decision.rule, decision.agency) == ("town", "duty")
    assert keys(decision) == ["routing.rule", "routing.town_unknown"]
    assert decision.due == instant(2026, 3, 5, 17, 30)


def test_who_returned_it_is_passed_over_until_only_the_duty_desk_is_left() -> None:
    decision = routed("city.noise", without=("urban",))
    assert (decision.rule, decision.agency) == ("none", "duty")
    assert keys(decision) == ["routing.returned", "routing.returned", "routing.nobody"]
    assert routed("city.noise", at=MONDAY_23, without=("police",)).agency == "urban"
    assert routed("city.noise", without=("urban", "duty")).agency == "duty"


def test_the_types_own_agency_gets_what_no_rule_takes_by_the_default_spans() -> None:
    decision = routed("police.theft")
    assert (decision.rule, decision.agency, keys(decision)) == ("default", "police", ["routing.type_agency"])
    assert decision.accept_due == instant(2026, 3, 3, 17, 30)  # one working day
    assert decision.due == instant(2026, 3, 9, 17, 30)  # five


def test_an_incident_is_never_nowhere() -> None:
    for type in ("unknown", "no.such.type"):
        decision = routed(type)
        assert (decision.rule, decision.agency) == ("none", "duty")
        assert decision.accept_due > MONDAY_10


def test_areas_and_priority_are_conditions() -> None:
    here = Rule(
        "here", 1, "police", span("1h"), span("2h"), "", text("", ""), areas=("west-1",), priority_max=2
    )
    pack = tiny_pack(rules=(here,))
    assert route(pack, "city.noise", IN_WEST, 2, MONDAY_10, {}).rule == "here"
    assert route(pack, "city.noise", IN_WEST, 3, MONDAY_10, {}).rule == "default"
    assert route(pack, "city.noise", IN_EAST, 1, MONDAY_10, {}).rule == "default"


def test_a_pattern_names_a_group_or_the_beginning_of_a_code() -> None:
    rule = Rule("x", 1, "police", span("1h"), span("2h"), "", text("", ""), types=("other.*",))
    assert rule.speaks_of(TYPES[-1])  # unknown, of the group `other`
    assert msgspec.structs.replace(rule, types=("unk*",)).speaks_of(TYPES[-1])
    assert not msgspec.structs.replace(rule, types=("unk",)).speaks_of(TYPES[-1])


def test_a_ladder_is_climbed_rung_by_rung() -> None:
    due = MONDAY_10
    deadline = Deadline("resolve:1", due, due, "usual")
    assert climb(PACK, deadline, "urban", due) == ("", due + 30 * MINUTE)  # the first rung is not reached
    deadline.next = due + 30 * MINUTE
    told, following = climb(PACK, deadline, "urban", deadline.next)
    assert (told, following) == ("urban", due + 30 * MINUTE + 4 * HOUR)
    deadline.rung, deadline.next = 1, following
    told, following = climb(PACK, deadline, "urban", deadline.next)
    assert (told, following) == ("duty", deadline.next + 24 * HOUR)  # the parent of urban management
    deadline.rung, deadline.next = 2, following
    assert climb(PACK, deadline, "urban", deadline.next) == ("duty", 0)
    deadline.rung = 3
    assert climb(PACK, deadline, "urban", deadline.next) == ("", 0)


def test_a_ladder_climbed_after_a_stand_still_keeps_its_times() -> None:
    due = MONDAY_10
    deadline = Deadline("resolve:1", due, due, "usual")
    a_week_later = due + 7 * 24 * HOUR
    assert climb(PACK, deadline, "urban", a_week_later) == ("urban", due + 30 * MINUTE + 4 * HOUR)


def test_with_nobody_late_the_duty_desk_is_told() -> None:
    deadline = Deadline("dispatch", MONDAY_10, MONDAY_10, "usual", rung=1)
    assert climb(PACK, deadline, "", MONDAY_10)[0] == "duty"
    deadline = Deadline("dispatch", MONDAY_10, MONDAY_10, "urgent", rung=1)
    assert climb(PACK, deadline, "", MONDAY_10) == ("police", 0)


def test_without_a_ladder_nobody_is_told() -> None:
    assert climb(PACK, Deadline("dispatch", MONDAY_10, MONDAY_10), "urban", MONDAY_10) == ("", 0)


def test_what_a_row_names_is_an_agency_or_the_town_of_the_place() -> None:
    assert competent(PACK, "urban", NOWHERE) == "urban"
    assert competent(PACK, "{town}", IN_EAST) == "east"
    assert competent(PACK, "{town}", NOWHERE) == ""
