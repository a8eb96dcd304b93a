"""Every store test runs on every engine: in memory, in a SQLite file, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
def opened(house: House) -> Opened:
    return house.open()
