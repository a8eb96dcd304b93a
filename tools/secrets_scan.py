"""Looks for secrets where they don't belong: in the files that git tracks, or in all that they ever were.

    python tools/secrets_scan.py               the files as they are
    python tools/secrets_scan.py --history     every line that any commit added

Ends with 1 when something was found, and shows where but not what. A line of a test that must look like a
secret says so with `not-a-secret` beside it.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FINE = "not-a-secret"
# Longer lines are data that a machine made.
LINE_MAX = 2_000
PATTERNS: dict[str, re.Pattern[str]] = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "key of this house": re.compile(r"\bhuying_[A-Za-z0-9_-]{43}\b"),
    "set-up link": re.compile(r"/set-up#[A-Za-z0-9_-]{43}\b"),
    "master key": re.compile(r"\b[0-9a-f]{64}:[0-9a-f]{64}\b"),
    "cloud key": re.compile(r"\b(?:AKIA|ASIA|LTAI|AKID)[A-Za-z0-9]{16,32}\b"),
    "token of a forge": re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20}|github_pat_\w{40,})"
    ),
    "token of a chat": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    "token of a model": re.compile(r"\bsk-[A-Za-z0-9_-]{32,}"),
    "signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    "password in an address": re.compile(r"\w+://[^\s/:@'\"{<…]+:(?!…)[^\s/@'\"{<]{6,}@[\w.-]+\.\w"),
}
# A value given to something called a secret, when it looks like chance.
_NAMED = re.compile(
    r"(?i)(?:secret|password|passwd|api_?key|token|private_?key)[\"']?\s*[:=]\s*[\"']([A-Za-z0-9+/=_-]{20,})[\"']"
)
# Bits a character from which a text of twenty characters and more is no word of any language.
CHANCE_BITS = 4.2
# Locks hold hashes of public files and nothing else.
SKIPPED = re.compile(r"^(?:requirements/(?:run|dev)\.txt|ui/package-lock\.json)$")


def bits(text: str) -> float:
    """Shannon entropy a character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def found_in(line: str) -> Iterator[str]:
    """The kinds of secrets that a line seems to hold."""
    if len(line) > LINE_MAX or FINE in line:
        return
    for kind, pattern in PATTERNS.items():
        if pattern.search(line):
            yield kind
    for value in _NAMED.findall(line):
        if bits(value) > CHANCE_BITS:
            yield "named secret"


def scan(lines: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(place, line) → (place, kind)."""
    for place, line in lines:
        for kind in found_in(line):
            yield place, kind


def tree(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    if listed.returncode:  # an unpacked archive
        names = [str(path.relative_to(root)) for path in root.rglob("*") if ".venv" not in path.parts]
    else:
        names = listed.stdout.decode().split("\0")
    for name in names:
        path = root / name
        if not name or SKIPPED.match(name) or not path.is_file():
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{name}:{number}", line


def history(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Lines that commits of any branch added."""
    told = ["git", "log", "--all", "-p", "--no-color", "--unified=0", "--no-renames", "--format=commit %h"]
    with subprocess.Popen(told, cwd=root, stdout=subprocess.PIPE, text=True, errors="replace") as log:
        assert log.stdout is not None
        commit = name = ""
        for line in log.stdout:
            if line.startswith("commit "):
                commit = line.split()[1]
            elif line.startswith("+++ "):
                name = line[4:].strip().removeprefix("b/")
            elif line.startswith("+") and not SKIPPED.match(name):
                yield f"{commit} {name}", line[1:].rstrip("\n")


def main(argv: list[str]) -> int:
    found = list(scan(history() if "--history" in argv else tree()))
    for place, kind in found:
        print(f"{place}: {kind}")
    print(f"{len(found)} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
