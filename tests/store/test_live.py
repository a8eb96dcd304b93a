"""Live readers: resume, catch up, resync, bounded memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from huying.store import live
from huying.store.codec import FactRow
from huying.store.live import Live, Ring, follow


def row(seq: int) -> FactRow:
    return (
        seq,
        7,
        seq,
        "incident.note_added",
        1000 + seq,
        '"王"',
        "answer",
        b'{"words":"hi"}',
        b"s" * 16,
        None,
    )


def rows(first: int, last: int) -> list[FactRow]:
    return [row(seq) for seq in range(first, last + 1)]


def journal(last: int) -> live.Fetch:
    def fetch(after: int, limit: int) -> Sequence[FactRow]:
        return rows(after + 1, min(after + limit, last))

    return fetch


async def take(ring: Ring, fetch: live.Fetch, after: int | None, until: int) -> list[Live]:
    got: list[Live] = []
    async for chunk in follow(ring, fetch, after):
        got += chunk
        if got[-1].seq >= until:
            break
    return got


def test_a_fact_is_json_with_its_payload_as_stored() -> None:
    assert msgspec.json.decode(live.serialise(row(3))) == {
        "seq": 3,
        "stream": 7,
        "version": 3,
        "type": "incident.note_added",
        "at": 1003,
        "actor": '"王"',
        "purpose": "answer",
        "body": {"words": "hi"},
    }


def test_an_erased_fact_has_no_body() -> None:
    erased = (*row(1)[:7], None, None, b"d" * 32)
    assert msgspec.json.decode(live.serialise(erased))["body"] is None


def test_a_reader_goes_on_after_the_seq_it_has() -> None:
    ring = Ring(0)
    ring.publish(rows(1, 10))
    got = asyncio.run(take(ring, journal(10), 7, 10))
    assert [each.seq for each in got] == [8, 9, 10]


def test_a_reader_of_long_ago_is_fed_from_the_journal() -> None:
    ring = Ring(990)
    ring.publish(rows(991, 1000))
    got = asyncio.run(take(ring, journal(1000), 2, 1000))
    assert [each.seq for each in got] == list(range(3, 1001))


def test_a_reader_too_far_behind_is_told_to_resync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "CATCH_UP_MAX", 100)
    got = asyncio.run(take(Ring(1000), journal(1000), 2, 1000))
    assert got == [Live(1000, None)]


def test_a_reader_of_another_journal_is_told_to_resync() -> None:
    got = asyncio.run(take(Ring(5), journal(5), 900, 5))
    assert got == [Live(5, None)]


def test_readers_that_wait_hear_of_news_from_another_thread() -> None:
    ring = Ring(0)

    async def listen() -> list[list[Live]]:
        readers = [asyncio.ensure_future(take(ring, journal(3), None, 3)) for _ in range(20)]
        await asyncio.sleep(0.01)
        for seq in (1, 2, 3):
            await asyncio.to_thread(ring.publish, rows(seq, seq))
        return await asyncio.wait_for(asyncio.gather(*readers), 10)

    for got in asyncio.run(listen()):
        assert [each.seq for each in got] == [1, 2, 3]


def test_the_ring_keeps_no_more_than_its_size() -> None:
    ring = Ring(0, size=100)
    for first in range(1, 1001, 10):
        ring.publish(rows(first, first + 9))
    assert ring.head == 1000
    assert ring.after(800) is None
    kept = ring.after(900)
    assert kept is not None
    assert [kept[0].seq, kept[-1].seq] == [901, 1000]


def test_what_was_shown_is_not_shown_again_and_a_gap_is_an_error() -> None:
    ring = Ring(0)
    ring.publish(rows(1, 5))
    ring.publish(rows(3, 7))
    assert ring.head == 7
    with pytest.raises(ValueError, match="gap"):
        ring.publish(rows(9, 9))
