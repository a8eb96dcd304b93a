"""Shorter and other ways of saying a name that no list gives: 县行政服务中心, 建材城, 东门菜场, 夕阳红."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping

from huying.base.text import Text
from huying.domain.pack import Area, GazetteerPlace, Station
from huying.geo.finding.spots import ERROR_M, ERROR_OTHER_M, Named

CHARS_MIN = 3
"""What is left of a name must still tell it from a common word."""

_HAN = re.compile("[\u4e00-\u9fff]{4,16}")
_COUNTY = re.compile("[省市县区]$")
_TOWN = re.compile("(?:镇|乡|街道)$")

# What people leave away at the end.
_ENDINGS = (
    *("工地", "养老院", "旅馆", "大酒店", "酒店", "酒楼", "饭店", "宾馆", "面馆", "砂锅店", "农家饭", "茶楼"),
    *("购物中心", "超市", "采摘园", "观测站", "管理站", "收费站", "养殖场", "度假酒店", "快捷酒店"),
)
# What is called one thing by the sign and another by the people.
_SAME = (
    ("菜市场", "农贸市场", "菜场", "菜市"),
    ("公交站", "公交车站", "公交站台", "公交站点", "车站", "站台", "站"),
    ("敬老院", "养老院"),
    ("大桥", "桥"),
    ("人行桥", "天桥", "人行天桥"),
    ("码头", "埠头", "渡口"),
    ("汽车客运站", "客运站", "汽车站"),
    ("加油站", "加油点"),
    ("人民政府", "镇政府", "政府"),
    ("水库", "水库大坝"),
    ("社区", "居委会", "居委"),
)
_EN_SAME = (
    ("Elementary School", "Elementary", "Primary School"),
    ("High School", "High"),
    ("Community Hospital", "Hospital"),
    ("Public Library", "Library"),
    ("Town Hall", "City Hall"),
    ("Railway Station", "Train Station", "Station"),
)


_SAME_OF = {
    each: tuple(other for other in same if other != each) for same in (*_SAME, *_EN_SAME) for each in same
}
_ANY_SAME = re.compile("(?:" + "|".join(sorted(_SAME_OF, key=lambda each: -len(each))) + ")$")
_ANY_ENDING = re.compile("(?:" + "|".join(sorted(_ENDINGS, key=lambda each: -len(each))) + ")$")


_STOP = "公交站"
_MIDDLE_MIN = 6
_BRANCH = re.compile("(农商行|银行|信用社)([\u4e00-\u9fff]{2,4})(?:支行|分理处|营业部)$")
_BANKS = ("农商行", "农商银行", "农村银行", "信用社")
_ESTATE, _ESTATE_HALF = "小区", 2
_VILLAGE = "村"


def derived(name: str, title: Text) -> Iterator[str]:
    """Other ways of saying a name in a city called `title`."""
    city = title.get("zh", "")
    short = _COUNTY.sub("", city)
    for prefix in (city, short):
        if prefix and name.startswith(prefix) and len(name) - len(prefix) >= CHARS_MIN:
            rest = name[len(prefix) :]
            if prefix == city:
                yield city[-1] + rest
            yield rest
            break
    left = _ANY_ENDING.search(name)
    if left and left.start() >= CHARS_MIN:
        yield name[: left.start()]
    branch = _BRANCH.search(name)
    if branch:
        yield branch[2] + "支行"
        for bank in _BANKS if branch[1] == "农商行" else (branch[1],):
            yield from (branch[2] + bank, bank + branch[2], bank + branch[2] + "支行")
    found = _ANY_SAME.search(name)
    if found and found.start() >= 2:
        for same in _SAME_OF[found[0]]:
            yield name[: found.start()] + same


def short_area(area: Area) -> Iterator[str]:
    """A town is called without its rank."""
    for name in area.name.values():
        rest = _TOWN.sub("", name)
        if area.kind == "town" and rest != name and len(rest) >= 2:
            yield rest


def stops_of(places: Iterable[GazetteerPlace]) -> Iterator[tuple[str, str]]:
    """(way of saying it, its name): a stop named after a place is called by that place's other names too."""
    rows = list(places)
    others = {each.name.get("zh", ""): each.aliases for each in rows}
    for stop in rows:
        name = stop.name.get("zh", "")
        if stop.kind == "bus_stop" and name.endswith(_STOP):
            for alias in others.get(name.removesuffix(_STOP), ()):
                for same in (_STOP, *_SAME_OF[_STOP]):
                    yield alias + same, name


def parts_of(
    places: Iterable[GazetteerPlace], taken: Container[str]
) -> Iterator[tuple[str, tuple[Named, ...]]]:
    """Parts of Chinese names, three characters and at least half, that one place alone has: 鲜砂锅."""
    owners: dict[str, set[str]] = {}
    rows = [each for each in places if each.kind not in ("kmpost", "junction", "road")]
    for place in rows:
        for name in (*place.name.values(), *place.aliases):
            if not _HAN.fullmatch(name):
                continue
            for length in range(max(CHARS_MIN, (len(name) + 1) // 2), len(name)):
                for at in range(len(name) - length + 1):
                    owners.setdefault(name[at : at + length], set()).add(place.code)
            if len(name) >= _MIDDLE_MIN:  # the middle is dropped: 南洋修造厂 of 南洋船舶修造厂
                owners.setdefault(name[:2] + name[-3:], set()).add(place.code)
    error_m = {each.code: ERROR_M.get(each.kind, ERROR_OTHER_M) for each in rows}
    for place in rows:
        name = place.name.get("zh", "").removesuffix(_ESTATE)
        if place.kind == "estate" and len(name) > _ESTATE_HALF:  # 春晓小区, 翡翠小区
            for half in (name[:_ESTATE_HALF], name[-_ESTATE_HALF:]):
                for said in (half, half + "的", half + "那个"):
                    owners.setdefault(said + _ESTATE, set()).add(place.code)
        if place.kind == "village" and len(name) > CHARS_MIN:  # two characters change places: 牛头山村
            for at in range(len(name) - 2):
                turned = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
                owners.setdefault(turned, set()).add(place.code)
    for part, codes in owners.items():
        if len(codes) == 1 and part not in taken:
            (code,) = codes
            yield part, (Named(code, "", "", error_m[code]),)


def villages_of(places: Iterable[GazetteerPlace]) -> dict[str, GazetteerPlace]:
    """Place → the village that it is called after: 螺岙渡口 → 螺岙村."""
    rows = list(places)
    villages = {
        each.name.get("zh", "").removesuffix(_VILLAGE): each for each in rows if each.kind == "village"
    }
    found = {}
    for each in rows:
        name = each.name.get("zh", "")
        for end in range(len(name) - 1, 1, -1):
            village = villages.get(name[:end])
            if village is not None and each.kind != "village":
                found[each.code] = village
                break
    return found


def as_places(
    stations: Mapping[str, Station], places: Mapping[str, GazetteerPlace]
) -> dict[str, GazetteerPlace]:
    """Bases of units are places that callers name, where the gazetteer has no row of that name."""
    named = {name for row in places.values() for name in (*row.name.values(), *row.aliases)}
    return {
        code: GazetteerPlace(code, "gov", each.name, (), each.lat, each.lon)
        for code, each in stations.items()
        if code not in places and named.isdisjoint(each.name.values())
    }
