"""`huying places evaluate`: how well the places that people say are found."""

from __future__ import annotations

import argparse
import csv
import io
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.exits import Exit
from huying.cli.parser import Arguments, Command
from huying.config import Config
from huying.domain.pack import Pack
from huying.geo.finding.judge import NOWHERE, Phrase, Score, judge, percentile
from huying.geo.finding.spots import Answer
from huying.geo.locate import Locator
from huying.store.packdir import read_pack

# Rows of a file of phrases; a person wrote them.
ROWS_MAX = 100_000
FILE_BYTES_MAX = 50_000_000
# Each phrase is timed so often and the quickest counts, because other programs run on the machine too.
TIMED = 3
SHOWN_MAX = 40

Point = tuple[float, float]
_POST = re.compile(r"(.+?)K([0-9]{1,4})\+([0-9]{3})")


def _arguments(add: Arguments, config: Config) -> None:
    verbs = add.groups(("evaluate",))
    verbs["evaluate"].add("file", metavar="FILE")
    verbs["evaluate"].add("--pack", default=config.pack)
    verbs["evaluate"].add("--failed", action="store_true")
    verbs["evaluate"].add("--json", action="store_true")


def _run(args: argparse.Namespace, console: Console) -> Exit:
    pack = read_pack(args.pack)
    locator = pack.once(Locator)
    phrases = read_phrases(Path(args.file), locator.codes_named, pack)
    took: list[float] = []

    def find(text: str, near: tuple[float, float] | None) -> Answer:
        times = []
        for _ in range(TIMED):
            began = time.perf_counter()
            answer = locator.find(text, near)
            times.append((time.perf_counter() - began) * 1000)
        took.append(min(times))
        return answer

    scores, failed = judge(find, phrases)
    speed = {"p50_ms": round(percentile(took, 0.5), 3), "p99_ms": round(percentile(took, 0.99), 3)}
    for name, score in scores.items():
        if score.phrases:
            console.say("cli.places.evaluate.row", name=name, **_counts(score))
    console.say("cli.places.evaluate.speed", **speed)
    if args.failed:
        for phrase, answer in failed[:SHOWN_MAX]:
            found = ", ".join(f"{each.code} {each.confidence}" for each in answer.candidates[:3]) or "–"
            meant = " ".join(phrase.codes) or str(phrase.point or NOWHERE)
            console.say(
                "cli.places.evaluate.miss", id=phrase.id, text=phrase.text[:80], meant=meant, found=found
            )
    console.answer(
        {
            "scores": {name: _counts(score) for name, score in scores.items()},
            "failed": [phrase.id for phrase, _ in failed],
            **speed,
        }
    )
    return Exit.OK


def _counts(score: Score) -> dict[str, Any]:
    counts: dict[str, Any] = {name: getattr(score, name) for name in Score.__struct_fields__}
    return counts | {"recall": score.recall, "recall_first": score.recall_first}


def read_phrases(path: Path, codes_named: Callable[[str], tuple[str, ...]], pack: Pack) -> list[Phrase]:
    """Rows of `id,text,kind,code,lat,lon,within_m,near,notes`; `id` and `text` are needed.

    `code` is what is meant (several: any of them, by `|`), `none` for no place here; `expected` the same by
    names; `lat`, `lon` a point and `within_m` how near to it is right; `near` the caller's point, "lat lon";
    the kind `outside`, or that word in `notes`, marks a place of another city.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise Refusal("phrases_unreadable", file=path.name, line=0)
        content = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("phrases_unreadable", file=path.name, line=0) from error
    rows: list[Phrase] = []
    for line, row in enumerate(csv.DictReader(io.StringIO(content)), 2):
        if len(rows) == ROWS_MAX:
            raise Refusal("phrases_unreadable", file=path.name, line=line)
        try:
            rows.append(_phrase(row, codes_named, pack))
        except (KeyError, ValueError, TypeError) as error:
            raise Refusal("phrases_unreadable", file=path.name, line=line) from error
    return rows


def _phrase(row: dict[str, str], codes_named: Callable[[str], tuple[str, ...]], pack: Pack) -> Phrase:
    if not isinstance(row["text"], str):
        raise ValueError(row["id"])
    codes = tuple(each for each in (row.get("code") or "").split("|") if each and each != NOWHERE)
    point = (float(row["lat"]), float(row["lon"])) if row.get("lat") else None
    for name in filter(None, (row.get("expected") or "").split("|")):
        named = codes_named(name)
        point = point or _between_posts(name, codes_named, pack)
        if not named and point is None:
            raise ValueError(name)
        codes += named
    notes = f"{row.get('kind')} {row.get('notes')}"
    return Phrase(
        id=row["id"],
        text=row["text"],
        kind=row.get("kind") or "",
        codes=codes,
        point=point,
        within_m=float(row.get("within_m") or 150),
        near=_point(row.get("near") or ""),
        outside="outside" in notes,
    )


def _between_posts(name: str, codes_named: Callable[[str], tuple[str, ...]], pack: Pack) -> Point | None:
    """A post that the gazetteer doesn't list, straight between the two listed ones beside it."""
    found = _POST.fullmatch(name)
    if found is None or codes_named(name):
        return None
    at = int(found[2]) + int(found[3]) / 1000
    posts = []
    for row in pack.places.values():
        other = _POST.fullmatch(row.name.get("zh", ""))
        if other is not None and other[1] == found[1]:
            posts.append((int(other[2]) + int(other[3]) / 1000, row.lat, row.lon))
    below, above = [each for each in posts if each[0] <= at], [each for each in posts if each[0] >= at]
    if not below or not above:
        return None
    a, b = max(below), min(above)
    share = (at - a[0]) / (b[0] - a[0]) if b[0] > a[0] else 0.0
    return a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share


def _point(said: str) -> tuple[float, float] | None:
    if not said:
        return None
    lat, lon = said.split()
    return float(lat), float(lon)


COMMAND = Command("places", 62, _run, _arguments)
