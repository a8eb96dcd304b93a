"""Asks the package registries whether a hole is known in anything that is locked and runs with the house.

    python tools/audit.py [--registry URL] [--dev]

Ends with 0 when none is known, 1 when one is, 3 when a registry could not be asked: then nothing is known,
and that is said. Advisories that do not touch us stand in requirements/advisories.csv, each with the reason
and a day.
"""

from __future__ import annotations

import csv
import datetime
import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from locked import ROOT, Package, python_packages

OK, FOUND, UNKNOWN = 0, 1, 3
ACCEPTED = ROOT / "requirements" / "advisories.csv"
TIMEOUT_S = 20
# An answer of a registry holds the whole description of a package; the longest are some MB.
ANSWER_MAX = 20_000_000
Fetch = Callable[[str], bytes]


class Unreachable(Exception):
    """Why a registry could not be asked."""


def fetch(address: str) -> bytes:
    request = urllib.request.Request(address, headers={"Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return bytes(answer.read(ANSWER_MAX))
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise Unreachable(f"{address}: {error}") from error


def registry() -> str:
    """Where pip gets packages, as the address of its JSON interface."""
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    if said.rstrip("/").endswith("/simple"):
        return said.rstrip("/").removesuffix("/simple") + "/pypi"
    if said:
        return said.rstrip("/")
    try:
        from pip._internal.models.index import PyPI
    except ImportError as error:
        raise Unreachable("no pip") from error
    return str(PyPI.pypi_url)


def holes(package: Package, base: str, fetch: Fetch = fetch) -> list[dict[str, Any]]:
    """Advisories about this version that were not withdrawn."""
    raw = fetch(f"{base.rstrip('/')}/{package.name}/{package.version}/json")
    try:
        known = json.loads(raw)["vulnerabilities"]
        return [each for each in known if not each.get("withdrawn")]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreachable(f"{base}: this registry tells of no advisories") from error


def accepted(path: Path, today: datetime.date) -> set[tuple[str, str]]:
    """(package, advisory) that somebody has looked at; after its day it counts again."""
    if not path.exists():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {
        (row["package"], row["advisory"])
        for row in rows
        if row["why"].strip() and today <= datetime.date.fromisoformat(row["until"])
    }


def audit(packages: list[Package], base: str, known: set[tuple[str, str]], fetch: Fetch = fetch) -> int:
    """Look at all, tell of each hole; the exit code. The first address that fails ends it."""
    found = 0
    for package in packages:
        for each in holes(package, base, fetch):
            names = {each["id"], *each.get("aliases", [])}
            if not names.isdisjoint(id for name, id in known if name == package.name):
                continue
            found += 1
            fixed = ", ".join(each.get("fixed_in") or []) or "–"
            print(f"{package.name} {package.version}: {each['id']} → {fixed}  {each.get('summary') or ''}")
    print(f"{len(packages)} packages, {found} advisories")
    return FOUND if found else OK


def audit_npm(root: Path = ROOT) -> int:
    """The same by npm's own client; OK where the screens have no lock."""
    if not (root / "ui" / "package-lock.json").exists():
        return OK
    npm = shutil.which("npm")
    if npm is None:
        raise Unreachable("no npm")
    asked = [npm, "audit", "--json", "--omit=dev", "--package-lock-only"]
    done = subprocess.run(asked, cwd=root / "ui", capture_output=True, text=True, check=False, timeout=120)
    try:
        counts = json.loads(done.stdout)["metadata"]["vulnerabilities"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreachable(f"npm: {(done.stderr or done.stdout).strip()[-200:]}") from error
    print(f"npm: {counts['total']} advisories")
    return FOUND if counts["total"] else OK


def main(argv: list[str]) -> int:
    packages = [each for each in python_packages() if "--dev" in argv or not each.dev]
    worst = OK
    asked: tuple[Callable[[], int], ...] = (lambda: audit(packages, _base(argv), _accepted()), audit_npm)
    for ask in asked:
        try:
            worst = max(worst, ask())
        except (Unreachable, subprocess.TimeoutExpired) as error:
            print(f"NOT AUDITED, the registry could not be asked: {error}", file=sys.stderr)
            print("未审计：问不到软件仓库，依赖是否有漏洞并不知道。", file=sys.stderr)
            worst = UNKNOWN if worst == OK else worst
    return worst


def _base(argv: list[str]) -> str:
    return argv[argv.index("--registry") + 1] if "--registry" in argv else registry()


def _accepted() -> set[tuple[str, str]]:
    return accepted(ACCEPTED, datetime.date.today())  # noqa: TID251 - a tool, run by hand or by CI


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
