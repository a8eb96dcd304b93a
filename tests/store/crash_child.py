"""A process that takes calls as fast as it can and says which were acknowledged, until it is killed.

Its clock runs 20,000 times too fast, so that deadlines pass while it lives.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from huying.domain.commands import AdoptPack, Envelope, ReceiveCall
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.store.opening import open_store
from huying.store.writer import Writer
from huying.system import SystemChance
from store.conftest import KEYS
from tiny_pack import IN_WEST, MONDAY_10, tiny_pack

FASTER = 20_000


class FastClock:
    def __init__(self, start: int) -> None:
        self._start, self._began = start, time.monotonic()

    def now(self) -> int:
        return self._start + int((time.monotonic() - self._began) * 1_000_000 * FASTER)


def main(address: str, name: str) -> None:
    opened = open_store(address, SystemChance(), KEYS)
    clock = FastClock(max(opened.questions.head().at, MONDAY_10))
    engine = Engine(opened.store, house_of(tiny_pack()), clock, SystemChance())
    writer = Writer(engine, opened.store, opened.questions.fact_rows)
    writer.submit(Envelope(AdoptPack(), actor="desk")).result()

    def take_calls(desk: int) -> None:
        number = 0
        while True:
            number += 1
            words = f"有人打架 {name}-{desk}-{number}"
            command = ReceiveCall("desk", words, lat=IN_WEST[0], lon=IN_WEST[1])
            done = writer.submit(Envelope(command, actor=f"desk-{desk}", key=words)).result()
            os.write(1, f"{done.answer['call_id']} {words}\n".encode())  # whole lines, in one go

    for desk in range(4):
        threading.Thread(target=take_calls, args=(desk,), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
