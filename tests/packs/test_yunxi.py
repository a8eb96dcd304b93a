"""Yunxi county is whole: its tables agree, its towns tile it, and everything in it is somebody's."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from huying.domain.place import NOWHERE, Place
from huying.geo.areas import Areas
from huying.geo.locate import Locator
from huying.routing.decide import BY_NOBODY, route
from shipped_packs import areas, checked, kinds, pack, square_degrees

MORNING = int(datetime(2026, 3, 2, 2, tzinfo=UTC).timestamp()) * 1_000_000  # a working Monday, 10:00 there
NIGHT = int(datetime(2026, 3, 2, 15, tzinfo=UTC).timestamp()) * 1_000_000  # 23:00 the same day
# Corners have six decimals, 0.1 m; along a border of 10 km that is 1,000 m² of a beat of 20 km² or more.
TILED = 5e-5
TOWNS = ("xicheng", "yunkou", "wangchao", "baiyu", "fengkeng", "zhuao")


def test_the_check_has_nothing_to_say() -> None:
    assert checked("yunxi").faults == ()


def test_it_holds_what_a_county_has() -> None:
    yunxi = pack("yunxi")
    kinds_of_units = Counter(each.kind for each in yunxi.units.values())
    assert len(yunxi.types) >= 110 and len({each.group for each in yunxi.types.values()}) >= 20
    assert len(yunxi.words) >= 1_200 and len(yunxi.rules) >= 90 and len(yunxi.ladders) >= 6
    assert len(yunxi.places) >= 450 and len(yunxi.questions) >= 40 and len(yunxi.run_cards) >= 20
    assert len(yunxi.units) >= 70 and len(yunxi.dispositions) >= 15
    assert kinds_of_units["drone"] == 3 and kinds_of_units["volunteers"] >= 3 and kinds_of_units["boat"] >= 3
    assert sum(each.joint for each in yunxi.stations.values()) == 3
    assert sorted(yunxi.standards) == [1, 2, 3, 4, 5]
    assert (
        sum(each.parent == "police" and each.code.startswith("ps_") for each in yunxi.agencies.values()) == 6
    )


def test_its_areas_are_counted() -> None:
    counted = kinds("yunxi")
    assert (counted["county"], counted["town"], counted["village"]) == (1, 6, 40)
    assert counted["beat"] >= 18 and counted["grid"] >= 60 and counted["community"] >= 20


@pytest.mark.parametrize(("parent", "child"), [("county", "town"), ("town", "beat"), ("beat", "grid")])
def test_smaller_areas_tile_the_larger(parent: str, child: str) -> None:
    for each in areas("yunxi", parent):
        parts = [part for part in areas("yunxi", child) if part.parent == each.code]
        assert sum(map(square_degrees, parts)) == pytest.approx(square_degrees(each), rel=TILED), each.code


def test_every_spot_of_the_county_is_in_exactly_one_town() -> None:
    county, towns = Areas(areas("yunxi", "county")), Areas(areas("yunxi", "town"))
    inside = 0
    for row in range(80):
        for column in range(110):
            lat, lon = 27.93 + row * 0.0043, 120.96 + column * 0.0045
            if county.at(lat, lon):
                inside += 1
                assert len(towns.at(lat, lon)) == 1, (lat, lon)
            else:
                assert not towns.at(lat, lon)
    assert inside > 5_000


def test_every_place_lies_in_the_area_that_it_names() -> None:
    yunxi = pack("yunxi")
    index = Areas(yunxi.areas.values())
    for each in yunxi.places.values():
        assert each.area in index.at(each.lat, each.lon), each.code


def test_every_village_lies_in_its_town_and_is_a_place_too() -> None:
    yunxi = pack("yunxi")
    names = {each.name["zh"] for each in yunxi.places.values()}
    index = Areas(areas("yunxi", "town"))
    for village in areas("yunxi", "village"):
        assert all(index.at(lat, lon) == (village.parent,) for lon, lat in village.rings[0]), village.code
        assert village.name["zh"] in names


@pytest.mark.parametrize("at", [MORNING, NIGHT])
@pytest.mark.parametrize("town", TOWNS)
def test_every_type_is_somebodys_in_every_town(town: str, at: int) -> None:
    yunxi = pack("yunxi")
    for each in yunxi.types.values():
        decision = route(yunxi, each.code, Place(areas=(town, "yunxi")), each.priority, at, {})
        assert decision.rule != BY_NOBODY and decision.agency, each.code
        assert MORNING <= decision.accept_due <= decision.due
        assert decision.ladder in yunxi.ladders


def test_without_a_place_a_town_matter_comes_to_the_duty_desk() -> None:
    decision = route(pack("yunxi"), "agri.village", NOWHERE, 5, MORNING, {})
    assert (decision.rule, decision.agency) == ("agri_town", "duty")


def test_the_same_matter_has_another_agency_after_hours_and_in_another_town() -> None:
    yunxi = pack("yunxi")

    def whose(type: str, town: str, at: int) -> str:
        return route(yunxi, type, Place(areas=(town, "yunxi")), 3, at, {}).agency

    assert whose("labour.wages", "xicheng", MORNING) == "labour"
    assert whose("labour.wages", "xicheng", NIGHT) == "labour_oncall"
    assert whose("road.light", "xicheng", MORNING) == "housing"
    assert whose("road.light", "baiyu", MORNING) == "town_baiyu"
    assert whose("crime.theft", "yunkou", MORNING) == "ps_yunkou"


def test_every_need_can_be_met_by_somebody() -> None:
    yunxi = pack("yunxi")
    for card in yunxi.run_cards.values():
        for need in card.needs:
            fit = [
                unit
                for unit in yunxi.units.values()
                if need.ability in unit.abilities and (not need.agencies or unit.agency in need.agencies)
            ]
            assert len(fit) >= need.count, (card.code, need.ability)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("崇文路与市场街路口", "崇文路与市场街路口"),
        ("市场街崇文路路口两辆车撞了", "崇文路与市场街路口"),
        ("在G330国道K12+300附近", "G330国道K12+300"),
        ("G330国道12公里300米处", "G330国道K12+300"),
        ("G330国道与飞鹤路交叉口", "G330国道与飞鹤路交叉口"),
        ("云溪县人民医院门口", "云溪县人民医院"),
        ("白沙湾沙滩有人溺水", "白沙湾沙滩"),
        ("at People's Square", "人民广场"),
        ("near Tianhou Palace", "天后宫"),
    ],
)
def test_a_place_is_found_by_what_people_call_it(said: str, place: str) -> None:
    yunxi = pack("yunxi")
    found = Locator(yunxi).place(None, None, said, "WGS-84", None)
    assert yunxi.places[found.code].name["zh"] == place


def test_citizens_can_choose_many_types_and_each_is_described() -> None:
    open_types = [each for each in pack("yunxi").types.values() if each.open311]
    assert len(open_types) >= 60
    for each in open_types:
        assert all(each.description[lang] for lang in ("zh", "en")), each.code
