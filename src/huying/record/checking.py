"""The whole journal checked while the house works: one check at a time, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from huying.base.clock import MINUTE, Clock
from huying.record.check import Signed, verify_record
from huying.record.note import Signer
from huying.store.verify import Progress, Report

# A check reads the whole journal; who asks again so soon is shown the last one.
AGAIN = MINUTE


class Checked(Struct, frozen=True):
    """How the check stands. `done` of `total` facts are read, `at` (µs) is when it began. Once it is
    `done`, what it found, as in `huying.store.verify.Report`: `fault` is empty when all is well. `failed`: it
    could not be finished, and says nothing about the journal."""

    state: Literal["never", "running", "done", "failed"]
    at: int = 0
    done: int = 0
    total: int = 0
    fault: str = ""
    bad_seq: int = 0
    bad_until: int = 0
    signed: int = 0


class Checking:
    """Args:
    run: checks everything and calls what it is given with (facts done, facts in all).
    clock: says when a check began.
    """

    def __init__(self, run: Callable[[Progress], Report], clock: Clock) -> None:
        self._run, self._clock = run, clock
        self._lock = threading.Lock()
        self._now = Checked("never")

    def standing(self) -> Checked:
        return self._now

    def start(self) -> Checked:
        """Begin a check unless one runs or has just been made; how it stands."""
        with self._lock:
            at = self._clock.now()
            if self._now.state == "running" or (self._now.state == "done" and at - self._now.at < AGAIN):
                return self._now
            self._now = Checked("running", at)
            threading.Thread(target=self._check, args=(at,), name="check", daemon=True).start()
            return self._now

    def _check(self, at: int) -> None:
        def progress(done: int, total: int) -> None:
            self._now = Checked("running", at, done, total)

        try:
            report = self._run(progress)
        except Exception:
            self._now = Checked("failed", at, self._now.done, self._now.total)
            raise
        found = report.fault, report.bad_seq, report.bad_until, report.signed
        self._now = Checked("done", at, report.facts, report.facts, *found)


def checking_of(questions: Signed, signers: Sequence[Signer], clock: Clock) -> Checking:
    """The check of a journal whose newest checkpoint `signers` must have signed."""
    keys = [each.verifier for each in signers]
    return Checking(lambda told: verify_record(questions, keys, progress=told), clock)
