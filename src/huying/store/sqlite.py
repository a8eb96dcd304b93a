"""The store in one SQLite file (the default), or in memory: stdlib `sqlite3`, one writing connection."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite as dialects

from huying.base.clock import Chance
from huying.base.refusal import Refusal
from huying.domain.incident import Incident
from huying.domain.statuses import IncidentStatus
from huying.domain.unit import Unit
from huying.service.ports import Head, Receipt, Timer
from huying.store import docs, schema
from huying.store.codec import FactRow
from huying.store.journal import RECEIPT_AGE, RECEIPTS_PRUNED_MAX, Journal, Write
from huying.store.projections import Was
from huying.store.terms import term
from huying.store.vault import Vault

DIALECT = dialects.dialect()
# "HuYi" as the file's mark, so that another program's file is never taken for a store.
APPLICATION_ID = 0x48755969
MEMORY = ":memory:"
# Another process (a backup, a second server by mistake) may hold the lock for a moment, not for longer.
BUSY_MS = 5_000
# 64 MB of the writer's pages: the right edges of all B-trees of a million incidents fit many times.
CACHE_KIB = 65_536
# 32 MB of log between checkpoints: fewer of them under load, and a restart still replays it in a moment.
CHECKPOINT_PAGES = 8_000
# The log is written this far ahead when a store is opened for work: a commit into a log that need not grow is
# durable in 0.6 of the time, and after a checkpoint it is written over. 25 ms.
LOG_AHEAD = 8_000_000

# Ids in one statement, well below the limit of parameters.
IDS_MAX = 500

_REFUSALS = {
    sqlite3.SQLITE_FULL: "store_full",
    sqlite3.SQLITE_READONLY: "store_read_only",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_IOERR: "store_unavailable",
    sqlite3.SQLITE_CANTOPEN: "store_unavailable",
    sqlite3.SQLITE_PERM: "store_unavailable",
    sqlite3.SQLITE_NOTADB: "store_foreign",
    sqlite3.SQLITE_CORRUPT: "store_damaged",
}
_UNFINISHED = tuple(term("status", each) for each in IncidentStatus if each != IncidentStatus.CLOSED)

_FACT = "INSERT INTO fact VALUES (?,?,?,?,?,?,?,?,?,?)"
_TILE = "INSERT INTO tile VALUES (?,?,?) ON CONFLICT DO UPDATE SET hashes = excluded.hashes"
_CALL = "INSERT INTO call VALUES (?,?,?,?,?)"
_CALL_CHANGED = "UPDATE call SET incident = ?3, code_hash = ?4, doc = ?5 WHERE id = ?1"
_INCIDENT = "INSERT INTO incident VALUES (?,?,?,?,?,?,?,?,?,?)"
# opened_at never changes: leaving it out leaves its index alone.
_INCIDENT_CHANGED = (
    "UPDATE incident SET unfinished = ?3, referrals_running = ?4, duty_desk = ?5, escalations = ?6, "
    "lat = ?7, lon = ?8, terms = ?9, doc = ?10 WHERE id = ?1"
)
_TERM = "INSERT INTO incident_term VALUES (?,?)"
_RECENT = "INSERT INTO incident_recent VALUES (?,?)"
_RECENT_CHANGED = "UPDATE incident_recent SET terms = ?2 WHERE id = ?1"
_TERM_GONE = "DELETE FROM incident_term WHERE term = ? AND incident = ?"
_REFERRAL = (
    "INSERT INTO referral VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET agency = excluded.agency, "
    "status = excluded.status, due = excluded.due WHERE status <> excluded.status OR due <> excluded.due"
)
_ASSIGNMENT = (
    "INSERT INTO assignment VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
    "on_scene_at = excluded.on_scene_at, clear_at = excluded.clear_at "
    "WHERE on_scene_at <> excluded.on_scene_at OR clear_at <> excluded.clear_at"
)
_UNIT = "INSERT INTO unit VALUES (?,?,?) ON CONFLICT DO UPDATE SET code = excluded.code, doc = excluded.doc"
_TIMER = "INSERT OR IGNORE INTO timer VALUES (?,?,?)"
_TIMER_GONE = "DELETE FROM timer WHERE due = ? AND incident = ? AND key = ?"
_TIMERS_DUE = (
    "SELECT due, incident, key FROM timer WHERE due > ? AND due <= ? ORDER BY due, incident, key LIMIT ?"
)
_NOTICE = "INSERT INTO notice VALUES (?,?,?,?,?,?,?)"
_LOOK = "INSERT INTO look VALUES (?,?)"
_RECEIPT = "INSERT OR REPLACE INTO receipt VALUES (?,?,?,?)"
_RECEIPT_OLD = (
    f"DELETE FROM receipt WHERE key IN (SELECT key FROM receipt WHERE at < ? LIMIT {RECEIPTS_PRUNED_MAX})"
)
_CONTACT = "INSERT INTO contact VALUES (?,?,?)"
_CONTACT_ERASED = "UPDATE contact SET wrapped = NULL, sealed = NULL WHERE id = ?"
_FORGOTTEN = "UPDATE fact SET digest = ?, payload = NULL, salt = NULL WHERE seq = ?"
_SEEN = "INSERT INTO seen VALUES (?,?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)"
_HEAD = (
    "UPDATE head SET seq = ?, at = ?, pack = ?, indexed = ?, recent = ?, calls = calls + ?, "
    "incidents = incidents + ?, "
    "unfinished = unfinished + ?, referrals_running = referrals_running + ?, duty_desk = duty_desk + ?, "
    "escalations = escalations + ?"
)


def refusal_of(error: BaseException) -> str | None:
    """The code of the refusal for what SQLite says about file, disk and locks; None for a bug."""
    return _REFUSALS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what SQLite says about file, disk and locks into refusals; anything else is a bug and passes."""
    try:
        yield
    except sqlite3.Error as error:
        code = refusal_of(error)
        if code is None:
            raise
        raise Refusal(code) from error


