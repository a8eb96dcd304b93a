"""Records played through the live engine: every kind of fact that a record knows, and what is drawn."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from huying.base.clock import HOUR, ManualClock
from huying.channels.files import Reader, Record
from huying.channels.files.lines import BadLines
from huying.channels.files.mapping import Mapping, read_mapping
from huying.domain.commands import Envelope, ReceiveCall
from huying.domain.facts import Fact
from huying.domain.pack import Pack
from huying.domain.shorthand import Short
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.service.intake import prepared
from huying.sim import ahead
from huying.sim.chance import Dice, SeededChance
from huying.sim.habits import Habits
from huying.sim.replay import Replay, limited, with_more_units, with_units_of_records
from huying.store.opening import open_store
from tiny_pack import tiny_pack

ROOT = Path(__file__).resolve().parent.parent
HEAD = 'name = "small"\npack = "xikou"\n[time]\nat = "{when}"\nzone = "Asia/Shanghai"\n'
CALLS = HEAD + (
    '[call]\nwords = "{text}"\n[place]\nlat = "lat"\nlon = "lon"\n'
    '[type]\nof = "{type}"\n[type.table]\nfire = "fire.building"\nnoise = "city.noise"\n'
    'theft = "police.theft"\nquarrel = "town.dispute"\n'
)
THREE = (
    "when,type,lat,lon,text\n"
    "2026-03-02 10:00:00,fire,28.05,121.15,仓库着火\n"
    "2026-03-02 10:20:00,noise,28.02,121.12,施工太吵\n"
    "2026-03-02 11:00:00,quarrel,28.02,121.28,邻居吵架\n"
)
NEVER_NO = Habits(not_solved=0.0, returns=0.0, accept_late=0.0, resolve_late=0.0, joins=1.0)


class Run:
    """A file replayed into a store; the facts can be looked at."""

    def __init__(self, tmp_path: Path, data: str, mapping: str, **how: Any) -> None:
        (tmp_path / "calls.csv").write_text(data, "utf-8")
        (tmp_path / "map.toml").write_text(mapping, "utf-8")
        self.mapping = read_mapping(tmp_path / "map.toml")
        self.opened = open_store(how.get("store", ":memory:"), SeededChance(1), {"HUYING_KEYS": ""})
        pack = tiny_pack()
        self.pack = self.with_units(tmp_path, pack) if self.mapping.unit else pack
        chance = SeededChance(how.get("seed", 7))
        engine = Engine(self.opened.store, house_of(self.pack), ManualClock(0), chance)
        self.replay = Replay(engine, self.mapping, how.get("seed", 7), how.get("habits", NEVER_NO))
        records = limited(self.records(tmp_path, self.mapping, pack), how.get("limit", 0))
        self.replay.run(records, lambda at: None, lambda calls, at: None)
        self.summary = self.replay.summary()
        self.facts: list[Fact] = self.opened.questions.facts(0, 1000)

    @staticmethod
    def records(tmp_path: Path, mapping: Mapping, pack: Pack) -> Iterator[Record]:
        return Reader(mapping, pack.centre, BadLines(None)).read(tmp_path / "calls.csv")

    def with_units(self, tmp_path: Path, pack: Pack) -> Pack:
        return with_units_of_records(pack, (each.unit for each in self.records(tmp_path, self.mapping, pack)))

    def at(self, type: str) -> list[int]:
        return [each.at for each in self.facts if each.type == type]

    def bytes(self) -> str:
        rows = self.opened.questions.fact_rows(0, 100_000)
        return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()


def instant(run: Run, text: str) -> int:
    return Reader(run.mapping, run.pack.centre, BadLines(None)).instant(text)


def test_three_calls_go_through_the_whole_loop(tmp_path: Path) -> None:
    run = Run(tmp_path, THREE, CALLS)
    found = run.summary
    assert (found["calls"], found["incidents"], found["joined"]) == (3, 3, 0)
    assert found["closed"] == 3
    assert found["assignments"] == 2  # the run card of a fire asks for a pump and a patrol
    assert (found["referrals"], found["accepted"], found["resolved"]) == (2, 2, 2)
    assert found["refused"] == {}
    assert found["reopened"] == 0
    assert 0 < found["queue_time_s_p50"] < found["response_time_s_p50"]
    assert [each.seq for each in run.facts] == list(range(1, len(run.facts) + 1))
    assert run.at("call.received")[0] == instant(run, "2026-03-02 10:00:00")


def test_a_no_reopens_once_and_then_it_is_solved(tmp_path: Path) -> None:
    always_no = Habits(not_solved=1.0, caller_answers=1.0, returns=0.0)
    found = Run(tmp_path, THREE, CALLS, habits=always_no).summary
    assert (found["reopened"], found["closed"]) == (3, 3)
    assert found["closed_how"] == {"caller_agreed": 3}


def test_silence_closes_and_a_person_closes_what_was_priority_1(tmp_path: Path) -> None:
    found = Run(tmp_path, THREE, CALLS, habits=Habits(caller_answers=0.0, returns=0.0)).summary
    assert found["closed_how"] == {"person": 1, "silence": 2}


def test_late_agencies_are_escalated(tmp_path: Path) -> None:
    late = Habits(accept_late=1.0, resolve_late=1.0, returns=0.0, not_solved=0.0)
    found = Run(tmp_path, THREE, CALLS, habits=late).summary
    assert found["overdue"] >= 4  # both referrals, accepted and resolved late
    assert found["escalations"] >= found["overdue"]
    assert found["closed"] == 3


def test_a_second_call_about_the_same_is_joined_by_the_desk(tmp_path: Path) -> None:
    again = (
        THREE
        + "2026-03-02 11:01:00,theft,28.05,121.15,手机被偷\n2026-03-02 11:01:05,theft,28.05,121.15,被偷\n"
    )
    found = Run(tmp_path, again, CALLS).summary
    assert (found["calls"], found["joined"]) == (5, 1)
    assert found["closed_how"]["duplicate"] == 1


def test_when_nobody_is_free_the_desk_looks_again(tmp_path: Path) -> None:
    rows = "".join(f"2026-03-02 10:0{n}:00,theft,28.0{n},121.1{n},被偷\n" for n in range(6))
    run = Run(tmp_path, "when,type,lat,lon,text\n" + rows, CALLS, habits=Habits(joins=0.0))
    assert run.summary["refused"] == {}
    assert run.summary["assignments"] >= 5
    assert run.summary["closed"] == 6


def test_unit_times_of_the_records_are_kept(tmp_path: Path) -> None:
    mapping = HEAD + (
        '[call]\nwords = "{text}"\n[type]\nof = "{text}"\ndefault = "fire.building"\n'
        '[join]\nkey = "{case}"\nrows = "units"\n'
        '[unit]\ncode = "{unit}"\nkind = "{kind}"\ndispatched = "{out}"\nen_route = "{way}"\n'
        'on_scene = "{there}"\nclear = "{done}"\n[unit.like]\nENGINE = "f1"\nCAR = "p1"\n'
    )
    day = "2026-03-02 "
    rows = [
        ("c1", "10:00:00", "E9", "ENGINE", "10:01:00", "10:02:00", "10:06:00", "10:30:00"),
        ("c1", "10:00:00", "C1", "CAR", "10:01:30", "10:02:30", "", "10:20:00"),  # called off on the way
        ("c2", "10:05:00", "C2", "CAR", "10:07:00", "", "", "10:10:00"),  # nobody got there
    ]
    lines = [
        ",".join((each[0], day + each[1], "x", *each[2:4], *(t and day + t for t in each[4:])))
        for each in rows
    ]
    run = Run(tmp_path, "case,when,text,unit,kind,out,way,there,done\n" + "\n".join(lines), mapping)
    assert set(run.pack.units) == {"E9", "C1", "C2"}
    assert (run.summary["calls"], run.summary["assignments"]) == (2, 3)
    assert run.at("assignment.dispatched") == [instant(run, day + each[4]) for each in rows]
    assert run.at("assignment.on_scene") == [instant(run, day + "10:06:00")]
    assert run.at("assignment.clear") == [instant(run, day + "10:30:00")]
    assert run.at("assignment.recalled") == [instant(run, day + "10:10:00"), instant(run, day + "10:20:00")]
    assert (run.summary["queue_time_s_p50"], run.summary["response_time_s_p50"]) == (60.0, 360.0)
    assert (run.summary["closed"], run.summary["refused"]) == (2, {})


def test_units_of_the_pack_can_stand_several_times() -> None:
    west = (28.0, 121.1, 28.1, 121.2)
    more = with_more_units(tiny_pack(), 3, west)
    assert len(more.units) == 6 + 2 * 4  # four of the six stand in the west
    assert more.units["p1.3"].station == "west-post"
    assert "p2.2" not in more.units
    assert more.digest != tiny_pack().digest
    assert len(with_more_units(tiny_pack(), 2, None).units) == 12


def test_answers_of_the_records_are_kept(tmp_path: Path) -> None:
    mapping = CALLS + '[referral]\ndue = "{due}"\nresolved = "{done}"\nanswer = "{said}"\n'
    data = (
        "when,type,lat,lon,text,due,done,said\n"
        "2026-03-02 10:00:00,noise,28.02,121.12,太吵,2026-03-05 10:00:00,2026-03-03 09:00:00,Stopped\n"
        "2026-03-02 10:05:00,noise,28.02,121.28,太吵,2026-03-03 10:00:00,,\n"
    )
    run = Run(tmp_path, data, mapping)
    resolved = next(each for each in run.facts if each.type == "referral.resolved")
    assert resolved.at == instant(run, "2026-03-03 09:00:00")
    assert (resolved.body.answer, resolved.actor) == ("Stopped", "sim.agency.urban")  # type: ignore[union-attr]
    dues = [each.body.due for each in run.facts if each.type == "deadline.set"]  # type: ignore[union-attr]
    assert dues == [instant(run, "2026-03-05 10:00:00"), instant(run, "2026-03-03 10:00:00")]
    # The second was never answered: it stays open, becomes overdue at its real due time and climbs.
    assert (run.summary["closed"], run.summary["overdue"]) == (1, 1)
    first = next(each for each in run.facts if each.type == "deadline.escalated")
    assert first.at - instant(run, "2026-03-03 10:00:00") <= HOUR


def test_rows_of_one_case_are_calls_of_one_incident(tmp_path: Path) -> None:
    mapping = CALLS + '[join]\nkey = "{text}"\n'
    data = THREE + "2026-03-02 11:02:00,quarrel,28.02,121.28,邻居吵架\n"
    found = Run(tmp_path, data, mapping).summary
    assert (found["calls"], found["incidents"], found["joined"]) == (4, 3, 1)


@pytest.mark.parametrize("store", [":memory:", "replay.db"])
def test_the_same_seed_gives_the_same_journal_to_the_byte(tmp_path: Path, store: str) -> None:
    runs = []
    for n, seed in enumerate((7, 7, 8)):
        folder = tmp_path / str(n)
        folder.mkdir()
        address = store if store == ":memory:" else str(folder / store)
        runs.append(Run(folder, THREE, CALLS, store=address, seed=seed).bytes())
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    memory = Run(tmp_path, THREE, CALLS).bytes()
    assert runs[0] == memory


@pytest.mark.slow
def test_the_journal_does_not_hang_on_the_order_of_sets(tmp_path: Path) -> None:
    """Two processes with different hashes of text write the same bytes."""
    (tmp_path / "calls.csv").write_text(THREE, "utf-8")
    code = (
        "from pathlib import Path; from test_replay import *; "
        "print(Run(Path('.'), THREE, CALLS, habits=Habits()).bytes())"
    )
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": paths, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_a_limit_stops_the_records_not_the_city(tmp_path: Path) -> None:
    found = Run(tmp_path, THREE, CALLS, limit=1).summary
    assert (found["calls"], found["closed"]) == (1, 1)


def test_dice_are_even_and_medians_are_kept() -> None:
    dice = Dice(1).fork("test")
    draws = [dice.random() for _ in range(20_000)]
    assert 0.49 < sum(draws) / len(draws) < 0.51
    assert min(draws) >= 0.0
    assert max(draws) < 1.0
    times = sorted(dice.lognormal(60.0, 0.5) for _ in range(20_001))
    assert 58.0 < times[10_000] < 62.0
    assert 0.97 < sum(dice.exponential(1.0) for _ in range(20_000)) / 20_000 < 1.03
    assert Dice(1).fork("a").random() != Dice(1).fork("b").random()


def test_many_records_are_understood_ahead_in_a_second_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "CHUNK", 2)
    pack = msgspec.structs.replace(tiny_pack(), shorthand=(Short(2, "WM", "west market"),))
    calls = [ReceiveCall("110", words) for words in ("fight", "fire at WM", "A fight at WM", "help")]
    records = [Record(n, HOUR + n, call) for n, call in enumerate(calls, 1)]
    house = house_of(pack)
    with ahead.understood_ahead(iter(records), house, suggest=True) as flow:
        taken = list(flow)
    heard = [each.understood for each in taken]
    # The first chunk waits for nobody; what the second process hears of the others is what is heard here.
    assert heard[:2] == [None, None]
    assert heard[2:] == [prepared(house, Envelope(each)).understood for each in calls[2:]]
    assert all(heard[2:])
    assert [each.suggested for each in taken] == [None, None, ("police.fight",), ()]
