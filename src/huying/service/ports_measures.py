"""What is asked of the store about measures: numbers of a period, and the incidents behind one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from huying.domain.incident import Incident
from huying.domain.measure import Period, Sums


class MeasureQuestions(Protocol):
    def measured(self, period: Period, by: str, codes: Sequence[str]) -> dict[str, Sums]:
        """Key → what was counted of the incidents opened in the period, the empty key for all of them; told
        apart by `area` (those of `codes`), `agency`, `type`, `time` (the period's course), or nothing. One
        statement."""
        ...

    def behind_measure(
        self, period: Period, measure: str, before: int, limit: int
    ) -> tuple[list[tuple[Incident, int]], int]:
        """(incident, what it adds) of those that a number is made of, newest first with ids below `before`,
        and the id from which to go on, 0 at the end."""
        ...
