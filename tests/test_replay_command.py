"""`huying replay` and `huying import` as a person or a program uses them."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from data_dir import data_dir
from huying.base.clock import ManualClock
from huying.base.refusal import Refusal
from huying.cli.commands.replay import read_speed
from huying.cli.console import Console
from huying.cli.parser import build_parser
from huying.config import Config
from huying.sim.bring_in import Ask, bring_in
from huying.sim.stage import Play, find_mapping, mappings_known, play
from huying.store.opening import open_store
from huying.store.packdir import read_pack
from huying.system import SystemChance
from test_replay import CALLS, THREE

PACK = "starter"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file and a mapping for the small pack that `pack new` copies."""
    types = list(read_pack(PACK).types)
    mapping = CALLS.replace('pack = "xikou"', f'pack = "{PACK}"').split("[type]")[0]
    mapping += f'[type]\nof = "{{type}}"\n[type.table]\nfire = "{types[0]}"\n'
    mapping = mapping.replace('words = "{text}"', 'words = "{text}"\nsource_id = "{#line}"')
    (tmp_path / "map.toml").write_text(mapping, "utf-8")
    (tmp_path / "calls.csv").write_text(THREE + "never,fire,28.05,121.15,x\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*argv: str, json_mode: bool = False) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    console = Console("en", json_mode, out, err)
    args = build_parser("en", Config()).parse_args(list(argv))
    return int(args.run(args, console)), out.getvalue(), err.getvalue()


def test_a_summary_for_people_and_for_programs(folder: Path) -> None:
    code, said, beside = command("replay", "calls.csv", "--map", "map.toml")
    assert (code, beside) == (0, "")  # no progress in a pipe
    assert "3 calls" in said
    assert "1 lines were set aside in calls.csv.bad.ndjson: the time is not in the mapping's format." in said
    _, line, _ = command("replay", "calls.csv", "--map", "map.toml", "--json", json_mode=True)
    found = json.loads(line)
    assert (found["calls"], found["bad_lines"], found["verify"]) == (3, {"time_unreadable": 1}, "ok")
    assert (found["first"], found["seed"]) == ("2026-03-02T02:00:00+00:00", 1)
    assert "follow_up_answers" in found["simulated"]
    aside = json.loads((folder / "calls.csv.bad.ndjson").read_text("utf-8"))
    assert aside == {"line": 5, "reason": "time_unreadable", "raw": "never,fire,28.05,121.15,x"}


def test_a_replay_keeps_its_journal_when_a_store_is_given_and_takes_only_an_empty_one(folder: Path) -> None:
    ask = Play(file=folder / "calls.csv", mapping="map.toml", store=str(folder / "kept.sqlite"))
    play(ask, lambda calls, at: None)
    opened = open_store(str(folder / "kept.sqlite"), SystemChance())
    assert opened.questions.counts(0).calls == 3
    opened.close()
    with pytest.raises(Refusal, match="store_not_empty"):
        play(ask, lambda calls, at: None)


def test_an_import_takes_each_record_once_at_its_own_time(folder: Path) -> None:
    ask = Ask(file=folder / "calls.csv", mapping="map.toml", store=str(folder / "city.sqlite"))
    first = bring_in(ask, lambda calls, at: None)
    assert (first["calls"], first["known"], first["refused"]) == (3, 0, {})
    again = bring_in(ask, lambda calls, at: None)
    assert (again["calls"], again["known"], again["refused"]) == (0, 3, {})
    opened = open_store(str(folder / "city.sqlite"), SystemChance())
    times = [call.at for call, _ in opened.questions.calls_received(0, 1 << 60, "", 10).items]
    facts = [each.type for each in opened.questions.facts(0, 100)]
    opened.close()
    assert times[-1] == 1772416800_000_000  # 2026-03-02 10:00 in the city
    assert not {"referral.accepted", "assignment.dispatched"} & set(facts)  # nobody is simulated


def test_an_older_file_keeps_its_times_in_a_store_that_has_gone_on(folder: Path) -> None:
    old = (folder / "calls.csv").read_text("utf-8").replace("2026-03-02", "2020-03-02")
    (folder / "old.csv").write_text(old, "utf-8")
    store = str(folder / "city.sqlite")
    bring_in(Ask(file=folder / "calls.csv", mapping="map.toml", store=store), lambda calls, at: None)
    mapping = (folder / "map.toml").read_text("utf-8").replace('name = "small"', 'name = "older"')
    (folder / "older.toml").write_text(mapping, "utf-8")
    found = bring_in(Ask(file=folder / "old.csv", mapping="older.toml", store=store), lambda calls, at: None)
    assert found["calls"] == 3
    opened = open_store(store, SystemChance())
    items = opened.questions.calls_received(0, 1 << 60, "", 10).items
    opened.close()
    assert min(call.at for call, _ in items) == 1583114400_000_000
    assert min(incident.opened_at for _, incident in items) == 1772416800_000_000


@pytest.mark.parametrize(("text", "speed"), [("max", 0.0), ("60x", 60.0), ("0.5", 0.5)])
def test_speeds(text: str, speed: float) -> None:
    assert read_speed(text) == speed


@pytest.mark.parametrize("text", ["fast", "-1", "0x", "nan", "inf"])
def test_what_is_no_speed_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="bad_speed"):
        read_speed(text)


