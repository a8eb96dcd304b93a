"""Words around a place that move it (opposite, 50 m north of), and those that say it is not the one."""

from __future__ import annotations

import re
from math import cos, radians, sin

from msgspec import Struct

from huying.geo.finding.numerals import NUMBER, number

BEFORE_CHARS = 48
"""What stands further before a name than this doesn't speak of it."""

SHIFT_MAX_M = 20_000.0
"""People say "north of" for what they can nearly see."""

_ZH_DIRECTION = "东北|东南|西北|西南|东|南|西|北"
_BEARING = {
    "北": 0,
    "东北": 45,
    "东": 90,
    "东南": 135,
    "南": 180,
    "西南": 225,
    "西": 270,
    "西北": 315,
    "north": 0,
    "northeast": 45,
    "east": 90,
    "southeast": 135,
    "south": 180,
    "southwest": 225,
    "west": 270,
    "northwest": 315,
    "n": 0,
    "ne": 45,
    "e": 90,
    "se": 135,
    "s": 180,
    "sw": 225,
    "w": 270,
    "nw": 315,
}
_UNIT_M = {
    "米": 1.0,
    "公里": 1000.0,
    "千米": 1000.0,
    "里": 500.0,
    "里路": 500.0,
    "m": 1.0,
    "km": 1000.0,
    "meter": 1.0,
    "metre": 1.0,
    "yard": 0.9144,
    "yd": 0.9144,
    "feet": 0.3048,
    "foot": 0.3048,
    "ft": 0.3048,
    "mile": 1609.344,
    "mi": 1609.344,
    "block": 150.0,
    "kilometer": 1000.0,
    "kilometre": 1000.0,
}
_ABOUT = "(?:大概|大约|约|差不多|再|走|开|过去|方向|方|走个|开个|有个)*"
_ZH_AFTER = re.compile(
    rf"(?:的)?(?:再)?(?:往|向|朝|以|偏|靠)?({_ZH_DIRECTION})(?:面|边|侧|头|向|首)?{_ABOUT}"
    rf"({NUMBER}|几|几十|几百)(?:多|来)?(米|公里|千米|里路|里|km|m)"
)
_ZH_AFTER_TURNED = re.compile(
    rf"(?:的)?(?:大概|大约|约)?({NUMBER})(?:多|来)?(米|公里|千米|里路|里|km|m)(?:外|处|远)?(?:的)?({_ZH_DIRECTION})(?:面|边|侧)"
)
_ZH_SOMEWHERE = re.compile(
    rf"(?:的)?(?:再)?(?:往前|往里|往外|往上|往下|过去|前面|后面|里面|过|向前){_ABOUT}({NUMBER}|几十|几百)(?:多|来)?(米|公里|里)"
)
_ZH_BESIDE = re.compile(
    "(?:的)?(斜对面|对面|对过|正对面|旁边|旁|边上|隔壁|附近|周边|一带|那边|后面|背后|后门|前面|门口|大门|正门|门前"
    f"|楼下|里面|(?:往|靠|偏|以)?(?:{_ZH_DIRECTION})(?:面|边|侧|头|门))"
)
_WIDER_M = {"附近": 200.0, "周边": 200.0, "一带": 300.0, "那边": 200.0}
_SIDE_M = 60.0

