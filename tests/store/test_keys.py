"""Secrets: where they come from, who may read them, and that they show up nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from huying.base.refusal import Refusal
from huying.domain.contact import Contact
from huying.store.codec import decode, encode
from huying.store.keys import find_keys, new_keys
from huying.store.opening import Opened, open_store
from huying.store.upcast import UPCASTERS
from huying.store.vault import Vault
from huying.system import SystemChance
from store.conftest import KEYS, House
from store.sample import Sample

WANG = Contact(name="王小明", phone="13800000000", email="wang@example.org")


def test_the_first_start_makes_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    store = str(tmp_path / "city.db")
    made = find_keys(store, SystemChance(), {})
    assert os.stat(store + ".keys").st_mode & 0o777 == 0o600
    again = find_keys(store, SystemChance(), {})
    assert (again.master, again.session) == (made.master, made.session)
    assert made.master != made.session


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    find_keys(str(tmp_path / "city.db"), SystemChance(), {})
    os.chmod(tmp_path / "city.db.keys", 0o640)
    with pytest.raises(Refusal, match="keys_open"):
        find_keys(str(tmp_path / "city.db"), SystemChance(), {})


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"master": "zz", "session": ""}', "[1]"])
def test_a_file_without_keys_is_refused_and_not_quoted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(Refusal, match="keys_unreadable") as caught:
        find_keys(None, SystemChance(), {"HUYING_KEYS": str(path)})
    assert caught.value.__cause__ is None


def test_keys_from_the_environment() -> None:
    keys = find_keys("anything", SystemChance(), KEYS)
    assert (keys.master, keys.session) == (b"\xab" * 32, b"\xcd" * 32)


def test_a_shared_store_needs_given_keys() -> None:
    with pytest.raises(Refusal, match="keys_missing"):
        find_keys(None, SystemChance(), {}, must=True)


def test_keys_are_never_shown() -> None:
    keys = new_keys(SystemChance())
    shown = repr(keys) + str(keys) + repr(Vault(keys.master, SystemChance()))
    assert keys.master.hex() not in shown
    assert repr(keys.master) not in shown


def test_a_store_knows_its_own_master_key(house: House) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory ends with its keys")
    house.open()
    with pytest.raises(Refusal, match="keys_of_another"):
        open_store(house.address, SystemChance(), {"HUYING_KEYS": "00" * 32 + ":" + "11" * 32})


def test_a_contact_is_sealed_and_opens_again(opened: Opened, house: House) -> None:
    sample = Sample()
    opened.store.commit(sample.call(opened.store.begin(), contact=WANG))
    assert opened.store.open_contact(1) == WANG
    if house.kind == "sqlite":
        opened.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]
        everything = Path(house.address).read_bytes()
        assert "王小明".encode() not in everything
        assert b"13800000000" not in everything
        assert b"\xab" * 32 not in everything


def test_an_erased_contact_is_gone_and_another_is_not(opened: Opened) -> None:
    sample = Sample()
    batch = sample.call(opened.store.begin(), contact=WANG)
    sample.call(opened.store.head, contact=Contact("another"), batch=batch)
    opened.store.commit(batch)
    first, second = sorted(batch.sealed)
    batch = sample.call(opened.store.begin())
    batch.erased.append(first)
    opened.store.commit(batch)
    with pytest.raises(Refusal, match="contact_erased"):
        opened.store.open_contact(first)
    assert opened.store.open_contact(second).name == "another"
    with pytest.raises(Refusal, match="not_found"):
        opened.store.open_contact(999)


def test_a_sealed_contact_opens_only_in_its_own_place() -> None:
    vault = Vault(b"k" * 32, SystemChance())
    wrapped, sealed = vault.seal(7, WANG)
    assert vault.open(7, wrapped, sealed) == WANG
    for id, other in ((8, vault), (7, Vault(b"x" * 32, SystemChance()))):
        with pytest.raises(Refusal, match="vault_locked"):
            other.open(id, wrapped, sealed)


def test_the_length_of_what_is_sealed_tells_little() -> None:
    vault = Vault(b"k" * 32, SystemChance())
    lengths = {len(vault.seal(1, Contact(name="王" * count))[1]) for count in range(1, 8)}
    assert len(lengths) == 1


def test_old_payloads_are_read_in_today_s_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UPCASTERS, "note.first", ("note.second", lambda old: {"text": old["t"]}))
    monkeypatch.setitem(UPCASTERS, "note.second", ("incident.note_added", lambda old: {"words": old["text"]}))
    assert decode("note.first", encode({"t": "hello"})) == decode(
        "incident.note_added", encode({"words": "hello"})
    )
    with pytest.raises(ValueError, match="no fact of type"):
        decode("never.heard_of", b"{}")
