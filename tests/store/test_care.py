"""Rebuild, export, backup, restore: on every engine, from a town that has lived a little."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path

import pytest

from huying.base.clock import DAY, HOUR
from huying.base.refusal import Refusal
from huying.domain.commands import AcceptReferral, AdvanceUnit, DispatchUnits, ReceiveCall
from huying.domain.contact import Contact
from huying.service.questions import IncidentFilter
from huying.store import care
from huying.store.opening import Opened, open_store
from huying.store.rebuild import rebuild
from huying.store.verify import verify
from huying.system import SystemChance
from store.conftest import KEYS, House
from tiny_pack import IN_EAST, IN_WEST
from town import Town


def live_a_little(opened: Opened, calls: int = 12) -> Town:
    town = Town(opened.store)
    for i in range(calls):
        who = Contact("王小明", "13800000000") if i % 3 == 0 else None
        words = ("邻居吵架", "着火 fire", "噪音", "有人打架")[i % 4]
        town.call(words, (IN_WEST, IN_EAST)[i % 2], contact=who)
    town.later(HOUR)
    for line in opened.questions.incidents(IncidentFilter(), "", 100).items:
        incident = town.incident(line.id)
        for each in incident.running_referrals[:1]:
            town.do(AcceptReferral(incident=incident.id, n=each.n))
    first = town.incident(opened.questions.incidents(IncidentFilter(), "", 1).items[0].id)
    town.do(DispatchUnits(incident=first.id, units=("p1",)))
    town.do(AdvanceUnit(unit="p1", to="on_scene"))
    town.later(3 * DAY)
    return town


@pytest.fixture
def lived(opened: Opened) -> Opened:
    live_a_little(opened)
    return opened


@pytest.fixture
def shadow(house: House) -> Opened:
    if house.kind == "memory":
        return open_store(":memory:", SystemChance(), {})
    address = house.server.city() if house.server else house.address + ".shadow"
    return open_store(address, SystemChance(), KEYS)


def test_rebuilt_rows_equal_the_live_ones(lived: Opened, shadow: Opened) -> None:
    found = rebuild(lived.store, shadow.store, lived.questions.fact_rows)
    shadow.close()
    assert found.shown == []
    assert (found.different, found.facts) == (0, lived.questions.head().seq)
    assert found.rows > found.facts


def test_rebuilding_in_small_steps_gives_the_same(
    lived: Opened, shadow: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("FLUSH_FACTS", 5), ("CHUNK", 3), ("KEPT", 2)):
        monkeypatch.setattr(f"huying.store.rebuild.{name}", value)
    found = rebuild(lived.store, shadow.store, lived.questions.fact_rows)
    shadow.close()
    assert found.shown == []


def test_rebuilding_tells_and_mends_what_was_changed(lived: Opened, house: House) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory has no address")
    before = lived.questions.counts(0)
    house.run(
        "DELETE FROM timer",
        "UPDATE incident SET escalations = 99",
        "INSERT INTO incident_term VALUES (1, 1)",
        "UPDATE head SET unfinished = 77",
    )
    told = care.rebuild_store(house.address, SystemChance(), swap=False)
    assert {(each.table, each.how) for each in told.shown} <= {
        ("timer", "missing"),
        ("incident", "changed"),
        ("incident_term", "extra"),
        ("head", "changed"),
    }
    assert lived.questions.counts(0).unfinished == 77
    mended = care.rebuild_store(house.address, SystemChance())
    assert mended.different == told.different > 3
    assert lived.questions.counts(0) == before
    assert care.rebuild_store(house.address, SystemChance()).different == 0
    assert verify(lived.questions).ok


def test_export_is_one_line_a_fact(lived: Opened, house: House) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory has no address")
    out = io.BytesIO()
    count = care.export_store(house.address, out, after=2)
    lines = [json.loads(each) for each in out.getvalue().splitlines()]
    assert [each["seq"] for each in lines] == list(range(3, count + 3))
    assert "王小明" not in out.getvalue().decode()


def test_parquet_holds_the_same(lived: Opened, house: House, tmp_path: Path) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory has no address")
    parquet = pytest.importorskip("pyarrow.parquet")
    count = care.export_store(house.address, tmp_path / "facts.parquet", parquet=True)
    table = parquet.read_table(tmp_path / "facts.parquet")
    facts = lived.questions.facts(0, 1000)
    assert table.num_rows == count
    assert table["seq"].to_pylist() == list(range(1, count + 1))
    assert table["type"].to_pylist()[: len(facts)] == [each.type for each in facts]


def test_a_backup_made_while_the_town_goes_on_is_whole(opened: Opened, house: House, tmp_path: Path) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory has no address")
    town, stop = live_a_little(opened), threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            town.call("噪音", IN_WEST)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        reports = [
            care.backup_store(house.address, tmp_path / f"{i}.sqlite", SystemChance()) for i in range(3)
        ]
    finally:
        stop.set()
        thread.join()
    assert [each.ok for each in reports] == [True] * 3
    assert reports[0].facts > 0
    assert (tmp_path / "0.sqlite").stat().st_mode & 0o077 == 0
    with pytest.raises(Refusal, match="file_exists"):
        care.backup_store(house.address, tmp_path / "0.sqlite", SystemChance())


def test_a_backup_comes_back_on_every_engine(lived: Opened, house: House, tmp_path: Path) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory has no address")
    backup = tmp_path / "backup.sqlite"
    made = care.backup_store(house.address, backup, SystemChance())
    address = house.server.city() if house.server else str(tmp_path / "new.sqlite")
    back = care.restore_store(backup, address, SystemChance(), KEYS)
    assert back == made
    with pytest.raises(Refusal, match="store_taken"):
        care.restore_store(backup, address, SystemChance(), KEYS)
    again = open_store(address, SystemChance(), KEYS)
    try:
        assert again.questions.counts(0) == lived.questions.counts(0)
        sealed = [each.stream for each in lived.questions.facts(0, 1000) if each.type == "contact.sealed"]
        assert again.store.open_contact(sealed[0]).name == "王小明"
        town = Town(again.store)
        town.clock.at += 10 * DAY
        town.do(ReceiveCall("desk", "噪音"))
        assert verify(again.questions).ok
    finally:
        again.close()


def test_a_backup_does_not_come_back_under_other_keys(lived: Opened, house: House, tmp_path: Path) -> None:
    if house.kind != "sqlite":
        pytest.skip("the same on every engine")
    care.backup_store(house.address, tmp_path / "backup.sqlite", SystemChance())
    with pytest.raises(Refusal, match="keys_of_another"):
        care.restore_store(tmp_path / "backup.sqlite", str(tmp_path / "new.sqlite"), SystemChance(), {})
