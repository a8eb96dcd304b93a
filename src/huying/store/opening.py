"""Opens a store by its address: `:memory:`, a file's path, or `postgresql://…`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool, StaticPool

from huying.base.clock import Chance
from huying.base.refusal import Refusal
from huying.store import sqlite
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
    if address.startswith(POSTGRES):
        return _open_postgres(address, find_keys(None, chance, environment, must=True), chance)
    path = address.removeprefix("sqlite:///") or MEMORY
    keys = find_keys(None if path == MEMORY else path, chance, environment)
    return _open_sqlite(path, keys, chance)


def _open_sqlite(path: str, keys: Keys, chance: Chance) -> Opened:
    store = SqliteStore(path, Vault(keys.master, chance), chance)
    if path == MEMORY:
        engine = _engine("sqlite://", creator=lambda: store.connection, poolclass=StaticPool)
    else:
        engine = _engine("sqlite://", creator=lambda: sqlite.connect(path, read_only=True), **_POOL)
    return Opened(store, SqlQuestions(engine, sqlite.refusal_of, store.lock), keys)


def _open_postgres(address: str, keys: Keys, chance: Chance) -> Opened:
    try:
        from huying.store import postgres
    except ImportError as error:
        raise Refusal("postgres_missing") from error
    address = address.replace("postgres://", "postgresql://", 1)
    store = postgres.PostgresStore(address, Vault(keys.master, chance), chance)
    engine = _engine(
        "postgresql+psycopg://",
        creator=lambda: postgres.connect(address),
        pool_pre_ping=True,  # a server that was away and is back costs no reader a refusal
        **_POOL,
    )
    return Opened(store, SqlQuestions(engine, postgres.refusal_of), keys)


def _engine(dialect: str, **options: Any) -> sa.Engine:
    return sa.create_engine(
        dialect,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,  # in memory the connection is the writer's own
        pool_reset_on_return=None,
        **options,
    )