def test_a_speed_paces_the_replay(folder: Path) -> None:
    class Watched(ManualClock):
        """A clock that runs a second each time it is asked."""

        def now(self) -> int:
            self.at += 1_000_000
            return self.at

    ask = Play(file=folder / "calls.csv", mapping="map.toml", speed=1e9)
    assert play(ask, lambda calls, at: None, Watched(0))["calls"] == 3


def test_an_unknown_mapping_names_those_that_are_known() -> None:
    with pytest.raises(Refusal) as refused:
        find_mapping("atlantis")
    assert "montgomery" in refused.value.params["known"]


SETS = {
    "montgomery": "cfs_montgomery_pa_911/montgomery_911_2015-12_2017-04_dev.csv.gz",
    "seattle": "cfs_seattle_2015/seattle_911_2015_dev.csv.gz",
    "sf_fire": "cfs_sf_fire_units/sf_fire_unit_responses_sample_dev.csv.gz",
    "boston": "req_boston_311/boston_311_2011H2_dev.csv.gz",
    "wenzheng": "req_cn_wenzheng/messages_replies_2816_dev.csv.gz",
    "wenzheng_labelled": "req_cn_wenzheng/messages_labelled_495.csv.gz",
}


def test_every_shipped_mapping_is_tried_here() -> None:
    assert set(mappings_known()) == set(SETS)


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_a_piece_of_every_public_set(name: str, tmp_path: Path) -> None:
    folder, file = SETS[name].split("/")
    ask = Play(file=data_dir(folder) / file, mapping=name, limit=400, bad=tmp_path / "bad.ndjson")
    found: dict[str, Any] = play(ask, lambda calls, at: None)
    assert found["calls"] + sum(found["bad_lines"].values()) == (400 if name != "sf_fire" else found["calls"])
    assert found["verify"] == "ok"
    assert found["incidents"] > 0.5 * found["calls"]
    assert found["closed"] > 0.7 * found["incidents"]
    assert sum(found["refused"].values()) <= 0.02 * found["facts"]
    assert found["assignments"] + found["referrals"] >= 0.9 * found["calls"]


def test_the_side_file_is_only_made_when_there_is_something_to_say(folder: Path) -> None:
    (folder / "good.csv").write_text(THREE, "utf-8")
    command("replay", "good.csv", "--map", "map.toml")
    assert not (folder / "good.csv.bad.ndjson").exists()
    shutil.rmtree(folder, ignore_errors=True)
