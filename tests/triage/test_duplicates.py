"""Has somebody called about this already?"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.domain.incident import Incident
from huying.domain.place import NOWHERE, Place
from huying.geo.points import distance_m
from huying.triage import duplicates
from huying.triage.alike import WEIGHTS, Pair, cosine, features, odds, probability, said
from huying.triage.duplicates import Duplicates
from tiny_pack import MONDAY_10, tiny_pack

MINUTE = 60_000_000
HERE = (28.05, 121.15)
pack = tiny_pack()  # 150 m, 1800 s


def north(metres: float) -> tuple[float, float]:
    return HERE[0] + metres / 111_195, HERE[1]


def incident(
    id: int, metres: float = 0.0, minutes: float = 0.0, type: str = "city.noise", error_m: float | None = None
) -> Incident:
    place = Place(*north(metres), error_m=error_m)
    return Incident(id, MONDAY_10 + int(minutes * MINUTE), type, 4, place=place)


def known(*incidents: Incident) -> Duplicates:
    index = Duplicates(pack)
    for each in incidents:
        index.add(each)
    return index


def ids(
    index: Duplicates, type: str = "city.noise", error_m: float | None = None, minutes: float = 10
) -> list[int]:
    at = MONDAY_10 + int(minutes * MINUTE)
    return [found for found, _ in index.candidates(type, Place(*HERE, error_m=error_m), at)]


def test_near_in_place_and_time_and_of_the_same_type() -> None:
    index = known(incident(1, metres=100))
    ((found, why),) = index.candidates("city.noise", Place(*HERE), MONDAY_10 + 10 * MINUTE)
    assert found == 1
    assert (why.key, why.of) == ("duplicate.near", "1")
    assert why.values == {"metres": 100, "minutes": 10, "percent": 94, "text": 0}


@pytest.mark.parametrize(
    ("metres", "minutes", "seen"), [(149, 0, True), (151, 0, False), (0, 119, True), (0, 121, False)]
)
def test_the_packs_metres_and_seconds(metres: float, minutes: float, seen: bool) -> None:
    assert ids(known(incident(1, metres)), minutes=minutes) == [1] * seen


def test_another_group_is_another_matter() -> None:
    assert ids(known(incident(1, type="fire.building"))) == []
    ((_, why),) = known(incident(1, type="police.theft")).candidates("police.fight", Place(*HERE), MONDAY_10)
    assert why.key == "duplicate.related"  # the same group


def test_the_same_type_goes_before_the_nearest_before_the_newest() -> None:
    index = known(
        incident(1, 10, type="police.fight"),
        incident(2, 50, type="police.theft"),
        incident(3, 20, type="police.theft"),
        incident(4, 20, 5, type="police.theft"),
    )
    assert ids(index, "police.theft") == [4, 3, 2]  # the newest, the nearest; and no more than three


def test_points_that_are_not_sure_reach_further_but_not_too_far() -> None:
    index = known(incident(1, metres=199, error_m=30))
    assert ids(index) == []
    assert ids(index, error_m=20) == [1]  # 199 − 50 ≤ 150
    assert ids(known(incident(1, metres=290, error_m=100)), error_m=100) == [1]  # at most 150 m are taken off
    assert ids(known(incident(1, metres=310, error_m=150)), error_m=150) == []


def test_somewhere_in_the_village_is_no_evidence() -> None:
    assert ids(known(incident(1, error_m=800))) == []
    assert ids(known(incident(1)), error_m=800) == []


def test_without_a_point_nothing_is_suggested() -> None:
    nowhere = incident(1)
    nowhere.place = NOWHERE
    index = known(nowhere, incident(2))
    assert len(index) == 1
    assert index.candidates("city.noise", NOWHERE, MONDAY_10) == []


def test_what_is_removed_is_not_suggested() -> None:
    index = known(incident(1), incident(2))
    index.remove(1)
    index.remove(1)
    assert ids(index) == [2]


def test_an_incident_that_moves_is_found_where_it_is_now() -> None:
    index = known(incident(1, metres=5000))
    assert ids(index) == []
    index.add(incident(1, metres=5))
    assert ids(index) == [1]


def test_the_old_ones_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    index = known(*(incident(n, 300 * n, minutes=n) for n in range(10)))
    ids(index, minutes=125)  # four spans of half an hour: those of the first five minutes go
    assert len(index) == 5
    monkeypatch.setattr(duplicates, "REMEMBERED_MAX", 3)
    index.add(incident(10, minutes=10))
    index.add(incident(11, minutes=11))
    assert len(index) == 5  # each new one pushes the oldest out, never more


def test_suggestions_are_few() -> None:
    assert len(ids(known(*(incident(n, n) for n in range(20))))) == duplicates.SHOWN_MAX


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(-400, 400),
            st.integers(0, 60),
            st.sampled_from(["police.theft", "police.fight", "city.noise"]),
        ),
        max_size=duplicates.CROWD_MAX,
    )
)
def test_equal_to_looking_at_all(rows: list[tuple[int, int, str]]) -> None:
    many = [incident(n, metres, minutes, type) for n, (metres, minutes, type) in enumerate(rows)]
    index = known(*sorted(many, key=lambda each: each.opened_at))
    at = MONDAY_10 + 60 * MINUTE
    near = []
    for each in many:
        assert each.place.point
        metres = distance_m(*HERE, *each.place.point)
        if pack.types[each.type].group == "police" and metres <= 150:
            near.append((metres, each))
    crowd = max(sum(each.type == "police.theft" for _, each in near) - 1, 0)
    ranked = []
    for metres, each in near:
        seconds = (at - each.opened_at) / 1_000_000
        pair = Pair(
            metres, 0.0, False, False, each.type == "police.theft", seconds, crowd, None, False, False, True
        )
        log_odds = odds(features(pair, 150, 1800), WEIGHTS)
        if probability(log_odds) >= pack.duplicate_threshold:
            ranked.append((-log_odds, metres, -each.id))
    found = index.candidates("police.theft", Place(*HERE), at)
    assert [each for each, _ in found] == [-id for *_, id in sorted(ranked)[: duplicates.SHOWN_MAX]]


def said_at(id: int, title: str, place: Place, minutes: float = 0.0) -> Incident:
    return Incident(id, MONDAY_10 + int(minutes * MINUTE), "city.noise", 4, place=place, title=title)


def test_the_same_named_place_and_words_count_for_days() -> None:
    market = Place(28.045, 121.145, code="west-market", areas=("west-1",), error_m=400.0, how="named")
    index = known(said_at(1, "西溪菜场半夜还在卸货吵得睡不着", market))
    at = MONDAY_10 + 600 * MINUTE
    ((found, why),) = index.candidates("city.noise", market, at, "菜场半夜又在卸货，吵得睡不着觉")
    assert (found, why.key) == (1, "duplicate.near")
    assert index.candidates("city.noise", market, at, "广场舞音响太大") == []


def test_the_same_words_without_a_place() -> None:
    nowhere = Place(how="elsewhere")
    index = known(said_at(1, "隔壁天天弹钢琴到半夜十二点没法睡", nowhere))
    found = index.candidates(
        "city.noise", NOWHERE, MONDAY_10 + 5 * MINUTE, "隔壁天天弹钢琴弹到半夜十二点没法睡"
    )
    assert [(each, why.key) for each, why in found] == [(1, "duplicate.area")]
    index.remove(1)
    assert index.candidates("city.noise", NOWHERE, MONDAY_10, "隔壁天天弹钢琴弹到半夜十二点没法睡") == []


def test_a_city_may_weigh_otherwise() -> None:
    shy = Duplicates(tiny_pack(duplicate_weights={"bias": -10.0}))
    shy.add(incident(1))
    assert shy.candidates("city.noise", Place(*HERE), MONDAY_10) == []
    strict = Duplicates(tiny_pack(duplicate_threshold=0.999))
    strict.add(incident(1))
    assert strict.candidates("city.noise", Place(*HERE), MONDAY_10) == []


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300), st.text(max_size=300))
def test_texts_of_any_kind_are_compared(one: str, other: str) -> None:
    assert 0 <= cosine(said(one), said(other)) <= 1 + 1e-9
    assert said(one).grams == frozenset() or cosine(said(one), said(one)) == pytest.approx(1)


def test_in_a_flood_the_first_calls_stand_for_the_rest() -> None:
    index = known(*(incident(n, minutes=n / 1000) for n in range(1, 1001)))
    assert len(index) == duplicates.CROWD_MAX
    assert set(ids(index)) < set(range(1, duplicates.CROWD_MAX + 1))


MANY = """
from huying.domain.incident import Incident
from huying.domain.place import NOWHERE
from huying.triage.duplicates import Duplicates
from tiny_pack import MONDAY_10, tiny_pack

index, line = Duplicates(tiny_pack()), "".join(chr(0x4E00 + each) for each in range(60))
for n in range(24):
    part = line[n % 6 * 10 :][:10]
    words = "".join(chr(0x6000 + 40 * n + each) for each in range(20))
    index.add(Incident(n + 1, MONDAY_10, "city.noise", 4, place=NOWHERE, title=words + part))
print([incident for incident, _ in index.compared("city.noise", NOWHERE, MONDAY_10, line)])
"""


def test_the_same_calls_find_the_same_incidents_in_every_process() -> None:
    """Of more than are compared the same ones are: Python orders a set's strings anew in each process."""
    paths = os.pathsep.join(each for each in sys.path if each)
    found = {
        subprocess.run(
            [sys.executable, "-c", MANY],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": paths},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(found) == 1
    assert found.pop().count(b",") == duplicates.COMPARED_MAX - 1