def connect(path: str, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection that starts no transaction by itself and may pass from thread to thread."""
    if path == MEMORY:
        connection = sqlite3.connect(MEMORY, isolation_level=None, check_same_thread=False)
    else:
        uri = "file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        connection = sqlite3.connect(
            uri + ("?mode=ro" if read_only else "?mode=rwc"),
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_MS / 1000,
            cached_statements=256,
        )
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB // 8 if read_only else CACHE_KIB}")
    return connection


def check_mark(connection: sqlite3.Connection) -> bool:
    """Whether the file holds a store; False when it is empty. Refuses another program's file."""
    if connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
        return True
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise Refusal("store_foreign")
    return False


class SqliteStore(Journal):
    """The one writer of a SQLite store. In memory, `lock` keeps readers out while it writes."""

    dialect_words = schema.SQLITE_WORDS

    def __init__(self, path: str, vault: Vault | None, chance: Chance, *, read_only: bool = False) -> None:
        super().__init__(vault, chance)
        self.path = path
        self.lock: threading.RLock | None = threading.RLock() if path == MEMORY else None
        with refusing():
            self.connection = connect(path, read_only=read_only)
            try:
                self._set_up(read_only)
            except BaseException:
                self.connection.close()
                raise

    def _set_up(self, read_only: bool) -> None:
        run = self.connection.execute
        check_mark(self.connection)
        if read_only:
            if self._check(*run("SELECT edition, mark FROM head").fetchone()):
                raise Refusal("store_older")
            return
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA secure_delete = ON")  # a key that was erased is not to be found in a free page
        run(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        run("BEGIN IMMEDIATE")
        try:
            if run("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                for statement in schema.ddl(DIALECT):
                    run(statement)
                statement = "INSERT INTO head VALUES (1, 0, 0, '', ?, ?, 0, 0, 0, 0, 0, 0, 0, 0)"
                run(statement, (schema.EDITION, self.mark))
                run(f"PRAGMA application_id = {APPLICATION_ID}")
            for statement in self._check(*run("SELECT edition, mark FROM head").fetchone()):
                run(statement)
            run("COMMIT")
        except BaseException:
            run("ROLLBACK")
            raise

    def grow_log(self) -> None:
        """Write so much that it spills into the log, and take it back; the file keeps its length."""
        run = self.connection.execute
        with suppress(OSError):
            if os.path.getsize(f"{self.path}-wal") >= LOG_AHEAD:
                return
        run("BEGIN IMMEDIATE")
        try:
            run("PRAGMA cache_size = 10")
            run("CREATE TABLE ahead (bytes BLOB) STRICT")
            for _ in range(LOG_AHEAD // 1_000_000):
                run("INSERT INTO ahead VALUES (zeroblob(1000000))")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_FULL:
                raise
        finally:
            if self.connection.in_transaction:
                run("ROLLBACK")
            run(f"PRAGMA cache_size = -{CACHE_KIB}")

    # ── the transaction ──────────────────────────────────────────────────────────────────────────────────
    def _lock(self) -> Head:
        if self.lock is not None:
            self.lock.acquire()
        try:
            with refusing():
                self.connection.execute("BEGIN IMMEDIATE")
                row = self.connection.execute("SELECT seq, at, pack, indexed, recent FROM head").fetchone()
        except BaseException:
            self._unlock()
            raise
        self._indexed, self._recent = row[3], row[4]
        return Head(*row[:3])

    def _unlock(self) -> None:
        try:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        finally:
            if self.lock is not None:
                self.lock.release()

    def _write(self, write: Write) -> None:
        rows, head = write.rows, write.head
        with refusing():
            many = self.connection.cursor().executemany
            many(_FACT, write.facts)
            many(_TILE, write.tiles)
            statements: list[tuple[str, Sequence[Any]]] = [
                (_CALL, rows.calls_new),
                (_CALL_CHANGED, rows.calls_changed),
                (_INCIDENT, rows.incidents_new),
                (_INCIDENT_CHANGED, rows.incidents_changed),
                (_RECENT, rows.recent_new),
                (_RECENT_CHANGED, rows.recent_changed),
                (_TERM_GONE, rows.terms_gone),
                (_TERM, rows.terms_new),
                (_REFERRAL, rows.referrals_new),
                (_REFERRAL, rows.referrals_changed),
                (_ASSIGNMENT, rows.assignments_new),
                (_ASSIGNMENT, rows.assignments_changed),
                (_UNIT, write.units),
                (_TIMER_GONE, write.timers_gone),
                (_TIMER, write.timers_set),
                (_NOTICE, write.notices),
                (_LOOK, write.looks),
                (_RECEIPT, write.receipts),
                (_CONTACT, write.sealed),
                (_CONTACT_ERASED, [(id,) for id in write.erased]),
                (_FORGOTTEN, write.forgotten),
                (_SEEN, write.seen),
                *write.changes,
            ]
            for statement, values in statements:
                if values:
                    many(statement, values)
            run = self.connection.execute
            if write.receipts or write.erased or write.forgotten:
                run(_RECEIPT_OLD, (head.at - RECEIPT_AGE,))
            if write.index:
                run(schema.INDEX_CODES)
                run("DELETE FROM incident_recent")
            edge = (write.indexed, write.recent)
            run(_HEAD, (head.seq, head.at, head.pack, *edge, *rows.totals.row()))
            run("COMMIT")
        if self.lock is not None:
            self.lock.release()

    # ── loading ──────────────────────────────────────────────────────────────────────────────────────────
    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            if self.lock is None:
                return self.connection.execute(statement, values).fetchall()
            with self.lock:  # in memory readers use this very connection
                return self.connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:  # not `refusing`: entering it costs as much as a small question
            with refusing():
                raise error

    def _tile(self, level: int, n: int) -> bytes:
        found = self._rows("SELECT hashes FROM tile WHERE level = ? AND n = ?", (level, n))
        return found[0][0] if found else b""

    def _was(self, ids: Sequence[int]) -> dict[int, Was]:
        columns = "unfinished, referrals_running, duty_desk, escalations, terms"
        statement = f"SELECT {columns} FROM incident WHERE id = ?"
        return {id: Was(*row) for id in ids for row in self._rows(statement, (id,))}

    def _waiting(self) -> list[tuple[int, bytes]]:
        return self._rows("SELECT id, terms FROM incident_recent")

    def _docs(self, table: str, ids: Iterable[int]) -> list[tuple[int, bytes]]:
        statement = f"SELECT id, doc FROM {table} WHERE id = ?"
        return [row for id in ids for row in self._rows(statement, (id,))]

    def _contact(self, id: int) -> tuple[bytes | None, bytes | None] | None:
        found = self._rows("SELECT wrapped, sealed FROM contact WHERE id = ?", (id,))
        return found[0] if found else None

    def load_units(self) -> list[Unit]:
        return [docs.read_unit(doc) for (doc,) in self._rows("SELECT doc FROM unit ORDER BY id")]

    def load_unfinished(self, since: int, limit: int) -> list[Incident]:
        first = "coalesce((SELECT id FROM incident WHERE opened_at >= ?1 ORDER BY opened_at, id LIMIT 1), ?3)"
        newest = (
            "SELECT * FROM (SELECT incident AS id FROM incident_term WHERE term = {} AND incident >= "
            + first
            + " ORDER BY incident DESC LIMIT ?2)"
        )
        recent = (
            "SELECT * FROM (SELECT r.id FROM incident_recent r JOIN incident i ON i.id = r.id "
            "WHERE i.unfinished = 1 AND i.opened_at >= ?1 ORDER BY r.id DESC LIMIT ?2)"
        )
        union = " UNION ALL ".join([*(newest.format(each) for each in _UNFINISHED), recent])
        statement = (
            f"SELECT doc FROM incident WHERE id IN (SELECT id FROM ({union}) ORDER BY id DESC LIMIT ?2) "
            "ORDER BY id DESC"
        )
        return [docs.read_incident(doc) for (doc,) in self._rows(statement, (since, limit, 1 << 62))]

    def timers_due(self, after: int, until: int, limit: int) -> list[Timer]:
        return [Timer(*row) for row in self._rows(_TIMERS_DUE, (after, until, limit))]

    def load_door(self, name: str) -> int:
        found = self._rows("SELECT id FROM door WHERE name = ?", (name,))
        return int(found[0][0]) if found else 0

    def load_receipts(self, keys: Sequence[bytes]) -> dict[bytes, Receipt]:
        statement = "SELECT key, fingerprint, at, answer FROM receipt WHERE key = ?"
        return {row[0]: Receipt(*row) for key in keys for row in self._rows(statement, (key,))}

    def streams_since(self, seq: int) -> set[int]:
        return {stream for (stream,) in self._rows("SELECT DISTINCT stream FROM fact WHERE seq > ?", (seq,))}

    def _in(self, statement: str, ids: Sequence[int] | Sequence[str]) -> list[Any]:
        found = []
        for start in range(0, len(ids), IDS_MAX):
            part = ids[start : start + IDS_MAX]
            found += self._rows(statement.format(f"IN ({','.join('?' * len(part))})"), part)
        return found

    def _erasures(self, after: int, limit: int) -> list[FactRow]:
        where = f"fact INDEXED BY fact_erasing WHERE {schema.ERASING} AND seq > ?"
        return self._rows(f"SELECT * FROM {where} ORDER BY seq LIMIT ?", (after, limit))

    def scrub(self) -> None:
        if self.path != MEMORY:
            with refusing():
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def rows_after(self, seq: int, limit: int) -> list[FactRow]:
        return self._rows("SELECT * FROM fact WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))

    # ── whole tables ─────────────────────────────────────────────────────────────────────────────────────
    def scan(self, table: sa.Table) -> Iterator[tuple[Any, ...]]:
        with refusing():
            cursor = self.connection.cursor()
            cursor.arraysize = 8 if table is schema.photo else 1_000  # a picture is some 500 kB
            cursor.execute(str(schema.in_order(table).compile(dialect=DIALECT)))
            while rows := cursor.fetchmany():
                yield from rows

    def fill(self, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
        with refusing():
            name = DIALECT.identifier_preparer.format_table(table)
            self.connection.execute(f"DELETE FROM {name}")
            places = ",".join("?" * len(table.c))
            self.connection.executemany(f"INSERT INTO {name} VALUES ({places})", rows)

    def _run(self, statement: str) -> None:
        with refusing():
            self.connection.execute(statement)

    def _replace(self, table: sa.Table, rows: Sequence[Sequence[Any]]) -> None:
        places = ",".join("?" * len(table.c))
        with refusing():
            self.connection.executemany(f"INSERT OR REPLACE INTO {table.name} VALUES ({places})", rows)

    def settle(self) -> None:
        with refusing():
            self.connection.execute("COMMIT")
        self._open = False
        if self.lock is not None:
            self.lock.release()

    def close(self) -> None:
        self.rollback()
        self.connection.close()
