"""From what was given (a point in some datum, or words) to a place with its areas."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.geo.areas import Areas
from huying.geo.datum import WGS84, datum_named, to_wgs84
from huying.geo.names import Found, Names
from huying.geo.points import distance_m

ERROR_M: Mapping[str, float] = {
    "junction": 30.0,
    "shop": 50.0,
    "bank": 50.0,
    "restaurant": 50.0,
    "hotel": 50.0,
    "building": 50.0,
    "bus_stop": 50.0,
    "station": 100.0,
    "bridge": 100.0,
    "temple": 100.0,
    "gov": 100.0,
    "school": 150.0,
    "hospital": 150.0,
    "market": 150.0,
    "kmpost": 250.0,
    "park": 300.0,
    "estate": 300.0,
    "community": 500.0,
    "scenic": 500.0,
    "seawall": 800.0,
    "village": 800.0,
    "reservoir": 1000.0,
    "road": 1500.0,
    "river": 3000.0,
    "town": 3000.0,
}
"""How far from a named place's own point somebody who names it may be, metres, by kind of place: half the
usual extent of such a place in a county."""

ERROR_OTHER_M = 300.0
"""The same for kinds that the table doesn't know."""

ERROR_MAX_M = 1_000_000.0
"""A source that is less sure than this knows no point."""


class _Named(Struct, frozen=True):
    """What a name stands for: a place of the gazetteer, or an area (then `place` is empty)."""

    place: str
    area: str
    error_m: float


class Locator:
    """Finds places in one city; the port `Locate`."""

    def __init__(self, pack: Pack) -> None:
        self.areas = Areas(pack.areas.values())
        self._places = pack.places
        self._within = {
            each.code: frozenset((*self.areas.at(each.lat, each.lon), *self.areas.chain(each.area)))
            for each in pack.places.values()
        }
        names: list[tuple[str, _Named]] = []
        for place in pack.places.values():
            stands = _Named(place.code, "", ERROR_M.get(place.kind, ERROR_OTHER_M))
            names += [(name, stands) for name in dict.fromkeys((*place.name.values(), *place.aliases))]
        for area in pack.areas.values():
            names += [(name, _Named("", area.code, 0.0)) for name in dict.fromkeys(area.name.values())]
        self._names = Names(names)

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
        Without a point, the names in `address`, else in `words`, are looked up.

        Raises:
            Refusal: `coordinates_incomplete`, `coordinates_invalid`, `place_error_invalid`, `datum_unknown`.
        """
        if error_m is not None and not 0 <= error_m <= ERROR_MAX_M:
            raise Refusal("place_error_invalid", error_m=str(error_m), most=int(ERROR_MAX_M))
        if lat is None and lon is None:
            return self._by_words(address, words, error_m)
        if lat is None or lon is None:
            raise Refusal("coordinates_incomplete", missing="lat" if lat is None else "lon")
        if not (isfinite(lat) and isfinite(lon) and -90 <= lat <= 90 and -180 <= lon <= 180):
            raise Refusal("coordinates_invalid", lat=str(lat), lon=str(lon))
        if datum != WGS84:
            datum = datum_named(datum)
            lat, lon = to_wgs84(lat, lon, datum)
        return Place(lat, lon, address, "", self.areas.at(lat, lon), error_m, datum)

    def _by_words(self, address: str, words: str, error_m: float | None) -> Place:
        for text in (address, words):
            found = _longest(self._names.find(text)) if text else []
            if found:
                return self._meant(found, address, error_m)
        return Place(address=address)

    def _meant(self, found: list[Found[_Named]], address: str, error_m: float | None) -> Place:
        """The one place that the names agree on: the most exact, then the longest, then the first name.

        A bare area gives areas and no point, because a point would be invented.
        """
        named = {each.value.area for each in found if each.value.area}
        best: tuple[float, int, int, str] | None = None
        shared: list[frozenset[str]] = []
        for each in _together(found):
            code = self._agreed(each.values, named)
            if code is None:
                shared.append(frozenset.intersection(*(self._within[name.place] for name in each.values)))
                continue
            error = max(name.error_m for name in each.values if name.place == code)
            rank = (error, each.start - each.end, each.start, code)
            best = rank if best is None or rank < best else best
        if best is not None:
            row = self._places[best[3]]
            radius = best[0] if error_m is None else max(best[0], error_m)
            areas = self.areas.at(row.lat, row.lon) or self.areas.chain(row.area)
            return Place(row.lat, row.lon, address, row.code, areas, radius)
        chains = [self.areas.chain(code) for code in named.union(*shared)]
        return Place(address=address, areas=min(chains, key=lambda each: (-len(each), each), default=()))

    def _agreed(self, values: list[_Named], named: set[str]) -> str | None:
        """The place meant by a name that several may bear: the one in an area that is named too, or the one
        that is wide enough to hold the others (the island and its village); None when they lie apart."""
        inside = [each for each in values if named & self._within[each.place]] or values
        widest = max(inside, key=lambda each: (each.error_m, each.place))
        row = self._places[widest.place]
        for each in inside:
            other = self._places[each.place]
            if distance_m(row.lat, row.lon, other.lat, other.lon) > widest.error_m:
                return None
        return widest.place


class _Spot(Struct):
    start: int
    end: int
    values: list[_Named]


def _longest(found: list[Found[_Named]]) -> list[Found[_Named]]:
    """Names that lie inside no longer name."""
    kept: list[Found[_Named]] = []
    reach = -1
    for each in found:
        same = kept and (each.start, each.end) == (kept[-1].start, kept[-1].end)
        if each.end > reach or same:
            kept.append(each)
            reach = max(reach, each.end)
    return kept


def _together(found: list[Found[_Named]]) -> list[_Spot]:
    """Names of gazetteer places by where they were said."""
    spots: dict[tuple[int, int], _Spot] = {}
    for each in found:
        if each.value.place:
            spot = spots.setdefault((each.start, each.end), _Spot(each.start, each.end, []))
            spot.values.append(each.value)
    return list(spots.values())


def why_there(place: Place) -> tuple[Reason, ...]:
    """What a person should know of how the place is known: from words, roughly, outside the jurisdiction."""
    if place.point is None:
        return (Reason("place.area_only", of=place.areas[0]),) if place.areas else ()
    reasons = []
    if place.code:
        reasons.append(Reason("place.named", of=place.code, values={"metres": round(place.error_m or 0)}))
    if not place.areas:
        reasons.append(Reason("place.outside"))
    return tuple(reasons)
