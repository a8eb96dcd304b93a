"""What units came for is done when they clear: nobody is sent for it again until somebody asks anew."""

from __future__ import annotations

import pytest

from huying.dispatch.board import plan_board
from huying.dispatch.cover import Cover
from huying.dispatch.recommend import recommend
from huying.domain.commands import (
    AdvanceUnit,
    AskBackup,
    DispatchUnits,
    OfferReferral,
    RaiseAlarm,
    ReopenIncident,
    ResolveReferral,
    RetypeIncident,
    SetPriority,
)
from huying.geo.travel import StraightTravel
from tiny_pack import IN_EAST, WEST_STATION
from town import Town


@pytest.fixture
def town(store):
    return Town(store)


def proposed(town: Town, id: int) -> tuple[list[str], tuple[str, ...]]:
    """Whom the incident's page proposes, and who has been there; the whole board proposes the same."""
    units, incident = {each.code: each for each in town.store.load_units()}, town.incident(id)
    found = recommend(town.pack, incident, units, StraightTravel(), town.clock.at)
    cover = Cover(town.pack, units, StraightTravel(), town.clock.at)
    plan = plan_board(cover, [incident], town.clock.at)
    lines = sorted(each.unit for each in found.lines)
    assert sorted(each.unit for each in plan.sent) == lines
    assert len(plan.missing) == len([each for each in found.shortfalls if each.ability])
    return lines, found.done


def work_done(town: Town, id: int, *units: str) -> None:
    town.do(DispatchUnits(incident=id, units=units))
    town.clock.at += 60_000_000
    for unit in units:
        town.do(AdvanceUnit(unit=unit, to="clear", incident=id), actor=unit)


def fire_with_a_referral(town: Town) -> int:
    """Its card asks for a pump and a patrol; the water supply still has to see to a hydrant."""
    id = town.call("厂房着火", WEST_STATION, stated_type="fire.building")["incident_id"]
    town.do(OfferReferral(incident=id, agency="urban", why="消火栓坏了"))
    assert proposed(town, id) == (["f1", "p1"], ())
    return id


def test_units_that_have_cleared_are_not_proposed_again_while_a_referral_runs(town) -> None:
    id = fire_with_a_referral(town)
    town.do(DispatchUnits(incident=id, units=("f1", "p1")))
    assert proposed(town, id) == ([], ())
    town.clock.at += 60_000_000
    town.do(AdvanceUnit(unit="p1", to="clear", incident=id), actor="p1")
    assert proposed(town, id) == ([], ("p1",))  # the pump is still there
    town.do(AdvanceUnit(unit="f1", to="clear", incident=id), actor="f1")
    assert town.incident(id).status == "active"
    assert proposed(town, id) == ([], ("f1", "p1"))


def test_one_that_was_taken_back_is_proposed_again(town) -> None:
    id = fire_with_a_referral(town)
    town.do(DispatchUnits(incident=id, units=("f1", "p1")))
    town.clock.at += 60_000_000
    town.do(AdvanceUnit(unit="p1", to="recalled", incident=id, why="elsewhere"), actor="desk-1")
    town.do(AdvanceUnit(unit="f1", to="clear", incident=id), actor="f1")
    assert proposed(town, id) == (["p1"], ("f1",))


@pytest.mark.parametrize(
    "again",
    [
        lambda id: RaiseAlarm(incident=id, alarm=2, why="复燃"),
        lambda id: RaiseAlarm(incident=id, alarm=1, why="复燃"),  # the level that it has, said once more
        lambda id: SetPriority(incident=id, priority=2, why="有人受伤"),
    ],
)
def test_who_asks_anew_gets_the_whole_card_again(town, again) -> None:
    id = fire_with_a_referral(town)
    work_done(town, id, "f1", "p1")
    town.clock.at += 60_000_000
    town.do(again(id))
    assert proposed(town, id) == (["f1", "p1"], ())
    assert town.incident(id).deadline("dispatch") is not None  # and by when they are sent


def test_another_type_has_a_card_of_its_own(town) -> None:
    id = fire_with_a_referral(town)
    work_done(town, id, "p1")
    town.clock.at += 60_000_000
    town.do(RetypeIncident(incident=id, type="police.fight"))
    assert proposed(town, id) == (["p1"], ())


def test_a_reopening_begins_anew(town) -> None:
    id = fire_with_a_referral(town)
    work_done(town, id, "f1", "p1")
    town.do(ResolveReferral(incident=id, n=1, answer="修好了", disposition="done"), actor="urban")
    assert town.incident(id).status == "resolved"
    town.clock.at += 60_000_000
    town.do(ReopenIncident(incident=id, why="又着了"))
    assert proposed(town, id) == (["f1", "p1"], ())


def test_a_unit_that_calls_for_help_gets_it_although_others_have_been_there(town) -> None:
    id = town.call("菜场门口有人打架", IN_EAST)["incident_id"]
    work_done(town, id, "p1")
    town.do(DispatchUnits(incident=id, units=("p2",)))
    town.clock.at += 60_000_000
    town.do(AskBackup(unit="p2", incident=id), actor="p2")
    assert proposed(town, id)[0] == ["p1"]


def test_an_alarm_that_is_on_is_refused_as_long_as_nobody_has_cleared(town) -> None:
    id = fire_with_a_referral(town)
    assert town.refused(RaiseAlarm(incident=id, alarm=1)).code == "already_so"
