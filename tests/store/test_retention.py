"""What has been kept long enough is erased: keys, words, salts; proofs hold, and a rebuild shows the same."""

from __future__ import annotations

from typing import Any

import pytest

from huying.base.clock import DAY, HOUR
from huying.domain.commands import (
    AcceptReferral,
    AddNote,
    AnswerFollowUp,
    CloseIncident,
    EraseDue,
    EraseIncident,
    HoldIncident,
    OpenContact,
    ReleaseIncident,
    ResolveReferral,
    ReturnReferral,
)
from huying.domain.contact import Contact
from huying.domain.pack import Keep
from huying.service.questions import IncidentFilter
from huying.store.live import Ring
from huying.store.opening import Opened, open_store
from huying.store.rebuild import rebuild
from huying.store.verify import verify
from huying.system import SystemChance
from huying.web.stream import fact_of as live_fact
from store.conftest import KEYS, House
from tiny_pack import IN_WEST, span, text, tiny_pack
from town import Town

KEEPS = (
    Keep("contact", 2, "contact", span("30d"), text("回访", "Calling back")),
    Keep("words", 3, "words", span("90d"), text("复核", "Review")),
    Keep("theft", 4, "contact", span("60d"), text("追赃", "Getting it back"), ("police.theft",)),
)
NAME, PHONE, SAID = "王小明", "13800000000", "楼上太吵"


@pytest.fixture
def town(opened: Opened) -> Town:
    return Town(opened.store, tiny_pack(keeps=KEEPS))


@pytest.fixture
def shadow(house: House) -> Opened:
    if house.kind == "memory":
        return open_store(":memory:", SystemChance(), {})
    return open_store(
        house.server.city() if house.server else house.address + ".shadow", SystemChance(), KEYS
    )


def whole_life(town: Town, words: str = f"{SAID}，我叫{NAME}") -> int:
    """A call that is worked on, answered, reopened and closed at last; its incident."""
    made = town.call(
        words, IN_WEST, contact=Contact(NAME, PHONE), address="老街 3 号", answers={"danger": "no"}
    )
    id = made["incident_id"]
    first = town.incident(id).referrals[0]
    town.do(ReturnReferral(incident=id, n=first.n, why=f"{NAME} 不归我们管"))
    running = town.incident(id).running_referrals[0]
    town.do(AcceptReferral(incident=id, n=running.n))
    town.do(AddNote(incident=id, words=f"{NAME} 又打来了"))
    town.do(ResolveReferral(incident=id, n=running.n, answer=f"已上门找 {NAME}", disposition="done"))
    town.do(AnswerFollowUp(incident=id, solved=False, words="还在吵"))
    again = town.incident(id).running_referrals
    for each in again:
        town.do(ResolveReferral(incident=id, n=each.n, answer="第二次办结", disposition="done"))
    if town.incident(id).status != "closed":
        town.do(CloseIncident(incident=id, why=f"{NAME} 认可"), actor="chief")
    assert town.incident(id).status == "closed"
    return id


def contact_of(town: Town, id: int) -> int:
    return town.store.load_calls(town.incident(id).calls)[town.incident(id).calls[0]].contact


def everything(opened: Opened) -> str:
    """All that the tables hold in the clear."""
    facts = b"".join(row[7] or b"" for row in opened.questions.fact_rows(0, 10_000))
    docs = "".join(repr(row) for row in opened.store.scan(_table("incident")))
    docs += "".join(repr(row) for row in opened.store.scan(_table("call")))
    docs += "".join(bytes(row[3]).decode() for row in opened.store.scan(_table("remainder")))
    return facts.decode() + docs.encode("latin-1", "replace").decode("latin-1")


def _table(name: str) -> Any:
    from huying.store import schema

    return schema.metadata.tables[name]


def left_in(opened: Opened, kind: str) -> list[int]:
    return [each.id for each in opened.questions.states(IncidentFilter(left=kind), "", 100).items]


def test_nothing_is_erased_before_its_time(town: Town, opened: Opened) -> None:
    id = whole_life(town)
    town.clock.at += 30 * DAY - HOUR
    assert town.do(EraseDue(incidents=(id,)))["incidents"] == 0
    assert left_in(opened, "contact") == left_in(opened, "words") == [id]
    assert town.store.open_contact(contact_of(town, id)).name == NAME


def test_contacts_go_first_then_words_and_proofs_hold(town: Town, opened: Opened, shadow: Opened) -> None:
    id = whole_life(town)
    before = verify(opened.questions)
    town.clock.at += 31 * DAY
    told = town.do(EraseDue(incidents=(id,)))
    assert (told["incidents"], told["contacts"], told["facts"]) == (1, 1, 0)
    contact = contact_of(town, id)
    assert town.refused(OpenContact(incident=id, contact=contact)).code == "contact_erased"
    assert (left_in(opened, "contact"), left_in(opened, "words")) == ([], [id])
    assert SAID in town.store.load_calls(town.incident(id).calls)[town.incident(id).calls[0]].words

    town.clock.at += 60 * DAY
    told = town.do(EraseDue(incidents=(id,)))
    assert told["facts"] >= 6
    assert left_in(opened, "words") == []
    for said in (SAID, NAME, "老街", "还在吵", "第二次办结", "danger"):
        assert said not in everything(opened), said
    report = verify(opened.questions, known=(before.facts, before.root))
    assert report.ok, report
    found = rebuild(opened.store, shadow.store, opened.questions.fact_rows)
    shadow.close()
    assert found.shown == []
    assert town.do(EraseDue(incidents=(id,)))["incidents"] == 0


