"""Opens a store by its address: `:memory:`, a file's path, or `postgresql://…`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from types import ModuleType
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool, StaticPool

from huying.base.clock import Chance
from huying.base.refusal import Refusal
from huying.store import sqlite, wall
from huying.store.journal import Journal
from huying.store.keys import Keys, find_keys
from huying.store.questions import SqlQuestions
from huying.store.sqlite import MEMORY, SqliteStore
from huying.store.vault import Vault

# Readers at once; the web's worker threads are no more. A waiting one is refused after READER_WAIT_S.
READERS = 8
READER_WAIT_S = 10

POSTGRES = ("postgresql://", "postgres://")
_POOL: dict[str, Any] = {
    "poolclass": QueuePool,
    "pool_size": READERS,
    "max_overflow": 0,
    "pool_timeout": READER_WAIT_S,
}


class Opened(NamedTuple):
    """A store for its one writer, questions for everybody, and the secrets."""

    store: Journal
    questions: SqlQuestions
    keys: Keys

    def close(self) -> None:
        self.questions.close()
        self.store.close()


def open_store(address: str, chance: Chance, environment: Mapping[str, str] | None = None) -> Opened:
    """Open, and make when there is none.

    Args:
        address: `:memory:`, a path (also as `sqlite:///path`), or `postgresql://user@host/database`.
        environment: where `HUYING_KEYS` may be; the process's own by default.

    Refuses with `store_foreign`, `store_newer`, `store_unavailable`, `store_read_only`, `store_damaged`,
    `keys_open`, `keys_unreadable`, `keys_missing`, `keys_of_another` or `postgres_missing`.
    """
    environment = os.environ if environment is None else environment
    if is_postgres(address):
        return _open_postgres(address, find_keys(None, chance, environment, must=True), chance)
    path = path_of(address)
    keys = find_keys(None if path == MEMORY else path, chance, environment)
    return _open_sqlite(path, keys, chance)


def is_postgres(address: str) -> bool:
    return address.startswith(POSTGRES)


def path_of(address: str) -> str:
    """The file of a SQLite store."""
    return address.removeprefix("sqlite:///") or MEMORY


def open_questions(address: str) -> SqlQuestions:
    """Only to read, and without keys: for verify, export and the like. The store must exist."""
    if is_postgres(address):
        return _postgres_questions(address)
    path = path_of(address)
    with sqlite.refusing(), closing(sqlite.connect(path, read_only=True)) as connection:
        if not sqlite.check_mark(connection):
            raise Refusal("store_foreign")
    return _sqlite_questions(path)


def raise_wall(address: str) -> None:
    """Have the database leave out rows by itself (see `wall`); refuses `postgres_only` elsewhere."""
    if not is_postgres(address):
        raise Refusal("postgres_only")
    questions = _postgres_questions(address)
    try:
        with questions.reading() as connection:
            for statement in wall.statements():
                connection.exec_driver_sql(statement)
    finally:
        questions.close()


def keys_of(address: str, chance: Chance, environment: Mapping[str, str] | None = None) -> Keys:
    """The keys of a store that exists, without opening it for work."""
    environment = os.environ if environment is None else environment
    return find_keys(beside(address), chance, environment, must=is_postgres(address))


def beside(address: str) -> str | None:
    """The file beside which a store's keys lie; None for one that is no file."""
    path = path_of(address)
    return None if is_postgres(address) or path == MEMORY else path


def _open_sqlite(path: str, keys: Keys, chance: Chance) -> Opened:
    store = SqliteStore(path, Vault(keys.master, chance), chance)
    if path != MEMORY:
        with sqlite.refusing():
            store.grow_log()
        return Opened(store, _sqlite_questions(path), keys)
    engine = _engine("sqlite://", creator=lambda: store.connection, poolclass=StaticPool)
    # Now and not with the first question: SQLAlchemy adds functions of its own to a new connection, which
    # fails while the writer has a statement under way.
    engine.connect().close()
    return Opened(store, SqlQuestions(engine, sqlite.refusal_of, store.lock), keys)


def _sqlite_questions(path: str) -> SqlQuestions:
    engine = _engine("sqlite://", creator=lambda: sqlite.connect(path, read_only=True), **_POOL)
    return SqlQuestions(engine, sqlite.refusal_of)


def _open_postgres(address: str, keys: Keys, chance: Chance) -> Opened:
    store = postgres_module().PostgresStore(address, Vault(keys.master, chance), chance)
    questions = _postgres_questions(address)
    with questions.reading() as connection:
        wall.mend(connection)
    return Opened(store, questions, keys)


def postgres_module() -> ModuleType:
    """`huying.store.postgres`, which needs the extra `postgres`; refuses without it."""
    try:
        from huying.store import postgres
    except ImportError as error:
        raise Refusal("postgres_missing") from error
    return postgres


def _postgres_questions(address: str) -> SqlQuestions:
    postgres = postgres_module()
    engine = _engine(
        "postgresql+psycopg://",
        creator=lambda: postgres.connect(address),
        pool_pre_ping=True,  # a server that was away and is back costs no reader a refusal
        **_POOL,
    )
    return SqlQuestions(engine, postgres.refusal_of)


def _engine(dialect: str, **options: Any) -> sa.Engine:
    return sa.create_engine(
        dialect,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,  # in memory the connection is the writer's own
        pool_reset_on_return=None,
        **options,
    )
