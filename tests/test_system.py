"""The machine's clock and dice."""

from __future__ import annotations

import pytest

from huying import system
from huying.base.clock import EARLIEST_AT, LATEST_AT


def test_the_clock_tells_microseconds_of_this_century() -> None:
    assert EARLIEST_AT < system.SystemClock().now() < LATEST_AT


class Machine:
    """The operating system's two clocks, in seconds, as a test sets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.count = 1_000_000
        monkeypatch.setattr(system.time, "time_ns", lambda: self.wall * 10**9)
        monkeypatch.setattr(system, "_count", lambda: self.count * 10**6)
        self.clock = system.SystemClock()
        self.now()

    def now(self, wall: int = 0, count: int = 0) -> int:
        """What the clock tells (s) after each has gone on by so much."""
        self.wall, self.count = self.wall + wall, self.count + count
        return self.clock.now() // 10**6 - 1_000_000


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_a_clock_that_is_set_back_a_little_stands_still(machine: Machine) -> None:
    assert [machine.now(10, 10), machine.now(-5, 0), machine.now(3, 3), machine.now(4, 4)] == [10, 10, 10, 12]
    assert machine.clock.leap == 0


@pytest.mark.parametrize("by", [-86_400 * 365, -61, 61, 3_600, 86_400 * 3_650])
def test_a_clock_that_leaps_is_not_followed_until_it_agrees(machine: Machine, by: int) -> None:
    assert machine.now(5 + by, 5) == 5
    assert machine.clock.leap == by * 10**6
    assert machine.now(7, 7) == 12
    assert machine.now(3 - by, 3) == 15
    assert machine.clock.leap == 0
    assert machine.now(2, 2) == 17


def test_a_clock_that_is_corrected_slowly_is_followed(machine: Machine) -> None:
    assert [machine.now(11, 10) for _ in range(100)][-1] == 1_100


def test_chance_gives_the_bytes_asked_for() -> None:
    chance = system.SystemChance()
    assert len(chance.bytes(16)) == 16
    assert chance.bytes(16) != chance.bytes(16)
