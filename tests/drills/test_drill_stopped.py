"""Who compares drills and is stopped in the middle leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE_S = 120
LOOK_S = 0.05


def of_group(group: int) -> list[str]:
    """What is alive of a process group: the command lines."""
    found = []
    for each in Path("/proc").iterdir():
        if not each.name.isdigit():
            continue
        try:
            stat = (each / "stat").read_text().rsplit(")", 1)[1].split()
            if int(stat[2]) == group and stat[0] != "Z":
                found.append((each / "cmdline").read_text().replace("\0", " "))
        except (OSError, IndexError):  # it has ended meanwhile
            continue
    return found


def until(group: int, count: int) -> None:
    """Wait until the group has at least so many workers, or nobody at all for 0."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        alive = of_group(group)
        working = [each for each in alive if "spawn_main" in each]
        if (len(working) >= count) if count else not alive:
            return
        signal.sigtimedwait((), LOOK_S)
    raise AssertionError(of_group(group))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="processes are counted by /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_command(town: str, how: signal.Signals) -> None:
    argv = ["drill", "compare", "recommended", "nearest-by-road", "--scenario", "busy", "--seeds", "200"]
    command = [sys.executable, "-m", "huying", *argv, "--jobs", "2", "--pack", town]
    # Where the tests run in the background, Ctrl-C is switched off for what they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, start_new_session=True, **quiet) as running:
        try:
            until(running.pid, 2)
            running.send_signal(how)
            running.wait(PATIENCE_S)
            until(running.pid, 0)
        finally:
            signal.signal(signal.SIGINT, before)
            if of_group(running.pid):
                os.killpg(running.pid, signal.SIGKILL)
