"""`huying demo` as a newcomer starts it: a process of its own, asked over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.slow
def test_the_demo_county_opens_lives_and_stops(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "huying", "demo", "--port", "0", "--speed", "30x", "--json"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    try:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        head = get(address + "/healthz")["head"]
        page = get(address + "/api/incidents?limit=50")
        assert len(page["items"]) == 50
        assert len({each["type"].split(".")[0] for each in page["items"]}) >= 5
        for _ in range(200):
            now = get(address + "/healthz")["head"]
            if now > head + 50:
                break
            signal.sigtimedwait((), 0.1)
        assert now > head + 50  # it lives
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode in (0, 130), said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []  # nothing is left behind
