"""The way of a call, from the first word to the caller's last, on every store."""

from __future__ import annotations

import pytest

from huying.base.clock import DAY, HOUR, MINUTE, SECOND
from huying.domain.commands import (
    AcceptReferral,
    AddNote,
    AdvanceUnit,
    AnswerFollowUp,
    CloseIncident,
    DispatchUnits,
    EraseContact,
    ExtendReferral,
    JoinCall,
    MoveUnit,
    OfferReferral,
    OpenContact,
    PartCall,
    PassDeadline,
    ReceiveCall,
    ReopenIncident,
    ResolveIncident,
    ResolveReferral,
    ReturnReferral,
    RetypeIncident,
    SetPlace,
    SetPriority,
    SetUnitStatus,
)
from huying.domain.contact import Contact
from huying.service import agenda, engine
from huying.service.engine import TimerFailed
from huying.service.handlers import HANDLERS
from huying.service.receipts import receipt_key
from tiny_pack import IN_EAST, IN_WEST, MONDAY_23, WEST_STATION, instant, tiny_pack
from town import Town


@pytest.fixture
def town(store):
    return Town(store)


def go(town: Town, unit: str, *steps: str, disposition: str = "") -> None:
    for to in steps:
        last = to == "clear"
        town.do(AdvanceUnit(unit=unit, to=to, disposition=disposition if last else ""), actor=unit)


# ── the main way ────────────────────────────────────────────────────────────────────────────────────────
def test_a_fight_is_answered_by_a_car_and_closed_by_the_caller(town):
    answer = town.call("菜场门口有人打架", IN_WEST)
    id = answer["incident_id"]
    assert (answer["type"], answer["priority"], len(answer["code"])) == ("police.fight", 2, 10)
    assert town.incident(id).status == "open" and not town.incident(id).referrals

    town.do(DispatchUnits(incident=id, units=("p1",)))
    assert (town.unit("p1").status, town.unit("p1").incident) == ("dispatched", id)
    go(town, "p1", "en_route", "on_scene", "clear", disposition="done")
    assert (town.incident(id).status, town.unit("p1").status) == ("resolved", "available")

    town.do(AnswerFollowUp(incident=id, solved=True, rating=5), actor="caller")
    incident = town.incident(id)
    assert (incident.status, incident.follow_up.status, incident.deadlines) == ("closed", "solved", [])
    assert town.types(id) == [
        "incident.opened",
        "assignment.dispatched",
        "assignment.en_route",
        "assignment.on_scene",
        "assignment.clear",
        "incident.resolved",
        "follow_up.asked",
        "follow_up.answered",
        "incident.closed",
    ]


def test_noise_by_day_goes_to_urban_management_with_working_time(town):
    id = town.call("楼下广场舞太吵了", IN_WEST)["incident_id"]
    (referral,) = town.incident(id).referrals
    assert (referral.agency, referral.rule, referral.status) == ("urban", "city", "offered")
    # Monday 10:00 + 4 working hours = 15:30 (lunch 12:00–13:30); + 2 working days = Wednesday 17:30
    assert referral.accept_due == instant(2026, 3, 2, 15, 30)
    assert referral.due == instant(2026, 3, 4, 17, 30)
    town.do(AcceptReferral(incident=id, n=1), actor="urban")
    assert town.incident(id).status == "active"
    town.do(ResolveReferral(incident=id, n=1, answer="已劝离", disposition="done"), actor="urban")
    assert town.incident(id).status == "resolved"


def test_noise_at_night_is_police_business(town):
    town.clock.at = MONDAY_23
    id = town.call("噪音", IN_WEST)["incident_id"]
    assert town.incident(id).referrals[0].rule == "noise-night"


def test_a_dispute_goes_to_the_town_of_its_place(town):
    for place, agency in ((IN_WEST, "west"), (IN_EAST, "east")):
        id = town.call("邻居吵架", place)["incident_id"]
        assert town.incident(id).referrals[0].agency == agency


