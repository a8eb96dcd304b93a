"""From what was given (a point in some datum, or words) to a place with its areas."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, pi, sqrt

from huying.base.refusal import Refusal
from huying.base.text import Text
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.geo.areas import areas_of, size_m2
from huying.geo.datum import WGS84, datum_named, to_wgs84
from huying.geo.finding.finder import Finder, Understood
from huying.geo.finding.spots import GROUND, POINT_ERROR_MAX_M, Answer, Candidate, Spot, confidence
from huying.geo.finding.typing import Typing
from huying.geo.points import distance_m

ERROR_MAX_M = 1_000_000.0
"""A source that is less sure than this knows no point."""

CANDIDATES_MAX = 10
"""Candidates shown: what a person reads while somebody waits on the line."""

NAMED_AREA_ODDS = 2.0
"""Log-odds for a place in an area that is named too, and against one that is not."""

_KINDS = {"junction": "junction", "post": "kmpost", "number": "house"}
"""The kind of a place on a road, by how words led to it."""

Point = tuple[float, float]


class Locator:
    """Finds places in one city; the port `Locate`."""

    def __init__(self, pack: Pack) -> None:
        self.areas = areas_of(pack.areas.values())
        self._pack = pack
        self._finder = Finder(pack)
        self._typing = Typing(pack)
        self._within = {
            each.code: frozenset((*self.areas.at(each.lat, each.lon), *self.areas.chain(each.area)))
            for each in self._finder.places.values()
        }

    def place(
        self,
        lat: float | None,
        lon: float | None,
        address: str,
        datum: str,
        error_m: float | None,
        words: str = "",
    ) -> Place:
        """The place meant.

        A point is converted to WGS-84 and kept wherever it is; outside the jurisdiction it has no areas.
        Without a point, the places in `address`, else in `words`, are looked for.

        Raises:
            Refusal: `coordinates_incomplete`, `coordinates_invalid`, `place_error_invalid`, `datum_unknown`.
        """
        if error_m is not None and not 0 <= error_m <= ERROR_MAX_M:
            raise Refusal("place_error_invalid", error_m=str(error_m), most=int(ERROR_MAX_M))
        if lat is None and lon is None:
            return self._by_words(address, words, error_m)
        if lat is None or lon is None:
            raise Refusal("coordinates_incomplete", missing="lat" if lat is None else "lon")
        lat, lon, datum = self.point(lat, lon, datum)
        return Place(lat, lon, address, "", self.areas.at(lat, lon), error_m, datum)

    def point(self, lat: float, lon: float, datum: str) -> tuple[float, float, str]:
        """The point in WGS-84, and the datum by its own name."""
        if not (isfinite(lat) and isfinite(lon) and -90 <= lat <= 90 and -180 <= lon <= 180):
            raise Refusal("coordinates_invalid", lat=str(lat), lon=str(lon))
        if datum != WGS84:
            datum = datum_named(datum)
            lat, lon = to_wgs84(lat, lon, datum)
        return lat, lon, datum

    def codes_named(self, name: str) -> tuple[str, ...]:
        """Codes of the places, roads and areas that bear the name, whatever its case."""
        wanted = name.strip().casefold()
        rows = [(each.code, each.name, each.aliases) for each in self._finder.places.values()]
        rows += [(each.code, each.name, each.aliases) for each in self._pack.roads.values()]
        named = [
            code
            for code, name_of, aliases in rows
            if any(wanted == other.casefold() for other in (*name_of.values(), *aliases))
        ]
        for area in self._pack.areas.values():
            if any(wanted == other.casefold() for other in area.name.values()):
                named.append(area.code)
        return tuple(dict.fromkeys(named))

    def name_of(self, code: str) -> Text:
        """What the city calls the place with this code, a row of the gazetteer or roads; empty for none."""
        row = self._finder.places.get(code)
        if row is not None:
            return row.name
        roads = [self._pack.roads[each].name for each in code.split("+") if each in self._pack.roads]
        return {lang: " / ".join(each[lang] for each in roads) for lang in self._pack.languages}

    def areas_centre(self, code: str) -> Point:
        """The middle of the area's box: where to look at when only the area is known."""
        ring = self._pack.areas[code].rings[0]
        lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
        return (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2

    def find(self, text: str, near: Point | None = None) -> Answer:
        """What a text says of a place: at most `CANDIDATES_MAX` candidates, the likeliest first.

        Args:
            near: where the caller's cell or a stated point is, WGS-84; of equals the nearer is likelier.
        """
        got = self._finder.understand(text, near)
        ranked = self._ranked(got, near)
        areas = self._narrowest(got, ranked)
        shown = ranked[:CANDIDATES_MAX]
        if areas and areas[0] in got.areas:
            shown = [*ranked[: CANDIDATES_MAX - 1], self._area(areas)]
        return Answer(tuple(shown), tuple(got.elsewhere[:CANDIDATES_MAX]), areas)

    def complete(self, typed: str, near: Point | None = None) -> Answer:
        """What somebody who is still typing may mean: what the text names already, then names that go on
        from it, in characters, in pinyin or by initials."""
        answer = self.find(typed, near)
        seen = {each.code for each in answer.candidates}
        more = [
            self._shown(spot, near, named=frozenset(), sure=True)
            for spot in self._typing.begin_with(typed)
            if spot.code not in seen
        ]
        everything = sorted((*answer.candidates, *more), key=_order)
        return Answer(tuple(everything[:CANDIDATES_MAX]), answer.elsewhere, answer.areas)

    def _by_words(self, address: str, words: str, error_m: float | None) -> Place:
        how = ""
        for text in (address, words):
            if not text:
                continue
            got = self._finder.understand(text)
            ranked = self._ranked(got, None)
            best = next((each for each in ranked if each.sure and _is_point(each)), None)
            if best is not None:
                radius = best.error_m if error_m is None else max(best.error_m, error_m)
                return Place(
                    best.lat, best.lon, address, best.code, best.areas, round(radius, 1), how=best.how
                )
            areas = self._narrowest(got, ranked)
            if areas:
                return Place(address=address, areas=areas)
            if got.elsewhere or got.beyond:
                how = "elsewhere"
        return Place(address=address, how=how)

    def _ranked(self, got: Understood, near: Point | None) -> list[Candidate]:
        named = frozenset(got.areas)
        groups: dict[int, list[Spot]] = {}
        for spot in got.spots:
            groups.setdefault(spot.group, []).append(spot)
        found: dict[str, Candidate] = {}
        for spots in groups.values():
            chosen = self._agreed(spots, named)
            for spot in spots:
                each = self._shown(spot, near, named, spot is chosen, len(spots))
                key = f"{each.code}/{each.how}"
                if key not in found or _order(each) < _order(found[key]):
                    found[key] = each
        return sorted(found.values(), key=_order)

    def _agreed(self, spots: list[Spot], named: frozenset[str]) -> Spot | None:
        """The place meant by a name that several may bear: the one in an area that is named too, or the one
        that is wide enough to hold the others (the island and its village); None when they lie apart."""
        inside = [each for each in spots if named & self._holding(each)] or spots
        widest = max(inside, key=lambda each: (each.error_m, each.code))
        for each in inside:
            if distance_m(widest.lat, widest.lon, each.lat, each.lon) > widest.error_m:
                return None
        return widest

    def _holding(self, spot: Spot) -> frozenset[str]:
        if spot.code in self._within:
            return self._within[spot.code]
        return frozenset(self.areas.at(spot.lat, spot.lon))

    def _shown(
        self, spot: Spot, near: Point | None, named: frozenset[str], sure: bool, rivals: int = 1
    ) -> Candidate:
        holding = self._holding(spot)
        odds = spot.odds
        if named:
            odds += NAMED_AREA_ODDS if named & holding else -NAMED_AREA_ODDS
        if not sure:
            odds -= min(0.5 * rivals, 3.0)
        away = None
        if near is not None:
            away = distance_m(*near, spot.lat, spot.lon)
            odds += 1.5 if away < 1000 else 0.8 if away < 3000 else 0.0 if away < 15_000 else -1.0
            away = float(round(away))
        code = spot.code
        row = self._finder.places.get(code)
        kind = row.kind if row is not None else _KINDS.get(spot.how, "road")
        areas = self.areas.at(spot.lat, spot.lon)
        reasons = [
            Reason(f"place.{spot.how}", of=code, values={"metres": round(spot.error_m)}, span=_span(spot))
        ]
        if not areas and row is not None:
            areas = self.areas.chain(row.area)
        if not areas:
            reasons.append(Reason("place.outside"))
        return Candidate(
            code, kind, spot.how, self.name_of(code), spot.lat, spot.lon, round(spot.error_m, 1),
            confidence(odds), areas, spot.start, spot.end, away, sure, tuple(reasons),
        )  # fmt: skip

    def _area(self, chain: tuple[str, ...]) -> Candidate:
        """An area as the last of the candidates: it has no point, because a point would be invented."""
        row = self._pack.areas[chain[0]]
        size = round(sqrt(size_m2(row) / pi), 1)
        reason = Reason("place.area_only", of=row.code)
        return Candidate(
            row.code, row.kind, "area", row.name, None, None, size, confidence(GROUND["area"]), chain,
            reasons=(reason,),
        )  # fmt: skip

    def _narrowest(self, got: Understood, ranked: Sequence[Candidate]) -> tuple[str, ...]:
        """The smallest area that is named, or that all bearers of an ambiguous name share, as its chain."""
        shared: set[str] = set(got.areas)
        unsure: dict[tuple[int, int], list[frozenset[str]]] = {}
        for each in ranked:
            if not each.sure:
                unsure.setdefault((each.start, each.end), []).append(frozenset(each.areas))
        for holdings in unsure.values():
            shared |= frozenset.intersection(*holdings)
        chains = [self.areas.chain(code) for code in shared]
        return min(chains, key=lambda each: (-len(each), each), default=())


def _order(each: Candidate) -> tuple[float, float, int, str]:
    return -each.confidence, each.distance_m or 0.0, each.start, each.code


def _is_point(each: Candidate) -> bool:
    return each.error_m <= POINT_ERROR_MAX_M and each.confidence >= 0.5


def _span(spot: Spot) -> tuple[int, int] | None:
    return (spot.start, spot.end) if spot.end > spot.start else None


def why_there(place: Place) -> tuple[Reason, ...]:
    """What a person should know of how the place is known: from words, roughly, outside the jurisdiction."""
    if place.point is None:
        if place.areas:
            return (Reason("place.area_only", of=place.areas[0]),)
        return (Reason("place.elsewhere"),) if place.how else ()
    reasons = []
    if place.code:
        key = f"place.{place.how}" if place.how else "place.named"
        reasons.append(Reason(key, of=place.code, values={"metres": round(place.error_m or 0)}))
    if not place.areas:
        reasons.append(Reason("place.outside"))
    return tuple(reasons)
