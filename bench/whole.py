"""The whole loop on a year of real calls, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rows import Row

DATA = Path(os.environ.get("HUYING_DATA", Path(__file__).parents[2] / "shared" / "data"))
CALLS = DATA / "cfs_montgomery_pa_911" / "montgomery_911_2015-12_2017-04_dev.csv.gz"
SECONDS, MEGABYTES = 120, 600


def rows() -> Iterator[Row]:
    if not CALLS.exists():
        print(f"replay left out: {CALLS} is not here", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder, "replay.sqlite"))
        command = [sys.executable, "-m", "huying", "replay", str(CALLS), "--map", "montgomery"]
        process = subprocess.Popen([*command, "--store", store, "--json"], stdout=subprocess.PIPE)
        assert process.stdout is not None
        summary = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0 and summary["verify"] == "ok", summary
    yield Row("replay of Montgomery, seconds", summary["wall_s"], SECONDS, goal=1, less=True)
    yield Row("replay of Montgomery, peak MB", usage.ru_maxrss / 1024, MEGABYTES, goal=1, less=True)
