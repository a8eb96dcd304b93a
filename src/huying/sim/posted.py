"""Adopted plans in the county that lives: crews wait where the plan has them, when it has them."""

from __future__ import annotations

from huying.base.clock import MINUTE
from huying.dispatch.deployed import deployed, paces_of
from huying.domain.deployment import DeploymentAdopted, DeploymentEnded
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.domain.payload import Payload
from huying.service.ports import House
from huying.service.questions import Questions
from huying.sim.agenda import Ears
from huying.sim.movers import Movers

# A plan may begin later than it is adopted: so often it is asked whether one has.
EVERY = MINUTE


class Posted:
    """`pack` as the plans in force have changed it.

    Args:
        movers: is told where crews return to, and moves those who are free when a plan comes into force.
    """

    def __init__(self, house: House, questions: Questions, ears: Ears, movers: Movers) -> None:
        self.pack: Pack = house.pack
        self._house, self._questions, self._movers = house, questions, movers
        self._next = 0
        ears.listen(DeploymentAdopted, self._changed)
        ears.listen(DeploymentEnded, self._changed)

    def _changed(self, fact: Fact, body: Payload) -> None:
        self._next = 0

    def look(self, now: int) -> None:
        """Obey what is in force now."""
        if now < self._next:
            return
        self._next = now + EVERY
        plans = self._questions.deployments(False)
        self._house.travel.obey(self._questions.closures(now), paces_of(plans, now))
        pack = deployed(self._house.pack, plans, now)
        before, self.pack, self._movers.pack = self.pack, pack, pack
        if pack is before:
            return
        moved = [code for code, row in pack.units.items() if (row.lat, row.lon) != _post(before, code)]
        for unit in self._questions.units() if moved else []:
            if unit.code in moved and not unit.incident:
                self._movers.stand([unit])
                self._movers.home(unit.code, now)


def _post(pack: Pack, unit: str) -> tuple[float, float]:
    row = pack.units[unit]
    return row.lat, row.lon
