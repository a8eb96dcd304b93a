"""kill -9 at random moments: nothing acknowledged is lost, no timer is lost or fires twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def nursery() -> Iterator[subprocess.Popen[str]]:
    """What makes a process for each line: reading the modules takes ten times as long as they live."""
    paths = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    with subprocess.Popen(
        [sys.executable, "-m", "store.crash_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    ) as running:
        yield running
        assert running.stdin is not None
        running.stdin.close()


def killed_while_working(
    nursery: subprocess.Popen[str], pipe: Path, address: str, name: str, after_s: float
) -> dict[int, str]:
    """Start a process, kill it `after_s` after its first answer; what it had acknowledged, by call."""
    assert nursery.stdin is not None and nursery.stdout is not None
    print(address, name, pipe, sep="\t", file=nursery.stdin, flush=True)
    child = int(nursery.stdout.readline())
    with pipe.open("rb") as said:
        first = said.readline()
        assert first, "the process ended before its first answer"
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        lines = [first, *said.readlines()]
    whole = [each.decode().rstrip("\n") for each in lines if each.endswith(b"\n")]
    return {int(id): words for id, words in (each.split(" ", 1) for each in whole)}


@pytest.mark.slow
def test_killed_again_and_again(house: House, nursery: subprocess.Popen[str], tmp_path: Path) -> None:
    if house.kind == "memory":
        pytest.skip("a store in memory ends with its process")
    dice, told, pipe = random.Random(7), dict[int, str](), tmp_path / "said"
    os.mkfifo(pipe)
    for i in range(KILLS):
        told |= killed_while_working(nursery, pipe, house.address, f"run{i}", dice.uniform(0.0, 0.4))

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
