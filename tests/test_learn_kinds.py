"""Paces by kind of road: found again where ways mix them, and said to be unknown where they don't."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from huying.cli import main
from huying.cli.exits import Exit
from huying.domain.run_card import UnitRow
from huying.edge.class_paces import WAYS_MIN, KindPaces, learn_kinds
from huying.geo.roads.classes import GROUPS
from huying.geo.roads.travel import RoadTravel
from huying.store.opening import open_store
from huying.store.packdir import read_net, read_pack
from huying.system import SystemChance

TRUTH = {"trunk": 0.9, "street": 1.3, "lane": 1.7}
DOOR_S = 25.0


def simulated(n: int, seed: int, mixed: bool = True) -> list[tuple[tuple[float, ...], float]]:
    """Ways of the stated truth, give or take an eighth. Unmixed: every way has the same share of each
    kind."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        share = rng.dirichlet((0.7, 0.7, 0.7)) if mixed else np.array((0.5, 0.3, 0.2))
        usual = share * rng.uniform(120, 900)
        taken = (usual @ np.array(list(TRUTH.values())) + DOOR_S) * float(np.exp(rng.normal(0, 0.12)))
        found.append((tuple(usual.tolist()), taken))
    return found


def learnt(ways: list[tuple[tuple[float, ...], float]]) -> KindPaces:
    found = learn_kinds(ways, np.random.default_rng(1))
    assert found is not None
    return found


def test_a_simulated_truth_lies_in_the_intervals_and_times_get_better() -> None:
    covered = 0
    for seed in range(6):
        found = learnt(simulated(1_200, seed))
        assert [each.kind for each in found.kinds] == list(TRUTH)
        for each in found.kinds:
            assert each.told and each.factor == pytest.approx(TRUTH[each.kind], abs=0.12)
            covered += each.low <= TRUTH[each.kind] <= each.high
        assert found.door_s == pytest.approx(DOOR_S, abs=15)
        assert found.better and found.error_after < 0.12 < found.error_before
    assert covered >= 15  # of 18; 95 of 100 in the long run


def test_where_every_way_has_the_same_mix_nothing_is_told() -> None:
    found = learnt(simulated(1_200, 1, mixed=False))
    assert not any(each.told for each in found.kinds) and not found.better


def test_a_kind_that_hardly_anybody_drove_on_is_not_told() -> None:
    ways = [((usual[0], usual[1], 0.0), taken) for usual, taken in simulated(600, 3)]
    lane = learnt(ways).kinds[2]
    assert (lane.kind, lane.ways, lane.share, lane.told) == ("lane", 0, 0.0, False)


def test_too_few_ways_teach_nothing() -> None:
    assert learn_kinds(simulated(WAYS_MIN - 1, 1), np.random.default_rng(1)) is None


def test_seconds_on_each_kind_are_those_of_the_way_itself() -> None:
    pack, graph = read_pack("yunxi"), read_net("yunxi")
    assert graph is not None
    travel = RoadTravel(graph, pack.speeds)
    car = next(row for row in pack.units.values() if row.kind == "car")
    end = (28.11489, 121.21634)
    spent = travel.spent(car, (car.lat, car.lon), end)
    way = travel.way(car, (car.lat, car.lon), end)
    assert spent is not None and way is not None and len(spent) == len(GROUPS)
    assert 0 <= way.seconds - sum(spent) < 120  # the rest is walked, from the road to the door
    drone: UnitRow = next(row for row in pack.units.values() if row.kind == "drone")
    assert travel.spent(drone, (car.lat, car.lon), end) is None
    assert travel.spent(car, (car.lat, car.lon), (27.5, 123.0)) is None


@pytest.mark.parametrize(("pack", "says"), [("yunxi", "200"), ("starter", "roads.npz")])
def test_the_command_says_what_is_missing(
    tmp_path: Path, pack: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = str(tmp_path / "new.sqlite")
    keys = {"HUYING_KEYS": "ab" * 32 + ":" + "cd" * 32}
    open_store(store, SystemChance(), environment=keys).close()
    argv = ["roads", "learn-speeds", "--kinds", "--store", store, "--pack", pack]
    assert main(argv) == Exit.REFUSED
    assert says in capsys.readouterr().err