def test_what_no_rule_knows_goes_to_the_duty_desk(town):
    id = town.call("……")["incident_id"]
    incident = town.incident(id)
    assert (incident.type, incident.duty_desk) == ("unknown", True)
    assert [each.agency for each in incident.referrals] == ["duty"]
    town.do(OfferReferral(incident=id, agency="urban", why="电话确认"))
    incident = town.incident(id)
    assert not incident.duty_desk
    assert [(each.agency, each.status) for each in incident.referrals] == [
        ("duty", "withdrawn"),
        ("urban", "offered"),
    ]


def test_units_and_a_referral_in_one_incident(town):
    id = town.call("噪音 有人打架", IN_WEST, stated_type="police.fight")["incident_id"]
    town.do(DispatchUnits(incident=id, units=("p1",)))
    town.do(OfferReferral(incident=id, agency="urban", why="施工噪声"))
    go(town, "p1", "en_route", "on_scene", "clear", disposition="done")
    assert town.incident(id).status == "active"  # the referral still runs
    town.do(ResolveReferral(incident=id, n=1, answer="已停工", disposition="done"), actor="urban")
    assert town.incident(id).status == "resolved"


# ── deadlines climb by themselves ───────────────────────────────────────────────────────────────────────
def test_an_overdue_referral_climbs_its_ladder_and_ends(town):
    id = town.call("楼下噪音", IN_WEST)["incident_id"]
    town.do(AcceptReferral(incident=id, n=1), actor="urban")
    told: list[tuple[str, int]] = []

    def wait_until(at: int) -> list[tuple[str, int]]:
        assert set(town.later(at - town.clock.at)) <= {"deadline.escalated"}
        told.extend((each.body.to, each.body.rung) for each in town.facts[len(told) + before :])
        return told

    before, due = len(town.facts), town.incident(id).referrals[0].due
    assert wait_until(due - SECOND) == []
    assert wait_until(due) == [("urban", 0)]  # the late agency itself
    assert wait_until(due + 30 * MINUTE)[1:] == [("urban", 1)]
    assert wait_until(due + 30 * MINUTE + 4 * HOUR)[2:] == [("duty", 2)]  # its parent
    assert wait_until(due + 30 * MINUTE + 28 * HOUR)[3:] == [("duty", 3)]
    assert len(wait_until(due + 60 * DAY)) == 4  # the ladder has ended
    assert town.incident(id).escalations == 3


def test_silence_closes_after_the_packs_days(town):
    id = town.call("打架", IN_WEST)["incident_id"]
    town.do(DispatchUnits(incident=id, units=("p1",)))
    go(town, "p1", "on_scene", "clear", disposition="done")
    assert town.later(3 * DAY - SECOND) == []
    assert town.later(SECOND) == ["follow_up.lapsed", "incident.closed"]
    assert town.incident(id).status == "closed"


def test_a_priority_1_is_never_closed_by_machine(town):
    id = town.call("着火了", IN_WEST)["incident_id"]
    town.do(DispatchUnits(incident=id, units=("f1",)))
    go(town, "f1", "on_scene", "clear", disposition="done")
    facts = town.later(40 * DAY)
    assert facts[:2] == ["follow_up.lapsed", "deadline.set"] and "incident.closed" not in facts
    assert "deadline.escalated" in facts
    refusal = town.refused(CloseIncident(incident=id, why="x"), automatic=True)
    assert (refusal.code, refusal.status) == ("person_must_close", 409)
    town.do(CloseIncident(incident=id, why="值班长核实"))
    assert town.incident(id).status == "closed"


def test_no_machine_ends_a_priority_1_by_joining_answering_or_making_it_less(town):
    first, second = town.call("有人打架动刀", IN_WEST), town.call("有人打架动刀", IN_WEST)
    id, robot = first["incident_id"], {"actor": "robot", "automatic": True}
    for command in (
        JoinCall(incident=second["incident_id"], call=first["call_id"]),
        SetPriority(incident=id, priority=2),
        RetypeIncident(incident=id, type="city.noise"),
    ):
        assert town.refused(command, **robot).code == "person_must_close"
    town.do(ResolveIncident(incident=id, disposition="done"))
    assert town.refused(AnswerFollowUp(incident=id, solved=True), **robot).code == "person_must_close"
    town.do(AnswerFollowUp(incident=id, solved=True), actor="caller")
    assert town.incident(id).status == "closed"


