"""A city small enough to count by hand: 溪口 Xikou, two towns side by side, six units, six types.

The county is a rectangle, lon 121.10…121.30, lat 28.00…28.10. The west town ends and the east town begins
at lon 121.20. In the west town lies the beat `west-1`, lon 121.14…121.16, lat 28.04…28.06, and in that the
community `old-street`, lon 121.149…121.151, lat 28.049…28.051. One degree of latitude is 111.195 km here.

    121.10            121.20            121.30
    28.10 +-----------------+-----------------+
          |   west          |          east   |
          |  p1 p3 v1 f1    |     p2  d1      |     all units of the west stand at WEST_STATION
    28.00 +-----------------+-----------------+     all units of the east stand at EAST_STATION
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from huying.base.text import Text
from huying.domain.deadline import Ladder, Rung, Span, SpanUnit
from huying.domain.pack import (
    Agency,
    Area,
    Disposition,
    GazetteerPlace,
    IncidentType,
    LetterPart,
    Pack,
    Question,
    Rule,
    Station,
    TypeWord,
)
from huying.domain.policy import PolicyRow
from huying.domain.run_card import Need, RunCard, Shift, Standard, UnitRow
from huying.domain.unit import Unit
from huying.domain.worktime import WorkTime
from huying.service.packs.faults import Faults
from huying.service.packs.policy import read_base
from huying.store.packdir import base_policy

WEST_STATION = (28.05, 121.15)  # in the community old-street, the beat west-1, the west town, the county
EAST_STATION = (28.05, 121.25)  # in the east town and the county
IN_WEST = (28.02, 121.12)  # in the west town, in no beat
IN_EAST = (28.02, 121.28)
OUTSIDE = (28.50, 121.15)  # 44 km north of the county


def instant(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """Local time of the city (UTC+8, no summer time) → UTC µs."""
    utc = datetime(year, month, day, hour, minute, tzinfo=UTC)
    return int(utc.timestamp()) * 1_000_000 - 8 * 3_600_000_000


MONDAY_10 = instant(2026, 3, 2, 10)  # a working Monday, offices open, day shift
MONDAY_23 = instant(2026, 3, 2, 23)  # the same day at night, offices closed, night shift
SATURDAY_10 = instant(2026, 3, 7, 10)  # weekend


def text(zh: str, en: str) -> Text:
    return {"zh": zh, "en": en}


def span(words: str) -> Span:
    """`30m`, `4h`, `2d`, `8wh`, `3wd`."""
    digits = words.rstrip("mhdw")
    return Span(int(digits), SpanUnit(words[len(digits) :]))


def box(south: float, west: float, north: float, east: float) -> tuple[tuple[tuple[float, float], ...], ...]:
    return (((west, south), (east, south), (east, north), (west, north), (west, south)),)


AGENCIES = (
    Agency("duty", "desk", text("值班室", "Duty desk")),
    Agency("police", "police", text("公安局", "Police"), parent="duty"),
    Agency("fire", "fire", text("消防大队", "Fire brigade"), parent="duty"),
    Agency("urban", "department", text("综合执法局", "Urban management"), parent="duty"),
    Agency("west", "town", text("西溪镇政府", "West Brook town hall"), parent="duty", area="west"),
    Agency("east", "town", text("东溪镇政府", "East Brook town hall"), parent="duty", area="east"),
)
STATIONS = (
    Station("west-post", text("西溪联勤警务站", "West joint post"), *WEST_STATION, True, ("police", "fire")),
    Station("east-post", text("东溪派出所", "East station"), *EAST_STATION, False, ("police",)),
)
TYPES = (
    IncidentType(
        "fire.building",
        text("房屋火灾", "Building fire"),
        "fire",
        1,
        False,
        agency="fire",
        run_card="fire",
        questions=("trapped",),
    ),
    IncidentType(
        "police.fight",
        text("打架斗殴", "Fight"),
        "police",
        2,
        True,
        agency="police",
        run_card="patrol",
        questions=("danger",),
    ),
    IncidentType(
        "police.theft", text("盗窃", "Theft"), "police", 3, True, agency="police", run_card="patrol"
    ),
    IncidentType(
        "city.noise",
        text("噪声扰民", "Noise"),
        "city",
        4,
        False,
        agency="urban",
        questions=("danger",),
        open311=True,
        description=text("施工、广场舞、商铺的噪声", "Noise of building sites, dancing or shops"),
    ),
    IncidentType(
        "town.dispute",
        text("邻里纠纷", "Quarrel between neighbours"),
        "town",
        4,
        False,
        agency="{town}",
        open311=True,
    ),
    IncidentType("unknown", text("待研判", "Not yet known"), "other", 3, False),
)
QUESTIONS = (
    Question("danger", "yesno", text("有人受到威胁吗？", "Is anybody threatened?")),
    Question("trapped", "yesno", text("有人被困吗？", "Is anybody trapped?"), required=True),
)
RUN_CARDS = (
    RunCard("fire", (Need("pump", 1, ("fire",), 600), Need("patrol", 1, ("police",), 0))),
    RunCard("patrol", (Need("patrol", 1, (), 600),)),
)
SHIFTS = (
    Shift("day", text("白班", "Day shift"), 8 * 60, 20 * 60),
    Shift("night", text("夜班", "Night shift"), 20 * 60, 8 * 60),
    Shift("weekday", text("工作日", "Weekdays"), 8 * 60, 18 * 60, frozenset(range(5))),
)
UNITS = (
    UnitRow(
        "p1",
        text("西溪一组", "West car 1"),
        "police",
        "car",
        frozenset({"patrol", "transport"}),
        "west-post",
        *WEST_STATION,
        40.0,
    ),
    UnitRow(
        "p2",
        text("东溪一组", "East car 1"),
        "police",
        "car",
        frozenset({"patrol", "transport"}),
        "east-post",
        *EAST_STATION,
        40.0,
    ),
    UnitRow(
        "p3",
        text("西溪夜巡", "West night foot patrol"),
        "police",
        "foot",
        frozenset({"patrol"}),
        "west-post",
        *WEST_STATION,
        5.0,
        ("night",),
    ),
    UnitRow(
        "f1",
        text("西溪消防车", "West engine 1"),
        "fire",
        "engine",
        frozenset({"pump", "rescue"}),
        "west-post",
        *WEST_STATION,
        50.0,
    ),
    UnitRow(
        "d1",
        text("无人机一号", "Drone 1"),
        "police",
        "drone",
        frozenset({"look"}),
        "east-post",
        *EAST_STATION,
        60.0,
        ("day",),
    ),
    UnitRow(
        "v1",
        text("西溪义警", "West volunteers"),
        "west",
        "volunteers",
        frozenset({"mediate", "search"}),
        "west-post",
        *WEST_STATION,
        5.0,
        ("weekday",),
    ),
)
DISPOSITIONS = (
    Disposition("done", text("已处理", "Dealt with")),
    Disposition("advice", text("电话解答", "Advice by telephone"), follow_up=False),
    Disposition("duplicate", text("重复来件", "Duplicate"), follow_up=False),
    Disposition("nothing_found", text("到场未发现", "Nothing found on scene")),
)
LETTER = (
    LetterPart("title", text("关于您反映事项的答复", "Our answer")),
    LetterPart("opening", text("{received}来件第{call}号收悉。", "Call no. {call} of {received}.")),
    LetterPart("answer", text("{answer}", "{answer}")),
    LetterPart("result", text("办理结果：{disposition}。", "How it ended: {disposition}.")),
    LetterPart("sign", text("{agency}", "{agency}")),
)
LADDERS = (
    Ladder(
        "usual",
        (Rung(span("30m"), "{agency}"), Rung(span("4h"), "{parent}"), Rung(span("1d"), "{duty}")),
    ),
    Ladder("urgent", (Rung(span("1m"), "{duty}"), Rung(span("5m"), "police"))),
)
STANDARDS = (
    Standard(1, 60, 300, "urgent"),
    Standard(2, 120, 600, "urgent"),
    Standard(3, 600, 1800, "urgent"),
    Standard(4, 0, 0, ""),
    Standard(5, 0, 0, ""),
)
RULES = (
    Rule(
        "danger",
        2,
        "police",
        span("10m"),
        span("2h"),
        "urgent",
        text("有人受到威胁，由公安先行处置", "Somebody is threatened: police first"),
        types=("city.*", "town.*"),
        answers={"danger": "yes"},
    ),
    Rule(
        "noise-night",
        3,
        "police",
        span("15m"),
        span("2h"),
        "urgent",
        text("夜间噪声由公安处置", "Noise at night is police business"),
        types=("city.noise",),
        hours="22:00-06:00",
    ),
    Rule(
        "city",
        4,
        "urban",
        span("4wh"),
        span("2wd"),
        "usual",
        text("市容环境由综合执法局承办", "The city's order belongs to urban management"),
        types=("city.*",),
    ),
    Rule(
        "town",
        5,
        "{town}",
        span("8wh"),
        span("3wd"),
        "usual",
        text("邻里纠纷由属地镇承办", "Quarrels belong to the town"),
        types=("town.*",),
    ),
)
WORDS = (
    TypeWord(2, "着火", "fire.building", 3.0),
    TypeWord(3, "火灾", "fire.building", 3.0),
    TypeWord(4, "冒烟", "fire.building", 1.0),
    TypeWord(5, "fire", "fire.building", 2.0),
    TypeWord(6, "smoke", "fire.building", 1.0),
    TypeWord(7, "打架", "police.fight", 3.0),
    TypeWord(8, "动刀", "police.fight", 3.0, 1),
    TypeWord(9, "fight", "police.fight", 2.0),
    TypeWord(10, "knife", "police.fight", 2.0, 1),
    TypeWord(11, "被偷", "police.theft", 3.0),
    TypeWord(12, "小偷", "police.theft", 2.0),
    TypeWord(13, "stolen", "police.theft", 3.0),
    TypeWord(14, "噪音", "city.noise", 3.0),
    TypeWord(15, "太吵", "city.noise", 2.0),
    TypeWord(16, "广场舞", "city.noise", 2.0),
    TypeWord(17, "noise", "city.noise", 3.0),
    TypeWord(18, "loud music", "city.noise", 3.0),
    TypeWord(19, "邻居吵架", "town.dispute", 3.0),
    TypeWord(20, "邻居", "town.dispute", 1.0),
    TypeWord(21, "neighbour", "town.dispute", 1.5),
    TypeWord(22, "quarrel", "town.dispute", 2.0),
    TypeWord(23, "威胁", "police.fight", 1.0, 2),
    TypeWord(24, "threatened", "police.fight", 1.0, 2),
)
AREAS = (
    Area("xikou", "county", text("溪口县", "Xikou County"), "", box(28.00, 121.10, 28.10, 121.30)),
    Area("west", "town", text("西溪镇", "West Brook"), "xikou", box(28.00, 121.10, 28.10, 121.20)),
    Area("east", "town", text("东溪镇", "East Brook"), "xikou", box(28.00, 121.20, 28.10, 121.30)),
    Area("west-1", "beat", text("西溪一巡区", "West beat 1"), "west", box(28.04, 121.14, 28.06, 121.16)),
    Area(
        "old-street",
        "community",
        text("老街社区", "Old Street"),
        "west-1",
        box(28.049, 121.149, 28.051, 121.151),
    ),
)
PLACES = (
    GazetteerPlace(
        "west-market", "market", text("西溪菜场", "West Market"), ("菜场", "the market"), 28.045, 121.145
    ),
    GazetteerPlace(
        "west-bridge", "bridge", text("西溪大桥", "West Bridge"), ("大桥",), 28.03, 121.17, "west"
    ),
    GazetteerPlace("east-school", "school", text("东溪小学", "East School"), (), 28.06, 121.26, "east"),
    GazetteerPlace(
        "east-village", "village", text("东溪村", "East Brook Village"), ("东村",), 28.08, 121.28, "east"
    ),
    GazetteerPlace(
        "harbour-road", "road", text("港口路", "Harbour Road"), ("Harbor Rd",), 28.02, 121.22, "east"
    ),
)


@cache
def _base() -> tuple[PolicyRow, ...]:
    return read_base(base_policy(), Faults())


def tiny_pack(**changes: Any) -> Pack:
    """The city, with `changes` put in place of its own fields."""
    pack = Pack(
        name="xikou",
        title=text("溪口县", "Xikou County"),
        edition="2026.1",
        digest="0" * 64,
        languages=("zh", "en"),
        timezone="Asia/Shanghai",
        centre=(28.05, 121.20),
        follow_up=span("3d"),
        duty_desk="duty",
        default_type="unknown",
        # A short National Day (Thursday to Saturday) and the Saturday after it worked in exchange.
        worktime=WorkTime(
            timezone="Asia/Shanghai",
            periods=((510, 720), (810, 1050)),
            holidays=frozenset({date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3)}),
            workdays=frozenset({date(2026, 10, 10)}),
        ),
        agencies={each.code: each for each in AGENCIES},
        stations={each.code: each for each in STATIONS},
        types={each.code: each for each in TYPES},
        questions={each.code: each for each in QUESTIONS},
        run_cards={each.code: each for each in RUN_CARDS},
        shifts={each.code: each for each in SHIFTS},
        units={each.code: each for each in UNITS},
        dispositions={each.code: each for each in DISPOSITIONS},
        letter=LETTER,
        ladders={each.code: each for each in LADDERS},
        standards={each.priority: each for each in STANDARDS},
        rules=RULES,
        words=WORDS,
        areas={each.code: each for each in AREAS},
        places={each.code: each for each in PLACES},
        policy=_base(),
    )
    return pack.changed(**changes) if changes else pack


def tiny_units(pack: Pack | None = None) -> dict[str, Unit]:
    """Every unit of the pack on its first morning: available, at its own point; ids from 1001."""
    rows = (pack or tiny_pack()).units.values()
    return {
        row.code: Unit(id=1001 + n, code=row.code, version=1, lat=row.lat, lon=row.lon)
        for n, row in enumerate(rows)
    }
