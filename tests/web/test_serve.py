"""The command `huying serve` as a keeper of services sees it: it starts, answers, and ends in order."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from huying.cli.exits import Exit

SOURCES = Path(__file__).parents[2] / "src"


def serve(store: Path, port: int = 0) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "huying", "serve", "--store", str(store), "--port", str(port), "--json"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(SOURCES)}
    )


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_with_a_screen_open(tmp_path: Path, how: signal.Signals) -> None:
    server = serve(tmp_path / "city.sqlite")
    try:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["address"]
        with urllib.request.urlopen(f"{address}/api/stream", timeout=10) as screen:
            assert screen.readline().startswith(b"retry:")
            server.send_signal(how)
            assert server.wait(20) == Exit.OK
            screen.read()
    finally:
        server.kill()
        server.communicate()


@pytest.mark.slow
def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = serve(tmp_path / "city.sqlite", taken.getsockname()[1])
        said, _ = server.communicate(timeout=30)
    assert server.returncode == Exit.REFUSED
    assert json.loads(said)["refusal"]["code"] == "port_taken"
