"""Signs what the journal has become: a checkpoint every thousand facts, and every minute that brought one.

Runs in the thread of the store's one writer, between two commits, so that it signs only what is on the disk.
Before signing it proves to itself that the journal still begins with the tree that it signed last.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

import sqlalchemy as sa

from huying.base.clock import DAY, HOUR, MINUTE, Clock
from huying.base.refusal import Refusal
from huying.record.checkpoint import Checkpoint, read_checkpoint
from huying.record.note import Signer, sign
from huying.service.ports import Head
from huying.store import schema
from huying.store.tree import consistency, consistent

# What may be changed unseen by who has the record key is never more than this (until a witness has it).
FACTS_BETWEEN = 1_000
TIME_BETWEEN = MINUTE
# Checkpoints are 300 bytes each, one a minute 160 MB in a year; of those older than a week one an hour stays.
KEPT_ALL = 7 * DAY
THINNED_MAX = 1_000

log = logging.getLogger("huying.record")

Row = tuple[sa.Table, tuple[object, ...]]


class Recorded(Protocol):
    """What is needed of `huying.store.journal.Journal`."""

    @property
    def head(self) -> Head: ...
    def begin(self) -> Head: ...
    def rollback(self) -> None: ...
    def tree_head(self) -> bytes: ...
    def tile(self, level: int, n: int) -> bytes: ...
    def put(self, table: sa.Table, rows: Sequence[Sequence[object]]) -> None: ...
    def thin(self, before: int, every: int, limit: int) -> None: ...


class Asked(Protocol):
    """What is needed of `SqlQuestions`."""

    def checkpoint(self, size: int = 0, cosigned: int = 0) -> tuple[int, int, str, list[str]] | None: ...
    def witnesses(self) -> list[tuple[str, int, int, str, int]]: ...


class Notary:
    """Makes checkpoints; nobody but the writer's thread calls `look`.

    Args:
        origin: the log's name, the first line of every checkpoint.
        signers: the record key, and the one before it while it changes hands.
        made: called with each new checkpoint's size (for witnesses); ended: when there will be no more.
    """

    def __init__(
        self,
        store: Recorded,
        questions: Asked,
        clock: Clock,
        origin: str,
        signers: Sequence[Signer],
        made: Callable[[int], None] = lambda size: None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self.origin = origin
        self.signers = signers
        self._store, self._questions, self._clock = store, questions, clock
        self.made, self.ended = made, ended
        self._rows: SimpleQueue[Row] = SimpleQueue()
        self._last: Checkpoint | None = None
        self._at = self._thinned_at = 0
        # Whether the tree was found to be another one than was signed, also before a restart.
        self._fault = any(row[0] == origin and row[3] for row in questions.witnesses())
        self._remember()

    def note_down(self, table: sa.Table, row: tuple[object, ...]) -> None:
        """From any thread: have a row of the record written with the next look."""
        self._rows.put((table, row))

    def close(self) -> None:
        """There are no more looks."""
        self.ended()

    def look(self) -> None:
        """Sign when it is time; write what was noted down. Takes a µs when nothing is to do."""
        if not self._rows.empty():
            self._write_down()
        size, known = self._store.head.seq, self._last.size if self._last else 0
        if size == known:
            return
        many = size - known >= FACTS_BETWEEN and not self._fault
        if many or abs(self._clock.now() - self._at) >= TIME_BETWEEN:
            self.sign_now()

    def sign_now(self) -> bool:
        """Sign the journal as it is; False when nothing was signed: nothing is new, or it is another one."""
        store, now = self._store, self._clock.now()
        self._remember()  # another process may have signed since
        size = store.begin().seq
        try:
            new = Checkpoint(self.origin, size, store.tree_head())
            forked = not self._goes_on(new)
        finally:
            store.rollback()
        self._at = now
        if forked != self._fault:
            self._fault = forked
            known = self._last.size if self._last else 0
            store.put(schema.witness, [(self.origin, known, now, "forked" if forked else "", now)])
        if forked or not size or new == self._last:
            return False
        store.put(schema.checkpoint, [(size, now, sign(new.body, self.signers))])
        self._last = new
        if abs(now - self._thinned_at) > HOUR:
            store.thin(now - KEPT_ALL, HOUR, THINNED_MAX)
            self._thinned_at = now
        self.made(size)
        return True

    def _goes_on(self, new: Checkpoint) -> bool:
        """Whether the tree begins with the one that was signed last."""
        last = self._last
        if last is None or last == new:
            return True
        try:
            path = consistency(last.size, new.size, self._store.tile)
            if consistent(last.size, last.root, new.size, new.root, path):
                return True
        except ValueError:
            pass  # shorter than what was signed, or a tile is missing
        log.error("the journal no longer begins with the %d facts signed last: nothing is signed", last.size)
        return False

    def _remember(self) -> None:
        """The newest checkpoint that bears one of our signatures; another's is no promise of ours."""
        found = self._questions.checkpoint()
        if found is None:
            return
        try:
            last, note = read_checkpoint(found[2])
        except Refusal:
            return
        if last.origin == self.origin and any(each.verifier.signed(note) for each in self.signers):
            self._last, self._at = last, found[1]

    def _write_down(self) -> None:
        rows: dict[str, list[tuple[object, ...]]] = {}
        try:
            while True:
                table, row = self._rows.get_nowait()
                rows.setdefault(table.name, []).append(row)
        except Empty:
            pass
        for name, those in rows.items():
            self._store.put(schema.metadata.tables[name], those)
