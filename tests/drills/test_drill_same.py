"""The same seed tells the same story, on every machine, and into no store that holds anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from drill_town import facts_of, quiet, story
from huying.base.refusal import Refusal
from huying.sim.drill.stage import Ask, Theatre, play, run_drill
from huying.store.care import rebuild_store
from huying.system import SystemChance, SystemClock

ROOT = Path(__file__).resolve().parents[2]


# What `busy` comes to with seed 7. It changes when what the house records changes: then look at the
# difference, and put the new one here.
PINNED = "9ffc94cc9fb0ffd6"


# What may differ from one machine to the next: none of it is in the story.
HERE = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1", "HUYING_LANG": "zh"}
THERE = {
    "PYTHONHASHSEED": "5",
    "TZ": "America/New_York",
    "LC_ALL": "C",
    "OMP_NUM_THREADS": "3",
    "HUYING_LANG": "en",
}
# Compiled loops and contracted roads give what the plain ones give, to the last digit that is told.
HIDDEN = ("numba", "routingkit_cch")
ELSEWHERE = """
import sys
sys.modules.update(dict.fromkeys(sys.argv[2].split(), None))
from msgspec.structs import replace
from huying.sim.drill.stage import Ask, Theatre, play, run_drill
from huying.system import SystemClock
quiet = lambda calls, at: None
print(run_drill(Ask(scenario="busy", pack=sys.argv[1], seed=7), quiet)["digest"])
theatre = Theatre("yunxi")
scenario = replace(theatre.scenario("bridge_closed"), hours=0.25, warm_up_min=5)
ask = Ask(scenario="bridge_closed", seed=7)
print(play(ask, theatre, theatre.red(scenario, 7), quiet, SystemClock())["digest"])
"""


def digests(town: str, folder: Path, differs: dict[str, str], hidden: tuple[str, ...]) -> list[str]:
    """Of a day in the smallest town and of twenty minutes in the county, in a process of its own."""
    env = os.environ | differs | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", ELSEWHERE, town, " ".join(hidden)]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_same_seed_is_the_same_story(town: str, theatre: Theatre, tmp_path: Path) -> None:
    ask = Ask(scenario="busy", pack=town, seed=7, store=str(tmp_path / "one.sqlite"))
    first = run_drill(ask, quiet, theatre=theatre)
    assert first["verify"] == "ok"
    assert story(ask.store) == PINNED
    assert run_drill(Ask(scenario="busy", pack=town, seed=8), quiet, theatre=theatre) != first


@pytest.mark.slow
def test_another_machine_tells_the_same_story(town: str, tmp_path: Path) -> None:
    here = digests(town, ROOT, HERE, ())
    there = digests(town, tmp_path, THERE, HIDDEN)
    assert len(set(here)) == 2
    assert there == here


def test_the_journal_says_first_that_it_is_a_drill(town: str, theatre: Theatre, tmp_path: Path) -> None:
    store = str(tmp_path / "kept.sqlite")
    run_drill(Ask(scenario="brawl", pack=town, seed=7, store=store), quiet, theatre=theatre)
    first = facts_of(store)[0]
    assert first.type == "drill.begun"
    assert msgspec.to_builtins(first.body) == {"scenario": "brawl", "seed": 7, "policy": "recommended"}
    with pytest.raises(Refusal, match="store_not_empty"):  # never into a store that holds anything
        run_drill(Ask(scenario="brawl", pack=town, store=store), quiet, theatre=theatre)


def test_a_rebuild_makes_what_a_drill_has_written(county: Theatre, tmp_path: Path) -> None:
    """A number written by the simulation as one kind and read by a rebuild as another would differ."""
    scenario = replace(county.scenario("ordinary_friday"), hours=0.25, warm_up_min=5)
    ask = Ask(scenario="ordinary_friday", seed=7, store=str(tmp_path / "friday.sqlite"))
    played = play(ask, county, county.red(scenario, 7), quiet, SystemClock())
    assert played["verify"] == "ok"
    rebuilt = rebuild_store(ask.store, SystemChance(), swap=False)
    assert rebuilt.rows > 100 and (rebuilt.different, rebuilt.shown) == (0, [])
