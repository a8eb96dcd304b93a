"""What a job on models does, in the process of its own that `huying.learning.jobs` starts for it.

A file by itself: what it loads (training, sparse matrices) a server that only starts jobs never needs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from huying.base.refusal import Refusal
from huying.domain.commands import Command
from huying.learning.distilling import by_night
from huying.learning.order import Order
from huying.learning.rounds import Wish, judge, learn, watch
from huying.learning.shelf import Shelf

NICE = 10
"""Calls come first: the job has what is left of the processor."""


def work(order: Order, there: Connection) -> None:
    """The job's whole life; hangs up at its end."""
    os.nice(NICE)

    def say(step: str, done: int) -> None:
        there.send(("step", step, done))

    try:
        there.send(("done", *_done(order, say)))
    except Refusal as refusal:
        params = {name: str(value) for name, value in refusal.params.items()}
        there.send(("refused", refusal.code, params))
    finally:
        there.close()


def _done(order: Order, say: Callable[[str, int], None]) -> tuple[Any, tuple[Command, ...]]:
    shelf = Shelf(order.store, order.pack, order.setting)
    files = tuple(str(each) for each in shelf.reports())
    if order.kind == "train":
        answer, made = learn(shelf, Wish(files=files, journal=True), say)
        return answer, (made,)
    if order.kind == "gate":
        told, judged = judge(shelf, order.digest, files, say=say)
        return told, (judged,)
    return by_night(shelf, say) if order.kind == "distil" else (watch(shelf, say), ())
