"""Processes that work beside this one, and end when it ends, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any


@contextmanager
def workers(
    count: int, begin: Callable[..., None] | None = None, *what: Any
) -> Iterator[ProcessPoolExecutor]:
    """A pool of `count` processes, each begun by `begin(*what)`; what is under way at the end is waited for
    only where nothing went wrong."""
    context = multiprocessing.get_context("spawn")
    # Held by this process alone: the system closes it also for one that is killed, and that ends the workers.
    watched, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(count, context, _begin, (watched, begin, what))
    try:
        yield pool
        pool.shutdown()
    finally:
        held.close()
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(watched: Connection, begin: Callable[..., None] | None, what: tuple[Any, ...]) -> None:
    # Ctrl-C reaches all processes of a terminal; who started this one says when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(watched,), daemon=True).start()
    if begin is not None:
        begin(*what)


def _end_with(watched: Connection) -> None:
    """Wait until who started this process is gone, then go as well, in the middle of a run."""
    try:
        watched.recv()
    except (EOFError, OSError):
        os._exit(0)
