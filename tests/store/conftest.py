"""Every store test runs on every engine: in memory, in a SQLite file, on PostgreSQL."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from huying.service.ports import Store
from huying.store.opening import Opened, open_store
from huying.system import SystemChance
from pg_server import NoServer, Server

KEYS = {"HUYING_KEYS": "ab" * 32 + ":" + "cd" * 32}


class House:
    """One store under test, and how to open it again."""

    def __init__(self, kind: str, address: str, server: Server | None = None) -> None:
        self.kind = kind
        self.address = address
        self.server = server
        self._open: list[Opened] = []

    def open(self, **options: Any) -> Opened:
        opened = open_store(self.address, SystemChance(), environment=KEYS, **options)
        self._open.append(opened)
        return opened

    def run(self, *statements: str) -> None:
        """Do something to the tables behind the store's back."""
        if self.kind == "memory":
            for statement in statements:
                self._open[-1].store.connection.execute(statement)  # type: ignore[attr-defined]
        elif self.kind == "sqlite":
            with closing(sqlite3.connect(self.address, isolation_level=None)) as connection:
                for statement in statements:
                    connection.execute(statement)
        else:
            import psycopg

            with psycopg.connect(self.address, autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement)

    def close(self) -> None:
        for each in self._open:
            each.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    try:
        server = Server()
    except NoServer as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL tests need a server: {reason}")
    yield server
    server.remove()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        made = House("postgres", server.city(), server)
    else:
        address = ":memory:" if request.param == "memory" else str(tmp_path / "city.db")
        made = House(request.param, address)
    yield made
    made.close()


@pytest.fixture
def store(opened: Opened) -> Store:
    return opened.store


@pytest.fixture
def fresh_store(house: House, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Makes empty stores of the same kind, one after another; the one before is closed."""
    count = itertools.count()
    last: list[Opened] = []

    def fresh() -> Store:
        if last:
            last.pop().close()
        address = ":memory:" if house.kind == "memory" else str(tmp_path / f"{next(count)}.db")
        if house.server is not None:
            address = house.server.city()
        last.append(open_store(address, SystemChance(), environment=KEYS))
        return last[0].store

    yield fresh
    for each in last:
        each.close()


@pytest.fixture
def opened(house: House) -> Opened:
    return house.open()
