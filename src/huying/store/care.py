"""What an operator does to a store by its address: verify, rebuild, export, back up, restore."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from huying.base.clock import Chance
from huying.base.refusal import Refusal
from huying.store import backup as backups
from huying.store import export as exports
from huying.store.journal import Journal
from huying.store.opening import (
    is_postgres,
    open_questions,
    open_store,
    path_of,
    postgres_module,
)
from huying.store.rebuild import Rebuilt, rebuild
from huying.store.sqlite import SqliteStore
from huying.store.verify import Report, verify

Progress = Callable[[int, int], None]


def verify_store(
    address: str, progress: Progress | None = None, known: tuple[int, str] | None = None
) -> Report:
    """`verify` of the store, or of a backup, at `address`; needs no keys."""
    with closing(open_questions(address)) as questions:
        return verify(questions, progress, known)


def facts_in(address: str) -> int:
    """Refuse unless there is a store at `address`; how many facts it has."""
    with closing(open_questions(address)) as questions:
        return questions.head().seq


def last_fact_at(address: str) -> int:
    """The instant (UTC µs) of the last fact; 0 when there is none, or no store that can be read."""
    try:
        with closing(open_questions(address)) as questions:
            return questions.head().at
    except Refusal:  # whatever it is, is said when the store is opened for work
        return 0


def rebuild_store(
    address: str, chance: Chance, progress: Progress | None = None, *, swap: bool = True
) -> Rebuilt:
    """`rebuild` beside the server, in a scratch file `<store>.rebuild` or a schema `…_rebuild`."""
    facts_in(address)
    with (
        closing(open_questions(address)) as questions,
        _existing(address, chance) as live,
        _shadow(address, chance) as shadow,
    ):
        return rebuild(live, shadow, questions.fact_rows, progress, swap=swap)


def export_store(
    address: str,
    to: BinaryIO | Path,
    *,
    after: int = 0,
    parquet: bool = False,
    whole: bool = False,
    progress: Progress | None = None,
) -> int:
    """Facts after `after` as NDJSON to a stream, or as Parquet to a path; how many.

    Args:
        whole: words as they were said; otherwise what leads to a person is masked.
    """
    with closing(open_questions(address)) as questions:
        until = questions.head().seq
        fetch = exports.left(questions.fact_rows, questions.left_of)
        fetch = fetch if whole else exports.masked(fetch)
        if parquet:
            return exports.export_parquet(fetch, str(to), after, until, progress)
        if isinstance(to, Path):
            with to.open("wb") as out:
                return exports.export_ndjson(fetch, out, after, until, progress)
        return exports.export_ndjson(fetch, to, after, until, progress)


def backup_store(address: str, target: Path, chance: Chance, progress: Progress | None = None) -> Report:
    """Back up to one new file while the server runs, and verify the file."""
    if is_postgres(address):
        facts_in(address)
        with closing(postgres_module().PostgresStore(address, None, chance)) as store, store.snapshot():
            backups.backup_rows(store, target, progress)
    else:
        backups.backup_sqlite(path_of(address), target, progress)
    return verify_store(str(target), progress)


def restore_store(
    source: Path,
    address: str,
    chance: Chance,
    environment: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Bring a backup into a new store of any engine, and verify it. Needs the keys of the old store."""
    if not source.is_file():
        raise Refusal("not_found")
    with (
        closing(SqliteStore(str(source), None, chance, read_only=True)) as old,
        closing(open_store(address, chance, environment)) as new,
    ):
        backups.restore(old, new.store, progress)
        return verify(new.questions, progress)


@contextmanager
def _existing(address: str, chance: Chance) -> Iterator[Journal]:
    if is_postgres(address):
        store: Journal = postgres_module().PostgresStore(address, None, chance)
    else:
        store = SqliteStore(path_of(address), None, chance)
    with closing(store):
        yield store


@contextmanager
def _shadow(address: str, chance: Chance) -> Iterator[Journal]:
    """An empty store beside the live one, gone afterwards."""
    if is_postgres(address):
        postgres = postgres_module()
        postgres.drop_shadow(address)
        try:
            with closing(postgres.PostgresStore(address, None, chance, shadow=True)) as store:
                store.connection.execute("SET synchronous_commit = off")  # scratch: nothing to lose
                yield store
        finally:
            postgres.drop_shadow(address)
        return
    path = path_of(address) + ".rebuild"
    _remove(path)
    try:
        with closing(SqliteStore(path, None, chance)) as made:
            made.connection.execute("PRAGMA synchronous = OFF")
            yield made
    finally:
        _remove(path)


def _remove(path: str) -> None:
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.unlink(path + end)