def test_an_incident_whose_calls_went_elsewhere_is_not_reopened_by_an_answer(town):
    first, second = town.call("有人打架", IN_WEST), town.call("有人打架", IN_WEST)
    id = first["incident_id"]
    town.do(ResolveIncident(incident=id, disposition="done"))
    town.do(JoinCall(incident=second["incident_id"], call=first["call_id"]))
    assert town.refused(AnswerFollowUp(incident=id, solved=False)).code == "not_asked_yet"
    assert town.incident(id).status == "closed"


def test_a_no_reopens_and_routes_again(town):
    id = town.call("噪音", IN_WEST)["incident_id"]
    town.do(ResolveReferral(incident=id, n=1, answer="已处理", disposition="done"), actor="urban")
    town.do(AnswerFollowUp(incident=id, solved=False, words="还是很吵"), actor="caller")
    incident = town.incident(id)
    assert (incident.status, incident.reopened) == ("open", 1)
    assert [(each.agency, each.status) for each in incident.referrals] == [
        ("urban", "resolved"),
        ("urban", "offered"),
    ]


def test_a_late_no_reopens_what_silence_closed_but_not_for_ever(town):
    ids = [town.call("噪音", IN_WEST)["incident_id"] for _ in range(2)]
    for id in ids:
        town.do(ResolveReferral(incident=id, n=1, answer="ok", disposition="done"), actor="urban")
    town.later(4 * DAY)
    town.do(AnswerFollowUp(incident=ids[0], solved=False))
    assert town.incident(ids[0]).status == "open"
    town.later(40 * DAY)
    assert town.refused(AnswerFollowUp(incident=ids[1], solved=False)).code == "too_late"


# ── changes on the way ──────────────────────────────────────────────────────────────────────────────────
def test_retyping_routes_again_and_takes_back_the_old_offer(town):
    id = town.call("邻居", IN_WEST)["incident_id"]
    town.do(RetypeIncident(incident=id, type="city.noise", why="其实是噪声"))
    assert [(each.agency, each.status) for each in town.incident(id).referrals] == [
        ("west", "withdrawn"),
        ("urban", "offered"),
    ]
    town.do(RetypeIncident(incident=id, type="police.fight", why="打起来了"))
    incident = town.incident(id)
    assert (incident.type, incident.priority) == ("police.fight", 2)
    assert {each.key for each in incident.deadlines} == {"dispatch", "arrive"}
    assert not incident.running_referrals


def test_a_return_needs_a_reason_and_goes_on_to_the_next(town):
    id = town.call("噪音", IN_WEST)["incident_id"]
    assert town.refused(ReturnReferral(incident=id, n=1, why=" ")).code == "reason_needed"
    town.do(ReturnReferral(incident=id, n=1, why="非我局职责"), actor="urban")
    incident = town.incident(id)
    assert [(each.agency, each.status) for each in incident.referrals] == [
        ("urban", "returned"),
        ("duty", "offered"),
    ]
    assert incident.referrals[0].why == "非我局职责"
    assert town.refused(ReturnReferral(incident=id, n=2, why="x")).code == "duty_desk_keeps"


def test_a_person_may_not_set_a_due_time_that_nobody_lives_to_see(town):
    id = town.call("？")["incident_id"]
    far = OfferReferral(incident=id, agency="east", due=town.clock.at + 400 * DAY)
    assert town.refused(far).code == "due_too_far"


