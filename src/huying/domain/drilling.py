"""A journal that is a drill's says so first, so that nobody ever takes it for a city's."""

from __future__ import annotations

from huying.domain.commands import Command
from huying.domain.payload import Payload


class BeginDrill(Command, frozen=True, kw_only=True):
    """Mark an empty journal as that of a drill: nothing in it is real."""

    scenario: str
    seed: int
    policy: str = ""


class DrillBegun(Payload, frozen=True):
    scenario: str
    seed: int
    policy: str = ""


DRILLING: dict[str, type[Payload]] = {"drill.begun": DrillBegun}
