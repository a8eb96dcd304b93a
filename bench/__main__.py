"""`make bench`: every figure with its peer or limit of the same run, a JSON line each.

A module of this folder that has a function `rows()` yields `Row`s; `python -m bench store over_http` runs
only those named.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

MODULES = (
    "store",
    "over_http",
    "live",
    "screens",
    "policy",
    "record",
    "sealed",
    "understanding",
    "finding",
    "dispatch",
    "drills",
    "covering",
    "helps",
    "helps_line",
    "whole",
)


def main(names: list[str]) -> None:
    for name in names or MODULES:
        # For each anew: one that uses the tests' town has put their folder, with other names, before ours.
        sys.path.insert(0, str(Path(__file__).parent))
        for row in importlib.import_module(name).rows():
            print(row.line(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
