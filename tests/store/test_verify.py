"""What `verify` finds: every change of the record behind the store's back, with the first bad fact."""

from __future__ import annotations

import pytest

from huying.domain.contact import Contact
from huying.store.opening import Opened
from huying.store.verify import verify
from store.conftest import House
from store.sample import Sample, calls, note

EDIT = 'CAST(\'{"words":"x"}\' AS BLOB)'
EDIT_PG = '\'{"words":"x"}\'::bytea'


@pytest.fixture
def filled(opened: Opened) -> Opened:
    """100 calls of three facts each, in batches of ten: 300 facts, a full tile and a part of one."""
    sample = Sample()
    for _ in range(10):
        calls(opened.store, sample, 10)
    return opened


def test_an_untouched_journal_is_whole(filled: Opened) -> None:
    seen: list[tuple[int, int]] = []
    report = verify(filled.questions, lambda done, total: seen.append((done, total)))
    assert (report.ok, report.facts, report.bad_seq) == (True, 300, 0)
    assert seen[-1] == (300, 300)


def test_an_empty_journal_is_whole(opened: Opened) -> None:
    assert verify(opened.questions).ok


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "'somebody'"), ("at", "at + 1"), ("purpose", "'x'"), ("type", "'incident.closed'")],
)
def test_an_edited_column_is_found(filled: Opened, house: House, column: str, value: str) -> None:
    house.run(f"UPDATE fact SET {column} = {value} WHERE seq = 300")
    report = verify(filled.questions)
    assert (report.fault, report.bad_seq) == ("edited", 300)


def test_an_edited_payload_is_found(filled: Opened, house: House) -> None:
    house.run(f"UPDATE fact SET payload = {EDIT_PG if house.kind == 'postgres' else EDIT} WHERE seq = 17")
    report = verify(filled.questions)
    assert (report.fault, report.bad_seq) == ("edited", 17)


def test_a_dropped_fact_is_found(filled: Opened, house: House) -> None:
    house.run("DELETE FROM fact WHERE seq = 200")
    report = verify(filled.questions)
    assert (report.fault, report.bad_seq) == ("gap", 200)


def test_a_dropped_end_is_found(filled: Opened, house: House) -> None:
    house.run("DELETE FROM fact WHERE seq > 297")
    report = verify(filled.questions)
    assert (report.fault, report.bad_seq) == ("gap", 298)


def test_a_shortened_journal_is_found_by_its_leftover_hashes(filled: Opened, house: House) -> None:
    house.run("DELETE FROM fact WHERE seq > 250", "UPDATE head SET seq = 250")
    report = verify(filled.questions)
    assert (report.fault, report.bad_seq) == ("surplus", 251)


def test_two_facts_that_changed_places_are_found(filled: Opened, house: House) -> None:
    house.run(
        "UPDATE fact SET seq = -1 WHERE seq = 30",
        "UPDATE fact SET seq = 30 WHERE seq = 33",
        "UPDATE fact SET seq = 33 WHERE seq = -1",
    )
    report = verify(filled.questions)
    assert not report.ok
    assert report.bad_seq == 30


def test_a_back_dated_fact_is_found(filled: Opened, house: House) -> None:
    house.run("UPDATE fact SET at = at - 1000000 WHERE seq = 40")
    report = verify(filled.questions)
    assert (report.fault, report.bad_seq) == ("time", 40)


def test_a_fact_slipped_in_at_the_end_is_found(filled: Opened, house: House) -> None:
    house.run(
        "INSERT INTO fact SELECT 301, 301, 1, type, at, actor, purpose, payload, salt, digest "
        "FROM fact WHERE seq = 298"
    )
    report = verify(filled.questions)
    assert (report.fault, report.bad_seq) == ("surplus", 301)


def test_a_forged_version_is_found(filled: Opened, house: House) -> None:
    house.run("UPDATE fact SET version = 9 WHERE seq = 3")
    report = verify(filled.questions)
    assert (report.fault, report.bad_seq) == ("version", 3)


@pytest.mark.parametrize("level", [0, 1])
def test_a_forged_hash_is_found(filled: Opened, house: House, level: int) -> None:
    zero = "decode(repeat('00', 32), 'hex')" if house.kind == "postgres" else "zeroblob(32)"
    house.run(f"UPDATE tile SET hashes = {zero} WHERE level = {level} AND n = 0")
    report = verify(filled.questions)
    assert (report.fault, report.bad_seq) == (("edited", "tile")[level], 1)


def test_a_rewritten_history_is_found_by_who_kept_an_older_root(opened: Opened, house: House) -> None:
    sample = Sample()
    calls(opened.store, sample, 5)
    kept = verify(opened.questions)
    calls(opened.store, sample, 5)
    assert verify(opened.questions, known=(15, kept.root)).ok
    report = verify(opened.questions, known=(15, "00" * 32))
    assert (report.fault, report.bad_seq) == ("root", 15)
    assert verify(opened.questions, known=(31, kept.root)).fault == "root"


def test_a_payload_taken_away_by_retention_leaves_the_proof(filled: Opened, house: House) -> None:
    (row,) = filled.questions.fact_rows(6, 1)
    from hashlib import sha256

    digest = sha256((row[8] or b"") + (row[7] or b"")).hexdigest()
    value = f"decode('{digest}', 'hex')" if house.kind == "postgres" else f"x'{digest}'"
    house.run(f"UPDATE fact SET payload = NULL, salt = NULL, digest = {value} WHERE seq = 7")
    assert verify(filled.questions).ok


def test_erasing_a_contact_leaves_every_proof(opened: Opened) -> None:
    sample = Sample()
    head = opened.store.begin()
    opened.store.commit(sample.call(head, contact=Contact("王小明", "13800000000")))
    before = verify(opened.questions)
    incident = next(iter(sample.opened.values()))
    batch = sample.change(opened.store.begin(), incident, note())
    batch.erased.append(1)
    opened.store.commit(batch)
    assert verify(opened.questions, known=(before.facts, before.root)).ok
