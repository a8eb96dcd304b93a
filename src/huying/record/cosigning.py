"""Brings new checkpoints to the witnesses and their signatures back.

Each witness has a thread of its own, so that a dead or slow one disturbs nobody. It is asked when a
checkpoint is made; after a failure again later, twice as late each time up to ten minutes.
"""

from __future__ import annotations

import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from huying.base.clock import SECOND, Clock
from huying.base.refusal import Refusal
from huying.record.book import Book
from huying.record.checkpoint import read_checkpoint
from huying.record.note import Note, read_lines
from huying.record.settings import Witness
from huying.record.witness import request_body
from huying.store import schema

# A witness that needs longer is treated as away.
TIMEOUT_S = 10
# First and longest wait after a failure.
WAIT_S, WAIT_S_MAX = 5.0, 600.0
# Without a failure it is looked every so often whether a checkpoint was missed.
LOOK_S = 60.0
ANSWER_BYTES_MAX = 65_536
# Requests of one round: the witness may tell that it knows another size, and another process may have asked.
TRIES = 3

NoteDown = Callable[[sa.Table, tuple[object, ...]], None]

log = logging.getLogger("huying.record")


class Failed(Exception):
    """`fault` is `away`, `refused` (this log or key is unknown there), `nonsense`, or when it has seen
    another past `conflict` or `inconsistent`."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class Cosigning:
    """All witnesses of an installation; `note_down` writes what came of asking them."""

    def __init__(self, witnesses: Sequence[Witness], book: Book, clock: Clock, note_down: NoteDown) -> None:
        self._ends = threading.Event()
        known = {each.name: each.size for each in book.standing().witnesses}
        self._askers = [
            _Asker(each, book, clock, note_down, self._ends, known.get(each.verifier.name, 0))
            for each in witnesses
        ]

    def made(self, size: int) -> None:
        for each in self._askers:
            each.news.set()

    def close(self) -> None:
        """Ask nobody any more; requests under way end by themselves."""
        self._ends.set()
        for each in self._askers:
            each.news.set()


class _Asker:
    """One witness, in a thread of its own."""

    def __init__(
        self, to: Witness, book: Book, clock: Clock, note_down: NoteDown, ends: threading.Event, size: int
    ) -> None:
        self.news = threading.Event()
        self._to, self._verifier, self._book, self._clock = to, to.verifier, book, clock
        self._note_down, self._ends = note_down, ends
        self._size, self._at, self._fault = size, 0, ""
        threading.Thread(target=self._run, name=f"witness {self._verifier.name}", daemon=True).start()

    def _run(self) -> None:
        wait_s = 0.0
        while True:
            if self._fault:
                self._ends.wait(wait_s)  # a new checkpoint is no reason to hurry
            else:
                self.news.wait(LOOK_S if wait_s else 0.0)
            if self._ends.is_set():
                return
            self.news.clear()
            try:
                self._round()
                self._say("")
                wait_s = WAIT_S
            except Failed as failed:
                wait_s = min(wait_s * 2, WAIT_S_MAX) if self._fault else WAIT_S
                self._say(failed.fault)
            except Refusal as refusal:  # of our own store, which is away
                log.info("witnesses wait for the store: %s", refusal.code)
                wait_s = WAIT_S
            except Exception:
                if self._ends.is_set():  # the store was closed meanwhile
                    return
                log.exception("asking a witness failed")
                wait_s = WAIT_S_MAX

    def _say(self, fault: str) -> None:
        if fault == self._fault and not (fault == "" and self._at == 0):
            return
        if fault:
            log.warning("witness %s: %s", self._verifier.name, fault)
        self._fault = fault
        now = self._clock.now() if fault else 0
        self._note_down(schema.witness, (self._verifier.name, self._size, self._at, fault, now))

    def _round(self) -> None:
        """Have the newest checkpoint signed, unless it is."""
        told = self._size
        for _ in range(TRIES):
            try:
                text = self._book.checkpoint()
            except Refusal as refusal:
                if refusal.code == "no_checkpoint":
                    return
                raise
            point, note = read_checkpoint(text)
            if any(self._verifier.time_of(line, note.body) is not None for line in note.lines):
                self._size = point.size
                return
            if told > point.size:
                break  # it knows more of this log than there is
            proof = self._book.consistency(told, point.size) if 0 < told < point.size else []
            status, answer = self._post(request_body(told, proof, text))
            if status == 409 and answer.strip().isdecimal() and int(answer) != told:
                told = int(answer)
                continue
            self._take(status, answer, note, point.size)
            return
        raise Failed("conflict")

    def _take(self, status: int, answer: str, note: Note, size: int) -> None:
        if status != 200:
            faults = {409: "conflict", 422: "inconsistent", 403: "refused", 404: "refused", 400: "refused"}
            raise Failed(faults.get(status, "away"))
        try:
            lines = read_lines(answer)
        except Refusal:
            raise Failed("nonsense") from None
        for line in lines:
            time = self._verifier.time_of(line, note.body)
            if time is not None:
                self._size, self._at = size, time * SECOND
                self._note_down(schema.cosignature, (size, line.name, self._at, line.text))
                self._note_down(schema.witness, (line.name, size, self._at, "", 0))
                return
        raise Failed("nonsense")

    def _post(self, body: bytes) -> tuple[int, str]:
        request = urllib.request.Request(f"{self._to.url}/add-checkpoint", body, method="POST")
        request.add_header("Content-Type", "text/plain; charset=utf-8")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return answer.status, answer.read(ANSWER_BYTES_MAX).decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(ANSWER_BYTES_MAX).decode("utf-8", "replace")
        except (OSError, ValueError) as error:  # unreachable, slow, or no HTTP
            raise Failed("away") from error
