"""Who can go."""

from __future__ import annotations

from msgspec import Struct

from huying.domain.statuses import UnitStatus


class Unit(Struct, omit_defaults=True, gc=False):
    """State of one unit. `id` is its stream; `code` is its row in the pack; `incident` is 0 when free;
    `post` is the station at which it was asked to wait, empty for its usual place."""

    id: int
    code: str
    status: UnitStatus = UnitStatus.AVAILABLE
    version: int = 0
    lat: float = 0.0
    lon: float = 0.0
    moved_at: int = 0
    changed_at: int = 0
    changed_by: str = ""
    incident: int = 0
    why: str = ""
    post: str = ""
