"""`huying duplicates evaluate` and `fit`: calls about one thing, told or missed, and the weights for it."""

from __future__ import annotations

import argparse
import csv
import io
import time
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.geo.finding.judge import percentile
from huying.geo.locate import Locator
from huying.sim.chance import Dice
from huying.sim.sameness import Arrival, PlaceOf, Report, Tally, arrivals, part, run, with_copies
from huying.store.packdir import read_pack
from huying.triage.alike import FEATURES, WEIGHTS, Pair, features
from huying.triage.duplicates import Duplicates

FILE_BYTES_MAX = 50_000_000
# Thresholds at which the labelled reports are run once more: what a city would choose among.
SWEPT = (0.1, 0.5, 0.9)
HOURS = 24.0
OPEN_CALLS = 10_000
# How places come: found in the words, as points with words, as points alone.
HOW = ("words", "points", "silent")
START = 1_772_416_800_000_000  # 2026-03-02 10:00 at UTC+8
# A little against weights that a few hundred pairs can't settle.
# Each look is timed so often and the quickest counts, because other programs run on the machine too.
TIMED = 3
RIDGE = 0.3
ROUNDS = 50


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("evaluate", "fit"))
    for verb in verbs.values():
        verb.add("file", metavar="FILE")
        verb.add("--pack", default=config.pack)
        verb.add("--hours", type=float, default=HOURS)
        verb.add("--seed", type=int, default=1)
        verb.add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    pack = read_pack(args.pack)
    reports = read_reports(Path(args.file), pack)
    # The same reports come in in many ways: each text is looked up once.
    place_of = cache(pack.once(Locator).place)
    if not 0.1 <= args.hours <= 10_000:
        raise Refusal("out_of_range", field="hours", low=0, high=10_000)
    if args.verb == "fit":
        return _fit(args, console, pack, reports, place_of)
    answer: dict[str, Any] = {}
    for (name, chosen), how in product(_sets(reports, args.seed).items(), HOW):
        for which in ("train", "dev", "test"):
            mine = [each for each in chosen if part(each.happening) == which]
            calls = arrivals(mine, pack, place_of, Dice(args.seed), args.hours, START, how)
            tally, _ = run(calls, pack)
            answer[f"{name}:{how}:{which}"] = _told(tally)
            console.say("cli.duplicates.evaluate.row", name=f"{name}:{how}:{which}", **_told(tally))
    calls = arrivals(reports, pack, place_of, Dice(args.seed), args.hours, START)
    for threshold in SWEPT:
        tally, _ = run(calls, pack.changed(duplicate_threshold=threshold))
        answer[f"labelled:all@{threshold}"] = _told(tally)
        console.say("cli.duplicates.evaluate.row", name=f"labelled:all@{threshold}", **_told(tally))
    speed = _speed(pack, calls, args.seed)
    console.say("cli.duplicates.evaluate.speed", open=OPEN_CALLS, **speed)
    console.answer({"sets": answer, "threshold": pack.duplicate_threshold, "open_calls": OPEN_CALLS, **speed})
    return Exit.OK


def _sets(reports: list[Report], seed: int) -> dict[str, list[Report]]:
    return {"labelled": reports, "generated": with_copies(reports, Dice(seed))}


def _told(tally: Tally) -> dict[str, Any]:
    counts: dict[str, Any] = {name: getattr(tally, name) for name in Tally.__struct_fields__}
    return counts | {"recall": tally.recall, "precision": tally.precision}


def _speed(pack: Pack, calls: list[Arrival], seed: int) -> dict[str, float]:
    """Milliseconds of one look among `OPEN_CALLS` open incidents spread over the gazetteer."""
    dice, index = Dice(seed), Duplicates(pack)
    rows, at = list(pack.places.values()), calls[-1].at
    for number in range(1, OPEN_CALLS + 1):
        call, row = calls[number % len(calls)], dice.one_of(rows)
        place = Place(row.lat + dice.between(-0.02, 0.02), row.lon + dice.between(-0.02, 0.02), error_m=50.0)
        if number % 2:
            place = call.place
        index.add(
            Incident(number, at - dice.below(1_800_000_000), call.type, 4, place=place, title=call.title)
        )
    took = []
    for call in calls:
        times = []
        for _ in range(TIMED):
            began = time.perf_counter()
            index.candidates(call.type, call.place, at, call.title)
            times.append((time.perf_counter() - began) * 1000)
        took.append(min(times))
    return {
        "remembered": len(index),
        "p50_ms": round(percentile(took, 0.5), 4),
        "p99_ms": round(percentile(took, 0.99), 4),
    }


def _fit(
    args: argparse.Namespace, console: Console, pack: Pack, reports: list[Report], place_of: PlaceOf
) -> Exit:
    """Logistic regression over the pairs of the train parts, by Newton's method."""
    rows: list[tuple[float, ...]] = []
    truth: list[float] = []

    def seen(pair: Pair, same: bool) -> None:
        rows.append(features(pair, pack.duplicate_m, pack.duplicate_s))
        truth.append(float(same))

    for chosen in _sets(reports, args.seed).values():
        mine = [each for each in chosen if part(each.happening) == "train"]
        for seed in range(args.seed, args.seed + 3):
            for how in HOW:
                run(arrivals(mine, pack, place_of, Dice(seed), args.hours, START, how), pack, seen)
    x, y = np.array(rows), np.array(truth)
    weights = np.array([WEIGHTS[name] for name in FEATURES]) * 0.0
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (p - y) + RIDGE * weights
        curve = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(len(FEATURES))
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    table = {name: round(float(value), 2) for name, value in zip(FEATURES, weights, strict=True)}
    console.say("cli.duplicates.fit.done", pairs=len(rows), same=int(y.sum()))
    for name, value in table.items():
        console.say("cli.duplicates.fit.row", name=name, value=value)
    console.answer({"pairs": len(rows), "same": int(y.sum()), "weights": table})
    return Exit.OK


def read_reports(path: Path, pack: Pack) -> list[Report]:
    """Rows of `id,text,type,duplicate_of,at`; other columns are not looked at."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise Refusal("phrases_unreadable", file=path.name, line=0)
        content = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("phrases_unreadable", file=path.name, line=0) from error
    reports = []
    for line, row in enumerate(csv.DictReader(io.StringIO(content)), 2):
        try:
            minutes = float(row["at"] or 0)
            if row["type"] not in pack.types or not isinstance(row["text"], str):
                raise ValueError(row["type"])
            happening = row["duplicate_of"] or row["id"]
            reports.append(Report(row["id"], happening, row["text"], row["type"], minutes))
        except (KeyError, ValueError, TypeError) as error:
            raise Refusal("phrases_unreadable", file=path.name, line=line) from error
    if not reports:
        raise Refusal("phrases_unreadable", file=path.name, line=1)
    return reports


COMMAND = Command("duplicates", 63, _run, _arguments)
