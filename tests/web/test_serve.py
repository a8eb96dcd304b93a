"""The command `huying serve` as a keeper of services sees it: it starts, answers, and ends in order."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from huying.cli import main
from huying.cli.exits import Exit

SOURCES = Path(__file__).parents[2] / "src"


def serve(store: Path, port: int = 0) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "huying", "serve", "--store", str(store), "--port", str(port), "--json"]
    command += ["--pack", "starter"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(SOURCES)}
    )


def huying(*argv: str) -> dict[str, Any]:
    """What a command answers a program."""
    with redirect_stdout(StringIO()) as said:
        assert main([*argv, "--json"]) == Exit.OK
    answer: dict[str, Any] = json.loads(said.getvalue())
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_with_a_screen_open(tmp_path: Path, how: signal.Signals) -> None:
    key = huying(
        "keys",
        "add",
        "wall",
        "--scope",
        "read",
        "--store",
        str(tmp_path / "city.sqlite"),
        "--pack",
        "starter",
    )["key"]
    server = serve(tmp_path / "city.sqlite")
    try:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["address"]
        shows = {"Authorization": f"Bearer {key}"}
        asked = urllib.request.Request(f"{address}/api/stream", headers=shows)
        with urllib.request.urlopen(asked, timeout=120) as screen:
            assert screen.readline().startswith(b"retry:")
            server.send_signal(how)
            assert server.wait(120) == Exit.OK
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
        said, _ = server.communicate(timeout=120)
    assert server.returncode == Exit.REFUSED
    assert json.loads(said)["refusal"]["code"] == "port_taken"


@pytest.mark.slow
def test_the_first_start_hands_out_a_link_and_people_are_added_beside_it(tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "city.sqlite"), "--pack", "starter")
    server = serve(tmp_path / "city.sqlite")
    try:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        port = told["address"].rpartition(":")[2]
        assert told["set_up"].startswith(f"http://localhost:{port}/set-up#")
        added = huying("people", "add", "li.wei", "--role", "dispatcher", "--name", "李伟", *store)
        body = json.dumps({"link": added["link"].partition("#")[2]}).encode()
        asked = urllib.request.Request(
            f"http://localhost:{port}/api/set-up/options", body, {"Sec-Fetch-Site": "same-origin"}
        )
        with urllib.request.urlopen(asked, timeout=120) as answer:
            options = json.loads(answer.read())
        assert options["user"]["name"] == "li.wei"
        assert options["rp"]["id"] == "localhost"
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=120)
    people = {each["code"]: each for each in huying("people", "list", *store)["people"]}
    assert people["admin"]["role"] == "administrator"
    assert people["li.wei"]["name"] == "李伟"
