"""The tables, for SQLite and PostgreSQL. `fact` and `contact` are the record; the rest can be derived.

Lists of incidents are found by `incident_term`: one row for every thing an incident can be found by (its
status, type, priority, agencies, areas, map cells), in order of incident. It serves every filter by the
same two columns, and an incident that changes touches only the rows of what changed. A new incident's terms
would touch ten far-apart pages, so they wait in `incident_recent`, one row each, and are moved by the
thousand, which writes a tenth of the pages. With them the codes by which callers follow their calls are moved
into `code`: each is a hash and so on a page of its own; until then they are found in the newest calls.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

# The shape of the tables below.
EDITION = 3
# Edition → statements that make the next of it. Applied when a store is opened, in one transaction under the
# lock that orders commits, so that a server that is running on it waits and no reader sees a half of it.
# `{int}`, `{blob}`, `{strict}` and `{rowless}` stand for what the engine calls them.
SQLITE_WORDS = {"int": "INTEGER", "blob": "BLOB", "strict": " STRICT", "rowless": " WITHOUT ROWID, STRICT"}
POSTGRES_WORDS = {"int": "BIGINT", "blob": "BYTEA", "strict": "", "rowless": ""}
MIGRATIONS: dict[int, tuple[str, ...]] = {
    1: (
        "CREATE TABLE checkpoint (size {int} NOT NULL PRIMARY KEY, at {int} NOT NULL, "
        "note TEXT NOT NULL){strict}",
        "CREATE TABLE cosignature (size {int} NOT NULL, name TEXT NOT NULL, at {int} NOT NULL, "
        "line TEXT NOT NULL, PRIMARY KEY (size, name)){strict}",
        "CREATE TABLE witness (name TEXT NOT NULL PRIMARY KEY, size {int} NOT NULL, at {int} NOT NULL, "
        "fault TEXT NOT NULL, fault_at {int} NOT NULL){strict}",
        "CREATE TABLE remainder (seq {int} NOT NULL PRIMARY KEY, by {int} NOT NULL, how TEXT NOT NULL, "
        "payload {blob} NOT NULL){strict}",
        'CREATE TABLE disclosure (seq {int} NOT NULL PRIMARY KEY, "to" TEXT NOT NULL, '
        "after {int} NOT NULL, until {int} NOT NULL){strict}",
        "CREATE INDEX fact_erasing ON fact (seq) "
        "WHERE type IN ('contact.erased', 'correction.made', 'incident.erased', 'incident.retitled')",
        "CREATE TABLE look (subject {int} NOT NULL, seq {int} NOT NULL, PRIMARY KEY (subject, seq)){strict}",
        "CREATE TABLE account (id {int} NOT NULL PRIMARY KEY, doc {blob} NOT NULL){strict}",
        "CREATE TABLE partner_key (id {int} NOT NULL PRIMARY KEY, doc {blob} NOT NULL){strict}",
        "CREATE TABLE door (name TEXT NOT NULL PRIMARY KEY, id {int} NOT NULL){strict}",
        "CREATE TABLE seen (id {int} NOT NULL PRIMARY KEY, at {int} NOT NULL){strict}",
        "CREATE TABLE closure (id {int} NOT NULL PRIMARY KEY, ends_at {int} NOT NULL, "
        "doc {blob} NOT NULL){strict}",
        "CREATE INDEX closure_ends ON closure (ends_at)",
        "CREATE TABLE photo (token TEXT NOT NULL PRIMARY KEY, id {int} NOT NULL, at {int} NOT NULL, "
        "sha256 {blob} NOT NULL, seal {blob} NOT NULL, size {int} NOT NULL, width {int} NOT NULL, "
        "height {int} NOT NULL, wrapped {blob}, sealed {blob}){strict}",
        "CREATE INDEX photo_id ON photo (id, at)",
        "CREATE TABLE deployment (id {int} NOT NULL PRIMARY KEY, ended {int} NOT NULL, "
        "doc {blob} NOT NULL){strict}",
    ),
    2: (
        "CREATE TABLE code (code_hash TEXT NOT NULL, call {int} NOT NULL, "
        "PRIMARY KEY (code_hash, call)){rowless}",
        "INSERT INTO code SELECT code_hash, id FROM call "
        "WHERE code_hash <> '' AND id <= (SELECT indexed FROM head) ORDER BY code_hash",
        "DROP INDEX call_code",
    ),
}

# A row id that is the B-tree's own key in SQLite and a 64-bit integer everywhere.
Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Real: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")

metadata = sa.MetaData()


def _table(name: str, *parts: sa.schema.SchemaItem, rowid: bool = True) -> sa.Table:
    return sa.Table(name, metadata, *parts, sqlite_with_rowid=rowid, sqlite_strict=True)


def _int(name: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, Int, primary_key=key, nullable=null, autoincrement=False)


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)


def _blob(name: str, *, key: bool = False, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, primary_key=key, nullable=null)


# ── the record ──────────────────────────────────────────────────────────────────────────────────────────
fact = _table(
    "fact",
    _int("seq", key=True),
    _int("stream"),
    _int("version"),
    _text("type"),
    _int("at"),
    _text("actor"),
    _text("purpose"),
    _blob("payload", null=True),  # JSON; NULL once erased
    _blob("salt", null=True),
    _blob("digest", null=True),  # SHA-256(salt ‖ payload), kept when both are erased
    sa.UniqueConstraint("stream", "version", name="fact_stream_version"),
)
# Facts that took something away: few among many, and looked for at every start.
ERASING = "type IN ('contact.erased', 'correction.made', 'incident.erased', 'incident.retitled')"
sa.Index("fact_erasing", fact.c.seq, sqlite_where=sa.text(ERASING), postgresql_where=sa.text(ERASING))
tile = _table("tile", _int("level", key=True), _int("n", key=True), _blob("hashes"))
# Signed tree heads, what witnesses signed under them, and how each witness was last found.
checkpoint = _table("checkpoint", _int("size", key=True), _int("at"), _text("note"))
cosignature = _table(
    "cosignature", _int("size", key=True), _text("name", key=True), _int("at"), _text("line")
)
witness = _table(
    "witness",
    _text("name", key=True),
    _int("size"),  # of the last checkpoint that it signed, and when; 0 before the first
    _int("at"),
    _text("fault"),  # why it signs nothing now; empty while it does
    _int("fault_at"),
)
contact = _table(
    "contact",
    _int("id", key=True),
    _blob("wrapped", null=True),  # the contact's own key under the master key; NULL once erased
    _blob("sealed", null=True),
)

# Pictures, sealed like contacts, each under a key of its own. `id` is the fact that attached it, 0 before.
photo = _table(
    "photo",
    _text("token", key=True),
    _int("id"),
    _int("at"),
    _blob("sha256"),
    _blob("seal"),  # SHA-256 of the sealed bytes
    _int("size"),
    _int("width"),
    _int("height"),
    _blob("wrapped", null=True),
    _blob("sealed", null=True),
    sa.Index("photo_id", "id", "at"),
)

# One row: the end of the journal, the edition of these tables, and running totals of what is below.
head = _table(
    "head",
    _int("one", key=True),
    _int("seq"),
    _int("at"),
    _text("pack"),
    _int("edition"),
    _blob("mark"),  # of the master key, so that another key is noticed before it seals anything
    _int("indexed"),  # incidents up to this id are in incident_term, those after it in incident_recent
    _int("recent"),  # how many those are, or the calls after it where these are more
    _int("calls"),
    _int("incidents"),
    _int("unfinished"),
    _int("referrals_running"),
    _int("duty_desk"),
    _int("escalations"),
)

# ── what is derived ─────────────────────────────────────────────────────────────────────────────────────
call = _table(
    "call",
    _int("id", key=True),
    _int("at"),
    _int("incident"),
    _text("code_hash"),
    _blob("doc"),
    sa.Index("call_at", "at", "id"),
)
# Under what callers follow their calls; those of calls after `head.indexed` are not in it yet.
code = _table("code", _text("code_hash", key=True), _int("call", key=True), rowid=False)
# Moves them in, before `indexed` moves on; neighbours in the B-tree are written together.
INDEX_CODES = (
    "INSERT INTO code SELECT code_hash, id FROM call "
    "WHERE id > (SELECT indexed FROM head) AND code_hash <> '' ORDER BY code_hash"
)

incident = _table(
    "incident",
    _int("id", key=True),
    _int("opened_at"),
    _int("unfinished"),  # 1 until closed
    _int("referrals_running"),
    _int("duty_desk"),  # 1 while unfinished and nobody's
    _int("escalations"),
    sa.Column("lat", Real, nullable=True),
    sa.Column("lon", Real, nullable=True),
    _blob("terms"),  # its rows in incident_term, 64-bit integers in order
    _blob("doc"),
    sa.Index("incident_opened", "opened_at", "id"),
)
incident_term = _table("incident_term", _int("term", key=True), _int("incident", key=True), rowid=False)
incident_recent = _table("incident_recent", _int("id", key=True), _blob("terms"))
referral = _table(
    "referral",
    _int("incident", key=True),
    _int("n", key=True),
    _text("agency"),
    _text("status"),
    _int("due"),
    sa.Index("referral_status", "status", "due", "incident", "n"),
    sa.Index("referral_agency", "agency", "status", "due", "incident", "n"),
    rowid=False,
)
assignment = _table(
    "assignment",
    _int("incident", key=True),
    _int("n", key=True),
    _text("unit"),
    _text("agency"),
    _int("opened_at"),
    _int("dispatched_at"),
    _int("on_scene_at"),
    _int("clear_at"),
    rowid=False,
)
unit = _table("unit", _int("id", key=True), _text("code"), _blob("doc"))
timer = _table(
    "timer", _int("due", key=True), _int("incident", key=True), _text("key", key=True), rowid=False
)
notice = _table(
    "notice",
    _int("seq", key=True),
    _int("at"),
    _text("to"),
    _int("incident"),
    _text("key"),
    _int("rung"),
    _int("due"),
    sa.Index("notice_to", "to", "seq"),
)
# `ends_at` is when the road was or will be free again; the end of time while nobody knows.
closure = _table(
    "closure",
    _int("id", key=True),
    _int("ends_at"),
    _blob("doc"),
    sa.Index("closure_ends", "ends_at"),
)
# `ended` is 1 for plans that are no longer on the table nor in force.
deployment = _table("deployment", _int("id", key=True), _int("ended"), _blob("doc"))
# Facts in which looks at a call (or, at 0, at the live stream) are on record.
look = _table("look", _int("subject", key=True), _int("seq", key=True))
account = _table("account", _int("id", key=True), _blob("doc"))
partner_key = _table("partner_key", _int("id", key=True), _blob("doc"))
# Under what an account or a partner's key is found: a code, a passkey, the hash of a secret.
door = _table("door", _text("name", key=True), _int("id"), rowid=False)
# What is left of payloads that are gone, by the fact's number: all but the words, or what is right instead.
remainder = _table(
    "remainder",
    _int("seq", key=True),
    _int("by"),  # the fact that took the payload away
    _text("how"),  # erased or corrected
    _blob("payload"),
)
# To whom records were handed with words in them: facts after `after` up to `until`.
disclosure = _table("disclosure", _int("seq", key=True), _text("to"), _int("after"), _int("until"))
# When a session or a key was last used. Nothing follows from it but idle locks; no fact tells it.
seen = _table("seen", _int("id", key=True), _int("at"))
receipt = _table(
    "receipt",
    _blob("key", key=True),
    _blob("fingerprint"),
    _int("at"),
    _blob("answer"),
    sa.Index("receipt_at", "at"),
    rowid=False,
)

# Tables that `rebuild` makes anew from the facts; receipts, contacts, pictures and `seen` are not in them.
DERIVED = (
    call,
    code,
    incident,
    incident_recent,
    incident_term,
    referral,
    assignment,
    unit,
    timer,
    notice,
    look,
    remainder,
    closure,
    deployment,
    disclosure,
    account,
    partner_key,
    door,
)


def in_order(table: sa.Table, collation: str = "") -> sa.Select[Any]:
    """Every row by its key; `collation` for texts, where the database's own isn't that of bytes."""
    keys: list[sa.ColumnElement[Any]] = []
    for column in table.primary_key:
        text = collation and isinstance(column.type, sa.Text)
        keys.append(sa.collate(column, collation) if text else column)
    return sa.select(table).order_by(*keys)


@lru_cache(8)
def ddl(dialect: sa.Dialect, tables: tuple[sa.Table, ...] | None = None) -> tuple[str, ...]:
    """The statements that make the tables (all of them by default) in an empty database."""
    statements = []
    for table in tables or tuple(metadata.sorted_tables):
        statements.append(str(sa.schema.CreateTable(table).compile(dialect=dialect)).strip())
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            statements.append(str(sa.schema.CreateIndex(index).compile(dialect=dialect)))
    return tuple(statements)
