"""Places on roads: kilometre posts, house numbers and block addresses, and where two roads meet.

All patterns are tried at the ends of a road that was named, never searched for in the whole text, so that
their cost grows with the roads that are named and not with the length of the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from huying.geo.finding.numerals import NUMBER, SPOKEN, number
from huying.geo.finding.spots import GROUND, Said, Spot
from huying.geo.finding.streets import MEET_M, Streets
from huying.geo.points import distance_m

MILE_KM = 1.609344
POST_ERROR_M = 100.0
NUMBER_ERROR_M = 60.0
JUNCTION_ERROR_M = 30.0

ROADS_MAX = 12
"""Roads named in one text that are looked at; who lists more is not saying where he is."""

SAME_NAME_MAX = 100
"""Roads of one name that are looked at: every town has a Main Street."""

SPOTS_MAX = 12
"""Spots of one phrase that are passed on; without the town or a caller's cell nobody knows which is meant."""

GAP_CHARS = 15
"""Two roads further apart in the words than this are two places."""

_ROADSIDE = r"(?:往|向|由|去)?[^\d,，。；;k]{0,7}?(?:方向|路段|段|上|高速)?"
_POST_AFTER = re.compile(
    rf"[\s,，]*{_ROADSIDE}[\s,，]*(?:的|在|大概|大约|约|桩号|里程碑|里程桩|里程|差不多|差不离)*[\s:：]*"
    rf"(?:k\s?(\d{{1,4}}(?:\.\d{{1,3}})?|[{SPOKEN}]{{1,5}})(?:\s?(?:[+＋]|加|点|多|又)\s?(\d{{1,3}}|{NUMBER}))?"
    rf"|({NUMBER})\s?(?:公里|千米|km|k)(?:\s?(?:(半)|(?:[+＋]|加|零|又|多)?({NUMBER})\s?(?:米|m)?))?"
    rf"|(\d{{1,4}}|{NUMBER})\s?(?:[+＋]|加)\s?(\d{{3}}|{NUMBER}))(?:处|附近|左右)?"
)
_POST_BEFORE = re.compile(
    rf"(?:k\s?(\d{{1,4}}|[{SPOKEN}]{{1,5}})\s?(?:[+＋]|加)\s?(\d{{1,3}}|{NUMBER})|k\s?(\d{{1,4}}|[{SPOKEN}]{{1,5}}))[\s,，处的在（(]*$"
    rf"|({NUMBER})公里(?:({NUMBER})米)?(?:处)?[，,（( ]*(?:在)?$"
)
_POST_SIGN = re.compile(r"\s(\d{1,3}(?:\.\d)?)(?=$|[，,。；;\s])")
_SIGN = re.compile("牌|桩|碑|写着|写的")
_BOUND = r"(?:\s*(?:[nsew]b|north|south|east|west)(?:bound)?)?"
_MARK = r"(?:mile\s?(?:marker|post|mark)?|mm|exit mile|milepost)\s*#?"
_MILE_AFTER = re.compile(
    rf"(?:[^.;\d]{{0,16}}?,)?{_BOUND}[\s,]*(?:(?:at|near|by|around|just past|past)\s+)?"
    rf"{_MARK}\s*(\d{{1,3}}(?:\.\d)?)"
)
_MILE_BEFORE = re.compile(
    rf"{_MARK}\s*(\d{{1,3}}(?:\.\d)?)[\s,]*(?:on|of|along)?\s*(?:the\s+)?"
    r"(?:[nsew]b\s+|(?:north|south|east|west)bound\s+)?$"
)
_HOUSE_AFTER = re.compile(
    rf"(?:的|上)?\s?(?:门牌|门牌号)?({NUMBER})\s?(?:[-—之]\d{{1,4}})?\s?"
    rf"(?:弄|号(?!线|楼(?![道梯下上])|桥|码头|公路|门|出口|井|院|车))(?:{NUMBER}号)?"
)
_SIDE = r"(?:(?:north|south|east|west|n|s|e|w)\.?\s+)?"
_BLOCK = r"(?:block|blk)\.?"
_HOUSE_BEFORE = re.compile(
    rf"(?<![\d.#-])(?:(\d{{1,5}})(?:-\d{{1,4}})?\s*(?:hundred\s+)?(?:[- ]?{_BLOCK}(?:\s+of)?)?"
    rf"|{_BLOCK}\s+of\s+(\d{{1,5}}))\s+(?:the\s+)?{_SIDE}$"
)
_TENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_SPOKEN_HUNDRED = re.compile(
    rf"(?:(one|two|three|four|five|six|seven|eight|nine|{'|'.join(_TENS)})[\s-]hundred)"
    rf"(?:[- ]?(?:block|blk)\.?(?:\s+of)?)?\s+(?:the\s+)?{_SIDE}$"
)
_NUMERALS = {
    w: n for n, w in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], 1)
} | {w: n for n, w in enumerate(_TENS, 10)}
_END = (
    "(?:的)?(?:那个|这个)?(?:十字|丁字|三岔|交叉|红绿灯)?(?:交叉口|交叉路口|十字路口|丁字路口|三岔路口|路口|交口"
    "|交汇处|交汇口|交会处|交接处|交界处|交界|相交|岔口|岔路口|红绿灯|转角|拐角|转弯|汇合处|口子|口|交叉|交汇)"
)
_ZH_END = re.compile(_END)
_ZH_JOIN = re.compile(r"\s?(?:路|街)?\s?(?:与|和|跟|同|及|、|/|,|，|-|—|&|\+|·|x|×)\s?(?:那个|这个|那条)?")
_ZH_LOOSE = re.compile(
    "(?:上|这边|那边|这里|靠|，|,|、|的|往|向|再|就是|在|跟|和|与|由|转|拐|到|进|入|过|快到|靠近|接近|近|挨着|交叉|碰"
    "|接|叫|那条|这条|开|走|骑|过来|过去|来|去|右|左| )*"
    "(?:靠近|接近|快到|近|转|拐|挨着|交|到|碰到|接)(?:了|的|到|着)?$"
)
_EN_JOIN = re.compile(
    r"(?:\.?\s*(?:&|/|\+|@)\s*|\.?,?\s+(?:and|at|near|by|off|off of|x|crosses|where it (?:meets|crosses)"
    r"|meets|just (?:past|before|off)|close to|intersects?(?: with)?|intersection(?: of| with)?"
    r"|cross(?: street)?(?: is)?|corner(?: of)?)\s+)(?:the corner of\s+)?(?:the\s+)?" + _SIDE + "$"
)
_BREAK = re.compile(r"$|[^\w]")
_CORNER = re.compile(r"(?:corner|intersection|junction)\s+of\s+(?:the\s+)?(?:[nsew]\.?\s+)?$")


