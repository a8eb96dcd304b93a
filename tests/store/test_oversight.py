"""Commands under the table of rules, on every engine: who may and may not, second person, broken glass."""

from __future__ import annotations

from typing import Any

import pytest

from huying.base.clock import DAY, HOUR, MINUTE
from huying.base.refusal import Refusal
from huying.domain import commands as c
from huying.domain.commands import Command, Envelope
from huying.domain.contact import Contact
from huying.domain.drilling import BeginDrill
from huying.domain.oversight import AgreeToOpen, BreakGlass, RecordLooks, ReviewGlass
from huying.domain.picturing import DropPhotos
from huying.domain.policy import Purpose
from huying.domain.principal import PUBLIC, Principal, Role
from huying.service.handlers import HANDLERS
from huying.service.permits import COMMANDS
from huying.service.ports import Store
from huying.store.opening import Opened
from policy_cases import staff
from tiny_pack import IN_WEST
from town import Town

CALLER = Contact(name="王小明", phone="13800138000", email="w@example.org")
TAKER, LEAD = staff(Role.CALL_TAKER), staff(Role.SUPERVISOR)
OFFICER, URBAN = staff(Role.DATA_OFFICER), staff(Role.CLERK, "urban-1", agency="urban")
FIRE = staff(Role.CLERK, "fire-1", agency="fire")
CREW = staff(Role.UNIT, "crew-1", agency="police", unit="p1")


class Asked:
    """A town in which commands come from principals."""

    def __init__(self, store: Store) -> None:
        self.town = Town(store)
        told = self.town.call("广场舞 噪音", IN_WEST, contact=CALLER)
        self.incident, self.call = told["incident_id"], told["call_id"]
        self.contact = store.load_calls([self.call])[self.call].contact

    def do(self, who: Principal, command: Command, purpose: str = "answer") -> dict[str, Any]:
        envelope = Envelope(command, actor=who.actor, purpose=purpose, principal=who)
        return self.town.send(envelope).answer

    def refused(self, who: Principal, command: Command, purpose: str = "answer") -> Refusal:
        before = len(self.town.facts)
        with pytest.raises(Refusal) as caught:
            self.do(who, command, purpose)
        assert len(self.town.facts) == before
        return caught.value

    def open(self) -> c.OpenContact:
        return c.OpenContact(incident=self.incident, contact=self.contact)


@pytest.fixture
def asked(store: Store) -> Asked:
    return Asked(store)


def test_every_command_has_a_rule_or_is_the_houses_own() -> None:
    own = {c.PassDeadline, c.AdoptPack, c.EraseDue, RecordLooks, BeginDrill, DropPhotos}
    own |= {each for each in HANDLERS if each.__module__ == "huying.domain.office"}  # the door decides
    console = {"NoteClock", "DiscloseRecord"}  # nobody outside is let give them
    assert {each.__name__ for each in set(HANDLERS) - set(COMMANDS) - own} - console == set()


def test_a_clerk_answers_the_own_agencys_referral_and_no_other(asked: Asked) -> None:
    accept = c.AcceptReferral(incident=asked.incident, n=1)
    why = asked.refused(FIRE, accept, "handle")
    assert (why.code, why.params["rule"], why.params["missing"]) == (
        "not_allowed",
        "agency.answer",
        "own_agency",
    )
    assert why.params["ask"] == "supervisor"
    asked.do(URBAN, accept, "handle")
    assert asked.town.incident(asked.incident).referrals[0].status == "accepted"
    assert (
        asked.refused(URBAN, c.CloseIncident(incident=asked.incident, why="x"), "handle").code
        == "not_allowed"
    )


def test_commands_that_no_rule_speaks_of_are_refused(asked: Asked) -> None:
    assert asked.refused(LEAD, RecordLooks(looks=())).code == "forbidden"
    assert asked.refused(LEAD, c.PassDeadline(incident=asked.incident, key="x")).code == "forbidden"
    assert asked.refused(PUBLIC, c.AddNote(incident=asked.incident, words="x"), "serve").code == "not_allowed"
    assert asked.do(PUBLIC, c.ReceiveCall("web", "噪音"), "serve")["call_id"]


def test_a_crew_reports_for_its_own_unit_only(asked: Asked) -> None:
    asked.do(CREW, c.MoveUnit(unit="p1", lat=28.05, lon=121.15))
    assert asked.refused(CREW, c.MoveUnit(unit="p2", lat=28.05, lon=121.15)).params["rule"] == "unit.report"


