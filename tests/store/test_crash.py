"""kill -9 at random moments: nothing acknowledged is lost, no timer is lost or fires twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from huying.domain.facts import Escalated
from huying.store import care
from huying.store.verify import verify
from huying.system import SystemChance
from store.conftest import House

# 200 in `make soak`.
KILLS = 200 if os.environ.get("HUYING_SOAK") else 10
TESTS = Path(__file__).resolve().parent.parent


def killed_while_working(address: str, name: str, after_s: float) -> dict[int, str]:
    """Start a process, kill it `after_s` after its first answer; what it had acknowledged, by call."""
    paths = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    child = subprocess.Popen(
        [sys.executable, "-m", "store.crash_child", address, name],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    assert first, "the process ended before its first answer"
    time.sleep(after_s)
    os.kill(child.pid, signal.SIGKILL)
    lines = [first, *child.stdout.readlines()]
    child.wait(30)
    whole = [each.decode().rstrip("\n") for each in lines if each.endswith(b"\n")]
    return {int(id): words for id, words in (each.split(" ", 1) for each in whole)}


@pytest.mark.slow
def test_killed_again_and_again(house: House) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory ends with its process")
    dice, told = random.Random(7), dict[int, str]()
    for i in range(KILLS):
        told |= killed_while_working(house.address, f"run{i}", dice.uniform(0.0, 0.4))

    opened = house.open()
    report = verify(opened.questions)
    assert (report.fault, report.bad_seq) == ("", 0)

    for id, words in told.items():
        assert opened.questions.call(id).words == words
    found = care.rebuild_store(house.address, SystemChance(), swap=False)
    assert found.shown == []  # timers are among what is compared with the facts

    fired: Counter[tuple[int, str, int, int]] = Counter()
    after = 0
    while facts := opened.questions.facts(after, 1000):
        after = facts[-1].seq
        for each in facts:
            if isinstance(each.body, Escalated):
                fired[each.stream, each.body.key, each.body.rung, each.body.due] += 1
    assert fired, "the clock was to run fast enough for deadlines to pass"
    assert set(fired.values()) == {1}
