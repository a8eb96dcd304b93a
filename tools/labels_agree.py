"""How far two labellers agree who have not seen each other's labels: Cohen's kappa for each label.

    python tools/labels_agree.py                 every folder of labelled/ with a second.csv

Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960; for
priorities the weighted form with squared distances (Psychological Bulletin 70, 1968).
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LABELS = ("type", "group", "police", "priority", "scam")


def kappa(
    pairs: Sequence[tuple[str, str]], far: Callable[[str, str], float] = lambda a, b: float(a != b)
) -> float:
    """1 for full agreement, 0 for what chance gives; `far` is how bad a difference is."""
    n = len(pairs)
    one, two = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = sum(far(a, b) for a, b in pairs) / n
    chance = sum(far(a, b) * one[a] * two[b] for a in one for b in two) / n**2
    return 1.0 if chance == 0 else 1.0 - seen / chance


def rows(file: Path) -> dict[str, dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        found = {row["id"]: row for row in csv.DictReader(opened)}
    for row in found.values():
        row["group"] = row["type"].partition(".")[0]
    return found


def agreement(folder: Path) -> tuple[int, int, dict[str, tuple[float, float]]]:
    """(reports, labelled twice, label → (kappa, share that is equal))."""
    first, second = rows(folder / "reports.csv"), rows(folder / "second.csv")
    both = [id for id in first if id in second]
    found = {}
    for label in LABELS:
        pairs = [(first[id][label], second[id][label]) for id in both]
        far = (lambda a, b: float(int(a) - int(b)) ** 2) if label == "priority" else None
        value = kappa(pairs, far) if far else kappa(pairs)
        found[label] = value, sum(a == b for a, b in pairs) / len(pairs)
    return len(first), len(both), found


def main() -> int:
    for file in sorted((ROOT / "labelled").glob("*/second.csv")):
        reports, both, found = agreement(file.parent)
        print(f"{file.parent.name}: {both} of {reports} reports labelled twice")
        for label, (value, equal) in found.items():
            kind = "weighted kappa" if label == "priority" else "kappa"
            print(f"  {label:9} {kind} {value:.3f}   equal {equal:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
