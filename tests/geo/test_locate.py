"""From what was given to a place."""

from __future__ import annotations

from math import inf, nan

import pytest
from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.domain.pack import GazetteerPlace
from huying.domain.place import Place
from huying.geo.datum import from_wgs84
from huying.geo.locate import Locator, why_there
from huying.geo.points import distance_m
from tiny_pack import AREAS, PLACES, WEST_STATION, text, tiny_pack

locator = Locator(tiny_pack())


def by_words(address: str = "", words: str = "") -> Place:
    return locator.place(None, None, address, "WGS-84", None, words)


def test_a_point_gets_its_areas_and_is_not_moved() -> None:
    place = locator.place(*WEST_STATION, "老街12号", "WGS-84", 20.0)
    assert place == Place(
        *WEST_STATION, "老街12号", "", ("old-street", "west-1", "west", "xikou"), 20.0, "WGS-84"
    )


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_a_point_of_another_datum_is_converted_and_the_datum_kept(datum: str) -> None:
    place = locator.place(*from_wgs84(*WEST_STATION, datum), "", datum, None)
    assert place.point is not None
    assert distance_m(*place.point, *WEST_STATION) < 1
    assert place.areas[0] == "old-street"
    assert place.datum == datum


def test_another_continent_is_kept_without_areas_and_says_so() -> None:
    place = locator.place(40.12, -75.35, "Norristown", "WGS-84", None)
    assert (place.point, place.areas) == ((40.12, -75.35), ())
    assert [each.key for each in why_there(place)] == ["place.outside"]


@pytest.mark.parametrize(
    ("lat", "lon", "datum", "error_m", "code"),
    [
        (nan, 121.0, "WGS-84", None, "coordinates_invalid"),
        (28.0, inf, "WGS-84", None, "coordinates_invalid"),
        (121.15, 28.05, "WGS-84", None, "coordinates_invalid"),
        (28.0, 180.1, "WGS-84", None, "coordinates_invalid"),
        (28.0, None, "WGS-84", None, "coordinates_incomplete"),
        (None, 121.0, "WGS-84", None, "coordinates_incomplete"),
        (28.0, 121.0, "Mars 2000", None, "datum_unknown"),
        (28.0, 121.0, "WGS-84", -1.0, "place_error_invalid"),
        (28.0, 121.0, "WGS-84", nan, "place_error_invalid"),
        (None, None, "WGS-84", 1e9, "place_error_invalid"),
    ],
)
def test_what_is_no_place_is_refused(
    lat: float | None, lon: float | None, datum: str, error_m: float | None, code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        locator.place(lat, lon, "", datum, error_m)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("address", "words", "code"),
    [
        ("东溪小学门口", "", "east-school"),
        ("", "我在东溪小学门口，有人打架", "east-school"),
        ("", "two men fighting near the EAST SCHOOL gate", "east-school"),
        ("", "菜场里有人吵架", "west-market"),
        ("港口路", "东溪小学", "harbour-road"),  # the address goes before the words
        ("东溪村东溪小学旁", "", "east-school"),  # the school is more exact than the village
        ("", "the marketing office", ""),  # a whole word or nothing
        ("", "不知道在哪里", ""),
        ("", "", ""),
    ],
)
def test_names_in_words(address: str, words: str, code: str) -> None:
    place = by_words(address, words)
    assert (place.code, place.address) == (code, address)
    assert (place.point is None) == (code == "")


def test_a_named_place_has_the_error_of_its_kind() -> None:
    assert (by_words("东溪小学").error_m, by_words("东村").error_m) == (150.0, 800.0)
    assert by_words("西溪菜场").areas == ("west-1", "west", "xikou")
    (reason,) = why_there(by_words("东溪小学"))
    assert (reason.key, reason.of, reason.values) == ("place.named", "east-school", {"metres": 150})


def test_a_named_area_gives_areas_but_invents_no_point() -> None:
    place = by_words("东溪镇那边")
    assert (place.point, place.areas) == (None, ("east", "xikou"))
    assert [each.key for each in why_there(place)] == ["place.area_only"]
    assert why_there(by_words("那边")) == ()


def test_a_name_that_two_places_bear_counts_when_the_town_is_named() -> None:
    two = (
        GazetteerPlace("temple-w", "temple", text("土地庙", "Temple"), (), 28.02, 121.12, "west"),
        GazetteerPlace("temple-e", "temple", text("土地庙", "Temple"), (), 28.02, 121.28, "east"),
    )
    pack = tiny_pack(places={each.code: each for each in (*PLACES, *two)})
    found = Locator(pack).place(None, None, "东溪镇土地庙", "WGS-84", None)
    assert (found.code, found.areas) == ("temple-e", ("east", "xikou"))
    unsure = Locator(pack).place(None, None, "土地庙", "WGS-84", None)
    assert (unsure.code, unsure.point, unsure.areas) == ("", None, ("xikou",))  # all that they share


def test_a_name_of_a_village_and_of_a_thing_in_it_means_the_village() -> None:
    both = (
        GazetteerPlace("isle", "scenic", text("竹屿", "Bamboo Isle"), (), 28.021, 121.121, "west"),
        GazetteerPlace("isle-village", "village", text("竹屿", "Bamboo Isle"), (), 28.02, 121.12, "west"),
    )
    found = Locator(tiny_pack(places={each.code: each for each in both})).place(
        None, None, "竹屿", "WGS-84", None
    )
    assert (found.code, found.error_m) == ("isle-village", 800.0)


def test_a_place_beyond_all_borders_keeps_the_area_that_its_row_names() -> None:
    pier = GazetteerPlace("pier", "pier", text("外海码头", "Outer pier"), (), 28.20, 121.40, "east")
    found = Locator(tiny_pack(places={"pier": pier})).place(None, None, "外海码头", "WGS-84", None)
    assert found.areas == ("east", "xikou")


def test_a_pack_without_areas_or_places_still_locates() -> None:
    empty = Locator(tiny_pack(areas={}, places={}))
    assert empty.place(*WEST_STATION, "x", "WGS-84", None).areas == ()
    assert empty.place(None, None, "东溪小学", "WGS-84", None).point is None


def test_parents_in_a_circle_end() -> None:
    west, east = replace(AREAS[1], parent="east"), replace(AREAS[2], parent="west")
    circle = Locator(tiny_pack(areas={"west": west, "east": east}, places={}))
    assert set(circle.place(None, None, "西溪镇", "WGS-84", None).areas) == {"west", "east"}
