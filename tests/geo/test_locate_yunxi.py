"""The demo county's gazetteer and areas, asked as callers would."""

from __future__ import annotations

import pytest

from huying.geo.locate import Locator
from huying.store.packdir import read_pack


@pytest.fixture(scope="module")
def locator() -> Locator:
    return Locator(read_pack("yunxi"))


@pytest.mark.parametrize("phrase", ["我在{}，有人受伤", "please come to {} now"])
def test_every_place_is_found_by_each_of_its_names(locator: Locator, phrase: str) -> None:
    pack = read_pack("yunxi")
    owners: dict[str, set[str]] = {}
    for place in pack.places.values():
        for name in (*place.name.values(), *place.aliases):
            owners.setdefault(name, set()).add(place.code)
    elsewhere = []
    for name, codes in owners.items():
        found = locator.place(None, None, "", "WGS-84", None, phrase.format(name))
        if found.code not in codes and not (len(codes) > 1 and found.areas):
            elsewhere.append((name, codes, found.code))
    assert elsewhere == []


def test_all_that_the_county_has_lies_in_one_of_its_towns(locator: Locator) -> None:
    pack = read_pack("yunxi")
    for row in (*pack.stations.values(), *pack.units.values(), *pack.places.values()):
        towns = [code for code in locator.areas.at(row.lat, row.lon) if pack.areas[code].kind == "town"]
        assert len(towns) == 1, row.code


@pytest.mark.parametrize("words", ["我在北京天安门", "黄龙景区", "Main Street, Springfield", "一公里外"])
def test_nothing_is_found_that_the_county_has_not(locator: Locator, words: str) -> None:
    assert locator.place(None, None, "", "WGS-84", None, words).point is None


def test_the_stairs_of_a_house_are_at_its_number(locator: Locator) -> None:
    def point(words: str) -> object:
        return locator.place(None, None, "", "WGS-84", None, words).point

    assert point("崇文路23号楼道里煤气味很重") == point("崇文路23号有煤气味") != point("崇文路有煤气味")
    assert point("崇文路23号楼着火") == point("崇文路有煤气味")  # the 23rd building of an estate is no number
