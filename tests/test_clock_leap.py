"""What a leap of the machine's clock does: it is not followed, it is on record, and health tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from huying.base.clock import DAY, HOUR, ManualClock
from huying.base.refusal import Refusal
from huying.cli import main
from huying.cli.exits import Exit
from huying.edge.standstill import GAP_MAX, check_clock
from huying.store.care import last_fact_at
from tiny_pack import MONDAY_10
from web_client import open_web


class Leaping(ManualClock):
    leap = 0


def test_a_leap_is_a_fact_and_health_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web_client.ManualClock", Leaping)
    with open_web() as web:
        web.call("噪音")
        for leap, status in ((3 * HOUR, "clock_leapt"), (0, "ok")):
            web.clock.leap = leap  # type: ignore[attr-defined]
            web.clock.at += HOUR
            assert web.get("/healthz")[1]["status"] == status
            web.call("噪音")
        found = []
        while len(found) < 2:  # the writer's thread looks at the clock after it has answered
            facts = web.house.questions.facts(0, 200)
            found = [each for each in facts if each.type == "clock.leapt"]
    assert [(each.body.by_s, each.body.held) for each in found] == [(3 * 3_600, True), (0, False)]
    assert {each.actor for each in found} == {"clock"}
    assert all(each.at < MONDAY_10 + DAY for each in found)


def test_a_start_far_ahead_of_the_journal_is_refused_until_somebody_looked(tmp_path: Path) -> None:
    store = str(tmp_path / "city.sqlite")
    assert check_clock(last_fact_at(store), ManualClock(MONDAY_10), "") == 0
    with open_web(store):
        pass
    assert check_clock(last_fact_at(store), ManualClock(MONDAY_10 + GAP_MAX), "") == 0
    later = ManualClock(MONDAY_10 + 40 * DAY)
    with pytest.raises(Refusal, match="clock_ahead") as refused:
        check_clock(last_fact_at(store), later, "2026-01-01")
    assert check_clock(last_fact_at(store), later, refused.value.params["today"]) == 40 * 86_400
    assert check_clock(0, later, "") == 0


def test_serve_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = str(tmp_path / "city.sqlite")
    with open_web(store):
        pass
    later = ManualClock(MONDAY_10 + 40 * DAY)
    monkeypatch.setattr("huying.cli.commands.serve.SystemClock", lambda: later)
    assert main(["serve", "--store", store, "--pack", "starter"]) == Exit.REFUSED
    assert "--today" in capsys.readouterr().err
