"""What is done again and again: refusals and faults end nothing, stopping ends it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from huying.base.refusal import Refusal
from huying.edge.repeated import Repeated


def test_refusals_and_faults_are_told_and_the_next_turn_comes(caplog: pytest.LogCaptureFixture) -> None:
    turns: list[int] = []

    async def work() -> None:
        turns.append(len(turns))
        if len(turns) == 1:
            raise Refusal("busy")
        if len(turns) == 2:
            raise ValueError("a bug")
        third.set()

    async def some_turns() -> int:
        one = Repeated(work, 0.0, "sweeping", logging.getLogger("huying.test"))
        await one.stop()  # what was not begun needs no end
        await one.start()
        await asyncio.wait_for(third.wait(), 60)
        await one.stop()
        done = len(turns)
        for _ in range(5):
            await asyncio.sleep(0)
        return done

    third = asyncio.Event()
    assert asyncio.run(some_turns()) == len(turns) >= 3
    assert [each.getMessage() for each in caplog.records] == ["sweeping waits: busy", "sweeping failed"]
