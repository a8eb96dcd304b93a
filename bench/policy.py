"""Who may see what: a decision, a list with and without rules, opening a contact, looks put on record.

Everything is the real thing on a SQLite file: engine, store, questions, view; only HTTP is left out. What is
compared alternates, and medians count.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from rows import Row

from huying.base.clock import ManualClock
from huying.bootstrap import Installation, open_house, start_writer
from huying.domain.commands import Envelope, OpenContact, ReceiveCall
from huying.domain.contact import Contact
from huying.domain.principal import Principal, Role
from huying.doors import open_desk
from huying.edge.asker import Asker
from huying.edge.desk import Desk
from huying.edge.view import View
from huying.service.questions import IncidentFilter
from huying.store.writer import Writer
from policy_cases import base, base_rows, some_about, some_case, staff
from tiny_pack import IN_WEST, MONDAY_10, tiny_pack
from town import Dice

CASES = 20_000
ROWS = 10_000
STORIES = 1_000
ROUNDS = 9
# Stories of one turn: what a desk reads at most between two times that looks are put on record.
TURN = 250
OPENINGS = 300
CLERK = staff(Role.CLERK, "u-1", agency="urban")


def rows() -> Iterator[Row]:
    yield decision()
    with tempfile.TemporaryDirectory(prefix="huying-bench-") as name:
        house = filled(Path(name) / "city.sqlite")
        writer = start_writer(house)
        try:
            desk = open_desk(house, writer)
            yield lists(desk)
            yield opening(desk, writer)
            yield looks(desk, writer)
        finally:
            writer.close()
            house.close()


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def processor_seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def decision() -> Row:
    """Microseconds of one decision, in the mix of the tests; 5 µs at most."""
    dice, policy = random.Random(5), base()
    cases = [(*some_case(dice, base_rows()), some_about(dice)) for _ in range(CASES)]
    decide = policy.decide

    def all_cases() -> None:
        for who, thing, action, purpose, about in cases:
            decide(who, thing, action, purpose, about, MONDAY_10)

    took = median(seconds(all_cases) for _ in range(ROUNDS)) / CASES * 1e6
    return Row("policy: a decision, µs (peer: the limit)", took, 5.0, 1.0, less=True)


def filled(path: Path) -> Installation:
    """Ten thousand calls about noise, which all go to one agency."""
    house = open_house(str(path), tiny_pack(), ManualClock(MONDAY_10), Dice())
    for start in range(0, ROWS, 500):
        with house.engine.transaction() as transaction:
            for n in range(start, start + 500):
                contact = Contact(name=f"来电人{n}", phone="13800138000") if n < OPENINGS else None
                call = ReceiveCall(
                    "desk", f"噪音 {n}", lat=IN_WEST[0], lon=IN_WEST[1], contact=contact, source_id=str(n)
                )
                transaction.execute(Envelope(call, actor="desk-1"))
    return house


def view_of(desk: Desk, who: Principal) -> View:
    return desk.view(Asker("zh", who.actor, principal=who))


def whole(page_of: Callable[..., Any]) -> int:
    """Every page of a list, to its end."""
    cursor, count = "", 0
    while True:
        page = page_of(IncidentFilter(), cursor, 1_000)
        count, cursor = count + len(page.items), page.next
        if not cursor:
            return count


def lists(desk: Desk) -> Row:
    """A list of 10,000 rows for a clerk who may see them all, beside the list without any rule."""
    mine, bare = view_of(desk, CLERK).incidents, desk.questions.incidents
    assert whole(mine) == whole(bare) == ROWS
    with_rules, without = [], []
    for _ in range(ROUNDS):
        with_rules.append(seconds(lambda: whole(mine)))
        without.append(seconds(lambda: whole(bare)))
    return Row(
        "policy: list of 10,000 rows with rules / without, s", median(with_rules), median(without), 1.2, True
    )


def opening(desk: Desk, writer: Writer) -> Row:
    """Milliseconds from the wish to the contact, its fact on disk; 3 ms at most."""
    taker = staff(Role.CALL_TAKER, "t-1")
    view = view_of(desk, taker)
    page = desk.questions.calls_received(0, 0, "", 1_000)
    while page.next and not any(call.contact for call, _ in page.items):
        page = desk.questions.calls_received(0, 0, page.next, 1_000)
    commands = [OpenContact(incident=at.id, contact=call.contact) for call, at in page.items if call.contact]
    took = [seconds(lambda c=command: writer.submit(view.envelope(c)).result(10)) for command in commands]
    return Row(
        "policy: opening a contact with its fact, ms (peer: the limit)", median(took) * 1e3, 3, 1, True
    )


def looks(desk: Desk, writer: Writer) -> Row:
    """Stories read by a clerk with every look put on record, beside the same without; at least 0.95.

    By the time of the processors: the writer's thread and the commits count, so that all that a look costs is
    in it, but neither other programs nor the disk's waits, during which a desk reads on. The looks of a turn
    are collected and then noted and put on record at once: what they cost is measured by itself, because the
    difference between two readings would be smaller than what other programs do to either.
    """
    ids = [line.id for line in desk.questions.incidents(IncidentFilter(), "", STORIES).items]
    view, note = view_of(desk, CLERK), desk.looks.note
    turn: list[tuple[Any, ...]] = []
    desk.looks.note = lambda *look: turn.append(look)  # type: ignore[method-assign]

    def read(part: list[int]) -> None:
        for id in part:
            view.story(id, 1_000)

    def record() -> None:
        for look in turn:
            note(*look)
        asyncio.run(desk.looks.flush())

    reading, recording = 0.0, 0.0
    for _ in range(ROUNDS):
        desk.looks._known.clear()
        for start in range(0, len(ids), TURN):
            turn.clear()
            reading += processor_seconds(lambda: read(ids[start : start + TURN]))  # noqa: B023
            recording += processor_seconds(record)
    desk.looks.note = note  # type: ignore[method-assign]
    count = len(ids) * ROUNDS
    name = "policy: stories read with looks on record / without, per s of processor"
    return Row(name, count / (reading + recording), count / reading, 0.95)
