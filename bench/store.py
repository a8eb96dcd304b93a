"""The store alone: append, single commit, PostgreSQL, lists at a million incidents, timers, rebuild, proofs.

Batches are about 500 facts with all that follows from them, of three kinds: whole lives in the mix of
the replays (`mix.py`), the same lives going on over three batches, and new calls only: five heavy facts of
0.6 KB each with incident, referral, assignment, two timers and ten terms to be found by. Ours and the peer's
batches alternate; medians count.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from mix import going_on, whole_lives
from rows import Row

from huying.domain.assignment import Assignment
from huying.domain.call import Call
from huying.domain.deadline import Deadline
from huying.domain.facts import (
    TYPE_OF,
    CallReceived,
    Fact,
    IncidentOpened,
    NoteAdded,
    ReferralOffered,
    UnitDispatched,
    UnitRegistered,
)
from huying.domain.incident import Incident
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.domain.referral import Referral
from huying.domain.statuses import IncidentStatus
from huying.service.ports import Batch, Head
from huying.service.questions import IncidentFilter
from huying.service.work import timers_of
from huying.store import schema, tree
from huying.store.care import rebuild_store
from huying.store.codec import encode, fact_of, fact_rows
from huying.store.journal import Journal
from huying.store.opening import open_questions, open_store
from huying.store.sqlite import DIALECT, SqliteStore, connect
from huying.store.terms import cells_at, term
from huying.system import SystemChance

KEYS = {"HUYING_KEYS": "ab" * 32 + ":" + "cd" * 32}
NOON = 1_772_424_000_000_000
SECOND = 1_000_000
CALLS = 100
ROUNDS = 30

WORDS = "楼下有人吵架，听起来要动手了，请快点来人看看。" * 13  # 0.9 KB
REASONS = tuple(Reason("rule", of=f"r{i}", values={"type": "noise", "area": f"beat-{i}"}) for i in range(3))
TYPES = [f"type-{i}" for i in range(80)]
STATUSES = list(IncidentStatus)


def batch_after(head: Head, count: int = CALLS) -> Batch:
    """`count` calls with their incidents, as the engine hands them over."""
    batch, seq, at = Batch(), head.seq, max(head.at, NOON)
    if not seq:  # the units that are sent below
        for i in range(60):
            seq += 1
            known = UnitRegistered(f"unit-{i}", 28.0, 121.0)
            batch.facts.append(Fact(seq, seq, 1, TYPE_OF[UnitRegistered], at, "desk-1", "answer", known))
    for i in range(count):
        call, id = seq + 1, seq + 2
        lat, lon = 28.0 + id % 997 / 9970, 121.0 + id % 991 / 9910
        areas = (f"grid-{id % 400}", f"community-{id % 60}", f"town-{id % 6}", "county")
        place = Place(lat=lat, lon=lon, address="中山路1号", areas=areas)
        bodies = (
            (call, 1, CallReceived("phone", WORDS, place=place)),
            (id, 1, IncidentOpened(call, TYPES[id % 80], 1 + id % 5, place, "吵架", REASONS)),
            (id, 2, ReferralOffered(1, f"agency-{id % 12}", "r1", at + 9, at + 5, reasons=REASONS)),
            (id, 3, UnitDispatched(1, f"unit-{id % 60}", "police", reasons=REASONS)),
            (id, 4, NoteAdded(WORDS)),
        )
        for stream, version, body in bodies:
            seq += 1
            batch.facts.append(Fact(seq, stream, version, TYPE_OF[type(body)], at, "desk-1", "answer", body))
        batch.calls[call] = Call(id=call, at=at, channel="phone", words=WORDS, place=place, incident=id)
        incident = Incident(
            id=id,
            opened_at=at,
            type=TYPES[id % 80],
            priority=1 + id % 5,
            version=4,
            place=place,
            calls=[call],
            reasons=REASONS,
            referrals=[Referral(1, f"agency-{id % 12}", "r1", at, at + 9, at + 5, reasons=REASONS)],
            assignments=[Assignment(1, f"unit-{id % 60}", "police", at, reasons=REASONS)],
            deadlines=[Deadline("accept:1", at + 5 + i, at + 5 + i), Deadline("resolve:1", at + 9, at + 9)],
        )
        batch.incidents[id] = incident
        batch.timers_set |= timers_of(incident)
    return batch


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# Name of the row → batches; the goal is that of the first.
MIXES: dict[str, Callable[[], Callable[[Head], Batch]]] = {
    "append": whole_lives,
    "append_lives_going_on": going_on,
    "append_new_calls_only": lambda: batch_after,
}


def alternate(
    store: Journal, make: Callable[[Head], Batch], write_bare: Callable[[list[Any]], None]
) -> tuple[float, float]:
    """Facts a second, (ours, the bare insert of the same rows): medians of batches in turn."""
    ours, peers = [], []
    for _ in range(ROUNDS):
        batch = make(store.begin())
        rows, _leaves = fact_rows(batch.facts, bytes(16 * len(batch.facts)))
        ours.append(seconds(lambda: store.commit(batch)) / len(rows))  # noqa: B023
        peers.append(seconds(lambda: write_bare(rows)) / len(rows))  # noqa: B023
    return 1 / median(ours), 1 / median(peers)


def append(folder: Path) -> Iterator[Row]:
    """Also leaves the store `append.db` behind, for `rebuilding`."""
    for name, make in MIXES.items():
        opened = open_store(str(folder / f"{name}.db"), SystemChance(), KEYS)
        bare = sqlite3.connect(folder / f"{name}-bare.db", isolation_level=None)
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        for statement in schema.ddl(DIALECT, (schema.fact,)):
            bare.execute(statement)

        def write_bare(rows: list[Any]) -> None:
            bare.execute("BEGIN IMMEDIATE")  # noqa: B023
            bare.executemany("INSERT INTO fact VALUES (?,?,?,?,?,?,?,?,?,?)", rows)  # noqa: B023
            bare.execute("COMMIT")  # noqa: B023

        ours, peer = alternate(opened.store, make(), write_bare)
        opened.close()
        bare.close()
        yield Row(f"{name}_facts_per_s", ours, peer, 0.5)


def single(folder: Path) -> Iterator[Row]:
    """One fact a commit, against one write and fdatasync of as many bytes."""
    opened = open_store(str(folder / "single.db"), SystemChance(), KEYS)
    opened.store.begin()
    opened.store.commit(batch_after(Head(), 1))
    id = opened.store.head.seq - 3
    incident = opened.store.load_incidents([id])[id]
    raw = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def commit() -> None:
        head = opened.store.begin()
        incident.version += 1
        body = NoteAdded("已到现场")
        fact = Fact(
            head.seq + 1, id, incident.version, "incident.note_added", head.at, "desk-1", "answer", body
        )
        opened.store.commit(Batch(facts=[fact], incidents={id: incident}))

    def sync() -> None:
        os.write(raw, b"x" * 1024)
        os.fdatasync(raw)

    ours, peers = [], []
    for _ in range(200):
        ours.append(seconds(commit))
        peers.append(seconds(sync))
    opened.close()
    os.close(raw)
    yield Row("single_durable_commits_per_s", 1 / median(ours), 1 / median(peers), 0.9)


def postgres(folder: Path) -> Iterator[Row]:
    from pg_server import NoServer, Server

    try:
        server = Server(fsync=True)
    except NoServer as reason:
        print(f"no PostgreSQL here: {reason}", file=sys.stderr)
        return
    try:
        yield from _postgres(server.city(), server.city())
    finally:
        server.remove()


def _postgres(address: str, bare_address: str) -> Iterator[Row]:
    import psycopg

    from huying.store.postgres import DIALECT as PG

    kinds = ["int8", "int8", "int8", "text", "int8", "text", "text", "bytea", "bytea", "bytea"]
    with psycopg.connect(bare_address) as bare:
        for statement in schema.ddl(PG, (schema.fact,)):
            bare.execute(statement)
        bare.commit()

        def write_bare(rows: list[Any]) -> None:
            with bare.cursor().copy("COPY fact FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(kinds)
                for row in rows:
                    copy.write_row(row)
            bare.commit()

        opened = open_store(address, SystemChance(), KEYS)
        ours, peer = alternate(opened.store, whole_lives(), write_bare)
    opened.close()
    yield Row("postgres_append_facts_per_s", ours, peer, 0.6)


FILTERS = {
    "all": IncidentFilter(),
    "status": IncidentFilter(status=("open", "active")),
    "type": IncidentFilter(type="type-7"),
    "priority": IncidentFilter(priority_max=2),
    "agency": IncidentFilter(agency="agency-3"),
    "area": IncidentFilter(area="grid-77"),
    "since": IncidentFilter(since=NOON + 1_000 * SECOND, until=NOON + 2_000 * SECOND),
    "box": IncidentFilter(box=(28.01, 121.01, 28.02, 121.02)),
    "wide_box": IncidentFilter(box=(27.0, 120.0, 29.0, 122.0)),
    "desk": IncidentFilter(duty_desk=True),
    "not_desk": IncidentFilter(duty_desk=False),
    "rare_and": IncidentFilter(status=("open",), type="type-7", area="grid-77"),
    "never": IncidentFilter(status=("resolved",), type="type-3", agency="agency-2", priority_max=1),
}


def going_round(first: int, last: int, size: int, rest: set[int]) -> Iterator[int]:
    return (id for id in range(first, last + 1) if id % size in rest)


def many(path: str, count: int) -> None:
    """A store of `count` incidents, its tables filled directly. The newest 3,000 are unfinished, as in a
    county where work gets done; everything else goes round with the id."""
    SqliteStore(path, None, SystemChance()).close()
    sample = next(iter(batch_after(Head(), 1).incidents.values()))
    sample.reasons, sample.title = (), "吵架"
    docs = {}
    for status in STATUSES:
        sample.id, sample.status = 7_777_777, status
        docs[status] = encode(sample)
    places = [(28.0 + r / 9970, 121.0 + r / 9970) for r in range(997)]
    fresh = count - 3_000

    def rows() -> Iterator[tuple[Any, ...]]:
        for id in range(1, count + 1):
            status = STATUSES[id % 3] if id > fresh else IncidentStatus.CLOSED
            doc = docs[status].replace(b"7777777", b"%d" % id, 1)
            lat, lon = places[id % 997]
            yield id, NOON + id * SECOND, int(id > fresh), 1, int(id % 1_000 == 0), 0, lat, lon, b"", doc

    lists: list[tuple[int, Iterable[int]]] = [(term("status", "closed"), range(1, fresh + 1))]
    lists.append((term("duty_desk", 1), range(1_000, count + 1, 1_000)))
    for r, status in enumerate(STATUSES[:3]):
        lists.append((term("status", status), going_round(fresh + 1, count, 3, {r})))
    for kind, size in (("type", 79), ("priority", 5), ("agency", 13), ("grid", 401), ("town", 7)):
        for r in range(size):
            name: str | int = 1 + r if kind == "priority" else f"{kind}-{r}"
            area = kind in ("grid", "town")
            lists.append((term("area" if area else kind, name), range(r or size, count + 1, size)))
    by_cell: dict[int, set[int]] = {}
    for r, point in enumerate(places):
        for each in cells_at(*point):
            by_cell.setdefault(each, set()).add(r)
    for each, rest in by_cell.items():
        lists.append((each, going_round(1, count, 997, rest)))
    lists.sort(key=lambda each: each[0])
    with connect(path) as raw:
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("BEGIN")
        marks = ",".join("?" * len(schema.incident.c))
        raw.executemany(f"INSERT INTO incident VALUES ({marks})", rows())
        listed = ((each, id) for each, ids in lists for id in ids)
        raw.executemany("INSERT INTO incident_term VALUES (?,?)", listed)
        raw.execute("UPDATE head SET seq = ?1, indexed = ?1", (count,))
        raw.execute("COMMIT")


def lists(folder: Path) -> Iterator[Row]:
    for count in (3_000, 100_000, 1_000_000):
        path = str(folder / f"list-{count}.db")
        many(path, count)
        questions = open_questions(path)
        slowest = {}
        for name, which in FILTERS.items():
            questions.incidents(which, "", 50)
            times = [seconds(lambda: questions.incidents(which, "", 50)) for _ in range(15)]  # noqa: B023
            slowest[name] = median(times) * 1_000
        questions.close()
        worst = max(slowest, key=lambda each: slowest[each])
        yield Row(f"list_50_of_{count}_ms", slowest["status"], 5.0, 1.0, less=True)
        yield Row(f"list_50_of_{count}_worst_filter_{worst}_ms", slowest[worst], 5.0, 1.0, less=True)
        os.unlink(path)


def timers(folder: Path) -> Iterator[Row]:
    store = SqliteStore(str(folder / "timers.db"), None, SystemChance())
    run = store.connection
    run.execute("BEGIN")
    due = ((NOON + i, i, "resolve:1") for i in range(1_000_000))
    run.executemany("INSERT INTO timer VALUES (?,?,?)", due)
    run.execute("COMMIT")
    count = 2_000

    def poll() -> None:
        for _ in range(count):
            store.timers_due(-1, NOON - 1, 1)

    yield Row(
        "timers_poll_us_1m_pending", min(seconds(poll) for _ in range(5)) / count * 1e6, 10, 1, less=True
    )
    store.close()


def rebuilding(folder: Path) -> Iterator[Row]:
    """All projections from the facts that `append` wrote, against reading and decoding those facts."""
    path = str(folder / "append.db")
    questions = open_questions(path)

    def scan() -> None:
        after = 0
        while rows := questions.fact_rows(after, 2_000):
            for row in rows:
                fact_of(row)
            after = rows[-1][0]

    facts = questions.head().seq
    scans = min(seconds(scan) for _ in range(3))
    questions.close()
    took = min(seconds(lambda: rebuild_store(path, SystemChance(), swap=False)) for _ in range(2))
    yield Row("rebuild_facts_per_s", facts / took, facts / scans, 0.5)


def proofs(folder: Path) -> Iterator[Row]:
    tiles: dict[tuple[int, int], bytes] = {}
    leaves = [encode(i).ljust(32, b"\0") for i in range(1_000_000)]
    _, written = tree.Frontier().append(leaves)
    tiles = {(level, n): hashes for level, n, hashes in written}

    def prove() -> None:
        for index in range(0, 1_000_000, 4_999):
            tree.inclusion(index, 1_000_000, lambda level, n: tiles[level, n])

    yield Row("inclusion_proof_ms_1m", seconds(prove) / 201 * 1_000, 0.3, 1.0, less=True)
    yield Row("inclusion_proof_seen_tiles_ms_1m", seconds(prove) / 201 * 1_000, 0.3, 1.0, less=True)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="huying-bench-") as name:
        for part in (append, single, postgres, rebuilding, timers, proofs, lists):
            yield from part(Path(name))
