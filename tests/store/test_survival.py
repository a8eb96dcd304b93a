"""What the store says when its surroundings fail, and that it goes on afterwards with nothing lost."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from typing import Any

import pytest

from huying.base.refusal import Refusal
from huying.service.ports import Batch
from huying.store import schema
from huying.store.opening import Opened, open_store
from huying.store.verify import verify
from huying.store.writer import Writer
from huying.system import SystemChance
from store.conftest import House
from store.sample import Sample, calls, note
from store.test_writer import NotingEngine, add


def only(house: House, *kinds: str) -> None:
    if house.kind not in kinds:
        pytest.skip(f"concerns {' and '.join(kinds)}")


def test_a_full_disk_refuses_and_room_mends_it(opened: Opened, house: House) -> None:
    only(house, "sqlite", "memory")
    sample, connection = Sample(), opened.store.connection  # type: ignore[attr-defined]
    calls(opened.store, sample, 5)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(Refusal, match="store_full"):
        calls(opened.store, sample, 500)
    assert opened.questions.head().seq == 15
    connection.execute("PRAGMA max_page_count = 1000000")
    calls(opened.store, sample, 5)
    assert (verify(opened.questions).ok, opened.questions.counts(0).calls) == (True, 10)


def test_a_read_only_store_refuses(opened: Opened, house: House) -> None:
    sample = Sample()
    calls(opened.store, sample, 1)
    on, off = ("PRAGMA query_only = 1", "PRAGMA query_only = 0")
    if house.kind == "postgres":
        on, off = (f"SET default_transaction_read_only = {each}" for each in ("on", "off"))
    run = opened.store.connection.execute  # type: ignore[attr-defined]
    run(on)
    with pytest.raises(Refusal, match="store_read_only"):
        calls(opened.store, sample, 1)
    run(off)
    calls(opened.store, sample, 1)
    assert (verify(opened.questions).ok, opened.questions.counts(0).calls) == (True, 2)


def test_a_store_locked_by_another_refuses(opened: Opened, house: House) -> None:
    only(house, "sqlite", "postgres")
    sample, connection = Sample(), opened.store.connection  # type: ignore[attr-defined]
    calls(opened.store, sample, 1)
    if house.kind == "sqlite":
        connection.execute("PRAGMA busy_timeout = 20")
        other: Any = sqlite3.connect(house.address, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        import psycopg

        connection.execute("SET lock_timeout = 20")
        other = psycopg.connect(house.address)
        other.execute("SELECT * FROM head FOR UPDATE")
    with pytest.raises(Refusal, match="busy"):
        opened.store.begin()
    assert opened.questions.head().seq == 3
    other.rollback() if house.kind == "postgres" else other.execute("ROLLBACK")
    other.close()
    calls(opened.store, sample, 1)
    assert verify(opened.questions).ok


def test_postgres_goes_away_and_comes_back(opened: Opened, house: House) -> None:
    only(house, "postgres")
    assert house.server is not None
    sample = Sample()
    calls(opened.store, sample, 1)
    batch = sample.call(opened.store.begin())
    house.server.stop()
    try:
        with pytest.raises(Refusal, match="store_unavailable"):
            opened.store.commit(batch)
        with pytest.raises(Refusal, match="store_unavailable"):
            opened.store.begin()
        with pytest.raises(Refusal, match="store_unavailable"):
            opened.questions.head()
    finally:
        house.server.start()
    assert opened.questions.head().seq == 3
    calls(opened.store, sample, 40)
    assert (verify(opened.questions).ok, opened.questions.head().seq) == (True, 123)


def test_a_writer_outlives_the_server_s_absence(opened: Opened, house: House) -> None:
    only(house, "postgres")
    assert house.server is not None
    sample = Sample()
    (incident,) = calls(opened.store, sample, 1)
    writer = Writer(NotingEngine(opened.store, sample), opened.store, opened.questions.fact_rows)
    house.server.stop()
    try:
        refused = writer.submit(add(incident, "away")).exception(20)
    finally:
        house.server.start()
    assert isinstance(refused, Refusal)
    assert refused.code == "store_unavailable"
    assert writer.submit(add(incident, "back")).result(20) == 4
    writer.close()


def test_two_processes_on_one_postgres_take_turns(opened: Opened, house: House) -> None:
    only(house, "postgres")
    second, samples = house.open(), [Sample(), Sample()]

    def work(store: Any, sample: Sample) -> None:
        for _ in range(20):
            calls(store, sample, 2)

    stores = (opened.store, second.store)
    threads = [threading.Thread(target=work, args=pair) for pair in zip(stores, samples, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert opened.questions.head().seq == 240
    assert verify(opened.questions).ok
    assert opened.questions.counts(0).incidents == 80
    assert opened.store.streams_since(234) == {235, 236, 238, 239}


def test_a_writer_shows_what_another_process_wrote(opened: Opened, house: House) -> None:
    only(house, "postgres")
    second, sample = house.open(), Sample()
    (incident,) = calls(opened.store, sample, 1)
    writer = Writer(NotingEngine(opened.store, sample), opened.store, opened.questions.fact_rows)

    async def see() -> list[int]:
        seen: list[int] = []
        async for chunk in writer.subscribe(3):
            seen += [each.seq for each in chunk]
            if len(seen) >= 4:
                return seen
        raise AssertionError

    calls(second.store, Sample(), 1)
    assert asyncio.run(asyncio.wait_for(_then(writer, incident, see), 20)) == [4, 5, 6, 7]
    writer.close()


async def _then(writer: Writer, incident: int, see: Any) -> list[int]:
    await writer.do(add(incident, "mine"))
    return await see()  # type: ignore[no-any-return]


def test_what_is_rolled_back_was_never_there(opened: Opened) -> None:
    sample = Sample()
    calls(opened.store, sample, 1)
    sample.call(opened.store.begin())
    opened.store.rollback()
    opened.store.rollback()
    assert opened.questions.counts(0).calls == 1
    calls(opened.store, Sample(), 1)
    assert verify(opened.questions).ok


def test_facts_that_do_not_continue_the_journal_are_a_bug(opened: Opened) -> None:
    sample = Sample()
    calls(opened.store, sample, 1)
    incident = next(iter(sample.opened.values()))
    for wrong in ("gap", "time"):
        head = opened.store.begin()
        batch = sample.change(head, incident, note())
        fact = batch.facts[0]
        change = {"seq": fact.seq + 1} if wrong == "gap" else {"at": fact.at - 1}
        import msgspec

        batch.facts = [msgspec.structs.replace(fact, **change)]
        with pytest.raises(ValueError, match=r"gap|older"):
            opened.store.commit(batch)
    assert opened.questions.head().seq == 3


def test_two_with_the_same_version_can_not_both_be_written(opened: Opened) -> None:
    sample = Sample()
    calls(opened.store, sample, 1)
    incident = next(iter(sample.opened.values()))
    opened.store.commit(sample.change(opened.store.begin(), incident, note()))
    incident.version -= 1
    batch = sample.change(opened.store.begin(), incident, note())
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        opened.store.commit(batch)
    assert opened.questions.head().seq == 4


def test_an_older_edition_is_upgraded_when_it_is_opened(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(house, "sqlite", "postgres")
    calls(house.open().store, Sample(), 3)
    house.close()
    now = schema.EDITION
    monkeypatch.setattr(schema, "EDITION", now + 2)
    steps = {
        now: ("CREATE INDEX unit_code ON unit (code)",),
        now + 1: ("CREATE INDEX notice_at ON notice (at)",),
    }
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    again = house.open()
    calls(again.store, Sample(), 1)
    assert verify(again.questions).ok
    house.run("DROP INDEX unit_code", "DROP INDEX notice_at")
    monkeypatch.setattr(schema, "EDITION", now)
    with pytest.raises(Refusal, match="store_newer"):
        house.open()


FIRST_EDITION = {
    *("fact", "tile", "contact", "head", "call", "receipt", "timer", "notice", "unit"),
    *("incident", "incident_term", "incident_recent", "referral", "assignment"),
}


BEFORE_CODES = ("DROP TABLE code", "CREATE INDEX call_code ON call (code_hash) WHERE code_hash <> ''")


def test_callers_codes_of_the_second_edition_are_listed_anew(house: House) -> None:
    only(house, "sqlite", "postgres")
    store = house.open().store
    store.commit(Sample().call(store.begin(), code_hash="c1"))
    house.close()
    house.run(*BEFORE_CODES, "UPDATE head SET edition = 2, indexed = seq, recent = 0")
    assert house.open().questions.call_by_code("c1").code_hash == "c1"


def test_a_store_of_the_first_edition_gets_the_tables_of_the_record(house: House) -> None:
    only(house, "sqlite", "postgres")
    calls(house.open().store, Sample(), 3)
    house.close()
    made = re.findall(r"CREATE TABLE (\w+)", " ".join(schema.MIGRATIONS[1]))
    assert set(made) == set(schema.metadata.tables) - FIRST_EDITION - {"code"}
    house.run(*(f"DROP TABLE {each}" for each in made), "DROP INDEX fact_erasing", *BEFORE_CODES)
    house.run("UPDATE head SET edition = 1")
    again = house.open()
    assert all(list(again.store.scan(schema.metadata.tables[each])) == [] for each in made)
    for table, row in (
        (schema.checkpoint, (9, 1, "note")),
        (schema.cosignature, (9, "court", 1, "line")),
        (schema.witness, ("court", 9, 1, "", 0)),
    ):
        again.store.put(table, [row])
        again.store.put(table, [row])
        assert list(again.store.scan(table)) == [row]


def test_another_program_s_file_is_not_touched(house: House) -> None:
    only(house, "sqlite")
    with sqlite3.connect(house.address) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(Refusal, match="store_foreign"):
        house.open()


def test_a_file_that_is_no_database_is_refused(house: House) -> None:
    only(house, "sqlite")
    with open(house.address, "wb") as file:
        file.write(b"this is no database" * 100)
    with pytest.raises(Refusal, match="store_foreign"):
        house.open()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Any) -> None:
    with pytest.raises(Refusal, match=r"keys_unreadable|store_unavailable"):
        open_store(str(tmp_path / "no" / "city.db"), SystemChance(), {})


def test_receipts_come_back_and_go_after_a_week(opened: Opened) -> None:
    from huying.base.clock import DAY
    from store.sample import NOON, receipt

    sample = Sample()
    batch = sample.call(opened.store.begin())
    batch.receipts = [receipt(1), receipt(2)]
    opened.store.commit(batch)
    found = opened.store.load_receipts([receipt(1).key, receipt(9).key])
    assert list(found.values()) == [receipt(1)]
    later = NOON + 8 * DAY
    batch = sample.call(opened.store.begin(), at=later)
    batch.receipts = [receipt(3, later)]
    opened.store.commit(batch)
    left = opened.store.load_receipts([receipt(each).key for each in (1, 2, 3)])
    assert list(left.values()) == [receipt(3, later)]


def test_an_empty_batch_changes_nothing(opened: Opened) -> None:
    opened.store.begin()
    opened.store.commit(Batch())
    assert opened.questions.head().seq == 0
