"""Crews for each shift: by the formula, and tried out on drawn weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec.structs import asdict
from numpy.typing import NDArray

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.cli.console import Console
from huying.dispatch.demand import Demand, draw_weeks, places_of
from huying.dispatch.drive import spread_of
from huying.dispatch.posts import board_of
from huying.dispatch.roster import roster_of
from huying.dispatch.shifts import drive_shifts
from huying.dispatch.staffing import given, loads_of, staff, waits
from huying.domain.deployment import Posting, Wanted
from huying.domain.pack import Pack
from huying.geo.travel import TravelTime

NEARBY = 5
"""The way that counts as usual is from the sixth nearest post: the nearest crew is often busy."""


def staffed(
    pack: Pack,
    demand: Demand,
    travel: TravelTime,
    kind: str,
    target: float,
    reserve: int,
    rngs: Sequence[np.random.Generator],
    weeks: int,
    own: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Crews for the shifts of a pack so that no more than `target` of the asks wait (or those of `own`), who
    works when then, and what trying it out says: the share that waited, of all and of urgent ones, beside
    what the formula expects."""
    places = places_of(demand)
    board = board_of(pack, demand, places, travel, kind, 600)
    if not board.sites:
        raise Refusal("plan_no_sites")
    nearest = np.sort(np.where(np.isfinite(board.seconds), board.seconds, np.inf), axis=1)[
        :, min(NEARBY, len(board.sites) - 1)
    ]
    reached = nearest[np.isfinite(nearest)]
    way_s = float(np.average(reached, weights=places.weight[np.isfinite(nearest)])) if len(reached) else 600.0
    loads = loads_of(demand, way_s)
    found = given(loads, pack.shifts, own, target) if own else staff(loads, pack.shifts, target, reserve)
    runs = []
    for rng in rngs:
        drawn = draw_weeks(demand, places, weeks, rng)
        runs.append(drive_shifts(found.there, way_s, drawn, reserve))
    formula = _expected(loads.load, loads.asks, loads.peak, np.maximum(found.there - reserve, 0))
    today = _today(pack, demand.ability, kind)
    mine = {
        row.code: row.shifts
        for row in pack.units.values()
        if demand.ability in row.abilities and row.kind == kind
    }
    roster = roster_of(mine, found.crews)
    return {
        "ability": demand.ability,
        "asks": len(demand),
        "weeks": round(demand.weeks, 2),
        "target": target,
        "reserve": reserve,
        "way_s": round(way_s),
        "load_max": round(float(loads.load.max()), 2),
        "peak": round(loads.peak, 3),
        "shifts": [
            {
                "shift": code,
                "name": dict(pack.shifts[code].name),
                "crews": crews,
                "today": today.get(code, 0),
            }
            for code, crews in found.crews.items()
        ],
        "always_today": today.get("", 0),
        "roster": [asdict(each) for each in roster.turns],
        "short": roster.short,
        "formula_waits": round(formula, 4),
        "waits": _spread([each[0] for each in runs]),
        "urgent_waits": _spread([each[1] for each in runs]),
        "hours": [
            {"hour": n, "load": round(load, 2), "needed": int(found.needed[n]), "there": int(found.there[n])}
            for n, load in enumerate(loads.load.tolist())
        ],
    }


def _spread(values: Sequence[float]) -> list[float]:
    found = spread_of(values)
    return [found.mean, found.low, found.high]


def _expected(load: NDArray[Any], asks: NDArray[Any], peak: float, crews: NDArray[Any]) -> float:
    """Share of asks that wait by the formula, over the week."""
    each = np.array([waits(c / peak, w / peak) for c, w in zip(crews.tolist(), load.tolist(), strict=True)])
    return float((each * asks).sum() / max(float(asks.sum()), 1e-9))


def _today(pack: Pack, ability: str, kind: str) -> dict[str, int]:
    """Crews by shift as the pack has them; "" for those without a shift."""
    found: dict[str, int] = {}
    for row in pack.units.values():
        if ability in row.abilities and row.kind == kind:
            for code in row.shifts or ("",):
                found[code] = found.get(code, 0) + 1
    return found


def wanted_of(shown: dict[str, Any]) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(each["shift"], shown["ability"], each["crews"]) for each in shown["shifts"] if each["crews"]
    )


def turns_of(pack: Pack, shown: dict[str, Any]) -> tuple[Posting, ...]:
    """Every unit where it waits by the pack, on the shifts of the roster."""
    rows = [(pack.units[each["unit"]], each["shifts"]) for each in shown["roster"]]
    return tuple(
        Posting(row.station or row.code, row.lat, row.lon, row.code, tuple(shifts)) for row, shifts in rows
    )


def tell_staff(console: Console, pack: Pack, shown: dict[str, Any]) -> None:
    about = ("ability", "asks", "weeks", "load_max", "way_s")
    console.say("cli.plan.told.staff", **{key: shown[key] for key in about})
    for each in shown["shifts"]:
        name = say(pack.shifts[each["shift"]].name, console.lang)
        console.say("cli.plan.told.shift", name=name, crews=each["crews"], today=each["today"])
    console.say("cli.plan.told.always", crews=shown["always_today"])
    mean, low, high = (round(100 * each, 1) for each in shown["waits"])
    urgent = round(100 * shown["urgent_waits"][0], 1)
    formula = round(100 * shown["formula_waits"], 1)
    console.say("cli.plan.told.waits", mean=mean, low=low, high=high, urgent=urgent, formula=formula)
