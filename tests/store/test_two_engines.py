"""Two processes on one journal: each sees what the other decided, and reads no more than that."""

from __future__ import annotations

import random

import pytest

from huying.base.clock import DAY, MINUTE
from huying.domain.commands import AdvanceUnit, CloseIncident, DispatchUnits
from huying.service.work import timers_of
from store.conftest import House
from tiny_pack import IN_WEST
from town import Town

NOISE, FIGHT = "楼下广场舞太吵了", "有人打架"


@pytest.fixture
def towns(house: House) -> tuple[Town, Town]:
    if house.kind == "memory":
        pytest.skip("one process has its memory for itself")
    return Town(house.open().store), Town(house.open().store)


def test_each_sees_what_the_other_decided(towns: tuple[Town, Town]) -> None:
    here, there = towns
    here.call(NOISE, IN_WEST)
    there.call(NOISE, IN_WEST)  # now both remember
    id = here.call(FIGHT, IN_WEST)["incident_id"]
    assert there.call(FIGHT, IN_WEST)["may_be_same_as"] == [id]
    there.do(DispatchUnits(incident=id, units=("p1",)))
    assert here.refused(DispatchUnits(incident=id, units=("p1",))).code == "unit_busy"
    here.do(AdvanceUnit(unit="p1", to="clear", disposition="done"))
    there.do(CloseIncident(incident=id, why="已办"))
    assert id not in here.call(FIGHT, IN_WEST)["may_be_same_as"]
    assert here.store.load_incidents([id])[id].status == "closed"


def test_a_clock_that_the_other_started_acts_once(towns: tuple[Town, Town]) -> None:
    here, there = towns
    here.call(FIGHT, IN_WEST)
    id = there.call(NOISE, IN_WEST)["incident_id"]
    here.later(DAY)
    there.clock.at = here.clock.at
    assert there.later(0) == []
    there.later(4 * DAY)
    told = [each.body.rung for town in towns for each in town.facts if each.type == "deadline.escalated"]
    # fight: dispatch and arrive, each at the due time and two rungs; noise: accept and resolve, three rungs
    assert sorted(told) == sorted([0, 1, 2] * 2 + [0, 1, 2, 3] * 2)
    assert here.store.load_incidents([id])[id].escalations == 6


def test_only_what_changed_is_read(towns: tuple[Town, Town], monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = towns
    here.call(FIGHT, IN_WEST)
    there.call(FIGHT, IN_WEST)
    monkeypatch.setattr(here.store, "load_unfinished", None)
    monkeypatch.setattr(there.store, "load_unfinished", None)
    ids = [town.call(FIGHT, IN_WEST)["incident_id"] for town in (here, there) * 3]
    assert len(set(ids)) == 6


def test_by_turns_in_any_order_timers_are_what_incidents_ask_for(towns: tuple[Town, Town]) -> None:
    dice, ids = random.Random(7), [towns[0].call(NOISE, IN_WEST)["incident_id"]]
    at = towns[0].clock.at
    for _ in range(60):
        town = dice.choice(towns)
        at += dice.choice([0, MINUTE, DAY // 2])
        town.clock.at = at
        town.later(0)
        ids.append(town.call(dice.choice([NOISE, FIGHT]), IN_WEST)["incident_id"])
    stored = towns[0].store.load_incidents(ids).values()
    asked = {timer for each in stored for timer in timers_of(each)}
    assert set(towns[1].store.timers_due(-1, 2**62, 10_000)) == asked
    assert all(timer.due > at for timer in asked)
