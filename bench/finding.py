"""One phrase among ten thousand places, one look among ten thousand open calls: milliseconds."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path

from msgspec.structs import replace
from rows import Row

from huying.cli.commands.duplicates import OPEN_CALLS, START, _speed, read_reports
from huying.domain.pack import Pack
from huying.geo.finding.judge import percentile
from huying.geo.locate import Locator
from huying.sim.chance import Dice
from huying.sim.sameness import arrivals
from huying.store.packdir import read_pack

LABELLED = Path(__file__).resolve().parent.parent / "labelled" / "zh"
PLACES = 10_000
LIMIT_MS = 1.0
CHARS = "春夏秋冬山水江河松竹梅兰桃李杏枫金银玉石龙凤云溪海天星月阳光"
ENDS = ("花园", "村", "超市", "小学", "厂", "小区")


def rows() -> Iterator[Row]:
    if not LABELLED.is_dir():
        return
    pack = read_pack("yunxi")
    locator = Locator(_many(pack))
    with (LABELLED / "places.csv").open(encoding="utf-8") as file:
        phrases = [each["text"] for each in csv.DictReader(file)]
    took = [_quickest(partial(locator.find, text)) for text in phrases]
    yield Row("place_of_10k_p99_ms", percentile(took, 0.99), LIMIT_MS, 1.0, less=True)
    yield Row("place_of_10k_p50_ms", percentile(took, 0.5), LIMIT_MS, 1.0, less=True)
    small = Locator(pack)
    reports = read_reports(LABELLED / "reports.csv", pack)
    speed = _speed(pack, arrivals(reports, pack, small.place, Dice(1), 24.0, START), 1)
    yield Row(f"repeat_of_{OPEN_CALLS}_p99_ms", speed["p99_ms"], LIMIT_MS, 1.0, less=True)


def _many(pack: Pack) -> Pack:
    """The county with ten thousand places, of names that a county has."""
    first = next(iter(pack.places.values()))
    places = dict(pack.places)
    for n, (a, b, c) in enumerate(product(CHARS, CHARS, CHARS)):
        if len(places) == PLACES:
            break
        name = {"zh": a + b + c + ENDS[n % len(ENDS)], "en": f"Place {n}"}
        places[f"more_{n}"] = replace(first, code=f"more_{n}", kind="estate", name=name, aliases=())
    return pack.changed(places=places)


def _quickest(work: Callable[[], object]) -> float:
    """Milliseconds, the least of three."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return min(times)
