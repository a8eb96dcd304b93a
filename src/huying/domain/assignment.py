"""A unit on an incident."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.reason import Reason
from huying.domain.statuses import AssignmentStatus


class Assignment(Struct, omit_defaults=True, gc=False):
    """`n` counts assignments within the incident from 1; instants are UTC µs, 0 for not yet."""

    n: int
    unit: str
    agency: str
    dispatched_at: int
    status: AssignmentStatus = AssignmentStatus.DISPATCHED
    reasons: tuple[Reason, ...] = ()
    en_route_at: int = 0
    on_scene_at: int = 0
    clear_at: int = 0

    @property
    def running(self) -> bool:
        return self.clear_at == 0