def test_a_contact_opens_for_who_has_the_case_now(asked: Asked) -> None:
    assert asked.refused(CREW, asked.open()).params["missing"] == "same_incident"
    asked.do(staff(Role.DISPATCHER), c.DispatchUnits(incident=asked.incident, units=("p1",)))
    shown = asked.do(CREW, asked.open())["contact"]
    assert shown == {"name": "王小明", "phone": "13800138000", "email": "", "lang": "", "account": ""}
    fact = asked.town.facts[-1]
    assert (fact.type, fact.actor, fact.purpose, fact.stream) == (
        "contact.opened",
        "crew-1",
        "answer",
        asked.incident,
    )
    assert fact.body.rule == "unit.contact"  # type: ignore[attr-defined]
    asked.do(CREW, c.AdvanceUnit(unit="p1", to="clear", incident=asked.incident))
    assert asked.refused(CREW, asked.open()).params["missing"].startswith("same_incident")


def test_without_a_fresh_proof_nothing_opens(asked: Asked) -> None:
    stale = staff(Role.CALL_TAKER, elevated_until=asked.town.clock.now())
    assert asked.refused(stale, asked.open()).params["missing"] == "elevated"
    assert asked.do(TAKER, asked.open())["contact"]["phone"] == "13800138000"


def test_a_second_person_agrees_once_for_one_opening(asked: Asked) -> None:
    waiting = asked.do(LEAD, asked.open(), "supervise")
    assert waiting["waiting"] == 1 and "contact" not in waiting
    assert asked.do(LEAD, asked.open(), "supervise")["waiting"] == 1  # asking again is no second wish
    agree = AgreeToOpen(incident=asked.incident, n=1)
    assert asked.refused(LEAD, agree, "supervise").code == "own_look"
    assert asked.refused(TAKER, agree).code == "not_allowed"
    asked.do(OFFICER, agree, "audit")
    assert asked.refused(OFFICER, agree, "audit").code == "wish_over"
    assert asked.do(LEAD, asked.open(), "supervise")["contact"]["name"] == "王小明"
    body = asked.town.facts[-1].body
    assert (body.second, body.wish) == (OFFICER.actor, 1)  # type: ignore[attr-defined]
    assert asked.do(LEAD, asked.open(), "supervise")["waiting"] == 2  # the yes was for one opening


def test_a_wish_and_an_agreement_run_out(asked: Asked) -> None:
    asked.do(LEAD, asked.open(), "supervise")
    asked.town.later(2 * HOUR)
    assert asked.refused(OFFICER, AgreeToOpen(incident=asked.incident, n=1), "audit").code == "wish_over"
    assert asked.do(LEAD, asked.open(), "supervise")["waiting"] == 2


def test_broken_glass_opens_tells_ends_and_is_reviewed(asked: Asked, opened: Opened) -> None:
    town = asked.town
    assert asked.refused(FIRE, asked.open(), "emergency").params["missing"] == "glass"
    assert (
        asked.refused(FIRE, BreakGlass(incident=asked.incident, why=" "), "emergency").code == "reason_needed"
    )
    asked.do(FIRE, BreakGlass(incident=asked.incident, why="屋里有人，要打电话"), "emergency")
    told = [each for each in opened.questions.notices("", 0, 50) if each.key == "glass:1"]
    assert {each.to for each in told} == {"role.supervisor", "role.data_officer"}
    assert all(each.at == town.clock.now() for each in told)  # in the same commit, well within the minute
    assert asked.do(FIRE, asked.open(), "emergency")["contact"]["phone"] == "13800138000"
    assert asked.refused(FIRE, BreakGlass(incident=asked.incident, why="x"), "emergency").code == (
        "glass_broken_already"
    )
    assert "glass.ended" in town.later(HOUR + MINUTE)
    assert asked.refused(FIRE, asked.open(), "emergency").params["missing"] == "glass"
    review = ReviewGlass(incident=asked.incident, n=1, proper=True, words="确有必要")
    boss = staff(Role.SUPERVISOR, FIRE.actor)  # the same person in another role
    assert asked.refused(boss, review, "supervise").code == "own_look"
    asked.do(LEAD, review, "supervise")
    assert not any(each.key.startswith("glass") for each in town.incident(asked.incident).deadlines)
    assert asked.refused(OFFICER, review, "audit").code == "reviewed_already"


def test_what_nobody_reviews_escalates_by_itself_also_after_the_end(asked: Asked, opened: Opened) -> None:
    town = asked.town
    asked.do(CREW, BreakGlass(incident=asked.incident, why="urgent"), "emergency")
    asked.do(LEAD, c.CloseIncident(incident=asked.incident, why="done"))
    town.later(DAY + MINUTE)
    town.later(DAY)
    town.later(DAY)
    late = [each for each in opened.questions.notices("", 0, 50) if each.key == "glass:1" and each.rung]
    assert [each.to for each in late] == ["role.data_officer", "role.auditor", "role.administrator"]
    asked.do(OFFICER, ReviewGlass(incident=asked.incident, n=1, proper=False), "audit")
    assert "deadline.escalated" not in town.later(5 * DAY)


def test_the_never_list_holds_for_every_purpose(asked: Asked) -> None:
    for role in (Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR):
        for purpose in Purpose:
            assert asked.refused(staff(role), asked.open(), purpose.value).code == "not_allowed"