class Roads(Struct, frozen=True):
    """Roads that were named: `full` names and, of letters, `short` ones (Main, 3rd), in order of start;
    the areas that were named, and where the caller is."""

    text: str
    original: str
    full: Sequence[Said]
    short: Sequence[Said]
    areas: frozenset[str] = frozenset()
    near: tuple[float, float] | None = None


def on_roads(said: Roads, streets: Streets) -> Iterator[Spot]:
    """Every post, number and junction that the words name; a spot of `how` "beyond" is one that the road
    has outside this city."""
    full = said.full[:ROADS_MAX]
    for each in full:
        codes = _codes(each, said, streets)
        yield from _posts(said.text, each, codes, streets)
        yield from _numbers(said.text, each, codes, streets, short=False)
    for each in said.short[:ROADS_MAX]:
        codes = _codes(each, said, streets)
        yield from _posts(said.text, each, codes, streets)
        yield from _numbers(said.text, each, codes, streets, short=True)
    yield from _junctions(said, streets)


def _codes(each: Said, said: Roads, streets: Streets) -> list[str]:
    """The roads of a name: those in an area that is named too, else all, the nearest to the caller first."""
    codes = list(dict.fromkeys(value.road for value in each.values if value.road))
    if len(codes) > 1 and said.areas:
        codes = [code for code in codes if streets.roads[code].area in said.areas] or codes
    near = said.near
    if len(codes) > SPOTS_MAX and near is not None:
        codes.sort(key=lambda code: distance_m(*near, *streets.roads[code].line[0]))
    return codes[:SAME_NAME_MAX]


