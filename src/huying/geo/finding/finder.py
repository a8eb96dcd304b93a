"""Which places a text names: exact names, places on roads, and, where these find nothing exact, slips.

The order is from the surest to the least sure. What lies inside something longer that was understood is not a
name of its own, and what another city's name stands before is that city's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import product

from msgspec.structs import replace

from huying.domain.pack import GazetteerPlace, Pack
from huying.geo.finding.compounds import Compounds
from huying.geo.finding.derived import as_places, derived, parts_of, short_area, stops_of, villages_of
from huying.geo.finding.numerals import SPOKEN, in_digits, number
from huying.geo.finding.onroads import Roads, on_roads
from huying.geo.finding.relative import around
from huying.geo.finding.roadwords import names_of, ref_key, refs, short_names
from huying.geo.finding.sounds import Sounds
from huying.geo.finding.spots import (
    ERROR_M,
    ERROR_OTHER_M,
    GROUND,
    NESTED_ODDS,
    POINT_ERROR_MAX_M,
    Named,
    Said,
    Spot,
    exactness,
)
from huying.geo.finding.streets import Streets, shifted
from huying.geo.names import TEXT_CHARS_MAX, Found, Names, fold
from huying.geo.points import distance_m

PARTS_MAX = 4
"""Places of which only a part was said; they are for a person to choose from."""

SAID_MAX = 30
"""Names in one text that are looked at; a list of a county's places says where nothing is."""

SURE_ERROR_M = 400.0
"""An exact name of something no wider than this ends the search; slips are not looked for."""

SHORT_CHARS = 4
"""An exact name of so few characters may be the beginning of a longer one with a slip."""

SAME_SOUND_COST = 0.25
"""Two homophones, or one that only southern ears hear as one."""

ROW_NEAR_M = 60.0
"""A junction or post that the gazetteer lists within this distance is that row."""

CELL_DEGREES = 0.001
"""Listed junctions and posts are held in cells that are wider than that, up to 57 degrees north."""

ON_ROADS = frozenset({"junction", "kmpost", "road"})
"""Kinds of rows whose slips are looked for by their roads' names."""

_FILLER = re.compile(r"(?:市区|市|县|区|省|州|镇|乡|街道|的|那边|那里|城区|老城|这边|,|，|·|\s)*")
# Up to four characters may be a town there, when nothing in them says that somebody came from there to here.
_THEIR_TOWN = re.compile("[\u4e00-\u9fff]{1,4}")
_CAME_HERE = re.compile("[人在到去来回从我你他她了说打是的有和跟与往开车找货]")
_SPOKEN_REF = re.compile(rf"(?<![a-z0-9])([gsxy])\s?([{SPOKEN}]{{2,6}})")
_SPOKEN_CLASS = re.compile(rf"([{SPOKEN}]{{3,6}})(?=国道|省道|县道|乡道)")
_BARE_NUMBER = re.compile(r"(?<![0-9a-z.+＋])([0-9]{2,4})(?![0-9a-z.+＋公千米号路弄幢栋室楼])")
_AFTER = re.compile(r"[,\s]+(?:in|over in|down in|up in|out in)?\s*(?:the\s+)?(?:city of\s+)?", re.IGNORECASE)
_NUMBERED = re.compile("第[一二三四五六七八九十0-9]{1,3}$|[一二三四五六七八九]$")
_CLASS = re.compile(
    r"(?:(?<![0-9a-z一-鿿])|(?<=[在上到从走往的里]))"
    r"(?:国道|省道|高速公路|高速(?!口|铁|出口|收费))(?!\s?[0-9]{2,4}(?![0-9.]|公里|千米|km))"
)
_HAN = re.compile("[\u4e00-\u9fff]")


class Understood:
    """What was found in one text."""

    def __init__(self) -> None:
        self.spots: list[Spot] = []
        self.areas: set[str] = set()
        self.elsewhere: list[str] = []
        self.beyond = False


