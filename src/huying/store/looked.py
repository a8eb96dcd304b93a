"""Who looked at somebody's data: the facts that tell it, by the index of looks and the incident's stream."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import sqlalchemy as sa

from huying.domain.call import Call
from huying.domain.facts import Fact
from huying.store import schema as t
from huying.store.codec import fact_of

# Facts of one extract: years of looks at one call are some hundred.
FACTS_MAX = 5_000
# Facts of looks at the live stream that are gone through: it is noted once an hour and screen.
STREAM_MAX = 20_000

_OPENED = (
    "contact.wished",
    "contact.agreed",
    "contact.opened",
    "contact.erased",
    "glass.broken",
    "glass.reviewed",
)
_FACT = tuple(t.fact.c)[:8]


def looked(reading: Callable[[], AbstractContextManager[sa.Connection]], call: Call) -> list[Fact]:
    """In order of `seq`; of facts that hold many looks, whoever asks picks those at this call."""
    k, f = t.look.c, t.fact.c
    at_call = sa.select(k.seq).where(k.subject == call.id).order_by(k.seq).limit(FACTS_MAX)
    # Who followed the stream saw the call as it came in: only what was noted after it can cover it.
    at_stream = sa.select(k.seq).where(k.subject == 0, k.seq > call.id).order_by(k.seq).limit(STREAM_MAX)
    streams = [id for id in (call.incident, call.was_in, call.contact) if id]
    with reading() as connection:
        seqs = [row[0] for row in connection.execute(at_call)]
        seqs += [row[0] for row in connection.execute(at_stream)]
        found = {row.seq: fact_of(row) for row in connection.execute(_those(seqs[:FACTS_MAX]))}
        opened = sa.select(*_FACT).where(f.stream.in_(streams), f.type.in_(_OPENED)).order_by(f.seq)
        for row in connection.execute(opened.limit(FACTS_MAX)):
            found[row.seq] = fact_of(row)
    return [found[seq] for seq in sorted(found)]


def _those(seqs: list[int]) -> sa.Select[tuple[object, ...]]:
    return sa.select(*_FACT).where(t.fact.c.seq.in_(seqs))
