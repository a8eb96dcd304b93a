"""What a unit did without a network and told later; and a unit that needs help."""

from __future__ import annotations

import pytest

from huying.base.clock import HOUR, MINUTE, SECOND
from huying.dispatch.runcard import card_of
from huying.domain.commands import AddNote, AdvanceUnit, AskBackup, DispatchUnits, SetUnitStatus
from huying.domain.principal import Role
from huying.words.explain import describe
from policy_cases import staff
from tiny_pack import EAST_STATION, IN_WEST
from town import Town


@pytest.fixture
def town(store):
    return Town(store)


@pytest.fixture
def fight(town):
    """A fight to which p1 was sent at ten."""
    id = town.call("菜场门口有人打架", IN_WEST)["incident_id"]
    town.do(DispatchUnits(incident=id, units=("p1",)))
    return id


def test_a_whole_assignment_in_a_tunnel_keeps_its_own_times(town, fight):
    ten = town.clock.at
    town.clock.at = ten + 30 * MINUTE
    for minute, to in ((1, "en_route"), (6, "on_scene"), (25, "clear")):
        more = {"disposition": "done"} if to == "clear" else {}
        town.do(
            AdvanceUnit(unit="p1", incident=fight, n=1, to=to, done_at=ten + minute * MINUTE, **more),
            actor="p1",
        )
    town.do(AddNote(incident=fight, words="在隧道里", done_at=ten + 7 * MINUTE), actor="p1")
    town.do(SetUnitStatus(unit="p1", status="out_of_service", done_at=ten + 26 * MINUTE), actor="p1")
    went = town.incident(fight).assignments[0]
    times = (went.en_route_at, went.on_scene_at, went.clear_at)
    assert times == tuple(ten + minute * MINUTE for minute in (1, 6, 25))
    arrived = next(each for each in town.facts if each.type == "assignment.on_scene")
    assert (arrived.at, arrived.body.done_at) == (ten + 30 * MINUTE, ten + 6 * MINUTE)
    assert "2026-03-02 10:06" in describe(arrived, town.pack, "zh")
    assert "2026-03-02 10:06" in describe(arrived, town.pack, "en")


@pytest.mark.parametrize("minutes", [-3, 13, 60 * 30])
def test_what_can_not_have_been_then_is_refused_and_may_be_told_as_of_now(town, fight, minutes):
    dispatched = town.clock.at
    town.clock.at += 10 * MINUTE
    told = AdvanceUnit(unit="p1", to="en_route", done_at=dispatched + minutes * MINUTE)
    assert town.refused(told).code == "done_at_out"
    town.do(AdvanceUnit(unit="p1", to="en_route"))
    assert town.incident(fight).assignments[0].en_route_at == dispatched + 10 * MINUTE


def test_a_clock_that_is_a_little_wrong_is_forgiven(town, fight):
    dispatched = town.clock.at
    town.do(AdvanceUnit(unit="p1", to="en_route", done_at=dispatched - MINUTE))
    assert town.incident(fight).assignments[0].en_route_at == dispatched
    town.do(AdvanceUnit(unit="p1", to="on_scene", done_at=dispatched + MINUTE))
    assert town.incident(fight).assignments[0].on_scene_at == dispatched
    town.clock.at += 25 * HOUR
    late = AdvanceUnit(unit="p1", to="clear", done_at=dispatched + MINUTE)
    assert town.refused(late).code == "done_at_out", "a day later it is told in words"


def test_a_report_for_an_earlier_assignment_does_not_move_a_later_one(town, fight):
    town.do(AdvanceUnit(unit="p1", to="recalled"))
    town.do(DispatchUnits(incident=fight, units=("p1",)))
    stale = AdvanceUnit(unit="p1", incident=fight, n=1, to="en_route")
    assert town.refused(stale).code == "unit_not_assigned"
    town.do(AdvanceUnit(unit="p1", incident=fight, n=2, to="en_route"))