def test_a_due_time_can_be_moved_with_a_reason(town):
    id = town.call("噪音", IN_WEST)["incident_id"]
    due = town.incident(id).referrals[0].due + 2 * DAY
    town.do(ExtendReferral(incident=id, n=1, due=due, why="等待检测"), actor="urban")
    assert town.incident(id).referrals[0].due == due
    assert town.incident(id).deadline("resolve:1").next == due
    past = ExtendReferral(incident=id, n=1, due=town.clock.at - HOUR, why="x")
    assert town.refused(past).code == "due_in_past"


def test_joins_are_reversible(town):
    first = town.call("打架", IN_WEST)
    second = town.call("有人打架", IN_WEST)
    assert second["may_be_same_as"] == [first["incident_id"]]
    town.do(JoinCall(incident=first["incident_id"], call=second["call_id"]))
    assert town.incident(first["incident_id"]).calls == [first["call_id"], second["call_id"]]
    assert town.incident(second["incident_id"]).status == "closed"
    town.do(PartCall(incident=first["incident_id"], call=second["call_id"], why="另一起"))
    assert town.incident(first["incident_id"]).calls == [first["call_id"]]
    again = town.incident(second["incident_id"])
    assert (again.status, again.calls) == ("open", [second["call_id"]])
    assert {each.key for each in again.deadlines} == {"dispatch", "arrive"}


def test_units_of_a_joined_incident_come_along_when_a_person_says_so(town):
    first, second = town.call("有人打架动刀", IN_WEST), town.call("有人打架动刀", IN_WEST)
    id, other = first["incident_id"], second["incident_id"]
    town.do(DispatchUnits(incident=id, units=("p1",)))
    town.do(DispatchUnits(incident=other, units=("p2", "p3")))
    go(town, "p2", "en_route")
    go(town, "p3", "en_route", "on_scene")
    join = {"incident": id, "call": second["call_id"]}
    refusal = town.refused(JoinCall(**join))
    assert (refusal.code, refusal.status, refusal.params["what"]) == ("units_at_work", 409, "p2, p3")
    # A machine neither ends a priority 1 nor moves its units.
    assert town.refused(JoinCall(**join, bring=True), automatic=True).code == "person_must_close"
    assert [town.unit(code).incident for code in ("p1", "p2", "p3")] == [id, other, other]
    assert town.do(JoinCall(**join, bring=True))["units"] == ["p2", "p3"]
    gone, joined = town.incident(other), town.incident(id)
    assert (gone.status, gone.closed_how, gone.running_assignments) == ("closed", "duplicate", [])
    assert [(each.unit, each.status) for each in joined.running_assignments] == [
        ("p1", "dispatched"),
        ("p2", "en_route"),
        ("p3", "on_scene"),
    ]
    assert [town.unit(code).incident for code in ("p1", "p2", "p3")] == [id] * 3
    # Each goes on from where it was; the one that is let go is free at once.
    go(town, "p2", "recalled")
    go(town, "p3", "clear", disposition="done")
    assert (town.unit("p2").incident, town.unit("p2").status) == (0, "available")
    assert [each.unit for each in town.incident(id).running_assignments] == ["p1"]


def test_parting_leaves_an_incident_closed_that_a_person_had_closed(town):
    first, second = town.call("打架", IN_WEST), town.call("有人打架", IN_WEST)
    town.do(CloseIncident(incident=second["incident_id"], why="双方已离开"))
    town.do(JoinCall(incident=first["incident_id"], call=second["call_id"]))
    town.do(PartCall(incident=first["incident_id"], call=second["call_id"], why="另一起"))
    again = town.incident(second["incident_id"])
    assert (again.status, again.calls, again.deadlines) == ("closed", [second["call_id"]], [])


def test_a_call_may_be_taken_straight_into_an_incident(town):
    id = town.call("打架", IN_WEST)["incident_id"]
    answer = town.call("也是那个打架", incident=id)
    assert answer["joined"] and town.incident(id).calls[-1] == answer["call_id"]


def test_a_unit_taken_back_leaves_the_incident_open(town):
    id = town.call("打架", IN_WEST)["incident_id"]
    town.do(DispatchUnits(incident=id, units=("p1",)))
    go(town, "p1", "recalled")
    assert (town.incident(id).status, town.unit("p1").status) == ("open", "available")


