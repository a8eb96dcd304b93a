"""The repository itself: free of one machine's traces, locked, formatted, typed, and fit to be installed."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from huying.web.screens import built

ROOT = Path(__file__).resolve().parent.parent
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
# A path into somebody's own folders, and the host of a package index.
TRACES = (
    re.compile(r"(?<![\w.$}>-])/(?:home|root|work|Users)/\w"),
    re.compile(r"\b(?:pypi|npmjs|pythonhosted|registry|debian)\.(?:org|com|net)\b"),
)


def tracked() -> list[Path]:
    """The files of the project: what git tracks, or all that is there in an unpacked archive."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def run(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_tells_of_the_machine_it_was_made_on() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if any(trace.search(line) for trace in TRACES):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert found == []


def test_the_licence_is_whole() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!;~ ]", each)[0].lower().replace("_", "-") for each in requirements}


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_the_lock_holds_what_is_asked_for_and_no_address(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    wanted = names(project["dependencies"])
    if lock == "dev":
        extras = project["optional-dependencies"].values()
        wanted |= {name for extra in extras for name in names(extra)} - {"huying"}
    locked = names([line for line in text.splitlines() if line[:1].isalnum()])
    assert wanted - locked == set()
    assert "://" not in text


def test_both_locks_have_the_same_versions() -> None:
    pins = [
        set(
            re.findall(
                r"^[a-z0-9].*?==[^ ]+", (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8"), re.M
            )
        )
        for lock in ("run", "dev")
    ]
    assert pins[0] <= pins[1]


@pytest.mark.slow
def test_the_code_is_linted_and_formatted() -> None:
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")


@pytest.mark.slow
def test_the_types_hold() -> None:
    # A clone that is thrown away keeps nothing for a next time: writing it down is a fifth of the work.
    run("mypy", *(["--cache-dir", os.devnull] if os.environ.get("CI") else []))


@pytest.mark.slow
def test_the_wheel_holds_packs_words_and_screens(tmp_path: Path) -> None:
    run("hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    data = {
        path.relative_to(ROOT / "src").as_posix()
        for path in tracked()
        if path.is_relative_to(ROOT / "src") and path.suffix != ".py"
    }
    assert "huying/words/zh/refusal.toml" in data
    assert "huying/packs/yunxi/types.csv" in data
    assert data - held == set()
    # The app is built, not tracked: from a wheel nobody needs Node.
    assert {f"huying/web/app/{name}" for name in built()} - held == set()
