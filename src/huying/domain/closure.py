"""What lies on the roads for a while: floods, accidents, works, events."""

from __future__ import annotations

from msgspec import Struct

from huying.base.clock import LATEST_AT
from huying.domain.commands import Command
from huying.domain.payload import Payload


class Closure(Struct, omit_defaults=True, kw_only=True):
    """Roads within `reach_m` of a point, or in the area `ring` and up to its edge, that can't be passed, or
    only slowly.

    `ring` are its corners (lat, lon), empty for a point; with one the point is only where the map names it.
    With a `road` only edges of that name. Times are multiplied by `slow`, 0 means closed; `feet_pass` where
    people on foot still get through. It ends at `until_at` (UTC µs, 0 open) or when somebody reopens it at
    `ended_at`. `incident` is what it goes back to, 0 for none.
    """

    id: int
    version: int = 1
    lat: float
    lon: float
    reach_m: float
    road: str = ""
    slow: float = 0.0
    feet_pass: bool = False
    why: str = ""
    since_at: int = 0
    until_at: int = 0
    incident: int = 0
    by: str = ""
    ended_at: int = 0
    ring: tuple[tuple[float, float], ...] = ()

    @property
    def ends_at(self) -> int:
        """When it was or will be free again (UTC µs); the end of time while nobody knows."""
        return self.ended_at or self.until_at or LATEST_AT

    def holds(self, at: int) -> bool:
        """Whether it is in force at the instant (UTC µs)."""
        return at < self.ends_at


class CloseRoad(Command, frozen=True, kw_only=True):
    """Roads near the point can't be passed, or only slowly (times are multiplied by `slow`; 0: closed); with
    a `ring` of corners (lat, lon) those in that area.

    `until_at` ISO 8601 in the API; `why` is needed.
    """

    lat: float
    lon: float
    reach_m: float = 50.0
    road: str = ""
    slow: float = 0.0
    feet_pass: bool = False
    why: str
    until_at: int = 0
    incident: int = 0
    ring: tuple[tuple[float, float], ...] = ()


class ReopenRoad(Command, frozen=True, kw_only=True):
    """The road is free again."""

    closure: int
    why: str = ""


class RoadClosed(Payload, frozen=True):
    lat: float
    lon: float
    reach_m: float
    road: str = ""
    slow: float = 0.0
    feet_pass: bool = False
    why: str = ""
    until_at: int = 0
    incident: int = 0
    ring: tuple[tuple[float, float], ...] = ()


class RoadReopened(Payload, frozen=True):
    why: str = ""


CLOSURES: dict[str, type[Payload]] = {"road.closed": RoadClosed, "road.reopened": RoadReopened}