_EN_COUNT = r"\d{1,5}(?:\.\d{1,2})?|an?|one|two|three|four|five|half an?|half|a quarter"
_EN_BEFORE = re.compile(
    rf"(?:(?:about|around|roughly|maybe|approx\.?|approximately)\s+)?({_EN_COUNT})[\s-]*(?:of an?\s+)?"
    r"(m|km|meters?|metres?|kilometers?|kilometres?|yards?|yds?|feet|foot|ft|miles?|mi|blocks?)\.?\s+"
    r"(?:to the\s+)?(?:(?:due|just)\s+)?((?:north|south)(?:east|west)?|east|west|[nsew])"
    r"\s+(?:of|from)\s+(?:the\s+)?(?:corner of\s+)?$",
    re.IGNORECASE,
)
_EN_BESIDE = re.compile(
    r"(?:across(?: the (?:street|road|way))? from|opposite|next to|beside|behind|in front of|outside|near"
    r"|close to|around|by|just (?:past|before|after|off|north|south|east|west)(?: of)?)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_EN_COUNTS = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0}
_FEW = {"几": 5.0, "几十": 50.0, "几百": 400.0}

_NOT_HERE = re.compile(
    "(?:我住|家住|住在|老家|户籍|我是|原来在|本来在|离开|离|距离|距|去往|开往|前往|要去|想去|准备去|回|从|不在|不是"
    r"|i live (?:in|at|on|near)|i'?m from|i am from|heading (?:to|for)|going to|on (?:my|the|our) way to"
    r"|coming from|not)(?: the)?\s*$",
    re.IGNORECASE,
)
_RATHER = re.compile(
    "(?:不对|说错了|错了|搞错|更正|应该是|其实是|是在|i mean|sorry|actually|no wait|correction)"
    r"[，,。\s不是对在到了就是]{0,6}$",
    re.IGNORECASE,
)
_HERE = re.compile(
    "(?:我在|就在|人在|现在在|位于|在|到|地址是|地点是|地址|地点"
    r"|(?:i'?m|we'?re|it'?s|right)? ?(?:at|in front of))[：:，,\s]*$",
    re.IGNORECASE,
)
_WRONG_AFTER = re.compile(
    r"[，,、。\s]*(?:哦|啊|呃|嗯|哎|等等|喔)?[，,\s]*(?:不对|不是|说错|错了|no,|sorry|i mean)", re.IGNORECASE
)
_THEIR_AFTER = re.compile(
    "(?:方向|的?(?:人|村民|居民|业主|老板|师傅|朋友|亲戚|司机|学生|老师|员工|工人|买的|寄的))"
)


class Moved(Struct, frozen=True):
    """How the words around a name move it: metres north and east, a wider error, log-odds, new end."""

    north_m: float = 0.0
    east_m: float = 0.0
    wider_m: float = 0.0
    odds: float = 0.0
    start: int = -1
    end: int = -1

    @property
    def moved(self) -> bool:
        return bool(self.north_m or self.east_m)


def around(text: str, start: int, end: int) -> Moved:
    """What the words before `start` and after `end` do to the place that is named there."""
    before = text[max(0, start - BEFORE_CHARS) : start]
    odds = 0.0
    if _RATHER.search(before):
        odds = 2.0
    elif _NOT_HERE.search(before):
        odds = -2.0
    elif _HERE.search(before):
        odds = 0.4
    if _THEIR_AFTER.match(text, end) or _WRONG_AFTER.match(text, end):
        odds -= 1.5
    shift = _chinese(text, end) or _english(before, start)
    if shift is None:
        return Moved(odds=odds)
    return Moved(shift.north_m, shift.east_m, shift.wider_m, odds, shift.start, shift.end)


def _chinese(text: str, end: int) -> Moved | None:
    found = _ZH_AFTER.match(text, end)
    if found:
        return _shift(found[1], _FEW.get(found[2]) or number(found[2]), found[3], found.end())
    found = _ZH_AFTER_TURNED.match(text, end)
    if found:
        return _shift(found[3], number(found[1]), found[2], found.end())
    found = _ZH_SOMEWHERE.match(text, end)
    if found:
        metres = (_FEW.get(found[1]) or number(found[1]) or 0.0) * _UNIT_M[found[2]]
        return Moved(wider_m=min(metres, SHIFT_MAX_M), end=found.end())
    found = _ZH_BESIDE.match(text, end)
    if found:
        return Moved(wider_m=_WIDER_M.get(found[1], _SIDE_M), end=found.end())
    return None


def _english(before: str, start: int) -> Moved | None:
    found = _EN_BEFORE.search(before)
    if found:
        said = found[1].lower()
        many = 0.5 if said.startswith("half") else 0.25 if said == "a quarter" else _EN_COUNTS.get(said)
        shift = _shift(found[3].lower(), number(said) if many is None else many, found[2].lower(), -1)
        begin = start - len(before) + found.start()
        return None if shift is None else Moved(shift.north_m, shift.east_m, shift.wider_m, start=begin)
    found = _EN_BESIDE.search(before)
    if found:
        near = found[0].lower().startswith(("near", "close", "around"))
        return Moved(wider_m=200.0 if near else _SIDE_M, start=start - len(before) + found.start())
    return None


def _shift(direction: str, many: float | None, unit: str, end: int) -> Moved | None:
    size = _UNIT_M.get(unit) or _UNIT_M.get(unit.rstrip("s"))
    if many is None or size is None:
        return None
    metres = many * size
    if metres > SHIFT_MAX_M:
        return None
    bearing = radians(_BEARING[direction])
    # A distance that is guessed by eye is wrong by a quarter.
    return Moved(metres * cos(bearing), metres * sin(bearing), metres / 4, end=end)
