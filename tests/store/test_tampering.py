"""Ten thousand tamperings by somebody who has the database open, on SQLite and PostgreSQL: all are found.

Each is made inside a transaction that is rolled back, so that one journal serves them all. The clumsy ones
(`TAMPERINGS`) leave hashes as they were; the careful ones (`CAREFUL`) compute every hash anew, drop or
re-sign checkpoints, and are found by the newest cosigned checkpoint that somebody else kept. For every one it
is known which fact was touched first, and that is what `verify` must say. Some run in every test run, all ten
thousand of each engine with HUYING_SOAK=1.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from huying.base.clock import MINUTE, ManualClock
from huying.record.book import Book
from huying.record.check import read_mirror, verify_record
from huying.record.checkpoint import Checkpoint
from huying.record.mirror import write_mirror
from huying.record.notary import Notary
from huying.record.note import COSIGNED, Signer, sign
from huying.store import schema, sqlite, tree
from huying.store.codec import leaf_of
from huying.store.opening import open_store
from huying.store.questions import SqlQuestions
from huying.store.verify import Report
from huying.system import SystemChance
from store.conftest import KEYS
from store.sample import NOON, Sample, calls

SOAK = bool(os.environ.get("HUYING_SOAK"))
COUNT = 10_000 if SOAK else 60
LOG = Signer("record.example/yunxi", b"l" * 32)
THIEF = Signer("record.example/yunxi", b"t" * 32)
COURT = Signer("court.example/w1", b"c" * 32, COSIGNED)
SIZES = (90, 180, 300)
SIZE = 330  # 30 facts are newer than the newest checkpoint

Row = list[Any]


class Journal:
    """One store with the tampering hand on it: raw statements, and questions over the same connection."""

    def __init__(self, kind: str, address: str, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self._fill(address)
        if kind == "sqlite":
            raw: Any = sqlite3.connect(address, isolation_level=None, check_same_thread=False)
            engine = "sqlite://"
        else:
            import psycopg

            raw = psycopg.connect(address, autocommit=True)
            engine = "postgresql+psycopg://"
        self.raw = raw
        made = sa.create_engine(
            engine,
            creator=lambda: raw,
            poolclass=StaticPool,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_reset_on_return=None,
        )
        made.connect().close()
        self.questions = SqlQuestions(made, sqlite.refusal_of)
        self.rows: list[Row] = [list(each) for each in self.questions.fact_rows(0, SIZE)]
        self.kept = (folder / "kept").read_text("utf-8")
        self.mirror = read_mirror(folder, SIZES[-1])

    def _fill(self, address: str) -> None:
        opened = open_store(address, SystemChance(), KEYS)
        clock, sample = ManualClock(NOON), Sample()
        notary = Notary(opened.store, opened.questions, clock, LOG.verifier.name, [LOG])
        for size in SIZES:
            for _ in range((size - opened.store.head.seq) // 30):
                clock.at += 2 * MINUTE
                calls(opened.store, sample, 10, at=clock.at)
            notary.sign_now()
        book = Book(opened.questions, LOG.verifier.name, ())
        body = book.checkpoint().partition("\n\n")[0] + "\n"
        opened.store.put(schema.cosignature, [(SIZES[-1], COURT.verifier.name, 1, COURT.line(body, 1))])
        (self.folder / "kept").write_text(book.checkpoint(), "utf-8")
        write_mirror(book, self.folder)
        calls(opened.store, sample, 10, at=clock.at + MINUTE)
        opened.close()

    def run(self, statement: str, *values: Any) -> None:
        self.raw.execute(statement if self.kind == "sqlite" else statement.replace("?", "%s"), values)

    def verify(self, *, mirror: bool = False, kept: bool = True, key: bool = True) -> Report:
        return verify_record(
            self.questions,
            [LOG.verifier] if key else (),
            [self.kept] if kept else (),
            [COURT.verifier],
            1 if kept else 0,
            self.mirror if mirror else (lambda n: b""),
        )

    # ── what a hand can do ───────────────────────────────────────────────────────────────────────────────
    def put_facts(self, rows: list[Row]) -> None:
        self.run("DELETE FROM fact")
        with closing(self.raw.cursor()) as cursor:
            places = ",".join(["?" if self.kind == "sqlite" else "%s"] * 10)
            cursor.executemany(f"INSERT INTO fact VALUES ({places})", rows)

    def put_tree(self, leaves: list[bytes]) -> bytes:
        """All tiles anew; the root."""
        frontier, written = tree.Frontier().append(leaves)
        self.run("DELETE FROM tile")
        for level, n, packed in written:
            self.run("INSERT INTO tile VALUES (?, ?, ?)", level, n, packed)
        return frontier.head()

    def put_all(self, rows: list[Row]) -> list[bytes]:
        """Facts, tree and head as if it had always been so."""
        leaves = [leaf_of(tuple(row)) for row in rows]  # type: ignore[arg-type]
        self.put_facts(rows)
        self.put_tree(leaves)
        self.run("UPDATE head SET seq = ?, at = ?", len(rows), rows[-1][4])
        return leaves

    def sign_anew(self, leaves: list[bytes], signer: Signer) -> None:
        self.run("DELETE FROM checkpoint")
        self.run("DELETE FROM cosignature")
        for size in (each for each in (*SIZES, len(leaves)) if each <= len(leaves)):
            point = Checkpoint(LOG.verifier.name, size, tree.Frontier().append(leaves[:size])[0].head())
            self.run(
                "DELETE FROM checkpoint WHERE size = ?",
                size,
            )
            self.run("INSERT INTO checkpoint VALUES (?, 1, ?)", size, sign(point.body, [signer]))


Dice = random.Random
Tampering = Callable[[Journal, Dice], int]
"""Does it, and says which fact is the first that was touched."""


# ── clumsy ──────────────────────────────────────────────────────────────────────────────────────────────────
def edit(j: Journal, dice: Dice) -> int:
    seq = dice.randint(1, SIZE)
    column = dice.choice(["type", "actor", "purpose", "payload", "salt", "at", "digest and erase"])
    row = j.rows[seq - 1]
    if column == "at":
        j.run("UPDATE fact SET at = at + ? WHERE seq = ?", dice.randint(1, 10**9), seq)
    elif column in ("payload", "salt"):
        index = 7 if column == "payload" else 8
        value = bytearray(row[index])
        value[dice.randrange(len(value))] ^= dice.randint(1, 255)
        j.run(f"UPDATE fact SET {column} = ? WHERE seq = ?", bytes(value), seq)
    elif column.startswith("digest"):
        j.run(
            "UPDATE fact SET payload = NULL, salt = NULL, digest = ? WHERE seq = ?", dice.randbytes(32), seq
        )
    else:
        j.run(f"UPDATE fact SET {column} = {column} || ? WHERE seq = ?", dice.choice("xyz "), seq)
    return seq


def drop(j: Journal, dice: Dice) -> int:
    seq = dice.randint(1, SIZE)
    j.run("DELETE FROM fact WHERE seq = ?", seq)
    return seq


def drop_some(j: Journal, dice: Dice) -> int:
    """And close the gap by numbering the rest anew."""
    seq, count = dice.randint(1, SIZE - 5), dice.randint(1, 5)
    j.run("DELETE FROM fact WHERE seq >= ? AND seq < ?", seq, seq + count)
    j.run("UPDATE fact SET seq = -seq WHERE seq > ?", seq)
    j.run("UPDATE fact SET seq = -seq - ? WHERE seq < 0", count)
    return seq


def swap(j: Journal, dice: Dice) -> int:
    a, b = sorted(dice.sample(range(1, SIZE + 1), 2))
    j.run("UPDATE fact SET seq = -1 WHERE seq = ?", a)
    j.run("UPDATE fact SET seq = ? WHERE seq = ?", a, b)
    j.run("UPDATE fact SET seq = ? WHERE seq = -1", b)
    return a


def reorder(j: Journal, dice: Dice) -> int:
    """A run of facts turned round."""
    first, count = dice.randint(1, SIZE - 9), dice.randint(2, 9)
    j.run("UPDATE fact SET seq = -seq WHERE seq >= ? AND seq < ?", first, first + count)
    j.run("UPDATE fact SET seq = ? + seq WHERE seq < 0", 2 * first + count - 1)
    return first + (0 if count % 2 == 0 or count > 1 else 1)


def insert(j: Journal, dice: Dice) -> int:
    """One more fact in the middle or at the end, on a stream of its own, the head set right or not."""
    seq = dice.randint(1, SIZE + 1)
    j.run("UPDATE fact SET seq = -seq WHERE seq >= ?", seq)
    j.run("UPDATE fact SET seq = 1 - seq WHERE seq < 0")
    row = list(j.rows[min(seq, SIZE) - 1])
    row[:3] = [seq, seq if seq > SIZE else 10**6, 1]
    j.run(f"INSERT INTO fact VALUES ({','.join('?' * 10)})", *row)
    if dice.random() < 0.5:
        j.run("UPDATE head SET seq = seq + 1")
    return seq


def before_the_first(j: Journal, dice: Dice) -> int:
    row = list(j.rows[0])
    row[:3] = [-dice.randint(0, 99), 10**6, 1]
    j.run(f"INSERT INTO fact VALUES ({','.join('?' * 10)})", *row)
    return 1


def back_date(j: Journal, dice: Dice) -> int:
    seq = dice.randint(2, SIZE)
    j.run("UPDATE fact SET at = ? WHERE seq = ?", j.rows[seq - 2][4] - dice.randint(0, 10**8), seq)
    if j.rows[seq - 2][4] == j.rows[seq - 1][4]:  # perhaps only just as it was
        j.run("UPDATE fact SET at = at - 1 WHERE seq = ?", seq)
    return seq


def move(j: Journal, dice: Dice) -> int:
    """To another stream, or to another place in it."""
    seq = dice.randint(1, SIZE)
    if dice.random() < 0.5:
        j.run("UPDATE fact SET version = version + ? WHERE seq = ?", dice.randint(10, 99), seq)
    else:
        j.run("UPDATE fact SET stream = ? WHERE seq = ?", 10**6 + dice.randint(1, 99), seq)
    return seq


def cut_end(j: Journal, dice: Dice) -> int:
    seq = dice.randint(1, SIZE)
    j.run("DELETE FROM fact WHERE seq >= ?", seq)
    if dice.random() < 0.5:
        j.run("UPDATE head SET seq = ?, at = ?", seq - 1, j.rows[seq - 2][4] if seq > 1 else 0)
    return seq


def forge_tile(j: Journal, dice: Dice) -> int:
    """A hash of any level, or one of the kept nodes; a tile away, or one too many."""
    tiles = [(0, 0), (0, 1), (1, 0)]
    level, n = dice.choice(tiles)
    packed = bytearray(j.questions.tile(level, n))
    how = dice.choice(["hash", "gone", "longer", "more"])
    if how == "gone":
        j.run("DELETE FROM tile WHERE level = ? AND n = ?", level, n)
        return 256 * n + 1
    if how == "more":
        j.run(
            "INSERT INTO tile VALUES (?, ?, ?)", dice.choice([0, 1]), dice.randint(2, 99), dice.randbytes(32)
        )
        return SIZE + 1
    if how == "longer":
        packed += dice.randbytes(32)
        j.run("UPDATE tile SET hashes = ? WHERE level = ? AND n = ?", bytes(packed), level, n)
        return 1 if (level, n) == (0, 0) else SIZE + 1
    at = dice.randrange(len(packed))
    packed[at] ^= dice.randint(1, 255)
    j.run("UPDATE tile SET hashes = ? WHERE level = ? AND n = ?", bytes(packed), level, n)
    return 256 * n + at // 32 + 1 if level == 0 and at < tree.FULL_BYTES else 1


def forge_head(j: Journal, dice: Dice) -> int:
    if dice.random() < 0.5:
        j.run("UPDATE head SET at = at + ?", dice.randint(1, 10**9))
        return SIZE
    less = dice.randint(1, 20)
    j.run("UPDATE head SET seq = seq - ?", less)
    return SIZE - less + 1


TAMPERINGS: list[Tampering] = [
    *(edit, edit, edit, drop, drop_some, swap, reorder, insert, before_the_first, back_date, move, cut_end),
    *(forge_tile, forge_head),
]


# ── careful ─────────────────────────────────────────────────────────────────────────────────────────────────
def rewritten(j: Journal, dice: Dice) -> tuple[list[Row], int]:
    """Rows with another past, well formed, and the first of them that is another."""
    rows = [list(each) for each in j.rows]
    how = dice.choice(["words", "actor", "time", "cut", "drop", "erase"])
    seq = dice.randint(1, SIZES[-1])
    if how == "words":
        rows[seq - 1][7] = rows[seq - 1][7][:-1] + b',"why":"%d"}' % dice.randrange(99)
    elif how == "actor":
        rows[seq - 1][5] = f"desk-{dice.randint(2, 99)}"
    elif how == "erase":
        rows[seq - 1][7:] = [None, None, dice.randbytes(32)]
    elif how == "time":  # all from here on a little earlier, none before its forerunner
        seq = dice.choice([each[0] for before, each in pairwise(rows[: SIZES[-1]]) if before[4] < each[4]])
        by = dice.randint(1, rows[seq - 1][4] - rows[seq - 2][4])
        for row in rows[seq - 1 :]:
            row[4] -= by
    else:  # everything from here on is gone; `drop`: and others came in its place
        seq = dice.randrange(4, SIZES[-1], 3)
        gone = rows[seq - 1 :]
        rows = rows[: seq - 1]
        if how == "drop":
            for each in gone[3:]:
                each[0], each[1] = each[0] - 3, each[1] - 3
                rows.append(each)
    return rows, seq


def rewrite(j: Journal, dice: Dice) -> int:
    """All hashes anew, checkpoints left, or those that would tell taken away."""
    rows, seq = rewritten(j, dice)
    j.put_all(rows)
    if dice.random() < 0.5:
        j.run("DELETE FROM checkpoint WHERE size >= ?", seq)
        j.run("DELETE FROM cosignature")
    return seq


def rewrite_and_sign(j: Journal, dice: Dice) -> int:
    """And every checkpoint signed anew: with a key of one's own, or with the true one from the key file."""
    rows, seq = rewritten(j, dice)
    j.sign_anew(j.put_all(rows), dice.choice([LOG, THIEF]))
    return seq


