"""Checkpoints on every engine: when they are signed, that no fork is, and what the book shows of them."""

from __future__ import annotations

from base64 import b64decode
from hashlib import sha256

import pytest

from huying.base.clock import DAY, HOUR, MINUTE, ManualClock
from huying.base.refusal import Refusal
from huying.record.book import Book
from huying.record.checkpoint import read_checkpoint
from huying.record.notary import Notary
from huying.record.note import Signer, read_vkey
from huying.record.tiles import entry_of
from huying.store import schema, tree
from huying.store.codec import leaf_of
from huying.store.opening import Opened
from store.conftest import House
from store.sample import NOON, Sample, calls

LOG = Signer("record.example/yunxi", b"l" * 32)
NEXT = Signer("record.example/yunxi", b"n" * 32)


class Record:
    """A notary over a store, with the clock in hand."""

    def __init__(self, opened: Opened, signers: tuple[Signer, ...] = (LOG,)) -> None:
        self.opened, self.clock, self.sample = opened, ManualClock(NOON), Sample()
        self.made: list[int] = []
        store, questions = opened.store, opened.questions
        self.notary = Notary(store, questions, self.clock, LOG.verifier.name, signers, self.made.append)
        self.book = Book(questions, LOG.verifier.name, (LOG.verifier.vkey,))

    def grow(self, count: int = 1) -> None:
        """So many calls, of three facts each, and the notary's look after them."""
        calls(self.opened.store, self.sample, count)
        self.notary.look()


@pytest.fixture
def record(opened: Opened) -> Record:
    return Record(opened)


def test_a_checkpoint_is_signed_at_once_then_by_the_minute_and_the_thousand(record: Record) -> None:
    record.notary.look()
    assert record.made == []
    record.grow()
    record.grow()
    assert record.made == [3]
    record.clock.at += MINUTE
    record.notary.look()
    record.notary.look()
    assert record.made == [3, 6]
    record.grow(332)
    assert record.made == [3, 6]
    record.grow(2)
    assert record.made == [3, 6, 1008]
    point, note = read_checkpoint(record.book.checkpoint())
    assert (point.size, point.root) == (1008, tree.root(1008, record.opened.questions.tile))
    assert read_vkey(LOG.verifier.vkey).signed(note)
    assert read_checkpoint(record.book.checkpoint(6))[0].size == 6


def test_a_restarted_notary_goes_on(record: Record, opened: Opened) -> None:
    record.grow()
    again = Record(opened)
    again.notary.look()
    assert again.made == []
    again.clock.at += MINUTE
    again.grow()
    assert again.made == [6]


def test_no_fork_is_signed_and_health_is_told(record: Record, house: House) -> None:
    record.grow(100)
    kept = record.opened.store.tile(1, 0).hex()
    value = {"postgres": "decode('{}', 'hex')"}.get(house.kind, "x'{}'")

    def put(hashes: str) -> Record:
        """Other hashes behind the store's back, and the house started anew."""
        house.run(f"UPDATE tile SET hashes = {value.format(hashes)} WHERE level = 1")
        record.opened.store._frontier = tree.Frontier()
        again = Record(record.opened)
        again.clock.at += 5 * MINUTE
        return again

    again = put("00" * 32)
    again.grow()
    assert (again.made, again.book.standing().fault) == ([], "forked")
    again.grow()
    assert again.made == []
    assert put(kept).notary.sign_now()
    assert again.book.standing().fault == ""


def test_a_shortened_journal_is_not_signed(record: Record, house: House) -> None:
    record.grow(10)
    record.opened.store.begin()
    record.opened.store.rollback()
    house.run("UPDATE head SET seq = 20", "DELETE FROM fact WHERE seq > 20")
    again = Record(record.opened)
    assert again.notary.sign_now() is False
    assert again.book.standing().fault == "forked"


def test_while_the_key_changes_hands_both_sign(opened: Opened) -> None:
    Record(opened).grow()
    both = Record(opened, (NEXT, LOG))
    both.clock.at += MINUTE
    both.grow()
    note = read_checkpoint(both.book.checkpoint())[1]
    assert both.made == [6]
    assert LOG.verifier.signed(note)
    assert NEXT.verifier.signed(note)


def test_a_checkpoint_signed_by_nobody_we_know_is_no_promise_of_ours(opened: Opened) -> None:
    Record(opened, (NEXT,)).grow()
    other = Record(opened)
    assert other.notary.sign_now()
    assert LOG.verifier.signed(read_checkpoint(other.book.checkpoint())[1])


def test_old_checkpoints_are_thinned_to_one_an_hour(record: Record) -> None:
    rows = [(n, NOON - 9 * DAY + n * 20 * MINUTE, "note") for n in range(1, 10)]
    record.opened.store.put(schema.checkpoint, rows)
    record.opened.store.put(schema.cosignature, [(n, "court", NOON, "line") for n in (2, 4)])
    record.opened.store.thin(NOON - 7 * DAY, HOUR, 100)
    left = [row[0] for row in record.opened.store.scan(schema.checkpoint)]
    assert left == [2, 5, 8, 9]
    assert [row[0] for row in record.opened.store.scan(schema.cosignature)] == [2]


def test_the_book_proves_facts_and_growth(record: Record) -> None:
    record.grow(120)
    record.clock.at += MINUTE
    record.grow(130)
    size, root = 750, tree.root(750, record.opened.questions.tile)
    for seq in (1, 256, 257, 512, 513, 749, 750):
        (row,) = record.opened.questions.fact_rows(seq - 1, 1)
        assert tree.includes(leaf_of(row), seq - 1, size, record.book.path(seq, size), root)
    path = record.book.consistency(360, 750)
    assert tree.consistent(360, read_checkpoint(record.book.checkpoint(360))[0].root, size, root, path)
    assert record.book.consistency(0, 5) == []
    packed = record.book.tile("entries", 2, 238)
    length = int.from_bytes(packed[:2])
    assert packed[2 : 2 + length] == entry_of(record.opened.questions.fact_rows(512, 1)[0])
    hashes = record.book.tile(0, 2, 238)
    assert sha256(b"\0" + packed[2 : 2 + length]).digest() == hashes[:32]
    assert len(record.book.tile(0, 0, 256)) == 8192


def test_a_proof_is_a_text_that_stands_alone(record: Record) -> None:
    record.grow(3)
    text = record.book.proof(4, body=True)
    head, _, rest = text.partition("\n\n")
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[2] == "index 3"
    assert "路灯不亮" in b64decode(lines[1].removeprefix("extra ")).decode()
    assert "路灯不亮" not in b64decode(record.book.proof(4, body=False).split("\n")[1][6:]).decode()
    assert [b64decode(each) for each in lines[3:]] == record.book.path(4, 9)
    assert rest == record.book.checkpoint()


def test_what_can_not_be_proved_is_refused(record: Record) -> None:
    with pytest.raises(Refusal, match="no_checkpoint"):
        record.book.proof(1)
    record.grow()
    record.grow()
    for seq, code in ((4, "not_signed_yet"), (0, "not_found"), (7, "not_found")):
        with pytest.raises(Refusal, match=code):
            record.book.proof(seq)
    for level, n, width in ((0, 0, 256), (0, 1, 1), (1, 0, 1), ("entries", 0, 7)):
        with pytest.raises(Refusal, match="not_found"):
            record.book.tile(level, n, width)
    for old, size in ((5, 4), (1, 7)):
        with pytest.raises(Refusal, match="not_found"):
            record.book.consistency(old, size)
    with pytest.raises(Refusal, match="no_checkpoint"):
        record.book.checkpoint(cosigned=1)
