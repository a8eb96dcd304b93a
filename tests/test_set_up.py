"""`make run` and `make test` begin with a set-up that needs only Python and is over at once next time."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, working on an empty project with one locked package."""
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "tools" / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").write_text("one==1.0\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "VENV", tmp_path / ".venv")
    return tool


def test_the_second_time_nothing_is_done(set_up: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = hashlib.sha256(b"one==1.0\n[project]\n").hexdigest()
    set_up.VENV.mkdir()
    (set_up.VENV / "stamp-run").write_text(wanted)
    monkeypatch.setattr(set_up.venv, "create", lambda *_, **__: pytest.fail("it made a new one"))
    assert set_up.main("run") == 0


def test_a_changed_lock_is_installed_and_a_failure_shows_what_pip_said(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (set_up.VENV / "bin").mkdir(parents=True)
    (set_up.VENV / "stamp-run").write_text("of an older lock")
    python = set_up.VENV / "bin" / "python"
    python.write_text('#!/bin/sh\necho "Collecting one"\necho "no such version: $*"\nexit 1\n')
    python.chmod(0o755)
    assert set_up.main("run") == 1
    assert "no such version: -m pip install" in capsys.readouterr().err
    assert not (set_up.VENV / "stamp-run").exists()


def test_an_old_python_is_told_so(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(set_up, "OLDEST", (99, 0))
    monkeypatch.setattr(set_up, "ZH", False)
    assert set_up.main("run") == 1
    assert "too old" in capsys.readouterr().err


def test_a_python_without_venv_is_told_what_to_install(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "ensurepip")

    monkeypatch.setattr(set_up.venv, "create", broken)
    monkeypatch.setattr(set_up, "ZH", True)
    assert set_up.main("run") == 1
    assert "apt-get install python3-venv" in capsys.readouterr().err


@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "CONTRIBUTING.md", "requirements/README.md"])
def test_every_make_that_is_written_about_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    written = set(re.findall(r"\bmake (?:[A-Z]+=\S+ )*([a-z]+)", (ROOT / page).read_text("utf-8")))
    written -= {"sure"}
    assert written <= targets