CAREFUL: list[Tampering] = [rewrite, rewrite_and_sign]


# ── the test ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def journal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    folder = tmp_path_factory.mktemp("tampering")
    if request.param == "sqlite":
        made = Journal("sqlite", str(folder / "city.db"), folder)
    else:
        made = Journal("postgres", request.getfixturevalue("postgres").city(), folder)
    yield made
    made.raw.close()


def test_untouched_it_is_sound(journal: Journal) -> None:
    report = journal.verify(mirror=True)
    assert (report.fault, report.facts, report.signed) == ("", SIZE, SIZES[-1])


def tampered(journal: Journal, work: Callable[[], None]) -> None:
    journal.raw.execute("BEGIN")
    try:
        work()
    finally:
        journal.raw.execute("ROLLBACK")


@pytest.mark.slow
def test_every_generated_tampering_is_found_with_its_first_fact(journal: Journal) -> None:
    wrong = []
    for n in range(COUNT):
        dice = random.Random(n)
        careful = n % 3 == 0
        do = dice.choice(CAREFUL if careful else TAMPERINGS)

        def work() -> None:
            seq = do(journal, dice)  # noqa: B023
            report = journal.verify()
            low, high = report.bad_seq, max(report.bad_seq, report.bad_until)
            exact = journal.verify(mirror=True) if careful else report  # noqa: B023
            if report.ok or not low <= seq <= high or exact.bad_seq != seq:
                wrong.append((n, do.__name__, seq, report, exact))  # noqa: B023

        tampered(journal, work)
    assert wrong == []


