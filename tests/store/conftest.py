"""Every store test runs on every engine: in memory, in a SQLite file, on PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from huying.service.ports import Store
from huying.store.opening import Opened, open_store
from huying.system import SystemChance


class House:
    """One store under test, and how to open it again."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._open: list[Opened] = []

    def open(self, **options: Any) -> Opened:
        opened = open_store(self.address, SystemChance(), environment={}, **options)
        self._open.append(opened)
        return opened

    def close(self) -> None:
        for each in self._open:
            each.close()


@pytest.fixture(params=["memory", "sqlite"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    address = {"memory": ":memory:", "sqlite": str(tmp_path / "city.db")}[request.param]
    made = House(address)
    yield made
    made.close()


@pytest.fixture
def store(house: House) -> Store:
    return house.open().store


@pytest.fixture
def fresh_store(house: House, tmp_path: Path) -> Callable[[], Store]:
    """Makes empty stores of the same kind, one after another."""
    count = itertools.count()

    def fresh() -> Store:
        address = house.address if house.address == ":memory:" else str(tmp_path / f"{next(count)}.db")
        return open_store(address, SystemChance(), environment={}).store

    return fresh


@pytest.fixture
def opened(house: House) -> Opened:
    return house.open()
