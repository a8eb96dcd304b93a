"""`huying people` and `huying keys`: what an administrator does at the machine, and what they are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from huying.cli import main
from huying.cli.exits import Exit
from huying.store.opening import open_store
from huying.system import SystemChance


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUYING_LANG", "en")


class Office:
    def __init__(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.store, self.capsys = store, capsys

    def __call__(self, *argv: str, ends: Exit = Exit.OK) -> Any:
        self.capsys.readouterr()
        assert main([*argv, "--store", str(self.store), "--pack", "starter", "--json"]) == ends
        return json.loads(self.capsys.readouterr().out)

    def says(self, *argv: str) -> str:
        self.capsys.readouterr()
        assert main([*argv, "--store", str(self.store), "--pack", "starter"]) == Exit.OK
        return self.capsys.readouterr().out


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(tmp_path / "city.sqlite", capsys)


def test_an_account_and_its_link(office: Office) -> None:
    said = office.says("people", "add", "li.wei", "--role", "dispatcher", "--name", "李伟")
    assert "Account li.wei is open (dispatcher)." in said
    assert "http://localhost:8700/set-up#" in said
    second = office("people", "link", "LI.WEI")["link"]
    assert second not in said, "a new link voids the old one"
    assert "li.wei  李伟  dispatcher" in office.says("people", "list")


def test_an_account_is_changed_closed_and_opened_again(office: Office) -> None:
    office("people", "add", "wang", "--role", "call_taker")
    assert office("people", "change", "wang", "--role", "clerk", "--agency", "water")["agency"] == "water"
    assert office("people", "close", "wang", "--why", "moved")["state"] == "closed"
    assert office("people", "link", "wang", ends=Exit.REFUSED)["refusal"]["code"] == "account_closed"
    assert office("people", "reopen", "wang", "--why", "back")["state"] == "open"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("people", "link", "nobody"), "no_such_account"),
        (("people", "add", "a b", "--role", "auditor"), "wrong_form"),
        (("people", "add", "x", "--role", "clerk"), "missing_field"),
        (("people", "add", "x", "--role", "clerk", "--agency", "nowhere"), "unknown_code"),
        (("keys", "revoke", "nothing"), "no_such_key"),
        (("keys", "add", "x", "--scope", "read", "--days", "0"), "key_time"),
        (("keys", "add", "x", "--scope", "read", "--days", "4000"), "key_time"),
    ],
)
def test_what_cannot_be_is_refused(office: Office, argv: tuple[str, ...], code: str) -> None:
    assert office(*argv, ends=Exit.REFUSED)["refusal"]["code"] == code


def test_a_key_is_shown_once_and_kept_as_a_hash(office: Office) -> None:
    secret = office("keys", "add", "water", "--scope", "read", "--scope", "work")["key"]
    assert secret.startswith("huying_")
    (row,) = office("keys", "list")["keys"]
    assert (row["name"], row["scopes"], row["state"], row["seen_at"]) == ("water", "read work", "valid", "–")
    for file in office.store.parent.iterdir():
        assert secret.encode() not in file.read_bytes(), file.name
    assert office("keys", "revoke", "water", "--why", "ended")["state"] == "revoked"
    assert office("keys", "list")["keys"][0]["state"] == "revoked"


def test_what_is_done_at_the_machine_is_on_record_with_who_did_it(office: Office) -> None:
    office("people", "add", "wang", "--role", "auditor")
    opened = open_store(str(office.store), SystemChance())
    try:
        facts = {each.type: each for each in opened.questions.facts(0, 1_000)}
    finally:
        opened.close()
    assert facts["account.opened"].actor.startswith("console")
    assert facts["account.link_issued"].purpose == "office"


def test_another_citys_pack_is_not_taken_into_use_by_the_way(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office("people", "add", "wang", "--role", "auditor")
    assert main(["people", "list", "--store", str(office.store), "--pack", "yunxi"]) == Exit.REFUSED
    assert "starter" not in capsys.readouterr().out