def test_what_is_left_is_what_the_city_counts(town: Town, opened: Opened) -> None:
    id = whole_life(town)
    was = town.incident(id)
    town.clock.at += 91 * DAY
    town.do(EraseDue(incidents=(id,)))
    now = town.incident(id)
    assert (now.type, now.priority, now.disposition) == (was.type, was.priority, was.disposition)
    assert now.place.areas == was.place.areas
    assert now.place.address == now.title == ""
    assert [each.agency for each in now.referrals] == [each.agency for each in was.referrals]
    line = opened.questions.incidents(IncidentFilter(area="west"), "", 10).items[0]
    assert (line.id, line.title) == (id, "")
    story = opened.questions.timeline(id, 100)
    assert {each.type for each in story if each.hidden} >= {"call.received", "incident.opened"}
    assert all(each.hidden in ("", "erased") for each in story)


def test_a_purpose_that_needs_it_longer_keeps_it(town: Town, opened: Opened) -> None:
    theft = town.call("手机被偷", IN_WEST, contact=Contact(NAME, PHONE))["incident_id"]
    town.do(CloseIncident(incident=theft, why="已追回"), actor="chief")
    assert town.incident(theft).type == "police.theft"
    town.clock.at += 40 * DAY
    assert town.do(EraseDue(incidents=(theft,)))["incidents"] == 0
    town.clock.at += 21 * DAY
    assert town.do(EraseDue(incidents=(theft,)))["contacts"] == 1
    fact = next(each for each in town.facts if each.type == "incident.erased")
    assert fact.body.rules == ("contact", "theft")  # type: ignore[attr-defined]


def test_what_is_held_stays_until_it_is_released(town: Town, opened: Opened) -> None:
    id = whole_life(town)
    assert town.refused(HoldIncident(incident=id, why=" ")).code == "reason_needed"
    town.do(HoldIncident(incident=id, why="法院调取"))
    town.clock.at += 400 * DAY
    assert town.do(EraseDue(incidents=(id,)))["incidents"] == 0
    assert town.refused(EraseIncident(incident=id, kinds=("words",), why="本人要求")).code == "held"
    town.do(ReleaseIncident(incident=id, why="案件审结"))
    assert town.do(EraseDue(incidents=(id,)))["contacts"] == 1


def test_a_note_on_what_was_erased_has_its_own_time(town: Town, opened: Opened, shadow: Opened) -> None:
    id = whole_life(town)
    town.clock.at += 100 * DAY
    town.do(EraseDue(incidents=(id,)))
    town.do(AddNote(incident=id, words="保险公司来电询问"))
    assert left_in(opened, "words") == [id]
    town.clock.at += 10 * DAY
    town.do(EraseDue(incidents=(id,)))
    assert "保险公司来电询问" in everything(opened)
    town.clock.at += 81 * DAY
    assert town.do(EraseDue(incidents=(id,)))["facts"] == 1
    assert "保险公司来电询问" not in everything(opened)
    assert rebuild(opened.store, shadow.store, opened.questions.fact_rows).shown == []
    shadow.close()


def test_somebody_in_the_right_has_it_erased_at_once(town: Town, opened: Opened) -> None:
    id = town.call(f"{SAID}，我叫{NAME}", IN_WEST, contact=Contact(NAME, PHONE))["incident_id"]
    ask = EraseIncident(incident=id, kinds=("contact", "words"), why="本人依法要求删除")
    assert town.refused(ask).code == "not_from_here"
    town.do(CloseIncident(incident=id, why="已处理"), actor="chief")
    assert town.refused(EraseIncident(incident=id, kinds=("face",), why="x")).code == "unknown_code"
    told = town.do(ask)
    assert (told["contacts"], told["facts"] > 0) == (1, True)
    assert NAME not in everything(opened)
    assert verify(opened.questions).ok


def test_the_state_that_is_known_by_heart_is_erased_too(town: Town, opened: Opened) -> None:
    """The engine keeps incidents in memory: it must not write the words back with the next change."""
    id = whole_life(town)
    town.clock.at += 100 * DAY
    town.do(EraseDue(incidents=(id,)))
    town.do(AddNote(incident=id, words="复查"))
    assert NAME not in everything(opened)


def test_live_readers_that_come_back_are_not_given_what_was_erased(town: Town, opened: Opened) -> None:
    """The newest facts are kept ready in memory for screens; what is erased is emptied there too."""
    ring = Ring(0)
    id = whole_life(town)
    ring.publish(opened.questions.fact_rows(0, 1_000))
    said = b"".join(each.data or b"" for each in ring.after(0) or [])
    assert NAME.encode() in said
    town.clock.at += 100 * DAY
    town.do(EraseDue(incidents=(id,)))
    ring.publish(opened.questions.fact_rows(ring.head, 1_000))
    shown = ring.after(0)
    assert shown is not None
    assert [each.seq for each in shown] == list(range(1, ring.head + 1))
    assert NAME.encode() not in b"".join(each.data or b"" for each in shown)
    for each in shown:
        assert each.data is not None
        live_fact(each.data)
