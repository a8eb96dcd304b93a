"""Writes the labelled reports that can be said anywhere into a pack's `demo/said.csv`: `{p}` for the place.

    python tools/said.py yunxi

A report is taken when its place is marked and none of the pack's other places is named in the rest of it.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Weight of all reports of a type together, by its priority: what is urgent is rare. A sentence that was
# written for the demo weighs one and more.
TOGETHER = {"1": 0.08, "2": 0.25, "3": 0.6, "4": 1.0, "5": 1.0}


def names_of(pack: Path) -> list[str]:
    """Names of places that would contradict the one that is put in."""
    names = set()
    with (pack / "places.csv").open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            names |= {row["name_zh"], row["name_en"].lower(), *row["aliases"].split("|")}
    return sorted(each for each in names if len(each) > 2)


def taken(lang: str, names: list[str]) -> list[tuple[str, str]]:
    """(type, words) of the reports of a language that can be said of another place."""
    found = []
    with (ROOT / "labelled" / lang / "reports.csv").open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            if not row["place_start"]:
                continue
            start, end = int(row["place_start"]), int(row["place_end"])
            rest = row["text"][:start] + "{p}" + row["text"][end:]
            if "{" in row["text"] or any(name in rest.lower() for name in names):
                continue
            found.append((row["type"], rest))
    return found


def main(name: str) -> None:
    pack = ROOT / "src" / "huying" / "packs" / name
    names = names_of(pack)
    with (pack / "types.csv").open(encoding="utf-8", newline="") as opened:
        priority = {row["code"]: row["priority"] for row in csv.DictReader(opened)}
    rows = [(type, lang, words) for lang in ("zh", "en") for type, words in taken(lang, names)]
    counts: dict[tuple[str, str], int] = {}
    for type, lang, _ in rows:
        counts[type, lang] = counts.get((type, lang), 0) + 1
    with (pack / "demo" / "said.csv").open("w", encoding="utf-8", newline="") as opened:
        out = csv.writer(opened, lineterminator="\n")
        out.writerow(("type", "lang", "weight", "places", "words"))
        for type, lang, words in sorted(set(rows)):
            share = 1.0 if lang == "zh" else 0.2
            weight = TOGETHER[priority[type]] * share / counts[type, lang]
            out.writerow((type, lang, f"{weight:.4f}", "", words))


if __name__ == "__main__":
    main(*sys.argv[1:])