# ── two desks, one incident ─────────────────────────────────────────────────────────────────────────────
def test_the_last_to_clear_need_not_know_how_it_ended_when_another_said(town):
    id = town.call("有人打架", IN_WEST)["incident_id"]
    town.do(DispatchUnits(incident=id, units=("p1", "p2")))
    go(town, "p1", "on_scene", "clear", disposition="done")
    go(town, "p2", "recalled")
    assert (town.incident(id).status, town.incident(id).disposition) == ("resolved", "done")


@pytest.mark.parametrize("words", ["有人打架", "楼下广场舞太吵了"])
def test_work_that_ended_nobody_said_how_has_a_clock(town, words):
    id = town.call(words, IN_WEST)["incident_id"]
    if town.incident(id).referrals:
        town.do(ResolveReferral(incident=id, n=1, answer="已劝离"))
    else:
        town.do(DispatchUnits(incident=id, units=("p1",)))
        go(town, "p1", "en_route", "on_scene", "clear")
    assert [each.key for each in town.incident(id).deadlines if each.next] == ["conclude"]
    assert "deadline.escalated" in town.later(2 * DAY)
    town.do(ResolveIncident(incident=id, disposition="done"))
    assert [each.key for each in town.incident(id).deadlines] == ["follow_up"]


def test_the_clock_to_send_somebody_runs_anew_when_the_only_unit_is_taken_back(town):
    id = town.call("有人打架", IN_WEST)["incident_id"]
    town.do(DispatchUnits(incident=id, units=("p1",)))
    town.later(DAY)
    go(town, "p1", "recalled")
    assert [each.key for each in town.incident(id).deadlines if each.next] == ["dispatch", "arrive"]


def test_a_unit_taken_back_after_a_reopening_leaves_it_open_too(town):
    id = town.call("有人打架", IN_WEST)["incident_id"]
    for disposition in ("done", ""):
        town.do(DispatchUnits(incident=id, units=("p1",)))
        if disposition:
            go(town, "p1", "en_route", "on_scene", "clear", disposition=disposition)
            town.later(DAY)
            town.do(ReopenIncident(incident=id, why="又打起来了"))
    go(town, "p1", "recalled")
    assert (town.incident(id).status, town.incident(id).disposition) == ("open", "")
    assert [each.key for each in town.incident(id).deadlines] == ["dispatch", "arrive"]


def test_clocks_of_units_follow_type_and_priority(town):
    id = town.call("有人打架", IN_WEST)["incident_id"]
    # The city promises nothing for priority 5: then one working day, until Tuesday 17:30
    town.do(SetPriority(incident=id, priority=5))
    (clock,) = town.incident(id).deadlines
    assert (clock.key, clock.due) == ("dispatch", instant(2026, 3, 3, 17, 30))
    town.do(RetypeIncident(incident=id, type="city.noise"))
    assert [each.key for each in town.incident(id).deadlines] == ["accept:1", "resolve:1"]


def test_the_slower_desk_hears_who_was_faster(town):
    id = town.call("打架", IN_WEST)["incident_id"]
    version = town.incident(id).version
    town.do(DispatchUnits(incident=id, units=("p1",), version=version), actor="desk-1")
    refusal = town.refused(DispatchUnits(incident=id, units=("p2",), version=version), actor="desk-2")
    assert (refusal.code, refusal.params["by"]) == ("changed_meanwhile", "desk-1")
    busy = town.refused(DispatchUnits(incident=id, units=("p1",)), actor="desk-2")
    assert (busy.code, busy.params["incident"]) == ("unit_busy", id)
    assert town.unit("p2").status == "available"  # all or none


def test_a_repeated_key_gets_the_first_answer(town):
    call = ReceiveCall("web", "打架")
    first = town.do(call, key="k-1")
    again = town.do(call, key="k-1")
    assert again == first | {"repeated": True}
    assert town.refused(ReceiveCall("web", "着火"), key="k-1").code == "key_reused"
    assert town.do(call, key="k-1", actor="desk-2")["call_id"] != first["call_id"]


