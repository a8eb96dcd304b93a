"""Processes that take calls as fast as they can and say which were acknowledged, until they are killed.

Their clock runs 20,000 times too fast, so that deadlines pass while they live. What has read every module
already forks them, one for each line `address, name, pipe`: what they say goes into the pipe, a named one,
and their number to standard output.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from huying.domain.commands import AdoptPack, Envelope, ReceiveCall
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.service.ports import House
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


def work(house: House, address: str, name: str, said: int) -> None:
    opened = open_store(address, SystemChance(), KEYS)
    clock = FastClock(max(opened.questions.head().at, MONDAY_10))
    engine = Engine(opened.store, house, clock, SystemChance())
    writer = Writer(engine, opened.store, opened.questions.fact_rows)
    writer.submit(Envelope(AdoptPack(), actor="desk")).result()

    def take_calls(desk: int) -> None:
        number = 0
        while True:
            number += 1
            words = f"有人打架 {name}-{desk}-{number}"
            command = ReceiveCall("desk", words, lat=IN_WEST[0], lon=IN_WEST[1])
            done = writer.submit(Envelope(command, actor=f"desk-{desk}", key=words)).result()
            os.write(said, f"{done.answer['call_id']} {words}\n".encode())  # whole lines, in one go

    for desk in range(4):
        threading.Thread(target=take_calls, args=(desk,), daemon=True).start()
    threading.Event().wait()


def main() -> None:
    house = house_of(tiny_pack())
    for line in sys.stdin:
        address, name, pipe = line.rstrip("\n").split("\t")
        child = os.fork()
        if not child:
            work(house, address, name, os.open(pipe, os.O_WRONLY))
        print(child, flush=True)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
