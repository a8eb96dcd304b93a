"""The parts that decide, put together for one city."""

from __future__ import annotations

from huying.domain.pack import Pack
from huying.geo.locate import Locator
from huying.geo.travel import StraightTravel
from huying.privacy.policy import Policy
from huying.service.ports import House
from huying.triage.rules import WordTriage


def house_of(pack: Pack) -> House:
    """Triage by the pack's words, places by its areas and gazetteer, travel times by straight line."""
    return House(pack, WordTriage(pack), Locator(pack), StraightTravel(), Policy(pack.policy))
