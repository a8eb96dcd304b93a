"""Where and when a fault holds; and the network cut: telephones and radios of some towns are dead."""

from __future__ import annotations

from huying.base.clock import MINUTE
from huying.domain.pack import Pack
from huying.geo.areas import areas_of
from huying.sim.drill.scenario import Fault, Scenario

Point = tuple[float, float]


def span(fault: Fault, scenario: Scenario) -> tuple[int, int]:
    """From when to when it holds, in µs after the drill's clock starts."""
    low = int(fault.after_min * MINUTE)
    return low, low + int(fault.for_min * MINUTE) if fault.for_min else int(scenario.hours * 60) * MINUTE


class Cut:
    """All network cuts of a scenario."""

    def __init__(self, scenario: Scenario, pack: Pack) -> None:
        self._begins_at = scenario.begins_at(pack)
        self._cuts = [
            (*span(each, scenario), frozenset(each.areas))
            for each in scenario.fault
            if each.kind == "network_cut"
        ]
        self._areas = areas_of(pack.areas.values()) if self._cuts else None

    def dead(self, at: int, where: Point | None) -> bool:
        """Whether nobody can be heard from there at that instant (UTC µs)."""
        return self.back_at(at, where) > at

    def back_at(self, at: int, where: Point | None) -> int:
        """When somebody there can be heard again; `at` itself where nothing is cut."""
        if self._areas is None or where is None:
            return at
        since = at - self._begins_at
        ends = [
            high
            for low, high, areas in self._cuts
            if low <= since < high and not areas.isdisjoint(self._areas.at(*where))
        ]
        return self._begins_at + max(ends) if ends else at
