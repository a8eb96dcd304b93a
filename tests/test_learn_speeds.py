"""Paces of the hours of the week, learnt from finished ways, with their error on ways held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from huying.base.clock import MINUTE, SECOND
from huying.cli import main
from huying.cli.exits import Exit
from huying.domain.commands import AdvanceUnit, DispatchUnits
from huying.domain.deployment import AdoptDeployment, ProposeDeployment
from huying.domain.facts import UnitDispatched
from huying.edge.paces import HOURS, WAYS_MIN, learn, ways_of
from huying.store.opening import open_store
from huying.system import SystemChance
from tiny_pack import EAST_STATION
from town import Town


def ways(n: int, rush: float, seed: int = 1) -> list[tuple[int, float, float]]:
    """300 s expected; at 8 o'clock of working days `rush` times as much is taken, give or take a tenth."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        hour = int(rng.choice([8, 32, 56, 14, 38, 62]))
        taken = 300.0 * (rush if hour % 24 == 8 else 1.0) * float(np.exp(rng.normal(0, 0.1)))
        found.append((hour, 300.0, taken))
    return found


def test_the_rush_hour_is_learnt_and_the_error_shown_on_what_was_held_out() -> None:
    found = learn(ways(1_200, 1.6))
    assert found is not None and found.better and found.held_out == 300
    assert found.factors[8] == pytest.approx(1.6, rel=0.1) and found.factors[14] == pytest.approx(
        1.0, rel=0.1
    )
    assert len(found.factors) == HOURS and sum(found.counts) == 1_200
    assert found.error_after < 0.12 < found.error_before


def test_an_hour_without_ways_takes_the_weeks_factor_and_few_ways_teach_nothing() -> None:
    found = learn(ways(400, 1.0))
    assert found is not None and found.factors[100] == pytest.approx(1.0, abs=0.05)
    assert learn(ways(WAYS_MIN - 1, 1.0)) is None


def test_a_way_is_from_leaving_to_being_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "town.sqlite")
    opened = open_store(store, SystemChance(), environment={"HUYING_KEYS": "ab" * 32 + ":" + "cd" * 32})
    town = Town(opened.store)
    told = town.call("被偷", EAST_STATION)
    town.do(DispatchUnits(incident=told["incident_id"], units=("p1",)))
    town.later(2 * MINUTE)
    town.do(AdvanceUnit(unit="p1", to="en_route"))
    town.later(20 * MINUTE)
    town.do(AdvanceUnit(unit="p1", to="on_scene"))
    ((hour, expected, taken),) = ways_of(town.facts, town.pack)
    assert (hour, taken) == (10, 1_200.0) and expected > 800
    opened.close()
    assert main(["roads", "learn-speeds", "--store", store, "--pack", "starter"]) == Exit.REFUSED
    assert "40" in capsys.readouterr().err


def test_the_pace_that_was_expected_is_not_learnt_twice(tmp_path: Path) -> None:
    """All ways are expected at twice the usual; what is learnt is against the usual."""
    opened = open_store(str(tmp_path / "town.sqlite"), SystemChance())
    town = Town(opened.store)
    plan = town.do(ProposeDeployment(kind="paces", title="learnt", paces=(2.0,) * HOURS))["plan_id"]
    town.do(AdoptDeployment(plan=plan, why="it helps"), actor="desk-2")
    told = town.call("被偷", EAST_STATION)
    town.do(DispatchUnits(incident=told["incident_id"], units=("p1",)))
    town.do(AdvanceUnit(unit="p1", to="en_route"))
    expected = next(each.body.expected_s for each in town.facts if isinstance(each.body, UnitDispatched))
    town.later(expected * SECOND)
    town.do(AdvanceUnit(unit="p1", to="on_scene"))
    ((_, usual, taken),) = ways_of(town.facts, town.pack)
    assert taken == expected and usual == pytest.approx(expected / 2, abs=1)
    opened.close()
