"""A session with PostgreSQL, and what the server says about itself as refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors as pg

from huying.base.refusal import Refusal

# A server that doesn't answer within this is away.
CONNECT_S = 5
# Another process holds the head for one commit, milliseconds; this long means that it hangs.
LOCK_MS = 5_000

_SESSION = (
    "SET synchronous_commit = on",  # an answer means durable, whatever the server's default
    f"SET lock_timeout = {LOCK_MS}",
    "SET idle_in_transaction_session_timeout = 60000",  # a process that hangs must not hold the head
    "SET timezone = 'UTC'",
)


def refusal_of(error: BaseException) -> str | None:
    """The code of the refusal for what PostgreSQL says about itself; None for a bug."""
    if isinstance(error, pg.DiskFull):
        return "store_full"
    if isinstance(error, pg.ReadOnlySqlTransaction):
        return "store_read_only"
    if isinstance(error, pg.LockNotAvailable | pg.DeadlockDetected | pg.TooManyConnections):
        return "busy"
    if isinstance(error, pg.UndefinedTable):
        return "store_foreign"
    if isinstance(error, pg.DataCorrupted | pg.IndexCorrupted):
        return "store_damaged"
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return "store_unavailable"
    return None


@contextmanager
def refusing() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        code = refusal_of(error)
        if code is None:
            raise
        # The server's words may hold an address or a row; they stay out of what a person reads.
        raise Refusal(code) from error


def connect(address: str, shadow: bool = False) -> psycopg.Connection[Any]:
    """A session; as a `shadow` it sees only the schema `<its own>_rebuild`, which is made when missing."""
    connection = psycopg.connect(address, autocommit=True, connect_timeout=CONNECT_S, prepare_threshold=2)
    for statement in _SESSION:
        connection.execute(statement)
    if shadow:
        row = connection.execute("SELECT quote_ident(current_schema() || '_rebuild')").fetchone()
        name = row[0] if row else "rebuild"
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        connection.execute(f"SET search_path = {name}")
    return connection


def drop_shadow(address: str) -> None:
    """Remove what a rebuild left behind."""
    with refusing(), connect(address, shadow=True) as connection:
        row = connection.execute("SELECT quote_ident(current_schema())").fetchone()
        connection.execute(f"DROP SCHEMA {row[0] if row else 'rebuild'} CASCADE")
