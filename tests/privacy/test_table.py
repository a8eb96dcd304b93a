"""The table as a data officer meets it: printed, asked, narrowed, and never widened."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from huying.base.text import LANGUAGES
from huying.cli import main
from huying.cli.exits import Exit
from huying.domain.policy import ACTIONS, FIELDS, Action, Condition, Purpose, Thing
from huying.privacy.never import NEVER
from huying.service.packs import Checked, check_pack
from huying.service.packs.faults import Faults
from huying.service.packs.policy import read_base
from huying.store.packdir import base_policy
from huying.words import load_words
from pack_files import pack_bytes, short_calendar
from policy_cases import base_rows

DOCS = Path(__file__).resolve().parents[2] / "docs"
HEAD = "code,who,duty,thing,actions,purposes,fields,conditions,second,keep,ask\n"


def narrow(*lines: str) -> Checked:
    files = {**pack_bytes(), "policy.csv": (HEAD + "\n".join(lines)).encode()}
    return check_pack(files, short_calendar, base_policy())


def test_a_line_narrows_its_rule_and_leaves_the_rest() -> None:
    pack = narrow(
        "agency.calls,,,,,,outline place,,,,",
        "lead.contact,,,,,,,open_case,,30d,",
        "unit.around,,off,,,,,,,,",
    ).pack
    assert pack is not None
    rows = {row.code: row for row in pack.policy}
    assert rows["agency.calls"].fields == {"outline", "place"}
    assert rows["agency.calls"].conditions == {Condition.OWN_AGENCY, Condition.OPEN_CASE}
    assert str(rows["lead.contact"].keep) == "30d" and Condition.OPEN_CASE in rows["lead.contact"].conditions
    assert "unit.around" not in rows and "unit.calls" in rows


@pytest.mark.parametrize(
    ("line", "fault", "column"),
    [
        ("agency.calls,,,,,,outline source,,,,", "policy_widens", "fields"),
        ("agency.calls,clerk unit,,,,,,,,,", "policy_widens", "who"),
        ("agency.calls,,,,,answer,,,,,", "policy_widens", "purposes"),
        ("agency.calls,,,media,,,,,,,", "policy_widens", "thing"),
        ("agency.calls,,,,,,,,,800d,", "policy_widens", "keep"),
        ("my.own,clerk,,,,,,,,,", "policy_unknown", "code"),
        ("agency.calls,clark,,,,,,,,,", "role_unknown", "who"),
        ("agency.calls,,,,,,,sunny,,,", "condition_unknown", "conditions"),
    ],
)
def test_what_would_widen_is_refused_with_its_column(line: str, fault: str, column: str) -> None:
    checked = narrow(line)
    assert checked.pack is None
    assert (checked.faults[0].code, checked.faults[0].params["column"]) == (fault, column)
    assert checked.faults[0].line == 2


@pytest.mark.parametrize(
    "row",
    ["x.1,analyst,on,call,read,answer,words,,,,supervisor", "x.2,public,any,contact,open,serve,,,,,clerk"],
)
def test_a_base_that_breaks_the_never_list_is_refused(row: str) -> None:
    faults = Faults()
    read_base((HEAD + row).encode(), faults)
    assert {each.code for each in faults.found} == {"policy_never"}


def test_who_may_open_a_contact_sees_which_one_it_is() -> None:
    """Under the conditions of every rule that opens contacts, some rule shows the contact number to the
    same role for the same purpose; else the first rule would be a door without a handle."""
    rows = base_rows()
    lacking = []
    for row in rows:
        if row.thing is not Thing.CONTACT or Action.OPEN not in row.actions:
            continue
        for who, purpose in itertools.product(row.who, row.purposes):
            if not any(
                each.thing is Thing.CALL
                and Action.READ in each.actions
                and "contact" in each.fields
                and who in each.who
                and purpose in each.purposes
                and each.conditions <= row.conditions
                for each in rows
            ):
                lacking.append((row.code, who, purpose.value))
    assert lacking == []


def test_without_a_base_nobody_may_do_anything() -> None:
    pack = check_pack(pack_bytes(), short_calendar).pack
    assert pack is not None and pack.policy == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_show_and_explain_speak_both_languages(
    lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_LANG", lang)
    assert main(["policy", "show", "--who", "unit", "--pack", "starter"]) == Exit.OK
    shown = capsys.readouterr().out
    assert "unit.calls" in shown and "analyst.incidents" not in shown
    assert main(["policy", "explain", "clerk", "read", "call", "--purpose", "handle"]) == Exit.OK
    yes = capsys.readouterr().out
    assert "agency.calls" in yes and load_words().say("condition.own_agency", lang) in yes
    assert main(["policy", "explain", "analyst", "open", "contact", "--purpose", "analyse"]) == Exit.REFUSED
    no = capsys.readouterr().out
    assert load_words().say("condition.role", lang) in no and load_words().say("role.supervisor", lang) in no


def test_explain_answers_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    main(["policy", "explain", "unit", "open", "contact", "--purpose", "answer", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["allowed"] and told["rules"][0]["code"] == "unit.contact"
    assert told["rules"][0]["needs"] == ["elevated", "open_case", "same_incident"]
    assert main(["policy", "explain", "nobody", "open", "contact", "--json"]) == Exit.REFUSED
    assert json.loads(capsys.readouterr().out)["refusal"]["code"] == "policy_word_unknown"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_of_the_table_has_a_name(lang: str) -> None:
    wanted = {f"thing.{each}" for each in Thing} | {f"action.{each}" for each in Action}
    wanted |= {f"purpose.{each}" for each in Purpose} | {f"condition.{each}" for each in Condition}
    wanted |= {f"never.{code}" for code in NEVER}
    wanted |= {f"field.{each}" for fields in FIELDS.values() for each in fields}
    assert wanted - set(load_words().by_language[lang]) == set()
    assert set(ACTIONS) == set(Thing)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_explains_every_condition(lang: str) -> None:
    page = (DOCS / lang / "policy.md").read_text("utf-8")
    assert [each for each in Condition if f"`{each}`" not in page] == []
