"""The page for the ombudsman does what it says: its blocks run one after another, as a reader types them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from test_tutorial import BLOCK, PORT, ROOT, free_port

WITNESS_PORT = "8702"
# A started house or witness is waited for as a reader would wait for its line.
WAIT = "for _ in $(seq 900); do curl -s http://127.0.0.1:{port}/ > /dev/null && break; sleep 0.1; done"


def steps(lang: str) -> list[tuple[str, str]]:
    """(command, what the page says it prints), in order."""
    page = (ROOT / "docs" / lang / "check-us.md").read_text("utf-8")
    found = re.split(r"^\$ ", "".join(BLOCK.findall(page)), flags=re.MULTILINE)[1:]
    parts = (step.partition("\n") for step in found)
    return [(command, expected.strip()) for command, _, expected in parts]


def run(commands: list[str], folder: Path, ports: dict[str, str]) -> list[str]:
    """What each command prints, in one shell that starts in `folder`."""
    (folder / "huying").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m huying "$@"\n')
    (folder / "huying").chmod(0o755)
    (folder / "python3").symlink_to(sys.executable)
    lines = ["set -m", "trap 'kill $(jobs -p) 2> /dev/null' EXIT"]
    for command in commands:
        here = re.sub("|".join(ports), lambda found: ports[found[0]], command)
        # What goes on in the background may say its lines a step later; the page asks for none of them.
        lines += ["echo @@@", f"{here.removesuffix('&')}> /dev/null 2>&1 &" if here.endswith("&") else here]
        if command.endswith("&"):
            lines.append(WAIT.format(port=re.findall(r"--port (\d+)", here)[-1]))
        if command.startswith("kill"):
            lines.append(here.replace("kill", "wait"))
    env = {name: each for name, each in os.environ.items() if not name.startswith(("HUYING_", "LC_", "LANG"))}
    env |= {"PATH": f"{folder}:{env['PATH']}", "PYTHONPATH": str(ROOT / "src"), "HUYING": str(ROOT)}
    env |= {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "HUYING_LANG": "en"}
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=240,
        check=False,
    )
    return [part.strip() for part in done.stdout.decode().split("@@@\n")[1:]]


@pytest.mark.slow
def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    if shutil.which("curl") is None and not os.environ.get("CI"):
        pytest.skip("curl is not installed; the page uses it")
    told = steps("en")
    printed = run([command for command, _ in told], tmp_path, {PORT: free_port(), WITNESS_PORT: free_port()})
    assert len(printed) == len(told), printed
    for (command, expected), out in zip(told, printed, strict=True):
        # Whatever a shell says of its jobs is not on the page.
        out = "\n".join(line for line in out.splitlines() if not re.match(r"\[\d\]|bash: ", line))
        pattern = ".*".join(re.escape(part) for part in expected.split("…"))
        assert re.fullmatch(pattern, out, re.DOTALL), f"$ {command}\nexpected:\n{expected}\nprinted:\n{out}"


def test_both_languages_walk_the_same_way() -> None:
    assert steps("en") == steps("zh")
