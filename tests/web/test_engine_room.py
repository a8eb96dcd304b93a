"""A server whose engine room is killed: what was acknowledged is there, and nobody is left hanging."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from huying.store.opening import open_store
from huying.store.verify import verify
from huying.system import SystemChance

SOURCES = Path(__file__).parents[2] / "src"


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and "spawn_main" in (stat.parent / "cmdline").read_text():
            found.append(int(stat.parent.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the room by /proc")
def test_a_killed_room_loses_nothing_acknowledged_and_ends_the_server(tmp_path: Path) -> None:
    store = str(tmp_path / "city.sqlite")
    command = [sys.executable, "-m", "huying", "serve", "--store", store, "--pack", "starter", "--port", "0"]
    server = subprocess.Popen(
        [*command, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(SOURCES)},
    )
    try:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["address"]
        (room,) = children(server.pid)
        body = json.dumps({"channel": "web", "words": "打架"}).encode()
        head = {"Content-Type": "application/json"}
        acknowledged = []
        for _ in range(5):
            with urllib.request.urlopen(urllib.request.Request(f"{address}/api/calls", body, head)) as answer:
                acknowledged.append(json.loads(answer.read())["incident_id"])
        os.kill(room, signal.SIGKILL)
        server.wait(120)
    finally:
        server.kill()
        server.wait()
    opened = open_store(store, SystemChance())
    try:
        assert set(opened.store.load_incidents(acknowledged)) == set(acknowledged)
        assert verify(opened.questions).ok
    finally:
        opened.close()
