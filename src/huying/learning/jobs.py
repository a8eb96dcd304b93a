"""Long work on models beside a server: one job at a time, in a process of its own, with an end.

The process reads the store and writes a model's files; what goes on record is said by the server's own
writer, in the name of whoever started the job.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Literal

from msgspec.structs import replace

from huying.base.clock import Clock
from huying.base.refusal import Refusal
from huying.domain.commands import Command
from huying.edge.models import Job
from huying.learning.order import Order

SECONDS_MAX = 30 * 60
"""A training of 200,000 reports takes less; what takes longer has gone wrong."""

LOOK_S = 0.2


class Jobs:
    """Args:
    clock: says when a job began.
    record: puts a command on record in somebody's name; called in a thread of ours, returns when it is on
    disk.
    """

    def __init__(
        self, clock: Clock, record: Callable[[Command, str], None], seconds_max: float = SECONDS_MAX
    ) -> None:
        self._clock, self._record, self._seconds_max = clock, record, seconds_max
        self._lock = threading.Lock()
        self._now: Job | None = None
        self._last: dict[str, Job] = {}
        self._stop = threading.Event()

    def standing(self) -> Job | None:
        """The job that runs or ran last; None before the first."""
        return self._now

    def last(self, kind: str) -> Job | None:
        """The last job of a kind that came to its end well."""
        return self._last.get(kind)

    def start(self, order: Order, actor: str) -> Job:
        """Begin; refuses `model_job_running` while another runs."""
        with self._lock:
            if self._now is not None and self._now.state == "running":
                raise Refusal("model_job_running", kind=self._now.kind)
            self._stop.clear()
            self._now = Job(order.kind, order.digest, "running", "start", began_at=self._clock.now())
            threading.Thread(target=self._follow, args=(order, actor), name="model-job", daemon=True).start()
            return self._now

    def stop(self) -> None:
        """End the job that runs, if any; nothing of it stays but files of a model that nobody uses."""
        self._stop.set()

    # ── in a thread ──────────────────────────────────────────────────────────────────────────────────────
    def _follow(self, order: Order, actor: str) -> None:
        here, there = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_work, args=(order, there), name="huying-model", daemon=True)
        try:
            process.start()
            there.close()
            self._until_told(here, time.monotonic() + self._seconds_max, actor)
        except Exception as error:  # whatever it was, the page must not show a job that runs for ever
            self._ends("failed", refusal="model_job_failed", why=type(error).__name__)
            raise
        finally:
            process.kill()
            process.join()
            here.close()

    def _until_told(self, here: Connection, end: float, actor: str) -> None:
        while True:
            if self._stop.is_set():
                return self._ends("stopped")
            if time.monotonic() > end:
                return self._ends("failed", refusal="model_job_too_long")
            if not here.poll(LOOK_S):
                continue
            try:
                told = here.recv()
            except EOFError:
                return self._ends("failed", refusal="model_job_failed", why="process")
            if told[0] == "step":
                self._now = replace(self._job, step=told[1], done=told[2])
            elif told[0] == "refused":
                return self._ends("refused", refusal=told[1], why=told[2])
            else:
                _, answer, commands = told
                for command in commands:
                    self._record(command, actor)
                return self._ends("done", answer=answer)

    @property
    def _job(self) -> Job:
        assert self._now is not None
        return self._now

    def _ends(self, state: Literal["done", "refused", "failed", "stopped"], **more: Any) -> None:
        self._now = replace(self._job, state=state, ended_at=self._clock.now(), **more)
        if state == "done":
            self._last[self._now.kind] = self._now


def _work(order: Order, there: Connection) -> None:
    """In the other process: only there is loaded what learns."""
    from huying.learning.job import work

    work(order, there)
