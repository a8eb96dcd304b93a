"""What becomes of a plan whose process fails: a plain reason in both languages, its last words in the log."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import pytest

from huying.base.refusal import Refusal
from huying.edge import planner
from huying.edge.planner import PlanAsked, Planner, Work
from huying.words.explain import explain

ASKED = PlanAsked(kind="posts", source="rhythm", ability="patrol")
# What stands in the place of Python: (script, code of the refusal, what its sentence names).
FAILS = {
    "a part is missing": (
        "echo \"ModuleNotFoundError: No module named 'highspy'\" >&2; exit 1",
        "plan_part_missing",
        "highspy",
    ),
    "the program itself is missing": (
        "echo '/usr/bin/python: No module named huying' >&2; exit 1",
        "plan_part_missing",
        "huying",
    ),
    "ended by the machine": ("kill -9 $$", "plan_killed", ""),
    "no memory": ("echo 'MemoryError' >&2; exit 1", "plan_killed", ""),
    "a fault": (
        "echo 'Traceback' >&2; echo 'ValueError: no such square' >&2; exit 1",
        "plan_failed",
        "square",
    ),
    "talks without end": (
        "yes chatter | head -c 3000000 >&2; yes {} | head -c 9000000",
        "plan_failed",
        "chatter",
    ),
    "silent": ("exit 0", "plan_failed", "–"),
    "half an answer": ("printf '{\"posts\": [1, 2'; echo 'broken pipe' >&2", "plan_failed", "broken pipe"),
    "not for a terminal": ("printf '\\033[31mred\\033[0m\\n' >&2; exit 3", "plan_failed", "red"),
}


def worked() -> Work:
    async def run() -> Work:
        one = Planner(":memory:", "starter")
        work = one.begin(ASKED, "ann", 0, "en")
        assert one._task is not None
        await asyncio.wait_for(one._task, 60)
        return work

    return asyncio.run(run())


@pytest.mark.parametrize("name", FAILS)
def test_a_process_that_fails_gives_a_plain_reason(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    script, code, named = FAILS[name]
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with caplog.at_level(logging.ERROR, "huying.planner"):
        work = worked()
    assert (work.status, work.refusal["code"]) == ("refused", code)
    params = {key: value for key, value in work.refusal.items() if key != "code"}
    for lang in ("zh", "en"):
        said = explain(Refusal(code, **params), lang)
        assert named in said.sentence and said.todo and said.sentence.isprintable()
        assert len(said.sentence) < 400
    assert [record.name for record in caplog.records] == ["huying.planner"]
    assert len(caplog.text) < 2 * planner.SAID_MAX


def test_no_process_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nobody"))
    work = worked()
    assert (work.status, work.refusal["code"]) == ("refused", "plan_failed")


def test_what_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 600\n", "utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(planner, "LONGEST_S", 0.05)
    assert worked().refusal == {"code": "plan_too_long"}
