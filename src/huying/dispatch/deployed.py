"""The pack as adopted plans of deployment have changed it: where units wait and when they work."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from huying.base.text import Text
from huying.domain.deployment import Deployment
from huying.domain.pack import Pack, Station


def deployed(pack: Pack, plans: Sequence[Deployment], at: int) -> Pack:
    """The pack with the postings of the plans that are in force at the instant (UTC µs).

    Posts are stations where moving up may send a unit; a unit of a posting waits there and works on its
    shifts. Of two plans that speak of one unit the one adopted last counts. Units and shifts that an edition
    of the pack no longer has are passed over.
    """
    holding = sorted((each for each in plans if each.holds(at)), key=lambda each: (each.adopted_at, each.id))
    stations, units = dict(pack.stations), dict(pack.units)
    for plan in holding:
        for n, each in enumerate(plan.posts, 1):
            known = pack.stations.get(each.post)
            code = each.post
            if known is None:
                code = f"post.{plan.id}.{n}"
                stations[code] = Station(code, _name(pack, each.post), each.lat, each.lon, False, ())
            row = units.get(each.unit)
            if row is not None:
                shifts = tuple(shift for shift in each.shifts if shift in pack.shifts) or row.shifts
                units[each.unit] = replace(row, station=code, lat=each.lat, lon=each.lon, shifts=shifts)
    return pack.changed(stations=stations, units=units) if holding else pack


def paces_of(plans: Sequence[Deployment], at: int) -> tuple[float, ...]:
    """Paces by hour of the week of the plan that was adopted last of those in force; empty for none."""
    holding = [each for each in plans if each.paces and each.holds(at)]
    return max(holding, key=lambda each: (each.adopted_at, each.id)).paces if holding else ()


def _name(pack: Pack, post: str) -> Text:
    place = pack.places.get(post)
    return place.name if place is not None else dict.fromkeys(pack.languages, post)
