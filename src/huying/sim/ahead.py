"""What calls say by themselves is understood ahead in a process of its own: a long replay uses two cores."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from itertools import islice

from msgspec.structs import replace

from huying.channels.files import Record
from huying.domain.commands import Envelope, ReceiveCall
from huying.domain.suggestion import Understood
from huying.geo.travel import StraightTravel
from huying.service.intake import prepared
from huying.service.ports import House
from huying.sim.heard import Alone
from huying.sim.workers import workers

# Records handed over at once; a file with no more than this is not worth a second process.
CHUNK = 500
# Chunks under way: a second of work, so that neither process waits for the other, and 1 MB of words.
AHEAD = 4

_house: list[House] = []
_alone: list[Alone] = []
Said = tuple[Understood | None, tuple[str, ...] | None]
Chunk = tuple[list[Record], "Future[list[Said]]"]


@contextmanager
def understood_ahead(
    records: Iterator[Record], house: House, suggest: bool = False
) -> Iterator[Iterator[Record]]:
    """The same records in the same order; those of a long file bring along what their calls say, and with
    `suggest` what their words say alone."""
    with ExitStack() as stack:
        yield _flow(records, house, suggest, stack)


def _flow(records: Iterator[Record], house: House, suggest: bool, stack: ExitStack) -> Iterator[Record]:
    chunks = iter(lambda: list(islice(records, CHUNK)), [])
    first = next(chunks, [])
    yield from first
    if len(first) < CHUNK:
        return
    pool = stack.enter_context(workers(1))
    # As a task: what a process is started with should not be larger than what a pipe holds.
    begun = pool.submit(_begin, replace(house, travel=StraightTravel()))  # nobody drives there
    waiting: deque[Chunk] = deque()
    for chunk in chunks:
        waiting.append((chunk, pool.submit(_understand, [each.call for each in chunk], suggest)))
        if len(waiting) > AHEAD:
            begun.result()
            yield from _joined(*waiting.popleft())
    begun.result()  # what kept it from beginning is the reason that is told
    for each in waiting:
        yield from _joined(*each)


def _joined(chunk: list[Record], said: Future[list[Said]]) -> Iterator[Record]:
    for record, (understood, suggested) in zip(chunk, said.result(), strict=True):
        record.understood, record.suggested = understood, suggested
        yield record


# ── in the other process ────────────────────────────────────────────────────────────────────────────────
def _begin(house: House) -> None:
    _house.append(house)
    _alone.append(Alone(house.pack, house.triage))


def _understand(calls: Sequence[ReceiveCall], suggest: bool) -> list[Said]:
    house, alone = _house[0], _alone[0]
    said: list[Said] = []
    for call in calls:
        reading = house.reader.read(call.words)
        types = alone.types(call, reading) if suggest else None
        said.append((prepared(house, Envelope(call), reading).understood, types))
    return said
