"""Calls from a city's own file into a live store: at their own times, each record once, nobody simulated."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from huying.base.clock import SECOND, Clock
from huying.base.refusal import Refusal
from huying.channels.files import Reader, Record
from huying.channels.files.lines import BadLines
from huying.channels.files.mapping import check
from huying.domain.commands import AdoptPack, Envelope, JoinCall
from huying.service.engine import Engine, Transaction
from huying.service.house import house_of
from huying.sim.city import KEYS_KEPT
from huying.sim.player import Progress
from huying.sim.replay import limited
from huying.sim.stage import find_mapping
from huying.store.opening import open_store
from huying.store.packdir import read_pack
from huying.system import SystemChance, SystemClock

# Calls in one transaction: what they need is read beforehand in one go, and others may write in between.
CALLS_PER_COMMIT = 500


class Ask(Struct, frozen=True, kw_only=True):
    """What is asked for: the file, the name or path of its mapping, and the store that the calls go into."""

    file: Path
    mapping: str
    store: str
    pack: str = ""
    limit: int = 0
    bad: Path | None = None


def bring_in(ask: Ask, progress: Progress, clock: Clock | None = None) -> dict[str, Any]:
    """Take the calls of a file; counts as JSON values. A record that is there already is not taken again."""
    clock = clock or SystemClock()
    mapping = find_mapping(ask.mapping)
    pack = read_pack(ask.pack or mapping.pack)
    check(mapping, pack)
    chance = SystemChance()
    began = clock.now()
    opened = open_store(ask.store, chance)
    try:
        with BadLines(ask.bad) as bad:
            reader = Reader(mapping, pack.centre, bad)
            engine = Engine(opened.store, house_of(pack), clock, chance)
            rows_are_units = bool(mapping.join and mapping.join.rows == "units")
            taking = _Taking(engine, "import." + mapping.name, rows_are_units)
            taking.run(limited(reader.read(ask.file), ask.limit), progress)
    finally:
        opened.close()
    return {
        "file": ask.file.name,
        "mapping": mapping.name,
        "pack": pack.name,
        "store": ask.store,
        "calls": taking.taken,
        "known": taking.known,
        "refused": dict(sorted(taking.refused.items())),
        "bad_lines": dict(sorted(bad.reasons.items())),
        "left_out": dict(sorted(reader.slips.items())),
        "wall_s": round((clock.now() - began) / SECOND, 2),
    }


class _Taking:
    """`taken` calls are new, `known` ones were there, `refused` are counted by reason."""

    def __init__(self, engine: Engine, actor: str, rows_are_units: bool) -> None:
        self.engine = engine
        self.actor = actor
        self.rows_are_units = rows_are_units
        self.keys: OrderedDict[str, int] = OrderedDict()
        self.taken = self.known = 0
        self.refused: Counter[str] = Counter()

    def run(self, records: Iterator[Record], progress: Progress) -> None:
        first = True
        while group := list(islice(records, CALLS_PER_COMMIT)):
            now = self.engine.clock.now()
            envelopes = [self._envelope(each, now) for each in group]
            with self.engine.transaction(envelopes) as transaction:
                if first:
                    adopt = Envelope(AdoptPack(), actor=self.actor, at=envelopes[0].at)
                    transaction.execute(adopt)
                for record, envelope in zip(group, envelopes, strict=True):
                    self._take(transaction, record, envelope)
            first = False
            progress(self.taken + self.known, group[-1].at)

    def _envelope(self, record: Record, now: int) -> Envelope:
        call = msgspec.structs.replace(record.call, received_at=record.at)
        return Envelope(call, actor=self.actor, key=call.source_id, at=min(record.at, now))

    def _take(self, transaction: Transaction, record: Record, envelope: Envelope) -> None:
        known = self.keys.get(record.key, 0) if record.key else 0
        if known and self.rows_are_units:
            return
        try:
            done = transaction.execute(envelope)
        except Refusal as refusal:
            self.refused[refusal.code] += 1
            return
        if done.answer.get("repeated"):
            self.known += 1
        else:
            self.taken += 1
        if record.key:
            self._join(transaction, record.key, done.answer)

    def _join(self, transaction: Transaction, key: str, answer: dict[str, Any]) -> None:
        """Rows of one incident are calls of one incident; what is there already is joined already."""
        incident = self.keys.setdefault(key, answer["incident_id"])
        if len(self.keys) > KEYS_KEPT:
            self.keys.popitem(last=False)
        if incident != answer["incident_id"] and not answer.get("repeated"):
            command = JoinCall(incident=incident, call=answer["call_id"])
            try:
                transaction.execute(Envelope(command, actor=self.actor, at=transaction.work.at))
            except Refusal as refusal:
                self.refused[refusal.code] += 1
