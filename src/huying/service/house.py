"""The parts that decide, put together for one city."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from huying.domain.pack import Pack
from huying.geo.locate import Locator
from huying.geo.roads.graph import RoadGraph
from huying.geo.roads.travel import RoadTravel
from huying.geo.travel import StraightTravel
from huying.privacy.policy import Policy
from huying.service.ports import House, Triage
from huying.triage.reading import reader_of
from huying.triage.rules import WordTriage
from huying.triage.scams import ScamFinder


def house_of(
    pack: Pack,
    roads: RoadGraph | None = None,
    turn: AbstractContextManager[Any] | None = None,
    triage: Triage | None = None,
) -> House:
    """Triage by the pack's words, places by its areas and gazetteer, travel times by the city's roads, or by
    straight line where it has none.

    Args:
        triage: understands words; by the pack's own words when not given.
        turn: a lock, where several threads ask; see `RoadTravel`.
    """
    hour_of = pack.worktime.hour_of_week
    travel = (
        StraightTravel(hour_of=hour_of)
        if roads is None
        else RoadTravel(roads, pack.speeds, turn=turn, hour_of=hour_of)
    )
    return House(
        pack,
        triage or pack.once(WordTriage),
        pack.once(Locator),
        travel,
        pack.once(_policy),
        pack.once(ScamFinder),
        reader_of(pack.shorthand),
    )


def _policy(pack: Pack) -> Policy:
    return Policy(pack.policy, bool(pack.shifts))
