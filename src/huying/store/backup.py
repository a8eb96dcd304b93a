"""Backups while the server runs, and bringing them back. A backup is always one SQLite file.

So a backup of a PostgreSQL store is verified and read by the same means, and a store moves from one engine to
the other. Keys are not in it: with the backup alone nobody opens a contact.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.store import schema, sqlite
from huying.store.journal import Journal

# Pages copied between two looks at progress: 16 MB.
STEP_PAGES = 4_096

_MARK = list(schema.head.c.keys()).index("mark")

Progress = Callable[[int, int], None]


def backup_sqlite(path: str, target: Path, progress: Progress | None = None) -> None:
    """Copy a SQLite store as it is at one instant; the writer goes on meanwhile."""
    with (
        sqlite.refusing(),
        _new_file(target) as fresh,
        closing(sqlite.connect(path, read_only=True)) as source,
        closing(sqlite3.connect(fresh)) as copy,
    ):
        # The open transaction keeps the instant, so that no write makes the copy begin again.
        source.execute("BEGIN")
        source.execute("SELECT seq FROM head").fetchone()
        source.backup(copy, pages=STEP_PAGES, progress=_pages(progress))
        source.execute("COMMIT")
        copy.execute("PRAGMA journal_mode = DELETE")


def backup_rows(source: Journal, target: Path, progress: Progress | None = None) -> None:
    """Copy any other store, table by table, inside one snapshot of `source`."""
    with (
        sqlite.refusing(),
        _new_file(target) as fresh,
        closing(sqlite3.connect(fresh, isolation_level=None)) as copy,
    ):
        copy.execute("PRAGMA synchronous = OFF")  # synced once, at the end
        copy.execute("BEGIN")
        for statement in schema.ddl(sqlite.DIALECT):
            copy.execute(statement)
        for table in schema.metadata.sorted_tables:
            name = sqlite.DIALECT.identifier_preparer.format_table(table)
            places = ",".join("?" * len(table.c))
            rows = counted(source.scan(table), progress)
            copy.executemany(f"INSERT INTO {name} VALUES ({places})", rows)
        copy.execute(f"PRAGMA application_id = {sqlite.APPLICATION_ID}")
        copy.execute("COMMIT")


def restore(source: Journal, target: Journal, progress: Progress | None = None) -> None:
    """Put all rows of a backup into an empty store.

    Refuses with `store_taken` when the target holds a fact. The target must have been opened with the
    keys of the backup's store.
    """
    try:
        if target.begin().seq:
            raise Refusal("store_taken")
        if [row[_MARK] for row in source.scan(schema.head)] != [target.mark]:
            raise Refusal("keys_of_another")
        for table in schema.metadata.sorted_tables:
            target.fill(table, counted(source.scan(table), progress))
        target.settle()
    except BaseException:
        target.rollback()
        raise


def counted(rows: Iterable[tuple[Any, ...]], progress: Progress | None) -> Iterator[tuple[Any, ...]]:
    for done, row in enumerate(rows, start=1):
        if progress and done % 1_000 == 0:
            progress(done, 0)
        yield row


def _pages(progress: Progress | None) -> Callable[[int, int, int], object] | None:
    return (lambda _, left, total: progress(total - left, total)) if progress else None


class _new_file:
    """A file that gets its name only when it is whole and on the disk; refuses to replace another."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._fresh = target.with_name(target.name + ".new")

    def __enter__(self) -> str:
        if self._target.exists():
            raise Refusal("file_exists", path=str(self._target))
        with suppress(FileNotFoundError):
            self._fresh.unlink()
        try:
            os.close(os.open(self._fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise Refusal("file_unwritable", path=str(self._target)) from error
        return str(self._fresh)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            self._fresh.unlink(missing_ok=True)
            return
        for path in (self._fresh, self._target.parent):
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        os.replace(self._fresh, self._target)
