"""Makes all projections anew from the facts, says where the live ones differ, and puts the new ones in.

The new ones grow in a shadow store (a scratch file, or a schema of its own in PostgreSQL) while the server
goes on; only the last facts and the exchange are done under the lock. Memory is bounded: states that were
not touched for a while are read again from the shadow.
"""

from __future__ import annotations

import gc
import heapq
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
from msgspec import Struct, field

from huying.domain.account import Account, PartnerKey
from huying.domain.call import Call
from huying.domain.closure import Closure
from huying.domain.deployment import Deployment
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.unit import Unit
from huying.service.evolve import evolve
from huying.service.ports import Batch, Timer
from huying.service.work import timers_of
from huying.store import schema
from huying.store.codec import FactRow, fact_of
from huying.store.journal import Journal
from huying.store.projections import expand, remainder_rows

# Facts between two writes to the shadow: most incidents of a busy hour are written once.
FLUSH_FACTS = 20_000
# States of each kind kept in memory, about 3 kB each.
KEPT = 20_000
CHUNK = 2_000
# Differences told one by one; the rest is only counted.
SHOWN_MAX = 20

Progress = Callable[[int, int], None]
Fetch = Callable[[int, int], list[FactRow]]


class Difference(Struct, frozen=True):
    """A row of the live store that the facts don't explain: how is `missing`, `extra` or `changed`."""

    table: str
    key: tuple[Any, ...]
    how: str


class Rebuilt(Struct):
    """`facts` read, `rows` made, and what the live store had wrong: `different` rows, the first of them."""

    facts: int = 0
    rows: int = 0
    different: int = 0
    shown: list[Difference] = field(default_factory=list)


