"""Real records, played through the live engine on a simulated clock; what they don't say is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import msgspec

from huying.base.clock import DAY
from huying.channels.files import Record, UnitTimes
from huying.channels.files.mapping import Mapping
from huying.dispatch.recommend import recommend
from huying.domain.commands import AdoptPack, Envelope
from huying.domain.pack import Pack, Station, UnitRow
from huying.geo.points import distance_m
from huying.service.engine import Engine, Transaction
from huying.sim.city import City
from huying.sim.habits import Habits
from huying.sim.heard import Heard

# Commands in one transaction: enough that an incident is rarely written twice in its first hour, few enough
# (some 7,000 facts of 1 kB) that a batch is a small part of the memory.
COMMANDS_PER_COMMIT = 4_000
# The clock runs on after the last record until nothing is to come, at most so long: a year and the ladders.
RUNS_ON = 400 * DAY
# Stations farther apart than this are of different counties.
COUNTY_M = 60_000.0

Box = tuple[float, float, float, float]
"""(south, west, north, east) in degrees."""

Progress = Callable[[int, int], None]
"""(calls taken, simulated instant): told after every commit."""


class Replay:
    """One run. The store must be new, or hold nothing later than the first record."""

    def __init__(self, engine: Engine, mapping: Mapping, seed: int, habits: Habits | None = None) -> None:
        self.engine = engine
        self.mapping = mapping
        self.actor = "record." + mapping.name
        self.city = City(engine.house.pack, seed, self.recommend, habits)
        self.city.rows_are_units = bool(mapping.join and mapping.join.rows == "units")
        # The records' county sends its own units: those of others need not be looked at.
        self.at_hand = units_within(engine.house.pack, mapping.place.box if mapping.place else None)
        self.heard = Heard(engine.house.pack, engine.house.triage)
        self.transaction: Transaction | None = None
        self.calls = 0
        self.first = self.last = 0

    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        """The live recommendation, on the state within the transaction."""
        assert self.transaction is not None
        work, house = self.transaction.work, self.engine.house
        found = recommend(self.at_hand, work.incident(incident), work.units(), house.travel, at)
        far_s = self.city.habits.far_s
        return tuple(line.unit for line in found.lines if line.expected_s <= far_s)

    def run(self, records: Iterator[Record], pace: Callable[[int], None], progress: Progress) -> None:
        """Play all records and what comes of them. `pace` waits until a simulated instant may be reached."""
        ahead = next(records, None)
        if ahead is None:
            return
        self.first = ahead.at
        with self.engine.transaction() as transaction:
            done = transaction.execute(Envelope(AdoptPack(), actor=self.actor, at=self.first))
            self.city.hear(done.facts)
        going = True
        while going:
            with self.engine.transaction() as transaction:
                self.transaction = transaction
                for _ in range(COMMANDS_PER_COMMIT):
                    ahead, going = self._step(transaction, ahead, records, pace)
                    if not going:
                        break
                self.last = transaction.work.at
            progress(self.calls, self.last)

    def _step(
        self,
        transaction: Transaction,
        ahead: Record | None,
        records: Iterator[Record],
        pace: Callable[[int], None],
    ) -> tuple[Record | None, bool]:
        """What comes next in time: a deadline, a record or an act; at one instant in this order."""
        heap = self.city.agenda.heap
        record_at = ahead.at if ahead is not None else 0
        act_at = heap[0][0] if heap else 0
        at = min(record_at, act_at) if record_at and act_at else record_at or act_at
        due = transaction.next_due()
        if due is not None and (not at or due <= at):
            if not at and due > transaction.work.at + RUNS_ON:
                return ahead, False
            pace(due)
            self.city.hear(transaction.run_timers(due))
            return ahead, True
        if not at:
            return ahead, False
        pace(at)
        if ahead is not None and record_at == at:
            self.calls += 1
            self.heard.take(ahead.call)
            self.city.receive(transaction, ahead, self.actor)
            return next(records, None), True
        _, act, what = self.city.agenda.take()
        envelope = act(at, what)
        if envelope is not None:
            done = self.city.do(transaction, envelope)
            if done is not None:
                self.city.hear(done.facts)
        return ahead, True

    def summary(self) -> dict[str, Any]:
        return {**self.city.tally.summary(), "understanding": self.heard.summary()}


def limited(records: Iterator[Record], limit: int) -> Iterator[Record]:
    """At most `limit` records; 0 is all."""
    return islice(records, limit) if limit else records


def with_units_of_records(pack: Pack, times: Iterator[UnitTimes | None]) -> Pack:
    """The pack with the units that the records name in place of its own, each made like one of the pack's.

    They stand one after another at the stations of their like's agency, in the county of their like.
    """
    rows: dict[str, UnitRow] = {}
    posts = {code: _posts(pack, like) for code, like in pack.units.items()}
    for each in times:
        if each is None or each.code in rows:
            continue
        like = pack.units[each.like]
        post = posts[like.code][len(rows) % len(posts[like.code])]
        rows[each.code] = msgspec.structs.replace(
            like,
            code=each.code,
            name=dict.fromkeys(pack.languages, each.code),
            station=post.code,
            lat=post.lat,
            lon=post.lon,
            shifts=(),
        )
    # The digest tells editions apart; units of the records make it another one.
    return _with_units(pack, rows) if rows else pack


def with_more_units(pack: Pack, times: int, box: Box | None) -> Pack:
    """The pack with each unit inside `box` (south, west, north, east; None: everywhere) `times` times."""
    rows = dict(pack.units)
    for row in units_within(pack, box).units.values():
        codes = [f"{row.code}.{n}" for n in range(2, times + 1)]
        rows |= {code: msgspec.structs.replace(row, code=code) for code in codes}
    return _with_units(pack, rows)


def units_within(pack: Pack, box: Box | None) -> Pack:
    """The pack with those of its units that stand inside `box` (None: with all)."""
    if box is None:
        return pack
    south, west, north, east = box
    inside = {
        code: row for code, row in pack.units.items() if south <= row.lat <= north and west <= row.lon <= east
    }
    return msgspec.structs.replace(pack, units=inside)


def _with_units(pack: Pack, rows: dict[str, UnitRow]) -> Pack:
    """Another edition of the pack, which its digest tells apart."""
    digest = hashlib.sha256("\0".join((pack.digest, *rows)).encode()).hexdigest()
    return msgspec.structs.replace(pack, units=rows, digest=digest)


def _posts(pack: Pack, like: UnitRow) -> list[Station]:
    """Stations of the unit's agency that are near enough to be of the same county; at least its own."""
    found = [
        each
        for each in pack.stations.values()
        if like.agency in each.agencies and distance_m(each.lat, each.lon, like.lat, like.lon) < COUNTY_M
    ]
    return found or [pack.stations[like.station]]
