"""Travel times as roads are now: what is closed or slow, and the paces that are in force."""

from __future__ import annotations

from typing import Protocol

from huying.dispatch.deployed import paces_of
from huying.geo.travel import TravelTime
from huying.service.ports import House
from huying.service.questions import Questions


class Behind(Protocol):
    """What is needed of the desk."""

    @property
    def house(self) -> House: ...
    @property
    def questions(self) -> Questions: ...


def travel_now(desk: Behind, at: int) -> TravelTime:
    """The house's travel times, told what holds at the instant (UTC µs)."""
    travel, questions = desk.house.travel, desk.questions
    travel.obey(questions.closures(at), paces_of(questions.deployments(False), at))
    return travel