class Finder:
    """The names of one city."""

    def __init__(self, pack: Pack) -> None:
        self.streets = Streets(pack.roads.values())
        self.places = {**pack.places, **as_places(pack.stations, pack.places)}
        names: dict[str, list[Named]] = {}
        by_sound: dict[str, list[Named]] = {}
        for place in self.places.values():
            road = place.code if place.code in pack.roads else ""
            stands = Named(place.code, road, "", ERROR_M.get(place.kind, ERROR_OTHER_M))
            for name in dict.fromkeys((*place.name.values(), *place.aliases)):
                names.setdefault(name, []).append(stands)
                if place.kind not in ON_ROADS:
                    by_sound.setdefault(fold(name), []).append(stands)
        short: dict[str, list[Named]] = {}
        self._refs: dict[str, tuple[Named, ...]] = {}
        for code, each in pack.roads.items():
            width = max(self.streets.length_m(code) / 2, 200.0)
            stands = Named("", code, "", width)
            listed = {name for row in [pack.places.get(code)] if row for name in row.name.values()}
            for name in sorted(names_of(each)):
                if name not in listed:
                    names.setdefault(name, []).append(stands)
                by_sound.setdefault(fold(name), []).append(stands)
            for name in sorted(short_names(each)):
                short.setdefault(name, []).append(stands)
            if each.ref:
                self._refs[ref_key(each.ref)] = (*self._refs.get(ref_key(each.ref), ()), stands)
        self._numbers = {re.sub("[^0-9]", "", ref): values for ref, values in self._refs.items()}
        for area in pack.areas.values():
            for name in dict.fromkeys(area.name.values()):
                names.setdefault(name, []).append(Named(area=area.code))
        self._derive(pack, names, by_sound)
        self._only = _only_of_class(pack)
        self._villages = villages_of(self.places.values())
        self._listed: dict[tuple[int, int], list[GazetteerPlace]] = {}
        for row in pack.places.values():
            if row.kind in ("junction", "kmpost"):
                self._listed.setdefault(_cell(row.lat, row.lon), []).append(row)
        self._parts = Names(parts_of(self.places.values(), names))
        self._names = Names((name, tuple(values)) for name, values in names.items())
        self._compounds = Compounds(names.items())
        self._short = Names((name, tuple(values)) for name, values in short.items())
        self._sounds = Sounds((name, tuple(values)) for name, values in by_sound.items())
        self._elsewhere = Names((name, name) for name in pack.elsewhere if name not in names)

    def _derive(self, pack: Pack, names: dict[str, list[Named]], by_sound: dict[str, list[Named]]) -> None:
        """Other ways of saying the names, where nothing is called so already."""
        other: dict[str, list[Named]] = {}
        for name, values in names.items():
            places = [each for each in values if each.place]
            for way in derived(name, pack.title) if places else ():
                if way not in names:
                    other.setdefault(way, []).extend(places)
        for way, name in stops_of(self.places.values()):
            if way not in names and name in names:
                other.setdefault(way, []).extend(names[name])
        for area in pack.areas.values():
            for name in short_area(area):
                if name not in names:
                    other.setdefault(name, []).append(Named(area=area.code))
        for name, values in other.items():
            names[name] = list(dict.fromkeys(values))
            if not any(each.area for each in values):
                by_sound.setdefault(fold(name), []).extend(names[name])

    def understand(self, text: str, near: tuple[float, float] | None = None) -> Understood:
        """Spots in order of start, areas that are named, and names of elsewhere.

        Args:
            near: of many roads of one name those nearest to it are looked at.
        """
        original = text[:TEXT_CHARS_MAX]
        folded = fold(original)
        flat = in_digits(folded)
        said = self._exact(folded, flat)
        got = Understood()
        foreign = self._foreign(flat, said, got)
        short = [_said(each) for each in self._short.find(flat)]
        for bare in _BARE_NUMBER.finditer(flat):
            if bare[1] in self._numbers:
                short.append(Said(bare.start(), bare.end(), self._numbers[bare[1]]))
        self._take(original, flat, said, short, foreign, near, got)
        sure = any(each.error_m <= SURE_ERROR_M for each in got.spots)
        if not sure or any(each.end - each.start <= SHORT_CHARS for each in said):
            slips = self._slips(flat, said, foreign, sure)
            if slips:
                got.spots.clear()
                got.areas.clear()
                self._take(original, flat, _longest([*said, *slips]), short, foreign, near, got)
        if not got.spots and not got.elsewhere:
            parts = [_said(each) for each in self._parts.find(flat)][:PARTS_MAX]
            self._take(original, flat, _longest(parts), (), foreign, near, got, "part")
        return got

    def _exact(self, folded: str, flat: str) -> list[Said]:
        found = [_said(each) for each in self._names.find(folded)]
        if flat != folded:
            seen = {(each.start, each.end) for each in found}
            found += [
                said for each in self._names.find(flat) if ((said := _said(each)).start, said.end) not in seen
            ]
        taken = {each.start: each.end for each in found}
        for start, end, ref in refs(flat):
            values = self._refs.get(ref)
            if values and taken.get(start, 0) < end:
                found.append(Said(start, end, values))
        for spoken in _SPOKEN_REF.finditer(folded):
            for length in range(len(spoken[2]), 1, -1):
                values = self._refs.get(f"{spoken[1]}{number(spoken[2][:length]) or 0:.0f}")
                if values:
                    found.append(Said(spoken.start(), spoken.start(2) + length, values))
                    break
        for spoken in _SPOKEN_CLASS.finditer(folded):
            values = self._numbers.get(f"{number(spoken[1]) or 0:.0f}")
            if values:
                found.append(Said(spoken.start(), spoken.end() + 2, values))
        found += self._compounds.find(folded)
        for each in _CLASS.finditer(flat):
            only = self._only.get(each[0])
            if only is not None:
                found.append(Said(each.start(), each.end(), (only,)))
        return _longest(found)[:SAID_MAX]

    def _foreign(self, flat: str, said: Sequence[Said], got: Understood) -> list[tuple[int, int]]:
        """Where other cities are named, outside the names of our own."""
        spans = []
        for each in self._elsewhere.find(flat)[:SAID_MAX]:
            inside = any(own.start < each.end and each.start < own.end for own in said)
            if not inside:
                spans.append((each.start, each.end))
                if each.value not in got.elsewhere:
                    got.elsewhere.append(each.value)
        return spans

    def _theirs(self, flat: str, start: int, end: int, foreign: Sequence[tuple[int, int]]) -> bool:
        """Whether another city's name stands right before or, in English, right after."""
        for begin, stop in foreign:
            if stop <= start and (_FILLER.fullmatch(flat, stop, start) or _is_their_town(flat[stop:start])):
                return True
            if end <= begin and flat[begin].isascii() and _AFTER.fullmatch(flat, end, begin):
                return True
        before = flat[max(0, start - 4) : start]
        return (
            bool(_NUMBERED.search(before))
            and flat[start] not in "0123456789"
            and _HAN.match(flat[start]) is not None
        )

    def _take(
        self,
        original: str,
        flat: str,
        said: Sequence[Said],
        short: Sequence[Said],
        foreign: Sequence[tuple[int, int]],
        near: tuple[float, float] | None,
        got: Understood,
        how: str = "",
    ) -> None:
        ours = [each for each in said if not self._theirs(flat, each.start, each.end, foreign)]
        ours.sort(key=lambda each: (each.start, -each.end))
        roads = [each for each in ours if any(value.road for value in each.values)]
        short = [
            each
            for each in short
            if not any(longer.start <= each.start and each.end <= longer.end for longer in said)
            and not self._theirs(flat, each.start, each.end, foreign)
        ]
        spots = []
        areas = frozenset(value.area for each in ours for value in each.values if value.area)
        for spot in on_roads(Roads(flat, original, roads, short, areas, near), self.streets):
            if spot.how == "beyond":
                got.beyond = True
            elif not self._theirs(flat, spot.start, spot.end, foreign):
                spots.append(_moved(self._as_listed(spot), flat))
        covered = [(each.start, each.end) for each in spots]
        for each in ours:
            for value in each.values:
                if value.area:
                    got.areas.add(value.area)
            if not any(
                a <= each.start and each.end <= b and b - a > each.end - each.start for a, b in covered
            ):
                spots += [_moved(spot, flat) for spot in self._named(each, how)]
        got.spots += sorted(spots, key=lambda each: (each.start, -each.end, each.code))

    def _as_listed(self, spot: Spot) -> Spot:
        """A junction or post that the gazetteer lists where the spot is, is that row."""
        if spot.how not in ("junction", "post"):
            return spot
        kind = "junction" if spot.how == "junction" else "kmpost"
        y, x = _cell(spot.lat, spot.lon)
        for cell in product((y - 1, y, y + 1), (x - 1, x, x + 1)):
            for row in self._listed.get(cell, ()):
                if row.kind == kind and distance_m(row.lat, row.lon, spot.lat, spot.lon) <= ROW_NEAR_M:
                    return replace(spot, code=row.code)
        return spot

    def _named(self, said: Said, part: str = "") -> Iterable[Spot]:
        group = said.start * 4096 + said.end
        sure = min(0.2 * (said.end - said.start - 2), 1.0)
        for value in dict.fromkeys(said.values):
            how = part or ("sounds" if said.cost else "named")
            odds = GROUND[how] - 2 * said.cost
            if value.place:
                row = self.places[value.place]
                if row.kind == "road":
                    odds -= GROUND["named"] - GROUND["street"]
                yield Spot(
                    said.start, said.end, how, row.code, row.lat, row.lon, value.error_m, odds + sure, group
                )
                inner = self._villages.get(value.place) if said.cost or said.split else None
                if inner is not None:
                    yield Spot(
                        said.start, said.end, how, inner.code, inner.lat, inner.lon,
                        ERROR_M["village"], odds - NESTED_ODDS, group + 1,
                    )  # fmt: skip
            elif value.road:
                how, odds = ("sounds" if said.cost else "street", GROUND["street"] - 2 * said.cost)
                point = self.streets.middle(value.road)
                yield Spot(said.start, said.end, how, value.road, *point, value.error_m, odds + sure, group)

    def _slips(
        self, flat: str, said: Sequence[Said], foreign: Sequence[tuple[int, int]], sure: bool
    ) -> list[Said]:
        """The best names that are like something in the text and touch no exact name, unless they hold it
        and sound the same: 南湖 in 南湖春小, which is 南湖春晓.

        Args:
            sure: something exact was found; then only such longer names are looked for.
        """
        taken = [(each.start, each.end) for each in said if any(not value.area for value in each.values)]
        found: list[Said] = []
        for each in self._sounds.find(flat):
            beside = [span for span in (*taken, *foreign) if each.start < span[1] and span[0] < each.end]
            holds = all(
                each.start <= a and b <= each.end and b - a < each.end - each.start for a, b in beside
            )
            if (beside and (not holds or each.cost > SAME_SOUND_COST)) or (sure and not beside):
                continue
            found.append(Said(each.start, each.end, each.value, max(each.cost, 0.05)))
            taken.append((each.start, each.end))
        return found