# ── contacts ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_contact_is_sealed_looked_at_and_erased(town):
    answer = town.call("打架", contact=Contact(name="张三", phone="13800000000"))
    id, contact = answer["incident_id"], town.engine.store.load_calls([answer["call_id"]])
    contact = contact[answer["call_id"]].contact
    assert town.do(OpenContact(incident=id, contact=contact))["contact"]["phone"] == "13800000000"
    assert town.types(id)[-1] == "contact.opened"
    town.do(EraseContact(contact=contact, why="本人申请"))
    assert town.refused(OpenContact(incident=id, contact=contact)).code == "contact_erased"
    assert town.refused(EraseContact(contact=contact, why="x")).code == "contact_erased"


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_look_at_a_contact_is_not_repeated_after_it_was_erased(town):
    first = town.call("有人打架", IN_WEST, contact=Contact(phone="13900000000"))
    (call,) = town.store.load_calls([first["call_id"]]).values()
    look = OpenContact(incident=first["incident_id"], contact=call.contact)
    assert town.do(look, key="k")["contact"]["phone"] == "13900000000"
    town.do(EraseContact(contact=call.contact, why="本人要求"))
    assert town.refused(look, key="k").code == "contact_erased"
    assert town.store.load_receipts([receipt_key("desk-1", "k")]) == {}


def test_more_overdue_timers_than_are_kept_in_memory_all_act(town, monkeypatch):
    monkeypatch.setattr(agenda, "WINDOW", 4)
    monkeypatch.setattr(agenda, "WINDOW_MAX", 8)
    ids = [town.call("楼下广场舞太吵了", IN_WEST)["incident_id"] for _ in range(12)]
    town.clock.at += 30 * DAY
    town.call("有人打架", IN_WEST)
    # accept and resolve are each told at the due time and at three rungs
    assert [town.types(id).count("deadline.escalated") for id in ids] == [8] * 12


def test_after_a_standstill_commands_need_not_wait_for_every_clock(town, monkeypatch):
    monkeypatch.setattr(engine, "PASSED_MAX", 5)
    ids = [town.call("楼下广场舞太吵了", IN_WEST)["incident_id"] for _ in range(3)]
    since, town.clock.at = len(town.facts), town.clock.at + 30 * DAY
    first = town.call("有人打架", IN_WEST)["incident_id"]
    passed = [each.type for each in town.facts[since:]]
    assert passed.count("deadline.escalated") == 5 and town.incident(first).opened_at == town.clock.at
    while any(each.next <= town.clock.at for id in ids for each in town.incident(id).deadlines if each.next):
        before = len(town.facts)
        with town.engine.transaction() as transaction:
            town.facts += transaction.run_timers(town.clock.at, 5)
        assert 0 < len(town.facts) - before <= 5
    # Whoever acts so late that the first rung is reached too tells it at once; no further rung is lost.
    for id in ids:
        told = {
            (each.body.key, each.body.rung)
            for each in town.facts
            if each.stream == id and each.type == "deadline.escalated"
        }
        assert told >= {(key, rung) for key in ("accept:1", "resolve:1") for rung in (1, 2, 3)}


def test_a_clock_that_can_not_act_does_not_hold_up_the_others(town, monkeypatch):
    broken, other = (town.call("楼下广场舞太吵了", IN_WEST)["incident_id"] for _ in range(2))
    act = HANDLERS[PassDeadline]

    def pass_deadline(work, command):
        if command.incident == broken:
            raise ZeroDivisionError
        return act(work, command)

    monkeypatch.setitem(HANDLERS, PassDeadline, pass_deadline)
    for _ in range(8):  # each clock of the broken one fails once
        try:
            town.later(DAY)
        except TimerFailed:
            continue
    assert town.types(other).count("deadline.escalated") == 8
    assert town.call("有人打架", IN_WEST)["call_id"]