class Replaying:
    """State while facts are applied; `flush` writes what changed to the shadow."""

    def __init__(self, shadow: Journal) -> None:
        self._shadow = shadow
        self._incidents: OrderedDict[int, Incident] = OrderedDict()
        self._calls: OrderedDict[int, Call] = OrderedDict()
        self._units: dict[str, Unit] = {}
        self._codes: dict[int, str] = {}
        self._timers: dict[int, frozenset[Timer]] = {}  # as the shadow has them, of what is in the batch
        self._batch = Batch()

    # ── what `evolve` asks for ───────────────────────────────────────────────────────────────────────────
    def incident_to_change(self, id: int) -> Incident:
        incident = self._batch.incidents.get(id)
        if incident is None:
            incident = self._incidents.get(id) or self._shadow.load_incidents((id,))[id]
            self._timers[id] = timers_of(incident)
            self._batch.incidents[id] = self._incidents[id] = incident
        return incident

    def call_to_change(self, id: int) -> Call:
        call = self._batch.calls.get(id) or self._calls.get(id) or self._shadow.load_calls((id,))[id]
        self._batch.calls[id] = call
        return call

    def unit_to_change(self, code: str) -> Unit:
        unit = self._units[code]
        self._batch.units[unit.id] = unit
        return unit

    def unit_of_stream(self, id: int) -> Unit:
        return self.unit_to_change(self._codes[id])

    def add_incident(self, incident: Incident) -> None:
        self._incidents[incident.id] = self._batch.incidents[incident.id] = incident

    def add_call(self, call: Call) -> None:
        self._calls[call.id] = self._batch.calls[call.id] = call

    def add_unit(self, unit: Unit) -> None:
        self._units[unit.code] = self._batch.units[unit.id] = unit
        self._codes[unit.id] = unit.code

    def closure_to_change(self, id: int) -> Closure:
        closure = self._batch.closures.get(id) or self._shadow.load_closure(id)
        assert closure is not None
        self._batch.closures[id] = closure
        return closure

    def add_closure(self, closure: Closure) -> None:
        self._batch.closures[closure.id] = closure

    def deployment_to_change(self, id: int) -> Deployment:
        plan = self._batch.deployments.get(id) or self._shadow.load_deployment(id)
        assert plan is not None
        self._batch.deployments[id] = plan
        return plan

    def add_deployment(self, deployment: Deployment) -> None:
        self._batch.deployments[deployment.id] = deployment

    def account_to_change(self, id: int) -> Account:
        account = self._batch.accounts.get(id) or self._shadow.load_account(id)
        assert account is not None
        self._batch.accounts[id] = account
        return account

    def add_account(self, account: Account) -> None:
        self._batch.accounts[account.id] = account

    def key_to_change(self, id: int) -> PartnerKey:
        key = self._batch.partner_keys.get(id) or self._shadow.load_key(id)
        assert key is not None
        self._batch.partner_keys[id] = key
        return key

    def add_key(self, key: PartnerKey) -> None:
        self._batch.partner_keys[key.id] = key

    def door(self, name: str, id: int) -> None:
        self._batch.doors[name] = id

    # ── what is left of payloads that are gone ───────────────────────────────────────────────────────────
    def facts_of(self, rows: list[FactRow], live: Journal) -> list[Fact]:
        """The facts of these rows; of payloads that were taken away what the taking fact has left of them."""
        gone = [row[0] for row in rows if row[7] is None]
        left = self._shadow.left_of(gone) if gone else {}
        if len(left) < len(gone):  # taken away since we began
            self.gather(live)
            left = self._shadow.left_of(gone)
        return [fact_of(row, left.get(row[0])) for row in rows]

    def gather(self, live: Journal) -> None:
        """Put what is left of payloads into the shadow before the facts that they belong to are met."""
        facts = (fact_of(row) for row in live.erasures() if row[7] is not None)
        self._shadow.begin()
        self._shadow.fill(schema.remainder, remainder_rows(facts))
        self._shadow.settle()

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────
    def apply(self, facts: list[Fact]) -> None:
        for fact in facts:
            evolve(self, fact)
        self._batch.facts += facts
        if len(self._batch.facts) >= FLUSH_FACTS:
            self.flush()

    def flush(self) -> None:
        batch = self._batch
        for id, incident in batch.incidents.items():
            before, after = self._timers.get(id, frozenset()), timers_of(incident)
            batch.timers_set |= after - before
            batch.timers_gone |= before - after
        self._shadow.derive(batch)
        self._batch, self._timers = Batch(), {}
        for kept in (self._incidents, self._calls):
            while len(kept) > KEPT:
                kept.popitem(last=False)


def rebuild(
    live: Journal, shadow: Journal, fetch: Fetch, progress: Progress | None = None, *, swap: bool = True
) -> Rebuilt:
    """Fill the empty `shadow` from the facts of `live`, compare, and (with `swap`) put its tables in place.

    Args:
        fetch: reads fact rows of the live store, `SqlQuestions.fact_rows`.
        progress: is called with (facts done, facts in all).

    The live totals and tables are exchanged in one transaction; readers see the old or the new ones.
    """
    with _no_collector():
        return _rebuild(live, shadow, fetch, progress or (lambda done, total: None), swap)


