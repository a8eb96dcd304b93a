"""Which place a text names: on roads, by numbers, in directions, with slips, and never another county's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.domain.pack import Road
from huying.geo.finding.numerals import number
from huying.geo.finding.spots import Candidate
from huying.geo.locate import CANDIDATES_MAX, Locator
from huying.geo.points import distance_m
from huying.store.packdir import read_pack
from tiny_pack import text, tiny_pack

# Two streets that cross at 28.05, 121.15 and a national road from km 10 in the west to km 20 in the east.
STONE, WILLOW = ((28.05, 121.12), (28.05, 121.18)), ((28.02, 121.15), (28.08, 121.15))
NINE = ((28.01, 121.1), (28.01, 121.2))
ROADS = (
    Road("stone", "street", text("石板路", "Stone Street"), (), STONE, numbers=(1, 601)),
    Road("willow", "street", text("杨柳街", "Willow Lane"), (), WILLOW, numbers=(1, 301)),
    Road("g9", "national", text("G9国道", "National Road G9"), ("9国道",), NINE, "G9", "", (10.0, 20.0)),
)
tiny = Locator(
    tiny_pack(roads={each.code: each for each in ROADS}, elsewhere=("邻县", "邻县市", "Springfield"))
)


@pytest.fixture(scope="module")
def yunxi() -> Locator:
    return Locator(read_pack("yunxi"))


@pytest.fixture(scope="module")
def harbor() -> Locator:
    return Locator(read_pack("harbor"))


def first(locator: Locator, words: str) -> Candidate:
    return locator.find(words).candidates[0]


@pytest.mark.parametrize(
    ("words", "how", "lat", "lon"),
    [
        ("石板路与杨柳街交叉口", "junction", 28.05, 121.15),
        ("杨柳街石板路路口撞车了", "junction", 28.05, 121.15),
        ("在石板路上，快到杨柳街的地方", "junction", 28.05, 121.15),
        ("corner of Willow and Stone", "junction", 28.05, 121.15),
        ("Stone St & Willow Ln", "junction", 28.05, 121.15),
        ("石板路301号", "number", 28.05, 121.15),
        ("石板路三百零一号二楼", "number", 28.05, 121.15),
        ("301 Stone St", "number", 28.05, 121.15),
        ("the 300 block of Stone Street", "number", 28.05, 121.1499),
        ("G9国道K15+500", "post", 28.01, 121.155),
        ("9国道十五公里半", "post", 28.01, 121.155),
        ("国道9往东15公里500米处", "post", 28.01, 121.155),
        ("K15+500，G9国道", "post", 28.01, 121.155),
        ("G9国道K十五加五百", "post", 28.01, 121.155),
        ("桩号K十五加五百，9国道", "post", 28.01, 121.155),
        ("国道十五公里多五百米", "post", 28.01, 121.155),
        ("从石板路开过来到杨柳街左转", "junction", 28.05, 121.15),
        ("东溪小学往北100米", "about", 28.0609, 121.26),
        ("100 m north of East School", "about", 28.0609, 121.26),
    ],
)  # fmt: skip
def test_where_it_is_said_to_be(words: str, how: str, lat: float, lon: float) -> None:
    found = first(tiny, words)
    assert found.how == how
    assert found.lat is not None and found.lon is not None
    assert distance_m(found.lat, found.lon, lat, lon) < 12


def test_what_is_beside_it_is_as_far_as_beside_reaches() -> None:
    assert first(tiny, "东溪小学对面").error_m == 150
    assert first(tiny, "石板路301号附近").error_m == 200


@pytest.mark.parametrize(
    "words", ["G9国道K25", "G9国道5公里处", "邻县人民医院", "邻县市菜场", "菜场, Springfield"]
)
def test_what_lies_elsewhere_is_not_found_here(words: str) -> None:
    assert [each for each in tiny.find(words).candidates if each.error_m < 3000] == []
    place = tiny.place(None, None, words, "WGS-84", None)
    assert (place.point, place.how) == (None, "elsewhere")


def test_a_number_that_the_street_has_not_leaves_the_street() -> None:
    assert first(tiny, "石板路9999号").how == "street"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("望潮的汽车站有人晕倒", "望潮汽车站"),
        ("枫坑镇上卫生院", "枫坑卫生院"),
        ("汽车站，望潮那个", "望潮汽车站"),
        ("水库是溪源的那个", "溪源水库"),
        ("竹岙农商行门口", "云溪农商行竹岙支行"),
        ("春晓小区五幢", "南湖春晓"),
        ("牛头山村上面", "牛山头村"),
        ("大树脚村", "大树下村"),
        ("石脚埠头", "石角码头"),
        ("彩虹天桥有人要跳", "彩虹人行桥"),
        ("三百三十国道二十四公里五百米", "G330国道K24+500"),
    ],
)
def test_names_in_two_parts_or_as_people_of_the_place_say(yunxi: Locator, words: str, name: str) -> None:
    assert first(yunxi, words).name["zh"] == name


def test_a_slip_in_what_is_called_after_a_village_shows_the_village_too(yunxi: Locator) -> None:
    ferry, village = yunxi.find("罗岙渡口").candidates[:2]
    assert (ferry.name["zh"], village.name["zh"]) == ("螺岙渡口", "螺岙村")
    assert village.confidence < 0.5 < ferry.confidence
    assert [each.name["zh"] for each in yunxi.find("螺岙渡口").candidates] == ["螺岙渡口"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("锦秀云庭3幢2单元", "estate_001"),  # another character of the same sound
        ("锦云庭门口", "estate_001"),  # one was not heard
        ("上洋村有人打架", "village_001"),
        ("在飞贺路跟背山路路口撞了", "junction_011"),
        ("县正府公交站", "bus_stop_001"),
        ("三三零国道十二公里三百米", "kmpost_020"),
        ("我住学士府，现在在人民广场", "park_004"),
        ("不是学士府，是学士路小学", "school_005"),
    ],
)
def test_slips_and_turns_of_speech(yunxi: Locator, words: str, code: str) -> None:
    assert first(yunxi, words).code == code


@pytest.mark.parametrize(
    "words",
    [
        "温州市人民医院",
        "瑞安人民医院门口",
        "杭州崇文路88号",
        "第二人民医院",
        "北京天安门",
        "黄龙景区",
        "G330国道K2+100",
    ],
)
def test_other_counties_have_hospitals_too(yunxi: Locator, words: str) -> None:
    assert yunxi.place(None, None, "", "WGS-84", None, words).point is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("云溪中", "school_001"),
        ("yunxizhongx", "school_001"),
        ("yxzx", "school_001"),
        ("jinxiuy", "estate_001"),
    ],
)
def test_names_that_begin_as_typed(yunxi: Locator, typed: str, code: str) -> None:
    assert code in [each.code for each in yunxi.complete(typed).candidates]


def test_the_nearer_of_equals_goes_first(harbor: Locator) -> None:
    millbrook, amberly = harbor.areas_centre("north_millbrook"), harbor.areas_centre("north_amberly")
    for near, town in ((millbrook, "north_millbrook"), (amberly, "north_amberly")):
        best = harbor.find("two cars crashed at Main and 3rd", near).candidates[0]
        assert town in best.areas and best.how == "junction" and not best.sure
    assert harbor.place(None, None, "Main & 3rd", "WGS-84", None).point is None
    named = harbor.place(None, None, "Main & 3rd in Millbrook", "WGS-84", None)
    assert "north_millbrook" in named.areas


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("12", 12),
        ("12.5", 12.5),
        ("十", 10),
        ("十二", 12),
        ("一百二", 120),
        ("一百二十", 120),
        ("三百零一", 301),
        ("三三零", 330),
        ("一千零五", 1005),
        ("两千", 2000),
        ("x", None),
        ("", None),
    ],
)
def test_numbers_as_said(said: str, value: float | None) -> None:
    assert number(said) == value


ODD = """G330国道 K12+ 300 崇文路 飞鹤路 号 往北 五十米 与 路口 公里 半 对面 温州 Main& 3rd 🙂 ﬁ İ ß１２
转 账 <b> 一 百百 K +"""
PIECES = st.sampled_from([*ODD.split(), "Main St", " & ", "block of ", "\u0000", "\ud800", "   "])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=40).map("".join))
def test_whatever_is_said_is_answered_calmly(yunxi: Locator, words: str) -> None:
    answer = yunxi.find(words)
    assert len(answer.candidates) <= CANDIDATES_MAX
    for each in answer.candidates:
        assert 0 <= each.confidence <= 1 and each.error_m > 0
        assert 0 <= each.start <= each.end <= len(words)
        assert each.areas or any(reason.key == "place.outside" for reason in each.reasons)
    yunxi.complete(words)


def test_very_long_words_are_read_at_their_beginning(yunxi: Locator) -> None:
    long = "崇文路与飞鹤路G330国道K12+300" * 5_000
    assert len(yunxi.find(long).candidates) <= CANDIDATES_MAX
    assert yunxi.find("！" * 100_000).candidates == ()
