"""The machine's clock and dice."""

from __future__ import annotations

import pytest

from huying import system
from huying.base.clock import EARLIEST_AT, LATEST_AT


def test_the_clock_tells_microseconds_of_this_century() -> None:
    assert EARLIEST_AT < system.SystemClock().now() < LATEST_AT


def test_a_clock_that_is_set_back_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([2_000_000, 1_000_000, 3_000_000])
    monkeypatch.setattr(system.time, "time_ns", lambda: next(times))
    clock = system.SystemClock()
    assert [clock.now(), clock.now(), clock.now()] == [2_000, 2_000, 3_000]


def test_chance_gives_the_bytes_asked_for() -> None:
    chance = system.SystemChance()
    assert len(chance.bytes(16)) == 16
    assert chance.bytes(16) != chance.bytes(16)
