"""Teaching by night: once a night, in the city's own hour, and only where it can be done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from huying.base.refusal import Refusal
from huying.edge.models import Workshop
from huying.learning.nightly import ACTOR, Nightly
from tiny_pack import tiny_pack

WORKTIME = tiny_pack().worktime


class Hands:
    """A clock that is set by hand, and a workshop that notes what it is asked for."""

    def __init__(self) -> None:
        self.at = 0
        self.asked: list[tuple[str, str, str]] = []
        self.busy = False
        self.reports = 1

    def now(self) -> int:
        return self.at

    def set(self, day: int, hour: int, minute: int = 0) -> None:
        local = datetime(2026, 3, day, hour, minute, tzinfo=WORKTIME.zone)
        self.at = int(local.astimezone(UTC).timestamp()) * 1_000_000

    def files(self) -> int:
        return self.reports

    def start(self, kind: str, digest: str, actor: str) -> None:
        if self.busy:
            raise Refusal("model_job_running", kind="train")
        self.asked.append((kind, digest, actor))


def night(hands: Any, ready: bool = True) -> Nightly:
    return Nightly(cast(Workshop, hands), WORKTIME, hands, lambda: ready)


def test_once_a_night_in_the_citys_own_hour() -> None:
    hands = Hands()
    nightly = night(hands)
    for day, hour, minute in ((1, 2, 59), (1, 3, 1), (1, 3, 11), (1, 4, 0), (1, 15, 0), (2, 3, 5)):
        hands.set(day, hour, minute)
        nightly.look()
    assert hands.asked == [("distil", "", ACTOR)] * 2


def test_without_the_extra_or_reports_nothing_is_begun() -> None:
    hands = Hands()
    hands.set(1, 3)
    assert not night(hands, ready=False).look()
    hands.reports = 0
    assert not night(hands).look()
    assert hands.asked == []


def test_while_another_job_runs_it_is_asked_again() -> None:
    hands = Hands()
    nightly = night(hands)
    hands.set(1, 3)
    hands.busy = True
    with pytest.raises(Refusal):
        nightly.look()
    hands.busy = False
    hands.set(1, 3, 10)
    assert nightly.look()
