"""Harbor Commonwealth: another language, another clock, another calendar, four counties far apart."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, date, datetime

import pytest

from data_dir import data_dir
from huying.domain.place import Place
from huying.geo.areas import Areas
from huying.routing.decide import BY_NOBODY, route
from huying.triage.rules import WordTriage
from shipped_packs import areas, checked, kinds, pack, square_degrees

MORNING = int(datetime(2026, 3, 2, 15, tzinfo=UTC).timestamp()) * 1_000_000  # a working Monday, 10:00 there
NIGHT = int(datetime(2026, 3, 3, 4, tzinfo=UTC).timestamp()) * 1_000_000  # 23:00 the same day

# Set, its file, columns of latitude and longitude, and the county that covers it.
RECORDS = [
    ("cfs_montgomery_pa_911", "lat", "lng", "north"),
    ("cfs_seattle_2015", "Latitude", "Longitude", "west"),
    ("cfs_sf_fire_units", "lat", "lon", "bay"),
    ("req_boston_311", "latitude", "longitude", "east"),
]

SAID = {
    "My dad has chest pain and he is sweating": "ems.cardiac",
    "She is not breathing, we are doing CPR": "ems.cardiac_arrest",
    "My wife fell down the stairs": "ems.fall",
    "There is a smell of gas in the basement": "fire.gas",
    "Our house is on fire": "fire.structure",
    "The fire alarm in our building is going off": "fire.alarm",
    "A car is on fire on the highway": "fire.vehicle",
    "Two cars in a fender bender, nobody hurt": "traffic.crash",
    "A pedestrian was struck by a car": "traffic.crash_injury",
    "Flat tire, I am on the shoulder": "traffic.disabled",
    "Somebody broke into my car last night": "police.car_prowl",
    "I heard shots fired outside": "police.shots",
    "There is a man with a knife": "police.weapon",
    "My husband is hitting me": "police.domestic",
    "Loud party next door, I cannot sleep": "police.noise",
    "My toddler is gone, I can't find my son": "police.missing_child",
    "Grandfather with dementia wandered off": "police.missing_endangered",
    "We are stuck in the elevator": "fire.elevator",
    "Please do a welfare check on my mother": "police.welfare",
    "A vicious dog bit a child": "animal.dangerous",
    "The street light is out on the corner": "sr.street_light",
    "There is a huge pothole": "sr.pothole",
    "Trash not picked up this week": "sr.missed_trash",
    "Please schedule a mattress pickup": "sr.bulk_pickup",
    "Graffiti on the wall of the school": "sr.graffiti",
    "Rats in the street behind my house": "sr.rodents",
    "There is no heat in my apartment": "sr.heat",
    "A tree fell on a car": "sr.tree_emergency",
    "Water main break, water in the street": "sr.water",
    "The power is out in the whole block": "sr.power",
    "Stop sign is missing at the corner": "sr.sign",
    "The parking meter is broken": "sr.parking_meter",
    "An abandoned car has not moved for weeks": "sr.abandoned_vehicle",
    "I want to thank the crew, very helpful": "sr.employee",
}


def test_the_check_has_nothing_to_say() -> None:
    assert checked("harbor").faults == ()


def test_it_is_in_english_with_its_own_clock_and_holidays() -> None:
    harbor = pack("harbor")
    assert (harbor.languages, harbor.timezone, harbor.emergency_number) == (
        ("en",),
        "America/New_York",
        "911",
    )
    assert not harbor.worktime.is_workday(date(2026, 7, 3))  # Independence Day falls on a Saturday
    assert harbor.worktime.is_workday(date(2026, 10, 1))  # a holiday in China


def test_it_holds_what_its_records_need() -> None:
    harbor, counted = pack("harbor"), kinds("harbor")
    assert (counted["county"], counted["town"]) == (4, 28) and counted["beat"] >= 100
    assert len(harbor.types) >= 60 and len(harbor.words) >= 400 and len(harbor.rules) >= 60
    assert len(harbor.units) >= 90 and len(harbor.ladders) >= 6 and len(harbor.dispositions) >= 15


@pytest.mark.parametrize(("parent", "child"), [("county", "town"), ("town", "beat")])
def test_smaller_areas_tile_the_larger(parent: str, child: str) -> None:
    for each in areas("harbor", parent):
        parts = [part for part in areas("harbor", child) if part.parent == each.code]
        assert sum(map(square_degrees, parts)) == pytest.approx(square_degrees(each), rel=1e-9), each.code


def test_every_place_lies_in_the_area_that_it_names() -> None:
    harbor = pack("harbor")
    index = Areas(harbor.areas.values())
    for each in harbor.places.values():
        assert each.area in index.at(each.lat, each.lon), each.code


def test_each_county_has_units_of_its_own() -> None:
    index = Areas(areas("harbor", "county"))
    of_county: dict[str, set[str]] = {}
    for unit in pack("harbor").units.values():
        (county,) = index.at(unit.lat, unit.lon)
        of_county.setdefault(county, set()).update(unit.abilities)
    assert sorted(of_county) == ["bay", "east", "north", "west"]
    for abilities in of_county.values():
        assert {"patrol", "traffic_control", "fire_attack", "als", "bls"} <= abilities


@pytest.mark.parametrize("at", [MORNING, NIGHT])
@pytest.mark.parametrize("county", ["north", "west", "bay", "east"])
def test_every_type_is_somebodys_in_every_county(county: str, at: int) -> None:
    harbor = pack("harbor")
    for each in harbor.types.values():
        decision = route(harbor, each.code, Place(areas=(county,)), each.priority, at, {})
        assert decision.rule != BY_NOBODY and decision.agency, each.code


def test_every_need_can_be_met_by_somebody() -> None:
    harbor = pack("harbor")
    for card in harbor.run_cards.values():
        for need in card.needs:
            fit = [
                unit
                for unit in harbor.units.values()
                if need.ability in unit.abilities and (not need.agencies or unit.agency in need.agencies)
            ]
            assert len(fit) >= need.count, (card.code, need.ability)


@pytest.mark.parametrize(("said", "what"), SAID.items(), ids=range(len(SAID)))
def test_an_everyday_sentence_is_understood(said: str, what: str) -> None:
    assert WordTriage(pack("harbor")).understand(said, "en", "", {}).type == what


@pytest.mark.parametrize(("name", "lat", "lon", "county"), RECORDS)
def test_the_records_happened_in_its_counties(name: str, lat: str, lon: str, county: str) -> None:
    (file,) = data_dir(name).glob("*.csv.gz")
    index = Areas(areas("harbor", "county"))
    points = []
    with gzip.open(file, "rt", encoding="utf-8", errors="replace", newline="") as rows:
        for number, row in enumerate(csv.DictReader(rows)):
            if number % 20 == 0 and row[lat] and row[lon]:
                points.append((float(row[lat]), float(row[lon])))
    inside = sum(index.at(*point) == (county,) for point in points)
    assert inside >= 0.99 * len(points) and len(points) > 500
