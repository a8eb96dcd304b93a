"""The tutorial does what it says: its console blocks run one after another, as a reader types them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
PORT = "8701"
# A started house is waited for as a reader would wait for its line.
WAIT = (
    "for _ in $(seq 300); do curl -sf http://127.0.0.1:{port}/healthz > /dev/null && break; sleep 0.1; done"
)


def steps(lang: str) -> list[tuple[str, str]]:
    """(command, what the page says it prints), in order."""
    page = (ROOT / "docs" / lang / "tutorial.md").read_text("utf-8")
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall(page):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = step.partition("\n")
            found.append((command, expected.strip()))
    return found


def free_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


def shell(commands: list[str], folder: Path, port: str, lang: str) -> list[str]:
    """What each command prints, in one shell that starts in `folder`."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "huying").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m huying "$@"\n')
    (tools / "huying").chmod(0o755)
    (tools / "python3").symlink_to(sys.executable)
    lines = ["set -m", "trap 'kill $(jobs -p) 2> /dev/null' EXIT"]
    for command in commands:
        lines += ["echo @@@", command.replace(PORT, port)]
        if command.endswith("&"):
            lines.append(WAIT.format(port=port))
        if command.startswith("kill"):
            lines.append("wait 2> /dev/null")
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("HUYING_", "LC_", "LANG"))
    }
    env |= {"PATH": f"{tools}:{env['PATH']}", "PYTHONPATH": str(ROOT / "src"), "HUYING_LANG": lang}
    env |= {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return [part.strip().replace(port, PORT) for part in done.stdout.decode().split("@@@\n")[1:]]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_tutorial_does_what_it_says(lang: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None and not os.environ.get("CI"):
        pytest.skip("curl is not installed; the tutorial uses it")
    told = steps(lang)
    printed = shell([command for command, _ in told], tmp_path, free_port(), lang)
    assert len(printed) == len(told), printed
    for (command, expected), out in zip(told, printed, strict=True):
        # Whatever a shell says of its jobs is not on the page.
        out = "\n".join(line for line in out.splitlines() if not re.match(r"\[1\]|bash: ", line))
        pattern = ".*".join(re.escape(part) for part in expected.split("…"))
        assert re.fullmatch(pattern, out, re.DOTALL), f"$ {command}\nexpected:\n{expected}\nprinted:\n{out}"


def test_both_languages_walk_the_same_way() -> None:
    def way(lang: str) -> list[str]:
        return [re.sub(r"'\{.*?\}'|Language: \w+", "", command) for command, _ in steps(lang)]

    assert way("en") == way("zh")