def _is_their_town(gap: str) -> bool:
    return _THEIR_TOWN.fullmatch(gap) is not None and _CAME_HERE.search(gap) is None


def _only_of_class(pack: Pack) -> dict[str, Named]:
    """The only road of its class is called by the class: 省道15公里."""
    only: dict[str, Named] = {}
    for kind, words in (
        ("national", ("国道",)),
        ("provincial", ("省道",)),
        ("motorway", ("高速", "高速公路")),
    ):
        codes = [each.code for each in pack.roads.values() if each.kind == kind]
        if len(codes) == 1:
            only.update(dict.fromkeys(words, Named("", codes[0], "", POINT_ERROR_MAX_M * 2)))
    return only


def _cell(lat: float, lon: float) -> tuple[int, int]:
    return int(lat / CELL_DEGREES), int(lon / CELL_DEGREES)


def _said(found: Found[tuple[Named, ...]]) -> Said:
    return Said(found.start, found.end, found.value)


def _longest(found: list[Said]) -> list[Said]:
    """Names that lie inside longer ones no longer name."""
    found.sort(key=lambda each: (each.start, -each.end))
    kept: list[Said] = []
    reach = -1
    for each in found:
        if each.end > reach:
            kept.append(each)
            reach = each.end
        elif kept and (each.start, each.end) == (kept[-1].start, kept[-1].end):
            kept[-1] = Said(each.start, each.end, (*kept[-1].values, *each.values))
    return kept


def _moved(spot: Spot, flat: str) -> Spot:
    """The spot as the words around it move it."""
    words = around(flat, spot.start, spot.end)
    lat, lon = spot.lat, spot.lon
    if words.moved:
        lat, lon = shifted((lat, lon), words.north_m, words.east_m)
    error_m = spot.error_m + words.wider_m if words.moved else max(spot.error_m, words.wider_m)
    return Spot(
        spot.start if words.start < 0 else words.start,
        spot.end if words.end < 0 else words.end,
        "about" if words.moved else spot.how,
        spot.code,
        lat,
        lon,
        error_m,
        spot.odds + words.odds + exactness(error_m) - (0.4 if words.moved else 0.0),
        spot.group,
    )
