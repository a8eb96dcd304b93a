"""How often an address may ask, whatever the clock does."""

from __future__ import annotations

from huying.base.clock import HOUR, SECOND, ManualClock
from huying.edge.buckets import Buckets


def test_tokens_run_out_and_flow_back() -> None:
    clock = ManualClock(HOUR)
    buckets = Buckets(1.0, 2.0, clock)
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]
    clock.at += SECOND
    assert buckets.take("a") and not buckets.take("a") and buckets.take("b")


def test_a_clock_that_jumps_back_shuts_nobody_out() -> None:
    clock = ManualClock(2 * HOUR)
    buckets = Buckets(1.0, 3.0, clock)
    assert buckets.take("a")
    clock.at -= HOUR
    assert buckets.take("a") and buckets.take("a") and not buckets.take("a")
    clock.at += SECOND
    assert buckets.take("a")
