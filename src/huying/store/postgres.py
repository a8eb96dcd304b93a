"""The store in PostgreSQL: any number of processes, ordered by the lock on the row `head` (psycopg 3)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import errors as pg

from huying.base.clock import Chance
from huying.base.refusal import Refusal
from huying.domain.incident import Incident
from huying.domain.statuses import IncidentStatus
from huying.domain.unit import Unit
from huying.service.ports import Head, Receipt, Timer
from huying.store import docs, schema
from huying.store.codec import FactRow
from huying.store.journal import RECEIPT_AGE, RECEIPTS_PRUNED_MAX, Journal, Write
from huying.store.pgcopy import HEADER, TRAILER, Packer, packer
from huying.store.pgsession import connect as connect
from huying.store.pgsession import drop_shadow as drop_shadow
from huying.store.pgsession import refusal_of as refusal_of
from huying.store.pgsession import refusing as refusing
from huying.store.projections import Was
from huying.store.terms import term
from huying.store.vault import Vault

DIALECT = sa.make_url("postgresql+psycopg://").get_dialect()()
# Rows from which COPY, which takes two round trips, is quicker than statements sent in one.
COPY_FROM = 24
# Any number will do that other programs in the same database don't use: "HuYi".
SET_UP_LOCK = 0x48755969

_UNFINISHED = [term("status", each) for each in IncidentStatus if each != IncidentStatus.CLOSED]

_INCIDENT_CHANGED = (
    "UPDATE incident SET unfinished = %s, referrals_running = %s, duty_desk = %s, escalations = %s, "
    "lat = %s, lon = %s, terms = %s, doc = %s WHERE id = %s"
)
_REFERRAL = (
    "INSERT INTO referral AS r VALUES (%s,%s,%s,%s,%s) ON CONFLICT (incident, n) DO UPDATE SET "
    "agency = excluded.agency, status = excluded.status, due = excluded.due "
    "WHERE r.status <> excluded.status OR r.due <> excluded.due"
)
_ASSIGNMENT = (
    "INSERT INTO assignment AS a VALUES (%s,%s,%s,%s,%s,%s,%s,%s) ON CONFLICT (incident, n) DO UPDATE SET "
    "on_scene_at = excluded.on_scene_at, clear_at = excluded.clear_at "
    "WHERE a.on_scene_at <> excluded.on_scene_at OR a.clear_at <> excluded.clear_at"
)
_UNIT = (
    "INSERT INTO unit VALUES (%s,%s,%s) ON CONFLICT (id) DO UPDATE SET "
    "code = excluded.code, doc = excluded.doc"
)
_RECEIPT = (
    "INSERT INTO receipt VALUES (%s,%s,%s,%s) ON CONFLICT (key) DO UPDATE SET "
    "fingerprint = excluded.fingerprint, at = excluded.at, answer = excluded.answer"
)
_RECEIPT_OLD = (
    "DELETE FROM receipt WHERE key IN "
    f"(SELECT key FROM receipt WHERE at < %s ORDER BY at LIMIT {RECEIPTS_PRUNED_MAX})"
)
_TIMER = (
    "INSERT INTO timer SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) ON CONFLICT DO NOTHING"
)
_TIMER_GONE = (
    "DELETE FROM timer t USING unnest(%s::bigint[], %s::bigint[], %s::text[]) AS g(due, incident, key) "
    "WHERE t.due = g.due AND t.incident = g.incident AND t.key = g.key"
)
_TERM_GONE = (
    "DELETE FROM incident_term t USING unnest(%s::bigint[], %s::bigint[]) AS g(term, incident) "
    "WHERE t.term = g.term AND t.incident = g.incident"
)
_TILE = "INSERT INTO tile VALUES (%s,%s,%s) ON CONFLICT (level, n) DO UPDATE SET hashes = excluded.hashes"
_FORGOTTEN = "UPDATE fact SET digest = %s, payload = NULL, salt = NULL WHERE seq = %s"
_SEEN = "INSERT INTO seen AS s VALUES (%s,%s) ON CONFLICT (id) DO UPDATE SET at = greatest(s.at, excluded.at)"
_HEAD = (
    "UPDATE head SET seq = %s, at = %s, pack = %s, indexed = %s, recent = %s, calls = calls + %s, "
    "incidents = incidents + %s, "
    "unfinished = unfinished + %s, referrals_running = referrals_running + %s, duty_desk = duty_desk + %s, "
    "escalations = escalations + %s"
)
_PACK: dict[str, Packer] = {name: packer(table) for name, table in schema.metadata.tables.items()}
_INSERT = {
    name: f"INSERT INTO {name} VALUES ({','.join(['%s'] * len(table.c))})"
    for name, table in schema.metadata.tables.items()
}


class PostgresStore(Journal):
    """One of the writers of a PostgreSQL store; each process has its own."""

    shared = True
    dialect_words = schema.POSTGRES_WORDS
    placeholder = "%s"

    def __init__(self, address: str, vault: Vault | None, chance: Chance, *, shadow: bool = False) -> None:
        super().__init__(vault, chance)
        self.address, self._shadow = address, shadow
        with refusing():
            self.connection = connect(address, shadow)
            try:
                self._set_up()
            except BaseException:
                self.connection.close()
                raise

    def _set_up(self) -> None:
        with self.connection.transaction():
            run = self.connection.execute
            run("SELECT pg_advisory_xact_lock(%s)", (SET_UP_LOCK,))
            if not self._one("SELECT to_regclass('head') IS NOT NULL"):
                try:
                    for statement in schema.ddl(DIALECT):
                        run(statement)
                except (pg.DuplicateTable, pg.DuplicateObject) as error:
                    raise Refusal("store_foreign") from error
                run(
                    "INSERT INTO head VALUES (1, 0, 0, '', %s, %s, 0, 0, 0, 0, 0, 0, 0, 0)",
                    (schema.EDITION, self.mark),
                )
            elif not self._one("SELECT to_regclass('incident_term') IS NOT NULL"):
                raise Refusal("store_foreign")
            for statement in self._check(*self._rows("SELECT edition, mark FROM head FOR UPDATE")[0]):
                run(statement)

    # ── the transaction ──────────────────────────────────────────────────────────────────────────────────
    def _lock(self) -> Head:
        with refusing():
            try:
                return self._take_head()
            except psycopg.Error:
                if not self._lost():
                    self._unlock()
                    raise
            self._reconnect()  # the server was away since the last commit: nothing is lost, so go on
            return self._take_head()

    def _take_head(self) -> Head:
        with self.connection.pipeline():
            self.connection.execute("BEGIN")
            cursor = self.connection.execute("SELECT seq, at, pack, indexed, recent FROM head FOR UPDATE")
        row = cursor.fetchone()
        if row is None:
            raise Refusal("store_damaged")
        self._indexed, self._recent = row[3], row[4]
        return Head(*row[:3])

    def _lost(self) -> bool:
        return self.connection.closed or self.connection.broken

    def _reconnect(self) -> None:
        self.connection.close()
        self.connection = connect(self.address, self._shadow)

    def _unlock(self) -> None:
        with suppress(psycopg.Error):  # a lost connection has rolled back by itself
            if not self._lost():
                self.connection.execute("ROLLBACK")

    def _write(self, write: Write) -> None:
        rows, head, run = write.rows, write.head, self.connection.cursor()
        new: list[tuple[str, Sequence[Any]]] = [
            ("fact", write.facts),
            ("call", rows.calls_new),
            ("incident", rows.incidents_new),
            ("incident_recent", rows.recent_new),
            ("incident_term", rows.terms_new),
            ("referral", rows.referrals_new),
            ("assignment", rows.assignments_new),
            ("notice", write.notices),
            ("look", write.looks),
            ("contact", write.sealed),
        ]
        with refusing():
            if rows.terms_gone:  # before the new ones: a term may come back
                run.execute(_TERM_GONE, _columns(rows.terms_gone))
            for table, values in new:
                if len(values) >= COPY_FROM:
                    self._copy(table, values)
            with self.connection.pipeline():
                for table, values in new:
                    if 0 < len(values) < COPY_FROM:
                        run.executemany(_INSERT[table], values)
                if write.timers_gone:
                    run.execute(_TIMER_GONE, _columns(write.timers_gone))
                if write.timers_set:
                    run.execute(_TIMER, _columns(write.timers_set))
                statements: list[tuple[str, Sequence[Any]]] = [
                    (_TILE, write.tiles),
                    (
                        "UPDATE call SET incident = %s, code_hash = %s, doc = %s WHERE id = %s",
                        [(row[2], row[3], row[4], row[0]) for row in rows.calls_changed],
                    ),
                    (_INCIDENT_CHANGED, [(*row[2:], row[0]) for row in rows.incidents_changed]),
                    (
                        "UPDATE incident_recent SET terms = %s WHERE id = %s",
                        [(terms, id) for id, terms in rows.recent_changed],
                    ),
                    (_REFERRAL, rows.referrals_changed),
                    (_ASSIGNMENT, rows.assignments_changed),
                    (_UNIT, write.units),
                    (_RECEIPT, write.receipts),
                    (
                        "UPDATE contact SET wrapped = NULL, sealed = NULL WHERE id = %s",
                        [(id,) for id in write.erased],
                    ),
                    (_FORGOTTEN, write.forgotten),
                    (_SEEN, write.seen),
                    *((statement.replace("?", "%s"), values) for statement, values in write.changes),
                ]
                for statement, values in statements:
                    if values:
                        run.executemany(statement, values)
                if write.receipts or write.erased or write.forgotten:
                    run.execute(_RECEIPT_OLD, (head.at - RECEIPT_AGE,))
                if write.index:
                    run.execute(schema.INDEX_CODES)
                    run.execute("DELETE FROM incident_recent")
                edge = (write.indexed, write.recent)
                run.execute(_HEAD, (head.seq, head.at, head.pack, *edge, *rows.totals.row()))
                run.execute("COMMIT")

    def _copy(self, table: str, rows: Iterable[Any]) -> None:
        packed = map(_PACK[table], rows)
        with self.connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
            copy.write(HEADER)
            while chunk := b"".join(itertools.islice(packed, 256)):
                copy.write(chunk)
            copy.write(TRAILER)

    # ── loading ──────────────────────────────────────────────────────────────────────────────────────────
    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with refusing():
            if self._lost() and not self._open:
                self._reconnect()
            return self.connection.cursor(binary=True).execute(statement, values).fetchall()

    def _one(self, statement: str) -> Any:
        return self._rows(statement)[0][0]

    def _tile(self, level: int, n: int) -> bytes:
        found = self._rows("SELECT hashes FROM tile WHERE level = %s AND n = %s", (level, n))
        return found[0][0] if found else b""

    def _was(self, ids: Sequence[int]) -> dict[int, Was]:
        columns = "id, unfinished, referrals_running, duty_desk, escalations, terms"
        found = self._rows(f"SELECT {columns} FROM incident WHERE id = ANY(%s)", (list(ids),))
        return {row[0]: Was(*row[1:]) for row in found}

    def _waiting(self) -> list[tuple[int, bytes]]:
        return self._rows("SELECT id, terms FROM incident_recent")

    def _docs(self, table: str, ids: Iterable[int]) -> list[tuple[int, bytes]]:
        wanted = list(ids)
        return self._rows(f"SELECT id, doc FROM {table} WHERE id = ANY(%s)", (wanted,)) if wanted else []

    def _contact(self, id: int) -> tuple[bytes | None, bytes | None] | None:
        found = self._rows("SELECT wrapped, sealed FROM contact WHERE id = %s", (id,))
        return found[0] if found else None

    def load_units(self) -> list[Unit]:
        return [docs.read_unit(doc) for (doc,) in self._rows("SELECT doc FROM unit ORDER BY id")]

    def load_unfinished(self, since: int, limit: int) -> list[Incident]:
        first = "coalesce((SELECT id FROM incident WHERE opened_at >= %s ORDER BY opened_at, id LIMIT 1), %s)"
        newest = (
            "(SELECT incident AS id FROM incident_term WHERE term = %s AND incident >= "
            + first
            + " ORDER BY incident DESC LIMIT %s)"
        )
        recent = (
            "(SELECT r.id FROM incident_recent r JOIN incident i ON i.id = r.id "
            "WHERE i.unfinished = 1 AND i.opened_at >= %s ORDER BY r.id DESC LIMIT %s)"
        )
        union = " UNION ALL ".join([*[newest] * len(_UNFINISHED), recent])
        statement = (
            f"SELECT doc FROM incident WHERE id IN (SELECT id FROM ({union}) AS u ORDER BY id DESC LIMIT %s) "
            "ORDER BY id DESC"
        )
        values = [value for each in _UNFINISHED for value in (each, since, 1 << 62, limit)]
        return [docs.read_incident(doc) for (doc,) in self._rows(statement, (*values, since, limit, limit))]

    def timers_due(self, after: int, until: int, limit: int) -> list[Timer]:
        columns = "due, incident, key"
        statement = f"SELECT {columns} FROM timer WHERE due > %s AND due <= %s ORDER BY {columns} LIMIT %s"
        return list(itertools.starmap(Timer, self._rows(statement, (after, until, limit))))

    def load_door(self, name: str) -> int:
        found = self._rows("SELECT id FROM door WHERE name = %s", (name,))
        return int(found[0][0]) if found else 0

    def load_receipts(self, keys: Sequence[bytes]) -> dict[bytes, Receipt]:
        statement = "SELECT key, fingerprint, at, answer FROM receipt WHERE key = ANY(%s)"
        return {row[0]: Receipt(*row) for row in self._rows(statement, (list(keys),))} if keys else {}

    def streams_since(self, seq: int) -> set[int]:
        return {stream for (stream,) in self._rows("SELECT DISTINCT stream FROM fact WHERE seq > %s", (seq,))}

    def rows_after(self, seq: int, limit: int) -> list[FactRow]:
        return self._rows("SELECT * FROM fact WHERE seq > %s ORDER BY seq LIMIT %s", (seq, limit))

    def _in(self, statement: str, ids: Sequence[int] | Sequence[str]) -> list[Any]:
        return self._rows(statement.format("= ANY(%s)"), (list(ids),))

    def _erasures(self, after: int, limit: int) -> list[FactRow]:
        statement = f"SELECT * FROM fact WHERE {schema.ERASING} AND seq > %s ORDER BY seq LIMIT %s"
        return self._rows(statement, (after, limit))

    def scrub(self) -> None:
        with refusing():
            self.connection.execute("VACUUM fact, contact, call, incident, remainder, receipt, photo")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is of one instant."""
        with refusing():
            self.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield
            finally:
                self._unlock()

    # ── whole tables ─────────────────────────────────────────────────────────────────────────────────────
    def scan(self, table: sa.Table) -> Iterator[tuple[Any, ...]]:
        statement = str(schema.in_order(table, collation="C").compile(dialect=DIALECT))
        with refusing():
            yield from self.connection.cursor(binary=True).stream(statement)

    def fill(self, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
        with refusing():
            self.connection.execute(f"DELETE FROM {table.name}")
            self._copy(table.name, rows)

    def _run(self, statement: str) -> None:
        with refusing():
            self.connection.execute(statement)

    def _replace(self, table: sa.Table, rows: Sequence[Sequence[Any]]) -> None:
        keys = ", ".join(column.name for column in table.primary_key)
        rest = ", ".join(f"{each.name} = excluded.{each.name}" for each in table.c if not each.primary_key)
        statement = f"{_INSERT[table.name]} ON CONFLICT ({keys}) DO UPDATE SET {rest}"
        with refusing():
            self.connection.cursor().executemany(statement, rows)

    def settle(self) -> None:
        with refusing():
            self.connection.execute("COMMIT")
        self._open = False

    def close(self) -> None:
        self.rollback()
        self.connection.close()


def _columns(rows: Sequence[Sequence[Any]]) -> tuple[list[Any], ...]:
    return tuple(list(column) for column in zip(*rows, strict=True))
