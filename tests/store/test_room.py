"""The engine room: what it promises above is what the writer below has done."""

from __future__ import annotations

import asyncio
import pickle
import socket
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from huying.base.refusal import Refusal
from huying.domain.commands import AddNote, DispatchUnits, Envelope, ReceiveCall
from huying.service.handlers import HANDLERS
from huying.service.intake import prepared
from huying.store.room import FarWriter, serve_room
from huying.store.wire import Wire
from huying.store.writer import Writer
from store.conftest import House
from tiny_pack import IN_WEST
from town import Town


class Rooms:
    """Both rooms in one process, a thread for the one below."""

    def __init__(self, house: House) -> None:
        opened = house.open()
        self.town = Town(opened.store)
        here, there = socket.socketpair()
        self.below = Wire(there)
        self.lost = threading.Event()
        self.thread = threading.Thread(
            target=serve_room,
            args=(
                self.below,
                lambda ring: Writer(self.town.engine, opened.store, opened.questions.fact_rows, ring),
            ),
        )
        self.thread.start()
        self.writer = FarWriter(
            Wire(here),
            partial(prepared, self.town.engine.house),
            opened.questions.fact_rows,
            self.lost.set,
            self.thread.join,
        )


@pytest.fixture
def rooms(house: House) -> Iterator[Rooms]:
    made = Rooms(house)
    yield made
    made.writer.close()
    assert not made.thread.is_alive()


def fight() -> Envelope:
    return Envelope(ReceiveCall("desk", "打架", lat=IN_WEST[0], lon=IN_WEST[1]), actor="desk-1")


def test_many_askers_each_get_their_own_answer(rooms: Rooms) -> None:
    async def ask() -> list[int]:
        done = await asyncio.gather(*(rooms.writer.do(fight()) for _ in range(50)))
        return [each.answer["incident_id"] for each in done]

    ids = asyncio.run(ask())
    assert len(set(ids)) == 50 and rooms.writer.waiting == 0
    assert set(rooms.town.store.load_incidents(ids)) == set(ids)


def test_a_refusal_comes_up_whole(rooms: Rooms) -> None:
    with pytest.raises(Refusal) as caught:
        asyncio.run(rooms.writer.do(Envelope(DispatchUnits(incident=10**9, units=("p1",)))))
    assert (caught.value.code, caught.value.status, caught.value.params["id"]) == ("not_found", 404, 10**9)


def test_some_refused_some_done_in_order(rooms: Rooms) -> None:
    nothing = Envelope(ReceiveCall("desk", " "))
    outcomes = asyncio.run(rooms.writer.do_all([fight(), nothing, fight()]))
    assert [type(each).__name__ for each in outcomes] == ["Done", "Refusal", "Done"]


def test_live_readers_see_what_was_written_below(rooms: Rooms) -> None:
    async def watch() -> list[int]:
        after = rooms.writer.head
        done = await rooms.writer.do(fight())
        await rooms.writer.do(Envelope(AddNote(incident=done.answer["incident_id"], words="门口")))
        seen: list[int] = []
        async for chunk in rooms.writer.subscribe(after):
            seen += [each.seq for each in chunk]
            if seen[-1] == rooms.writer.head and len(seen) == 3:
                return [seq - after for seq in seen]
        return seen

    assert asyncio.run(asyncio.wait_for(watch(), 10)) == [1, 2, 3]


def test_a_room_that_ends_by_itself_is_noticed_and_nothing_is_promised(rooms: Rooms) -> None:
    rooms.below.hang_up()
    assert rooms.lost.wait(60)
    with pytest.raises(Refusal) as caught:
        asyncio.run(rooms.writer.do(fight()))
    assert caught.value.status == 503


class Odd(Exception):
    """Can't be put together again on the other side."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__("odd")


def test_an_error_below_answers_its_asker_and_the_room_goes_on(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Odd(1, 2)

    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, AddNote, fail)
        with pytest.raises(Refusal) as caught:
            asyncio.run(asyncio.wait_for(rooms.writer.do(Envelope(AddNote(incident=1, words="x"))), 10))
    assert caught.value.code == "internal"
    assert asyncio.run(asyncio.wait_for(rooms.writer.do(fight()), 10)).answer["call_id"]


def test_answers_that_come_after_nothing_could_be_promised_do_not_hide_the_end() -> None:
    here, there = socket.socketpair()
    below, lost = Wire(there), threading.Event()
    below.send(0)
    far = FarWriter(Wire(here), lambda envelope: envelope, lambda after, limit: [], lost.set, lambda: None)

    async def ask() -> None:
        asked = asyncio.create_task(far.do(fight()))
        ((number, _),) = await asyncio.to_thread(below.receive)
        far._give_up()  # as when sending failed
        below.send([(number, [Refusal("busy")])])
        below.hang_up()
        with pytest.raises(Refusal):
            await asked

    asyncio.run(asyncio.wait_for(ask(), 10))
    assert lost.wait(60) and far.waiting == 0
    far.close()


def test_what_was_understood_above_is_what_would_be_understood_below(rooms: Rooms) -> None:
    envelope = fight()
    above = prepared(rooms.town.engine.house, envelope)
    assert above.understood is not None and above.command == envelope.command
    first, second = (asyncio.run(rooms.writer.do(each)).answer for each in (envelope, above))
    one, two = (rooms.town.store.load_incidents([each["incident_id"]]) for each in (first, second))
    (one,), (two,) = one.values(), two.values()
    assert (one.type, one.priority, one.place, one.title) == (two.type, two.priority, two.place, two.title)


def test_a_place_that_can_be_none_is_refused_below(rooms: Rooms) -> None:
    odd = Envelope(ReceiveCall("desk", "打架", lat=IN_WEST[0]))
    assert prepared(rooms.town.engine.house, odd).understood is None
    with pytest.raises(Refusal) as caught:
        asyncio.run(rooms.writer.do(odd))
    assert caught.value.code == "coordinates_incomplete"


def test_a_refusal_keeps_its_values_on_the_way() -> None:
    sent = Refusal("unit_busy", unit="p1", incident=7)
    got = pickle.loads(pickle.dumps(sent))
    assert (got.code, got.params, str(got)) == (sent.code, sent.params, str(sent))