def test_records_of_a_whole_year_are_known_when_they_are_sent_again(town):
    def send():
        for day in range(0, 360, 60):
            at = town.clock.at - (400 - day) * DAY
            yield town.do(ReceiveCall("import", "噪音", received_at=at), key=f"row {day}", at=at)

    town.clock.at += 400 * DAY
    assert not any(each.get("repeated") for each in list(send()))
    assert all(each.get("repeated") for each in list(send()))


def test_what_cannot_be_done_is_refused_and_changes_nothing(town):
    id = town.call("打架", IN_WEST)["incident_id"]
    town.do(DispatchUnits(incident=id, units=("p1",)))
    before = town.incident(id)
    cases = {
        "not_found": DispatchUnits(incident=10**9, units=("p2",)),
        "unknown_code": RetypeIncident(incident=id, type="nonsense"),
        "nothing_said": ReceiveCall("desk", "  "),
        "too_long": ReceiveCall("desk", "火" * 20_001),
        "out_of_range": SetPriority(incident=id, priority=9),
        "already_so": SetPriority(incident=id, priority=2),
        "work_unfinished": ResolveIncident(incident=id, disposition="done"),
        "not_asked_yet": AnswerFollowUp(incident=id, solved=True),
        "not_from_here": AdvanceUnit(unit="p1", to="available"),
        "unit_not_assigned": AdvanceUnit(unit="p2", to="clear"),
        "unit_busy": SetUnitStatus(unit="p1", status="out_of_service"),
        "reason_needed": CloseIncident(incident=id, why=""),
        "last_call": PartCall(incident=id, call=before.calls[0]),
        "already_joined": JoinCall(incident=id, call=before.calls[0]),
        "place_impossible": MoveUnit(unit="p2", lat=99, lon=0),
    }
    for code, command in cases.items():
        assert town.refused(command).code == code, command
    assert town.incident(id) == before


def test_units_out_of_service_are_not_sent(town):
    town.do(SetUnitStatus(unit="p1", status="out_of_service", why="检修"))
    id = town.call("打架", IN_WEST)["incident_id"]
    assert town.refused(DispatchUnits(incident=id, units=("p1",))).code == "unit_out_of_service"
    town.do(SetUnitStatus(unit="p1", status="available"))
    town.do(DispatchUnits(incident=id, units=("p1",)))


def test_notes_places_and_priorities_are_kept(town):
    id = town.call("打架")["incident_id"]
    town.do(AddNote(incident=id, words="门口有监控"))
    town.do(SetPlace(incident=id, lat=WEST_STATION[0], lon=WEST_STATION[1]))
    town.do(SetPriority(incident=id, priority=1, why="有刀"))
    incident = town.incident(id)
    assert incident.place.areas[0] == "old-street"
    assert incident.deadline("dispatch").due == town.clock.at + 60 * SECOND
    town.do(MoveUnit(unit="p2", lat=28.06, lon=121.2))
    assert town.unit("p2").lat == 28.06


def test_a_resolved_incident_can_be_reopened_by_the_desk(town):
    id = town.call("打架", IN_WEST)["incident_id"]
    town.do(ResolveIncident(incident=id, disposition="advice", words="双方已离开"))
    assert town.incident(id).status == "closed"  # advice asks no follow-up
    town.do(ReopenIncident(incident=id, why="又打起来了"))
    assert {each.key for each in town.incident(id).deadlines} == {"dispatch", "arrive"}


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_clock_that_jumps_back_does_not_turn_the_journal(town):
    town.call("打架")
    at = town.facts[-1].at
    town.clock.at -= DAY
    town.call("打架")
    assert town.facts[-1].at == at
    assert [each.seq for each in town.facts] == list(range(1, len(town.facts) + 1))


def test_a_new_edition_registers_new_units_only(store):
    town = Town(store)
    units = len(store.load_units())
    pack = tiny_pack(digest="1" * 64)
    again = Town(store, pack)
    assert len(store.load_units()) == units
    assert [each.type for each in again.facts] == ["pack.loaded"]
    assert Town(store, pack).facts == []
    assert town.incident