def _spots(
    said: Said,
    codes: Sequence[str],
    at: Callable[[str], tuple[float, float] | None],
    how: str,
    error_m: float,
    start: int,
    end: int,
) -> Iterator[Spot]:
    odds = GROUND[how] - 2 * said.cost
    found = 0
    for code in codes:
        point = at(code)
        if point is not None:
            found += 1
            if found > SPOTS_MAX:
                return
            yield Spot(start, end, how, code, *point, error_m, odds, group=start * 4096 + end)
    if not found and codes:
        yield Spot(start, end, "beyond", codes[0], 0.0, 0.0, error_m, odds)


def _posts(text: str, said: Said, roads: Sequence[str], streets: Streets) -> Iterator[Spot]:
    codes = [code for code in roads if streets.roads[code].km]
    if not codes:
        return
    km, start, end = _post(text, said)
    if km is not None:
        yield from _spots(said, codes, lambda code: streets.at_km(code, km), "post", POST_ERROR_M, start, end)


def _post(text: str, said: Said) -> tuple[float | None, int, int]:
    before = text[max(0, said.start - 40) : said.start]
    mile = _MILE_AFTER.match(text, said.end)
    if mile:
        return float(mile[1]) * MILE_KM, said.start, mile.end()
    mile = _MILE_BEFORE.search(before)
    if mile:
        return float(mile[1]) * MILE_KM, said.start - len(before) + mile.start(), said.end
    found = _POST_AFTER.match(text, said.end)
    if found and not before.endswith(("离", "距", "距离")):
        return _kilometre(found), said.start, found.end()
    found = _POST_SIGN.match(text, said.end)
    if found and _SIGN.search(before):
        return float(found[1]), said.start, found.end()
    found = _POST_BEFORE.search(before)
    if found:
        start = said.start - len(before) + found.start()
        if found[4]:
            return _sum(found[4], found[5] or "0"), start, said.end
        return _sum(found[1] or found[3], found[2] or "0"), start, said.end
    return None, 0, 0


def _kilometre(found: re.Match[str]) -> float | None:
    if found[1]:
        return _sum(found[1], found[2] or "0")
    if found[3]:
        return _sum(found[3], "500" if found[4] else found[5] or "0")
    return _sum(found[6], found[7])


def _sum(kilometres: str, metres: str) -> float | None:
    whole, part = number(kilometres), number(metres)
    return None if whole is None or part is None or part >= 1000 else whole + part / 1000


def _numbers(text: str, said: Said, roads: Sequence[str], streets: Streets, short: bool) -> Iterator[Spot]:
    codes = [code for code in roads if streets.roads[code].numbers]
    if not codes:
        return
    house, start, end = _house(text, said)
    if house is None:
        return
    within = [code for code in codes if streets.at_number(code, house) is not None]
    if not within and short:
        return
    yield from _spots(
        said,
        within or codes,
        lambda code: streets.at_number(code, house),
        "number",
        NUMBER_ERROR_M,
        start,
        end,
    )


