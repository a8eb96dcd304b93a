"""Which timer is next: a small window of the store's timers, kept in order in memory."""

from __future__ import annotations

import heapq

from huying.base.clock import LATEST_AT
from huying.domain.incident import Incident
from huying.service.ports import Store

# Timers read at a time, and how many may stand in memory before the far ones are left to the store again.
WINDOW = 1_000
WINDOW_MAX = 20_000

Entry = tuple[int, int, str]
"""(due µs, incident, key)"""


class Agenda:
    """All timers due until `until`, as (due, incident, key). Entries may be stale: the incident decides."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing; the next question reads the store."""
        self.heap: list[Entry] = []
        self.known: set[Entry] = set()
        self.until = -1

    def note(self, incident: Incident) -> None:
        """Take in what an incident's deadlines ask for by now."""
        for each in incident.deadlines:
            if 0 < each.next <= self.until:
                entry = (each.next, incident.id, each.key)
                if entry not in self.known:
                    self.known.add(entry)
                    heapq.heappush(self.heap, entry)

    def next(self, at: int, store: Store, uncommitted: dict[int, Incident]) -> Entry | None:
        """Take out the earliest entry due at or before `at`, or None."""
        while not self.heap or self.heap[0][0] > min(at, self.until):
            if self.until >= min(at, LATEST_AT):
                return None
            self._widen(store, uncommitted)
        entry = heapq.heappop(self.heap)
        self.known.discard(entry)
        return entry

    def earliest(self, store: Store, uncommitted: dict[int, Incident]) -> int | None:
        """When an entry is next due at the earliest (it may turn out to be stale), or None."""
        while not self.heap and self.until < LATEST_AT:
            self._widen(store, uncommitted)
        return self.heap[0][0] if self.heap else None

    def _widen(self, store: Store, uncommitted: dict[int, Incident]) -> None:
        after, limit = self.until, WINDOW
        timers = store.timers_due(after, LATEST_AT, limit)
        while len(timers) == limit and timers[-1].due - 1 <= after:
            limit *= 4  # more than a window at one instant
            timers = store.timers_due(after, LATEST_AT, limit)
        # A full window may end in the middle of an instant: what is due later in it is read next time.
        self.until = timers[-1].due - 1 if len(timers) == limit else LATEST_AT
        for each in timers:
            entry = (each.due, each.incident, each.key)
            if each.due <= self.until and entry not in self.known:
                self.known.add(entry)
                heapq.heappush(self.heap, entry)
        for incident in uncommitted.values():
            self.note(incident)

    def trim(self) -> None:
        """Leave the far ones to the store again; only between transactions, when it has them all."""
        if len(self.heap) <= WINDOW_MAX:
            return
        self.heap = heapq.nsmallest(WINDOW, self.heap)
        self.known = set(self.heap)
        self.until = self.heap[-1][0] - 1
