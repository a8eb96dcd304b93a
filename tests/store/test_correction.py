"""A wrong record is put right: in time, hidden but provable, and whoever was given it is told."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from huying.base.clock import DAY
from huying.bootstrap import do_by_itself, open_house
from huying.cli import main
from huying.domain.commands import (
    AddNote,
    CloseIncident,
    EraseIncident,
    OpenContact,
    ReceiveCall,
    ResolveReferral,
)
from huying.domain.contact import Contact
from huying.domain.correcting import (
    AcknowledgeCorrection,
    AskCorrection,
    CorrectRecord,
    DiscloseIncident,
    DiscloseRecord,
    OpenOriginal,
    RefuseCorrection,
)
from huying.store.codec import leaf_of
from huying.store.opening import Opened
from huying.store.rebuild import rebuild
from huying.store.verify import verify
from huying.words.explain import describe
from store.test_retention import everything, shadow, town  # noqa: F401
from tiny_pack import IN_WEST
from town import Town

WRONG, RIGHT = "五岁男童，已婚", "五岁男童，未婚"


def ask(here: Town, incident: int, of: int, at_field: str = "words", right: str = RIGHT, **more: Any) -> int:
    command = AskCorrection(
        incident=incident,
        of=of,
        at_field=at_field,
        right=right,
        asked_by="guardian",
        basis="个人信息保护法第四十六条",
        **more,
    )
    return int(here.do(command, actor="officer")["n"])


def case(here: Town) -> tuple[int, int]:
    """(incident, call) of a child who was put down as married, closed long ago."""
    made = here.call(
        f"邻居吵架，{WRONG}", IN_WEST, contact=Contact("王小明", "13800000000"), answers={"married": "yes"}
    )
    id, call = made["incident_id"], made["call_id"]
    contact = here.store.load_calls([call])[call].contact
    here.do(OpenContact(incident=id, contact=contact), actor="clerk-7")
    for each in here.incident(id).running_referrals:
        here.do(ResolveReferral(incident=id, n=each.n, answer="已调解", disposition="done"))
    here.do(DiscloseIncident(incident=id, to="法院", basis="民事诉讼法"))
    here.do(CloseIncident(incident=id, why="办结"), actor="chief")
    return id, call


def test_what_is_right_is_shown_and_what_was_wrong_is_nowhere(
    town: Town,  # noqa: F811
    opened: Opened,
    shadow: Opened,  # noqa: F811
) -> None:
    id, call = case(town)
    before = verify(opened.questions)
    ask(town, id, call, right=f"邻居吵架，{RIGHT}", wrong=f"邻居吵架，{WRONG}")
    town.do(CorrectRecord(incident=id, n=1), actor="officer")
    now = town.store.load_calls([call])[call]
    assert now.words == f"邻居吵架，{RIGHT}"
    assert RIGHT in town.incident(id).title
    assert WRONG not in everything(opened)
    story = {each.seq: each for each in opened.questions.timeline(id, 100)}
    assert story[call].hidden == "corrected"
    for lang in ("zh", "en"):
        said = [describe(each, town.pack, lang) for each in story.values()]
        assert not any("{" in each for each in said), said
        assert RIGHT in " ".join(said)
    assert verify(opened.questions, known=(before.facts, before.root)).ok
    found = rebuild(opened.store, shadow.store, opened.questions.fact_rows)
    shadow.close()
    assert found.shown == []


def test_what_was_wrong_can_be_proven_and_the_look_is_a_fact(town: Town, opened: Opened) -> None:  # noqa: F811
    id, call = case(town)
    ask(town, id, call)
    town.do(CorrectRecord(incident=id, n=1), actor="officer")
    shown = town.do(OpenOriginal(incident=id, n=1), actor="officer")["originals"]
    original = next(each for each in shown if each["seq"] == call)
    assert WRONG in original["payload"]
    (row,) = opened.questions.fact_rows(call - 1, 1)
    digest = sha256(bytes.fromhex(original["salt"]) + original["payload"].encode()).digest()
    assert digest == row[9]
    whole = (*row[:7], original["payload"].encode(), bytes.fromhex(original["salt"]), None)
    assert leaf_of(whole) == leaf_of(row)
    assert town.types(id)[-1] == "correction.opened"
    assert town.refused(OpenOriginal(incident=id, n=2)).code == "not_found"
    for _ in range(2):  # sent again with the same key, it is another look, decided on anew
        again = town.do(OpenOriginal(incident=id, n=1), actor="officer", key="k1")
        assert "repeated" not in again
    assert town.types(id).count("correction.opened") == 3


def test_everybody_who_was_given_it_is_told_and_has_to_say_so(town: Town, opened: Opened) -> None:  # noqa: F811
    id, call = case(town)
    town.do(DiscloseRecord(to="统计局", basis="统计法"))
    ask(town, id, call)
    done = town.do(CorrectRecord(incident=id, n=1), actor="officer")
    recipients = {"west", "actor:clerk-7", "法院", "统计局"}
    assert set(done["told"]) == recipients
    told = [each for each in opened.questions.notices("", 0, 100) if each.key == "told:1"]
    assert {each.to for each in told} == recipients
    assert all(each.due > town.clock.at for each in told)
    for to in sorted(recipients - {"west"}):
        town.do(AcknowledgeCorrection(incident=id, n=1, to=to), actor="officer")
    assert town.refused(AcknowledgeCorrection(incident=id, n=1, to="法院")).code == "already_so"
    assert town.refused(AcknowledgeCorrection(incident=id, n=1, to="none")).code == "not_found"
    town.later(9 * DAY)
    late = [each.to for each in opened.questions.notices("", told[-1].seq, 100)]
    assert late[:2] == ["duty", "role.data_officer"], "above the town that said nothing, then the officer"
    assert "role.auditor" in late
    town.do(AcknowledgeCorrection(incident=id, n=1, to="west"), actor="west-clerk")
    assert town.later(30 * DAY) == []
    assert not town.incident(id).deadlines


def test_nobody_decides_and_the_next_one_hears(town: Town, opened: Opened) -> None:  # noqa: F811
    id, call = case(town)
    ask(town, id, call)
    town.later(14 * DAY)
    assert opened.questions.notices("role.data_officer", 0, 10) == []
    town.later(10 * DAY)
    keys = {each.key for each in opened.questions.notices("role.data_officer", 0, 10)}
    assert keys == {"correct:1"}
    assert opened.questions.notices("role.administrator", 0, 10)


def test_a_no_has_a_reason_and_says_where_to_appeal(town: Town) -> None:  # noqa: F811
    id, call = case(town)
    ask(town, id, call)
    assert town.refused(RefuseCorrection(incident=id, n=1, why="", appeal="市网信办")).code == "reason_needed"
    assert town.refused(RefuseCorrection(incident=id, n=1, why="属实", appeal=" ")).code == "reason_needed"
    town.do(RefuseCorrection(incident=id, n=1, why="已核对户籍，属实", appeal="市网信办"), actor="officer")
    case_1 = town.incident(id).corrections[0]
    assert (case_1.status, case_1.appeal) == ("refused", "市网信办")
    assert not town.incident(id).deadlines
    assert town.refused(CorrectRecord(incident=id, n=1)).code == "not_from_here"
    assert WRONG in town.store.load_calls([call])[call].words


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"of": 999}, "not_found"),
        ({"at_field": "type"}, "not_correctable"),
        ({"at_field": "answers"}, "not_correctable"),
        ({"right": f"邻居吵架，{WRONG}"}, "already_so"),
        ({"wrong": "别的话"}, "not_what_it_says"),
        ({"asked_by": "王小明"}, "unknown_code"),
        ({"basis": " "}, "reason_needed"),
        ({"right": "x" * 5_000}, "too_long"),
    ],
)
def test_what_cannot_be_asked(town: Town, change: dict[str, Any], code: str) -> None:  # noqa: F811
    id, call = case(town)
    asked = {"of": call, "at_field": "words", "right": RIGHT, "asked_by": "caller", "basis": "法"} | change
    assert town.refused(AskCorrection(incident=id, **asked)).code == code


def test_an_answer_a_note_and_a_reply_can_be_put_right(
    town: Town,  # noqa: F811
    opened: Opened,
    shadow: Opened,  # noqa: F811
) -> None:
    id, call = case(town)
    town.do(AddNote(incident=id, words=f"查过了，{WRONG}"))
    note = next(each.seq for each in reversed(town.facts) if each.type == "incident.note_added")
    reply = next(each.seq for each in town.facts if each.type == "referral.resolved")
    ask(town, id, call, "answers.married", "no")
    ask(town, id, note)
    ask(town, id, reply, "answer", "已当面致歉")
    for n in (1, 2, 3):
        town.do(CorrectRecord(incident=id, n=n), actor="officer")
    assert town.store.load_calls([call])[call].answers == {"married": "no"}
    assert town.incident(id).referrals[0].answer == "已当面致歉"
    assert "已调解" not in everything(opened)
    found = rebuild(opened.store, shadow.store, opened.questions.fact_rows)
    shadow.close()
    assert found.shown == []


def test_a_correction_can_be_corrected_and_all_of_it_erased(
    town: Town,  # noqa: F811
    opened: Opened,
    shadow: Opened,  # noqa: F811
) -> None:
    id, call = case(town)
    for n, right in ((1, "五岁女童，已婚"), (2, RIGHT)):
        ask(town, id, call, right=right)
        town.do(CorrectRecord(incident=id, n=n), actor="officer")
    assert town.store.load_calls([call])[call].words == RIGHT
    assert verify(opened.questions).ok
    town.do(EraseIncident(incident=id, kinds=("contact", "words"), why="本人要求"), actor="officer")
    for said in ("五岁", WRONG, RIGHT):
        assert said not in everything(opened)
    assert town.refused(OpenOriginal(incident=id, n=1)).code == "contact_erased"
    assert verify(opened.questions).ok
    again = rebuild(opened.store, shadow.store, opened.questions.fact_rows)
    shadow.close()
    assert again.shown == []


def test_from_the_command_line_and_words_only_for_somebody_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = str(tmp_path / "city.db")
    installation = open_house(address, "starter")
    call = ReceiveCall("desk", f"我叫王小明，{WRONG}")
    made = do_by_itself(installation.engine, call)
    installation.close()
    there = ["--store", address, "--pack", "starter", "--json"]
    facts = str(tmp_path / "facts.ndjson")
    assert main(["export", facts, "--whole-for", "法院", *there]) == 1
    assert main(["export", facts, "--whole-for", "法院", "--basis", "民事诉讼法", *there]) == 0
    assert "王小明" in Path(facts).read_text("utf-8")
    id, n = str(made["incident_id"]), ["--n", "1"]
    asked = ["--of", str(made["call_id"]), "--field", "words", "--right", RIGHT, "--by", "caller"]
    assert main(["correction", "ask", id, *asked, "--basis", "个人信息保护法", *there]) == 0
    capsys.readouterr()
    assert main(["correction", "make", id, *n, *there]) == 0
    assert "法院" in json.loads(capsys.readouterr().out)["told"]
    assert main(["correction", "acknowledge", id, *n, "--to", "法院", *there]) == 0
    assert main(["correction", "refuse", id, *n, "--why", "x", "--appeal", "y", *there]) == 1
    capsys.readouterr()
    assert main(["correction", "show", id, *there]) == 0
    shown = json.loads(capsys.readouterr().out)["corrections"][0]
    assert (shown["status"], shown["right"]) == ("made", RIGHT)
    after = str(tmp_path / "after.ndjson")
    assert main(["export", after, *there]) == 0
    text = Path(after).read_text("utf-8")
    assert WRONG not in text
    assert RIGHT in text
