"""Pictures on every engine: named within the hour, sealed, proven by a fact, gone with the words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from huying.base.clock import DAY, HOUR
from huying.domain.commands import AddNote, AnswerFollowUp, EraseDue, ResolveReferral
from huying.domain.pack import Keep
from huying.domain.picturing import DropPhotos, KeepPhoto
from huying.service.photos import PHOTOS_MAX
from huying.store import care, schema
from huying.store.opening import Opened, open_store
from huying.store.rebuild import rebuild
from huying.store.verify import verify
from huying.system import SystemChance
from store.conftest import KEYS, House
from tiny_pack import IN_WEST, span, text, tiny_pack
from town import Town

KEEPS = (Keep("words", 3, "words", span("90d"), text("复核", "Review")),)
IMAGE = b"\xff\xd8 a picture that the edge has made \xff\xd9"


@pytest.fixture
def town(opened: Opened) -> Town:
    return Town(opened.store, tiny_pack(keeps=KEEPS))


def keep(town: Town, image: bytes = IMAGE) -> str:
    return town.do(KeepPhoto(image=image, width=40, height=30))["photo"]


def shown(opened: Opened, id: int) -> bytes:
    return opened.store.open_photo(*opened.questions.sealed_photo(id))


def resolved(town: Town) -> int:
    """An incident with a picture of the call, of a note, and of each answer."""
    id = town.call("楼上太吵", IN_WEST, photos=(keep(town),))["incident_id"]
    town.do(AddNote(incident=id, photos=(keep(town, IMAGE + b"note"),)))
    for each in town.incident(id).running_referrals:
        photos = (keep(town, IMAGE + b"answer"),)
        town.do(ResolveReferral(incident=id, n=each.n, answer="已办", disposition="done", photos=photos))
    return id


def test_what_is_named_is_on_record_and_can_be_opened(town: Town, opened: Opened) -> None:
    id = resolved(town)
    incident = town.incident(id)
    call = town.store.load_calls(incident.calls)[incident.calls[0]]
    (first,) = call.photos
    note, answer = incident.photos
    assert (first.part, note.part, answer.part) == ("call", "note", "answer")
    assert (first.of, answer.of) == (call.id, 1)
    assert [shown(opened, each.id) for each in (first, note, answer)] == [
        IMAGE,
        IMAGE + b"note",
        IMAGE + b"answer",
    ]
    (fact,) = (each for each in town.facts if each.seq == first.id)
    assert fact.stream == call.id
    assert fact.body.sha256 == sha256(IMAGE).hexdigest()  # type: ignore[attr-defined]
    assert fact.body.incident == id  # type: ignore[attr-defined]
    for row in opened.store.scan(schema.photo):
        assert IMAGE[2:-2] not in bytes(row[-1]) and row[-2] is not None
    assert verify(opened.questions).ok


def test_a_picture_is_named_once_within_the_hour(town: Town) -> None:
    token = keep(town)
    id = town.call("楼上太吵", IN_WEST, photos=(token,))["incident_id"]
    assert town.refused(AddNote(incident=id, words="再来", photos=(token,))).code == "photo_gone"
    late = keep(town)
    town.clock.at += HOUR
    assert town.refused(AddNote(incident=id, words="晚了", photos=(late,))).code == "photo_gone"
    assert town.refused(AddNote(incident=id, words="猜的", photos=("0" * 32,))).code == "photo_gone"
    many = tuple(keep(town) for _ in range(PHOTOS_MAX + 1))
    assert town.refused(AddNote(incident=id, words="太多", photos=many)).code == "photos_many"
    town.do(AddNote(incident=id, words="够了", photos=many[:-1]))
    assert len(town.incident(id).photos) == PHOTOS_MAX


def test_two_commands_of_one_commit_cannot_share_a_picture(town: Town) -> None:
    from huying.base.refusal import Refusal
    from huying.domain.commands import Envelope

    token = keep(town)
    id = town.call("楼上太吵", IN_WEST)["incident_id"]
    with town.engine.transaction() as transaction:
        transaction.execute(Envelope(AddNote(incident=id, words="一", photos=(token,)), actor="a"))
        with pytest.raises(Refusal, match="photo_gone"):
            transaction.execute(Envelope(AddNote(incident=id, words="二", photos=(token,)), actor="b"))
    assert len(town.incident(id).photos) == 1


def test_what_nobody_named_goes_after_an_hour(town: Town, opened: Opened) -> None:
    used = keep(town)
    town.call("楼上太吵", IN_WEST, photos=(used,))
    keep(town)
    town.clock.at += HOUR - 1
    town.do(DropPhotos())
    assert len(list(opened.store.scan(schema.photo))) == 2
    town.clock.at += 1
    town.do(DropPhotos())
    assert [row[0] for row in opened.store.scan(schema.photo)] == [used]


def test_the_callers_no_may_have_a_picture(town: Town) -> None:
    id = resolved(town)
    town.do(AnswerFollowUp(incident=id, solved=False, words="还漏", photos=(keep(town),)), actor="caller")
    assert town.incident(id).photos[-1].part == "follow_up"


def test_pictures_go_with_the_words_and_a_rebuild_shows_the_same(
    town: Town, opened: Opened, house: House
) -> None:
    id = resolved(town)
    before = verify(opened.questions)
    town.do(AnswerFollowUp(incident=id, solved=True), actor="caller")
    town.clock.at += 91 * DAY
    town.do(EraseDue(incidents=(id,)))
    incident = town.incident(id)
    call = town.store.load_calls(incident.calls)[incident.calls[0]]
    photos = [*call.photos, *incident.photos]
    assert len(photos) == 3 and all(each.gone for each in photos)
    assert all(row[-1] is None and row[-2] is None for row in opened.store.scan(schema.photo))
    for each in photos:
        assert opened.questions.photo_digest(each.id) == "gone"
    facts = b"".join(row[7] or b"" for row in opened.questions.fact_rows(0, 10_000))
    assert sha256(IMAGE).hexdigest().encode() not in facts
    assert verify(opened.questions, known=(before.facts, before.root)).ok
    found = rebuild(opened.store, shadow_of(house).store, opened.questions.fact_rows)
    assert found.shown == []


def shadow_of(house: House) -> Opened:
    if house.kind == "memory":
        return open_store(":memory:", SystemChance(), {})
    return open_store(
        house.server.city() if house.server else house.address + ".shadow", SystemChance(), KEYS
    )


@pytest.mark.parametrize("tampering", ["sealed = x", "sealed = NULL", "id = 0"])
def test_another_picture_in_its_place_is_found(
    town: Town, opened: Opened, house: House, tampering: str
) -> None:
    id = town.call("楼上太吵", IN_WEST, photos=(keep(town),))["incident_id"]
    call = town.store.load_calls(town.incident(id).calls)[town.incident(id).calls[0]]
    other = "'\\x00'::bytea" if house.kind == "postgres" else "x'00'"
    house.run(f"UPDATE photo SET {tampering.replace('x', other)}")
    report = verify(opened.questions)
    assert (report.fault, report.bad_seq) == ("photo", call.photos[0].id)


def test_a_backup_has_the_pictures_and_a_restored_one_opens_them(
    town: Town, opened: Opened, house: House, tmp_path: Path, fresh_store: Any
) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory is not backed up")
    id = resolved(town)
    photo = town.incident(id).photos[0].id
    target = tmp_path / "backup.db"
    assert care.backup_store(house.address, target, SystemChance()).ok
    assert IMAGE not in target.read_bytes()
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT count(*) FROM photo").fetchone() == (3,)
    address = house.server.city() if house.server else str(tmp_path / "restored.db")
    assert care.restore_store(target, address, SystemChance(), KEYS).ok
    with closing(open_store(address, SystemChance(), KEYS)) as again:
        assert shown(again, photo) == IMAGE + b"note"