def _house(text: str, said: Said) -> tuple[float | None, int, int]:
    found = _HOUSE_AFTER.match(text, said.end)
    if found:
        return number(found[1]), said.start, found.end()
    before = text[max(0, said.start - 32) : said.start]
    found = _HOUSE_BEFORE.search(before)
    if found and not text[said.start].isdigit():
        size = float(found[1] or found[2])
        if "hundred" in found[0]:
            size *= 100
        return size, said.start - len(before) + found.start(), said.end
    found = _SPOKEN_HUNDRED.search(before)
    if found:
        return _NUMERALS[found[1]] * 100.0, said.start - len(before) + found.start(), said.end
    return None, 0, 0


def _junctions(said: Roads, streets: Streets) -> Iterator[Spot]:
    """Pairs of neighbouring roads that the words between them (or after them) join."""
    named = sorted(
        [*said.full[:ROADS_MAX], *said.short[:ROADS_MAX]], key=lambda each: (each.start, -each.end)
    )
    chain: list[Said] = []
    for each in named:
        if not chain or each.start >= chain[-1].end:
            chain.append(each)
    short = {(each.start, each.end) for each in said.short}
    for one, other in itertools.pairwise(chain):
        gap = said.text[one.end : other.start]
        both_short = (one.start, one.end) in short and (other.start, other.end) in short
        joined = len(gap) <= 40 and _joined(said, one, other, gap, both_short)
        if joined:
            yield from _meet(one, other, streets, joined, said)


def _joined(said: Roads, one: Said, other: Said, gap: str, both_short: bool) -> str:
    """How the two roads are joined: "tight", "loose" or not at all."""
    end = _ZH_END.match(said.text, other.end)
    if _EN_JOIN.fullmatch(gap):
        if both_short and not _sure_names(said, one, other, gap):
            return ""
        return "tight"
    if _CORNER.search(said.text[max(0, one.start - 32) : one.start]) and len(gap) <= GAP_CHARS:
        return "tight"
    if end and (not gap.strip() or _ZH_JOIN.fullmatch(gap)):
        return "tight"
    if not gap and not said.text[one.start].isascii():
        named = {each.start for each in said.full}
        if {one.start, other.start} <= named or _BREAK.match(said.text, other.end):
            return "loose"
    if both_short or len(gap) > GAP_CHARS:
        return ""
    if end or _ZH_LOOSE.match(gap) or (_ZH_JOIN.fullmatch(gap) and gap.strip() not in (",", "，", "、")):
        return "loose"
    return ""


def _sure_names(said: Roads, one: Said, other: Said, gap: str) -> bool:
    """Two bare words are roads when one is an ordinal, both are capitals, or a sign joins them."""
    if gap.strip() in ("&", "/", "@"):
        return True
    names = (said.original[one.start : one.end], said.original[other.start : other.end])
    return any(name[0].isdigit() for name in names) or all(name[0].isupper() for name in names)


def _meet(one: Said, other: Said, streets: Streets, joined: str, said: Roads) -> Iterator[Spot]:
    end = _ZH_END.match(said.text, other.end)
    stop = end.end() if end else other.end
    odds = GROUND["junction"] - 2 * (one.cost + other.cost) - (1.0 if joined == "loose" else 0.0)
    by_area: dict[str, list[str]] = {}
    for b in _codes(other, said, streets):
        long = streets.roads[b].kind != "street"
        by_area.setdefault("" if long else streets.roads[b].area, []).append(b)
    many = [code for codes in by_area.values() for code in codes]
    left = SPOTS_MAX
    for a in _codes(one, said, streets):
        row = streets.roads[a]
        beside = (
            [*by_area.get(row.area, ()), *by_area.get("", ())] if row.area and row.kind == "street" else many
        )
        for b in dict.fromkeys(beside):
            if left == 0:
                return
            met = streets.meet(a, b)
            if met is None:
                continue
            (lat, lon), apart = met
            far = 0.0 if apart <= MEET_M else 1.5
            error_m = max(JUNCTION_ERROR_M, apart / 2)
            group = one.start * 4096 + stop
            left -= 1
            yield Spot(one.start, stop, "junction", f"{a}+{b}", lat, lon, error_m, odds - far, group)
