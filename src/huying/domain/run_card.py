"""Who is to go: run cards, and the units, shifts and rules of a pack that they draw on."""

from __future__ import annotations

from collections.abc import Set

from msgspec import Struct

from huying.base.text import Text


class Need(Struct, frozen=True):
    """`count` units with `ability`, of one of `agencies` (empty: any), there within `within_s` seconds.

    `others` are taken in order where nobody is there in time; `ask` is the agency to be asked when short.
    """

    ability: str
    count: int
    agencies: tuple[str, ...] = ()
    within_s: int = 0
    others: tuple[Need, ...] = ()
    ask: str = ""

    @property
    def chain(self) -> tuple[Need, ...]:
        """The need itself and what may be taken instead, in order."""
        return (self, *self.others)

    def names(self, row: UnitRow) -> bool:
        """Whether a unit of the row has the ability itself and is of one of the agencies."""
        return self.ability in row.abilities and (not self.agencies or row.agency in self.agencies)

    def takes(self, row: UnitRow) -> bool:
        """Whether a unit of the row fills the need, or what may be taken instead."""
        return self.names(row) or any(each.names(row) for each in self.others)


class RunCard(Struct, frozen=True):
    """`alarms` are needs that come on top from an alarm level (2 …) on."""

    code: str
    needs: tuple[Need, ...]
    alarms: tuple[tuple[int, Need], ...] = ()

    def at(self, alarm: int) -> tuple[Need, ...]:
        """What is needed at the alarm level."""
        return self.needs + tuple(need for level, need in self.alarms if level <= alarm)

    @property
    def every(self) -> tuple[Need, ...]:
        return self.needs + tuple(need for _, need in self.alarms)


class UnitRule(Struct, frozen=True):
    """Units of `kind` (of `agency`, where one is named) go only to `types` (as in the routing rules; empty:
    all) of one of `priorities`, and fill only needs for `abilities` (empty: any of their own). Where they may
    not go `alone`, they go to danger only with somebody else."""

    code: str
    kind: str
    agency: str = ""
    types: tuple[str, ...] = ()
    priorities: frozenset[int] = frozenset(range(1, 6))
    abilities: frozenset[str] = frozenset()
    alone: bool = True

    def speaks_of(self, row: UnitRow) -> bool:
        return row.kind == self.kind and (not self.agency or row.agency == self.agency)


class Shift(Struct, frozen=True):
    """Daily from `start_min` to `end_min` (local minutes of the day; end before start crosses midnight)."""

    code: str
    name: Text
    start_min: int
    end_min: int
    days: frozenset[int] = frozenset(range(7))


class UnitRow(Struct, frozen=True):
    """A unit as the city lists it. `speed_kmh` is its usual speed on the way; `shifts` when it can be sent
    (empty: always)."""

    code: str
    name: Text
    agency: str
    kind: str
    abilities: frozenset[str]
    station: str
    lat: float
    lon: float
    speed_kmh: float
    shifts: tuple[str, ...] = ()

    def is_on(self, on: Set[str]) -> bool:
        """Whether the unit can be sent during the shifts that are on; without shifts of its own, always."""
        return not self.shifts or not on.isdisjoint(self.shifts)


class Standard(Struct, frozen=True):
    """What the city promises for one priority: seconds from call to dispatch and to arrival, 0 for none; and
    the share of places that free units shall have in reach (0…1), 0 for the usual."""

    priority: int
    dispatch_s: int
    arrive_s: int
    ladder: str
    cover: float = 0.0
