"""When and where calls come, learnt from records: a Poisson process whose rate changes with the hour of the
week and the place.

Rate(hour, cell, type) = calls an hour in that hour of the week × the cell's share in that part of the week
× the type's share there. Shares are mixed with those of the whole week, which steadies what was seen rarely.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path

from msgspec import Struct

from huying.base.clock import DAY, HOUR, SECOND
from huying.base.refusal import Refusal
from huying.base.text import say
from huying.channels.files import Record
from huying.domain.commands import ReceiveCall
from huying.domain.pack import Pack
from huying.sim.chance import Dice

CELLS_PER_DEGREE = 100
"""A cell is a hundredth of a degree: about a kilometre."""

PART_H = 4
"""A part of the week is four hours of working days or of the weekend: twelve parts."""

WHOLE_WEEK = 0.3
"""Share of the whole week's distribution in that of each part."""

ROWS_MAX = 500_000
HEADER = ("what", "part", "key", "calls")


class Fit(Struct):
    """Counts of records: `hours` by hour of the week (0 is Monday midnight), `cells` by (part, lat and lon in
    cells), `types` by (part, type); `weeks` how many weeks they span."""

    weeks: float
    hours: Counter[int]
    cells: Counter[tuple[int, str]]
    types: Counter[tuple[int, str]]


def fit(records: Iterable[Record], pack: Pack) -> Fit:
    """Count the records that have a place and a type."""
    found = Fit(0.0, Counter(), Counter(), Counter())
    first = last = 0
    for record in records:
        call = record.call
        if call.lat is None or call.lon is None:
            continue
        first, last = first or record.at, max(last, record.at)
        hour = hour_of_week(pack, record.at)
        part = part_of(hour)
        cell = f"{round(call.lat * CELLS_PER_DEGREE)} {round(call.lon * CELLS_PER_DEGREE)}"
        found.hours[hour] += 1
        found.cells[part, cell] += 1
        found.types[part, call.stated_type or pack.default_type] += 1
    if not found.hours:
        raise Refusal("day_empty", day="–", source="–")
    found.weeks = max((last - first) / (7 * DAY), 1 / 7)
    return found


def hour_of_week(pack: Pack, at: int) -> int:
    local = pack.worktime.local(at)
    return local.weekday() * 24 + local.hour


def part_of(hour: int) -> int:
    return (hour % 24) // PART_H + (24 // PART_H) * (hour >= 5 * 24)


def write_fit(found: Fit, path: Path) -> int:
    """As CSV; how many rows."""
    rows: list[tuple[str, int, str, float]] = [("weeks", 0, "", round(found.weeks, 4))]
    rows += [("hour", hour, "", calls) for hour, calls in sorted(found.hours.items())]
    rows += [("cell", part, key, calls) for (part, key), calls in sorted(found.cells.items())]
    rows += [("type", part, key, calls) for (part, key), calls in sorted(found.types.items())]
    with path.open("w", encoding="utf-8", newline="") as opened:
        out = csv.writer(opened, lineterminator="\n")
        out.writerow(HEADER)
        out.writerows(rows)
    return len(rows)


def read_fit(path: Path) -> Fit:
    """Refuses with `fitted_unreadable`."""
    found = Fit(0.0, Counter(), Counter(), Counter())
    try:
        with path.open(encoding="utf-8", newline="") as opened:
            for n, row in enumerate(csv.DictReader(opened)):
                if n > ROWS_MAX:
                    raise ValueError(f"> {ROWS_MAX}")
                what, part, key, calls = row["what"], int(row["part"]), row["key"], float(row["calls"])
                if calls < 0:
                    raise ValueError(f"calls {calls}")
                if what == "weeks":
                    found.weeks = calls
                elif what == "hour":
                    found.hours[part % 168] = int(calls)
                elif what == "cell":
                    lat, lon = (int(each) for each in key.split())
                    found.cells[part, f"{lat} {lon}"] = int(calls)
                elif what == "type":
                    found.types[part, key] = int(calls)
        if found.weeks <= 0 or not found.hours or not found.cells or not found.types:
            raise ValueError("weeks, hour, cell, type")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal("fitted_unreadable", file=str(path), why=str(error)) from None
    return found


def read_fitted(path: str, pack: Pack, seed: int) -> Fitted:
    return Fitted(read_fit(Path(path)), pack, Dice(seed).fork("fitted"))


class Fitted:
    """Makes calls by a fit, as `Rhythm` does by a pack's week (thinning, Lewis and Shedler 1979)."""

    type = ""
    happening = 0

    def __init__(self, found: Fit, pack: Pack, dice: Dice) -> None:
        self.pack, self.dice = pack, dice
        self.per_hour = [found.hours[hour] / found.weeks for hour in range(168)]
        self.most = max(self.per_hour)
        parts = range(2 * 24 // PART_H)
        types = {code for _, code in found.types if code in pack.types} or {pack.default_type}
        counted = Counter({pair: n for pair, n in found.types.items() if pair[1] in types})
        self.cells = [_Shares(found.cells, part) for part in parts]
        self.types = [_Shares(counted or Counter({(0, pack.default_type): 1}), part) for part in parts]

    def next(self, after: int) -> tuple[int, ReceiveCall]:
        at = after
        for _ in range(100_000):
            at += max(SECOND, int(self.dice.exponential(HOUR / self.most)))
            hour = hour_of_week(self.pack, at)
            if self.dice.random() * self.most < self.per_hour[hour]:
                return at, self._call(part_of(hour))
        return at, self._call(0)

    def _call(self, part: int) -> ReceiveCall:
        dice, lang = self.dice, self.pack.languages[0]
        self.happening += 1
        self.type = self.types[part].one(dice)
        lat, lon = (int(each) for each in self.cells[part].one(dice).split())
        kind = self.pack.types[self.type]
        return ReceiveCall(
            channel="phone",
            words=say(kind.name, lang),
            lang=lang,
            stated_type=self.type,
            lat=round((lat + dice.between(-0.5, 0.5)) / CELLS_PER_DEGREE, 6),
            lon=round((lon + dice.between(-0.5, 0.5)) / CELLS_PER_DEGREE, 6),
        )


class _Shares:
    """What is drawn in one part of the week."""

    def __init__(self, counts: Counter[tuple[int, str]], part: int) -> None:
        whole: Counter[str] = Counter()
        here: Counter[str] = Counter()
        for (of, key), n in counts.items():
            whole[key] += n
            if of == part:
                here[key] += n
        all_of_it, of_part = whole.total(), here.total()
        mixed = WHOLE_WEEK if of_part else 1.0
        self.keys = sorted(whole)
        weights = (
            mixed * whole[key] / all_of_it + (1 - mixed) * here[key] / max(1, of_part) for key in self.keys
        )
        self.upto = list(accumulate(weights))

    def one(self, dice: Dice) -> str:
        found = bisect_right(self.upto, dice.random() * self.upto[-1])
        return self.keys[min(found, len(self.keys) - 1)]