def test_signatures_are_looked_at_too(journal: Journal) -> None:
    note = journal.kept
    other = COURT.line("another\n", 1)
    for statement, values, fault in (
        ("UPDATE checkpoint SET note = ? WHERE size = 180", ["nonsense"], "checkpoint"),
        ("UPDATE checkpoint SET note = ? WHERE size = 180", [note], "checkpoint"),
        ("UPDATE cosignature SET line = ?", [other], "cosigned"),
        ("UPDATE checkpoint SET size = ? WHERE size = 300", [999], "checkpoint"),
        (
            "INSERT INTO checkpoint VALUES (999, 1, ?)",
            [sign(Checkpoint("x", 999, b"r" * 32).body, [THIEF])],
            "short",
        ),
        (
            "UPDATE checkpoint SET note = ? WHERE size = 300",
            [sign(note.partition("\n\n")[0] + "\n", [THIEF])],
            "resigned",
        ),
    ):

        def work() -> None:
            journal.run(statement, *values)  # noqa: B023
            report = journal.verify(kept=False)
            assert report.fault == fault, statement  # noqa: B023

        tampered(journal, work)


def test_what_retention_takes_is_no_tampering(journal: Journal) -> None:
    row = journal.rows[16]
    digest = sha256(row[8] + row[7]).digest()

    def work() -> None:
        journal.run("UPDATE fact SET payload = NULL, salt = NULL, digest = ? WHERE seq = 17", digest)
        report = journal.verify(mirror=True)
        assert (report.fault, report.erased) == ("", 1)

    tampered(journal, work)
