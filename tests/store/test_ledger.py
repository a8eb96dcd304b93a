"""A restored backup can't bring back what was erased; retention runs by command and by itself."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from huying.base.clock import DAY, ManualClock
from huying.base.refusal import Refusal
from huying.bootstrap import Installation, open_house, start_writer
from huying.cli import main
from huying.domain.commands import CloseIncident, Envelope, EraseContact, ReceiveCall
from huying.domain.contact import Contact
from huying.doors import open_desk, open_keeper
from huying.store import care
from huying.store.ledger import Ledger
from huying.store.verify import verify
from huying.system import SystemChance, SystemClock
from store.conftest import KEYS, House

NAME = "王小明"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HUYING_KEYS", KEYS["HUYING_KEYS"])
    monkeypatch.setenv("HUYING_ERASURES", str(tmp_path / "city.erasures"))


def do(installation: Installation, command: Any, key: str = "") -> dict[str, Any]:
    with installation.engine.transaction() as transaction:
        return transaction.execute(Envelope(command, actor="desk-1", key=key)).answer


def old_town(address: str, calls: int = 3) -> list[int]:
    """Incidents that were closed four years ago, in the starter pack."""
    clock = ManualClock(SystemClock().now() - 1461 * DAY)
    installation = open_house(address, "starter", clock)
    ids = []
    for i in range(calls):
        call = ReceiveCall("desk", f"我叫{NAME}，{i} 号楼漏水", contact=Contact(NAME, "13800000000"))
        ids.append(do(installation, call, key=f"k{i}")["incident_id"])
        do(installation, CloseIncident(incident=ids[-1], why="已处理"))
    installation.close()
    return ids


def in_the_clear(address: str) -> bool:
    """Whether the caller can be found in the store."""
    installation = open_house(address, "starter")
    try:
        facts = b"".join(row[7] or b"" for row in installation.questions.fact_rows(0, 10_000))
        found = NAME in facts.decode()
        for fact in installation.questions.facts(0, 1_000):
            if fact.type == "contact.sealed":
                try:
                    found |= installation.opened.store.open_contact(fact.seq).name == NAME
                except Refusal as refusal:
                    assert refusal.code == "contact_erased"
        assert verify(installation.questions).ok
        return found
    finally:
        installation.close()


def test_a_run_erases_what_it_said_beforehand(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory has no address")
    ids = old_town(house.address)
    there = ["--store", house.address, "--pack", "starter", "--json"]
    assert main(["retention", "preview", *there]) == 0
    told = {each["rule"]: each for each in json.loads(capsys.readouterr().out)["due"]}
    assert told["contact_answer"]["count"] == told["words_review"]["count"] == 3
    assert sorted(told["words_review"]["shown"]) == ids
    assert in_the_clear(house.address)
    assert main(["retention", "run", *there]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["incidents"], done["contacts"]) == (3, 3)
    assert not in_the_clear(house.address)
    assert main(["retention", "run", *there]) == 0
    assert json.loads(capsys.readouterr().out)["incidents"] == 0
    assert main(["rebuild", "--only-compare", "--store", house.address, "--json"]) == 0


def test_a_restored_backup_erases_again_before_it_is_served(house: House, tmp_path: Path) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory has no address")
    old_town(house.address)
    backup = tmp_path / "backup.sqlite"
    care.backup_store(house.address, backup, SystemChance())
    installation = open_house(house.address, "starter")
    contacts = [each.seq for each in installation.questions.facts(0, 1_000) if each.type == "contact.sealed"]
    do(installation, EraseContact(contact=contacts[0], why="本人要求"))
    installation.close()
    assert main(["retention", "run", "--store", house.address, "--pack", "starter"]) == 0
    back = house.server.city() if house.server else str(tmp_path / "back.sqlite")
    assert main(["restore", str(backup), "--store", back, "--pack", "starter"]) == 0
    with_ledger = care.verify_store(back)
    assert with_ledger.ok
    assert not in_the_clear(back)
    assert care.verify_store(back).facts == with_ledger.facts, "applied once, not at every start"
    assert main(["rebuild", "--only-compare", "--store", back]) == 0


def test_a_ledger_that_was_changed_is_refused(tmp_path: Path) -> None:
    address = str(tmp_path / "city.db")
    old_town(address)
    backup = tmp_path / "backup.sqlite"
    care.backup_store(address, backup, SystemChance())
    assert main(["retention", "run", "--store", address, "--pack", "starter"]) == 0
    path = tmp_path / "city.erasures"
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) == len(list(Ledger(path).entries())) == 3
    assert NAME not in path.read_text("utf-8")
    path.write_bytes(b"".join(lines[1:]))
    care.restore_store(backup, str(tmp_path / "back.db"), SystemChance())
    with pytest.raises(Refusal, match="ledger_broken"):
        open_house(str(tmp_path / "back.db"), "starter")


def test_while_the_house_is_served_it_happens_by_itself(tmp_path: Path) -> None:
    address = str(tmp_path / "city.db")
    old_town(address)
    installation = open_house(address, "starter")
    writer = start_writer(installation)
    try:
        desk = open_desk(installation, writer)
        assert asyncio.run(open_keeper(installation, desk).look()) == 3
        assert asyncio.run(open_keeper(installation, desk).look()) == 0
    finally:
        writer.close()
        installation.close()
    assert not in_the_clear(address)
    assert len(list(Ledger(tmp_path / "city.erasures").entries())) == 3


def test_a_kept_answer_tells_nothing_to_who_reads_the_table(tmp_path: Path) -> None:
    address = str(tmp_path / "city.db")
    installation = open_house(address, "starter")
    answer = do(installation, ReceiveCall("desk", "漏水"), key="secret-key")
    again = do(installation, ReceiveCall("desk", "漏水"), key="secret-key")
    assert again["code"] == answer["code"] and again["repeated"]
    assert installation.questions.told("desk-1", "secret-key")["code"] == answer["code"]
    rows = installation.opened.store.connection.execute("SELECT answer FROM receipt").fetchall()
    assert rows and all(answer["code"].encode() not in row[0] for row in rows)
    installation.close()
