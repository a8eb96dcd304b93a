"""Erasing: how long it takes to take away 100,000 contacts, with the journal still whole."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rows import Row

from huying.base.clock import DAY, SECOND, ManualClock
from huying.bootstrap import do_by_itself, open_house
from huying.domain.commands import CloseIncident, Envelope, EraseDue, ReceiveCall
from huying.domain.contact import Contact
from huying.domain.erasing import CONTACT
from huying.store.retaining import run
from huying.store.verify import verify

CONTACTS = int(os.environ.get("HUYING_BENCH_CONTACTS", "100000"))
AT_ONCE = 2_000
LIMIT_S = 60.0


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HUYING_ERASURES"] = str(Path(folder) / "erasures")
        clock = ManualClock(1_700_000_000 * SECOND)
        installation = open_house(str(Path(folder) / "city.db"), "starter", clock)
        fill(installation.engine, clock)
        clock.at += 400 * DAY
        before = verify(installation.questions)
        ask = partial(do_by_itself, installation.engine)
        began = time.perf_counter()
        told = run(
            installation.questions, installation.pack, clock.now(), lambda ids: ask(EraseDue(incidents=ids))
        )
        took = time.perf_counter() - began
        assert told.contacts == CONTACTS, told
        assert verify(installation.questions, known=(before.facts, before.root)).ok
        installation.close()
    yield Row(f"erase {CONTACTS} {CONTACT}s, verify still ok (s / limit)", took, LIMIT_S, 1.0, less=True)


def fill(engine: object, clock: ManualClock) -> None:
    """Closed incidents with a contact each, an hour's worth a second."""
    for start in range(0, CONTACTS, AT_ONCE):
        count = min(AT_ONCE, CONTACTS - start)
        clock.at += SECOND
        with engine.transaction() as transaction:  # type: ignore[attr-defined]
            for i in range(start, start + count):
                call = ReceiveCall("desk", "路灯不亮", contact=Contact(f"甲{i}", f"139{i:08d}"))
                id = transaction.execute(Envelope(call, actor="desk")).answer["incident_id"]
                transaction.execute(Envelope(CloseIncident(incident=id, why="已修"), actor="chief"))
