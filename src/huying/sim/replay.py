"""Real records, played through the live engine on a simulated clock; what they don't say is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from huying.channels.files import Record, UnitTimes
from huying.channels.files.mapping import Mapping
from huying.dispatch.recommend import choose
from huying.domain.pack import Pack, Station
from huying.domain.run_card import UnitRow
from huying.geo.points import distance_m
from huying.service.engine import Engine
from huying.sim.habits import Habits
from huying.sim.heard import Heard
from huying.sim.player import Player

# Stations farther apart than this are of different counties.
COUNTY_M = 60_000.0

Box = tuple[float, float, float, float]
"""(south, west, north, east) in degrees."""


class Replay(Player):
    """One run of records."""

    def __init__(self, engine: Engine, mapping: Mapping, seed: int, habits: Habits | None = None) -> None:
        super().__init__(engine, "record." + mapping.name, seed, habits)
        self.mapping = mapping
        self.city.rows_are_units = bool(mapping.join and mapping.join.rows == "units")
        # The records' county sends its own units: those of others need not be looked at.
        self.at_hand = units_within(engine.house.pack, mapping.place.box if mapping.place else None)
        self.heard = Heard(engine.house.pack, engine.house.triage, mapping.label)

    def recommend(self, incident: int, at: int) -> tuple[str, ...]:
        """The live recommendation, on the state within the transaction."""
        assert self.transaction is not None
        work, house = self.transaction.work, self.engine.house
        found = choose(self.at_hand, work.incident(incident), work.units(), house.travel, at)
        far_s = self.city.habits.far_s
        return tuple(unit for unit, expected_s in found if expected_s <= far_s)

    def take(self, record: Record) -> None:
        self.heard.take(record)

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
        for n in range(2, times + 1):
            name = {lang: f"{said} ({n})" for lang, said in row.name.items()}
            code = f"{row.code}.{n}"
            rows[code] = msgspec.structs.replace(row, code=code, name=name)
    return _with_units(pack, rows)


def units_within(pack: Pack, box: Box | None) -> Pack:
    """The pack with those of its units that stand inside `box` (None: with all)."""
    if box is None:
        return pack
    south, west, north, east = box
    inside = {
        code: row for code, row in pack.units.items() if south <= row.lat <= north and west <= row.lon <= east
    }
    return pack.changed(units=inside)


def _with_units(pack: Pack, rows: dict[str, UnitRow]) -> Pack:
    """Another edition of the pack, which its digest tells apart."""
    digest = hashlib.sha256("\0".join((pack.digest, *rows)).encode()).hexdigest()
    return pack.changed(units=rows, digest=digest)


def _posts(pack: Pack, like: UnitRow) -> list[Station]:
    """Stations of the unit's agency that are near enough to be of the same county; at least its own."""
    found = [
        each
        for each in pack.stations.values()
        if like.agency in each.agencies and distance_m(each.lat, each.lon, like.lat, like.lon) < COUNTY_M
    ]
    return found or [pack.stations[like.station]]
