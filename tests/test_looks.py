"""Looks that wait: when no more can wait, nothing personal is shown, however often it is asked for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from huying.base.refusal import Refusal
from huying.domain.commands import Envelope
from huying.edge import looks as module
from huying.edge.looks import Looks


class Writer:
    def __init__(self) -> None:
        self.written: list[Envelope] = []

    async def do(self, envelope: Envelope) -> Any:
        self.written.append(envelope)


def test_a_look_that_could_not_be_noted_is_refused_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_MAX", 1)
    writer = Writer()
    looks = Looks(writer)
    looks.note("desk-1", "answer", "call", "desk.calls", [1], 10)
    for at in (11, 12):
        with pytest.raises(Refusal, match="busy"):
            looks.note("desk-1", "answer", "call", "desk.calls", [2], at)
    asyncio.run(looks.flush())
    looks.note("desk-1", "answer", "call", "desk.calls", [2], 13)
    asyncio.run(looks.flush())
    assert [each.command.looks[0].calls for each in writer.written] == [(1,), (2,)]  # type: ignore[attr-defined]