@contextmanager
def _no_collector() -> Iterator[None]:
    """States hold no cycles, and looking for some among so many takes a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _rebuild(live: Journal, shadow: Journal, fetch: Fetch, show: Progress, swap: bool) -> Rebuilt:
    found, state = Rebuilt(), Replaying(shadow)
    live.begin()
    live.rollback()
    while live.head.seq - found.facts > CHUNK:
        _apply(state, found, live, fetch, found.facts + CHUNK)
        show(found.facts, live.head.seq)
    live.begin()
    try:
        while found.facts < live.head.seq:
            _apply(state, found, live, fetch, live.head.seq)
        state.flush()
        for table in (*schema.DERIVED, schema.head):
            _compare(found, table, live, shadow)
        show(found.facts, live.head.seq)
        if swap and found.different:
            for table in schema.DERIVED:
                live.fill(table, _rows(table, shadow))
            live.fill(schema.head, _head(live, shadow))
            live.settle()
        else:
            live.rollback()
    except BaseException:
        live.rollback()
        raise
    return found


def _apply(state: Replaying, found: Rebuilt, live: Journal, fetch: Fetch, until: int) -> None:
    rows = fetch(found.facts, min(CHUNK, until - found.facts))
    if not rows:
        raise ValueError(f"fact {found.facts + 1} is missing: verify the journal first")
    state.apply(state.facts_of(rows, live))
    found.facts = rows[-1][0]


# Columns of `head` that follow from the facts.
_TOTALS = ("calls", "incidents", "unfinished", "referrals_running", "duty_desk", "escalations")


_INDEXED = list(schema.head.c.keys()).index("indexed")


def _head(live: Journal, shadow: Journal) -> list[tuple[Any, ...]]:
    """The live head with the totals of the shadow, as when all its terms are indexed."""
    (row,), (new,) = list(live.scan(schema.head)), list(shadow.scan(schema.head))
    names = list(schema.head.c.keys())
    edge = {"indexed": live.head.seq, "recent": 0}
    return [tuple(new[i] if name in _TOTALS else edge.get(name, row[i]) for i, name in enumerate(names))]


def _rows(table: sa.Table, store: Journal) -> Iterator[tuple[Any, ...]]:
    """A table as when no incident is recent, so that two stores can be compared and exchanged."""
    if table is schema.incident_recent:
        return iter(())
    if table is schema.incident_term:
        waiting = sorted(expand(store.scan(schema.incident_recent)))
        return heapq.merge(store.scan(table), waiting)
    if table is schema.code:
        indexed = next(row[_INDEXED] for row in store.scan(schema.head))
        codes = ((row[3], row[0]) for row in store.scan(schema.call) if row[0] > indexed and row[3])
        return heapq.merge(store.scan(table), sorted(codes))
    return store.scan(table)


def _compare(found: Rebuilt, table: sa.Table, live: Journal, shadow: Journal) -> None:
    width = len(table.primary_key)
    old: Iterator[tuple[Any, ...]]
    new: Iterator[tuple[Any, ...]]
    if table is schema.head:
        where = slice(list(table.c.keys()).index("calls"), None)  # the totals, which stand at the end
        old, new = ((row[where] for row in each) for each in (live.scan(table), _head(live, shadow)))
        width = 0
    else:
        old, new = _rows(table, live), _rows(table, shadow)
    old, new = _where_they_part(old, new, found)
    for key, how in _differences(old, _count(new, found), width):
        found.different += 1
        if len(found.shown) < SHOWN_MAX:
            found.shown.append(Difference(table.name, key, how))


def _where_they_part(
    old: Iterator[tuple[Any, ...]], new: Iterator[tuple[Any, ...]], found: Rebuilt
) -> tuple[Iterator[tuple[Any, ...]], Iterator[tuple[Any, ...]]]:
    """What is left of two tables from the first rows on that differ: in a sound store nothing. Many rows are
    compared at once, which takes half the time of one after the other."""
    while True:
        some, others = list(islice(old, CHUNK)), list(islice(new, CHUNK))
        if some != others:
            return chain(some, old), chain(others, new)
        if not some:
            return old, new
        found.rows += len(some)


def _count(rows: Iterator[tuple[Any, ...]], found: Rebuilt) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        found.rows += 1
        yield row


def _differences(
    old: Iterator[tuple[Any, ...]], new: Iterator[tuple[Any, ...]], width: int
) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Walks two tables in the order of their keys; for each key that differs, how the old one is wrong."""
    a, b = next(old, None), next(new, None)
    while a is not None or b is not None:
        if a == b:
            a, b = next(old, None), next(new, None)
            continue
        key_a = a[:width] if a is not None else None
        key_b = b[:width] if b is not None else None
        if key_b is None or (key_a is not None and key_a < key_b):
            assert key_a is not None
            yield key_a, "extra"
            a = next(old, None)
        elif key_a is None or key_b < key_a:
            yield key_b, "missing"
            b = next(new, None)
        else:
            yield key_b, "changed"
            a, b = next(old, None), next(new, None)
