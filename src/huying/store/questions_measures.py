"""Questions of measures: what was counted, and the list behind a number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager

import sqlalchemy as sa

from huying.domain.incident import Incident
from huying.domain.measure import Sums
from huying.service.ports import Period
from huying.service.questions import Among
from huying.store import schema as t
from huying.store.asking import Asking
from huying.store.docs import read_incident
from huying.store.measures import behind, sums


class MeasureQuestions(Asking, ABC):
    @abstractmethod
    def seeing(self, among: Among) -> AbstractContextManager[sa.Connection]:
        """A connection that sees no more than an asker may."""

    def measured(self, period: Period, by: str, codes: Sequence[str]) -> dict[str, Sums]:
        with self.seeing(period.among) as connection:
            return sums(connection, period, by, codes)

    def behind_measure(
        self, period: Period, measure: str, before: int, limit: int
    ) -> tuple[list[tuple[Incident, int]], int]:
        with self.seeing(period.among) as connection:
            found = behind(connection, period, measure, before, limit + 1)
            rest = found[limit - 1][0] if len(found) > limit else 0
            found = found[:limit]
            i = t.incident.c
            rows = connection.execute(sa.select(i.id, i.doc).where(i.id.in_([id for id, _ in found])))
            states = {row.id: read_incident(row.doc) for row in rows}
        return [(states[id], value) for id, value in found], rest