def test_help_is_of_priority_1_until_one_more_is_sent(town, fight):
    asked = town.clock.at
    town.do(AskBackup(unit="p1", incident=fight, words="三个人，有刀"), actor="p1")
    incident = town.incident(fight)
    assert (incident.priority, incident.backup_by, incident.backup_at) == (1, "p1", asked)
    assert incident.deadline("backup").due == asked + 60 * SECOND
    assert town.refused(AskBackup(unit="p1")).code == "already_so", "pressed twice is one cry"
    town.do(DispatchUnits(incident=fight, units=("p2",)))
    incident = town.incident(fight)
    assert (incident.backup_by, incident.backup_at, incident.deadline("backup")) == ("", 0, None)
    assert "西溪一组 请求支援。三个人，有刀" in [describe(each, town.pack, "zh") for each in town.facts]


def test_help_that_nobody_sends_climbs_by_itself_and_ends_when_the_unit_is_through(town, fight):
    town.do(AskBackup(unit="p1"))
    town.later(30 * SECOND)
    town.do(AskBackup(unit="p1", words="快"))
    town.later(2 * MINUTE)
    late = [each.body for each in town.facts if each.type == "deadline.escalated"]
    assert [each.to for each in late if each.key == "backup"] == ["police", "duty"]
    town.do(AdvanceUnit(unit="p1", to="clear"))
    incident = town.incident(fight)
    assert (incident.backup_at, incident.deadline("backup")) == (0, None)


def test_a_unit_on_no_incident_gets_one_where_it_is_and_is_helped_there(town, fight):
    cried = town.clock.at
    town.clock.at += 5 * MINUTE
    answer = town.do(AskBackup(unit="p2", words="车被人围住", done_at=cried), actor="p2")
    incident = town.incident(answer["incident_id"])
    assert (incident.priority, incident.backup_by, incident.backup_at) == (1, "p2", cried)
    assert incident.place.point == EAST_STATION
    assert [(each.unit, each.on_scene_at) for each in incident.assignments] == [("p2", cried)]
    assert incident.deadline("backup") is not None
    card = card_of(town.pack, incident)
    assert card is not None
    assert (card.needs[-1].ability, card.needs[-1].count) == ("patrol", 2), "one more than is there"
    town.do(AdvanceUnit(unit="p1", to="clear"))
    town.do(DispatchUnits(incident=incident.id, units=("p1",)))
    assert town.incident(incident.id).backup_by == ""
    town.do(AdvanceUnit(unit="p2", to="clear"))
    named = town.incident(town.do(AskBackup(unit="p2"))["incident_id"])
    assert (named.title, named.type) == ("东溪一组", "unknown"), "without a word its name stands in the list"


def test_help_asked_before_it_was_sent_somewhere_is_help_there(town, fight):
    asked = town.incident(fight).assignments[0].dispatched_at - 30 * MINUTE
    assert town.do(AskBackup(unit="p1", done_at=asked))["incident_id"] == fight
    assert town.incident(fight).backup_at == asked


def test_only_who_is_on_an_incident_asks_for_help_there(town, fight):
    assert town.refused(AskBackup(unit="p2", incident=fight)).code == "unit_not_assigned"
    assert town.refused(AskBackup(unit="p1", incident=fight + 1)).code == "unit_not_assigned"
    assert town.refused(AskBackup(unit="p1", words="快" * 501)).code == "too_long"


def test_what_a_unit_noted_before_it_was_taken_off_is_kept_and_says_so(town, fight):
    crew = staff(Role.UNIT, unit="p1", agency="police", name="crew-1")

    def note(words, **more):
        return {
            "command": AddNote(incident=fight, words=words, **more),
            "principal": crew,
            "purpose": "answer",
        }

    town.clock.at += 5 * MINUTE
    noted = town.clock.at
    town.do(AdvanceUnit(unit="p1", to="recalled", why="nearer"))
    town.clock.at += 30 * MINUTE
    town.do(**note("绕道走的", done_at=noted))
    kept = town.facts[-1]
    assert (kept.type, kept.body.unit) == ("incident.note_added", "p1")
    assert "撤离后补报" in describe(kept, town.pack, "zh")
    town.clock.at += HOUR
    assert town.refused(**note("一小时以后的事")).code == "not_allowed"
    other = staff(Role.UNIT, unit="p2", agency="police", name="crew-2")
    assert town.refused(**(note("不相干的") | {"principal": other})).code == "not_allowed"
