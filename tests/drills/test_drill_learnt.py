"""A real day as a drill, what is learnt of records, and ordinary days to their end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drill_town import facts_of, quiet
from huying.base.clock import HOUR, MINUTE
from huying.base.refusal import Refusal
from huying.cli import main
from huying.domain.commands import ReceiveCall
from huying.sim.chance import Dice
from huying.sim.drill.again import Day, read_day
from huying.sim.drill.fitted import Fitted, fit, part_of, read_fit, write_fit
from huying.sim.drill.stage import Ask, Theatre, play, run_drill
from huying.system import SystemClock
from tiny_pack import MONDAY_10

ROOT = Path(__file__).resolve().parents[2]


def test_a_day_of_a_journal_is_replayed_without_its_words(
    town: str, theatre: Theatre, tmp_path: Path
) -> None:
    store, again = str(tmp_path / "day.sqlite"), str(tmp_path / "again.sqlite")
    run_drill(Ask(scenario="busy", pack=town, seed=7, store=store), quiet, theatre=theatre)
    before = facts_of(store)
    there, scenario, rings = read_day(Day(day=date(2026, 3, 2), pack=town, store=store))
    assert len(rings) == sum(each.type == "call.received" for each in before)
    ask = Ask(scenario=scenario.name, pack=town, store=again)
    found = play(ask, there, there.red(scenario, 1, own=rings), quiet, SystemClock())
    assert found["score"]["calls"] == len(rings)
    words = [each.body.words for each in facts_of(again) if each.type == "call.received"]  # type: ignore[attr-defined]
    assert set(words) == {""}
    assert facts_of(store) == before  # the journal itself is only read
    with pytest.raises(Refusal, match="day_empty"):
        read_day(Day(day=date(2026, 3, 3), pack=town, store=store))


def records(theatre: Theatre) -> Iterator[Any]:
    """Two weeks of noise at noon in the west and fights at night in the east."""
    from huying.channels.files import Record

    for day in range(14):
        for n in range(10):
            noon = MONDAY_10 + day * 24 * HOUR + 2 * HOUR + n * 5 * MINUTE
            yield Record(n, noon, ReceiveCall("f", "x", stated_type="city.noise", lat=28.05, lon=121.15))
        for n in range(30):
            night = MONDAY_10 + day * 24 * HOUR + 11 * HOUR + n * MINUTE
            yield Record(n, night, ReceiveCall("f", "x", stated_type="police.fight", lat=28.05, lon=121.25))


def test_what_is_learnt_of_records_is_said_again(theatre: Theatre, tmp_path: Path) -> None:
    learnt = fit(records(theatre), theatre.pack)
    write_fit(learnt, tmp_path / "fitted.csv")
    read = read_fit(tmp_path / "fitted.csv")
    assert read.hours == learnt.hours
    assert read.cells == learnt.cells
    source = Fitted(read, theatre.pack, Dice(3))
    at, noon, night, count = MONDAY_10 - 10 * HOUR, 0, 0, 0
    while at < MONDAY_10 + 14 * 24 * HOUR:
        at, call = source.next(at)
        hour = theatre.pack.worktime.local(at).hour
        count += 1
        assert hour in (12, 21)
        if hour == 12:
            noon += call.stated_type == "city.noise"
        else:
            night += call.stated_type == "police.fight" and call.lon is not None and call.lon > 121.2
    assert 460 < count < 680  # 560 in two weeks
    # Three tenths of each part's distribution are the whole week's.
    assert noon > 0.4 * count * 10 / 40
    assert night > 0.55 * count * 30 / 40
    assert part_of(5 * 24 + 1) == 6


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "what,part,key,calls\nweeks,0,,-1\n", "what,part,key,calls\nhour,x,,1\n"]
)
def test_what_is_no_learnt_week_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.csv").write_text(text, "utf-8")
    with pytest.raises(Refusal, match="fitted_unreadable"):
        read_fit(tmp_path / "bad.csv")


def test_ordinary_days_are_followed_to_their_end(town: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", "year", "--pack", town, "--days", "2", "--calls", "60", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verify"] == "ok"
    assert 60 < found["calls"] < 200
    assert found["closed"] == found["incidents"]
    assert main(["drill", "year", "--pack", town, "--days", "0"]) == 1
