"""Asks the package registries whether a hole is known in anything that is locked and runs with the house.

    python tools/audit.py [--registry URL] [--dev]

Ends with 0 when none is known, 1 when one is, 3 when something could not be asked: of that nothing is known,
and that is said by name. An index that describes only the newest release of a package answers for what is
locked at the newest; npm is asked by its own client. Advisories that do not touch us stand in
requirements/advisories.csv, each with the reason and a day.
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


class NotThere(Exception):
    """The registry answers, and has no such page."""


def fetch(address: str) -> bytes:
    request = urllib.request.Request(address, headers={"Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return bytes(answer.read(ANSWER_MAX))
    except urllib.error.HTTPError as error:
        raise (NotThere if error.code in (404, 410) else Unreachable)(f"{address}: {error}") from error
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


class Index:
    """A package index, asked for the description of a release; one that has none, for the newest's."""

    def __init__(self, base: str, fetch: Fetch = fetch) -> None:
        self._base, self._fetch = base.rstrip("/"), fetch
        self._describes_releases: bool | None = None  # None until the first answer

    def holes(self, package: Package) -> list[dict[str, Any]] | None:
        """Advisories about this version that were not withdrawn; None when the index can't say."""
        if self._describes_releases is not False:
            try:
                page = self._page(f"{package.name}/{package.version}/json")
            except NotThere:
                pass  # a mirror without such pages, or one release that is gone
            else:
                self._describes_releases = True
                return _told(page)
        try:
            newest = self._page(f"{package.name}/json")
        except NotThere:
            return None
        self._describes_releases = bool(self._describes_releases)
        same = newest.get("info", {}).get("version") == package.version
        return _told(newest) if same else None

    def _page(self, path: str) -> dict[str, Any]:
        try:
            page = json.loads(self._fetch(f"{self._base}/{path}"))
        except ValueError as error:
            raise Unreachable(f"{self._base}: not JSON") from error
        if not isinstance(page, dict):
            raise Unreachable(f"{self._base}: not a description")
        return page


def _told(page: dict[str, Any]) -> list[dict[str, Any]] | None:
    known = page.get("vulnerabilities")
    if not isinstance(known, list):
        return None  # an index that tells of no advisories at all is no all-clear
    return [each for each in known if not each.get("withdrawn")]


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
    """Look at all, tell of each hole and of each that nobody could say anything about; the exit code."""
    index, found, unasked = Index(base, fetch), 0, []
    for package in packages:
        told = index.holes(package)
        if told is None:
            unasked.append(f"{package.name} {package.version}")
            continue
        for each in told:
            names = {each["id"], *each.get("aliases", [])}
            if not names.isdisjoint(id for name, id in known if name == package.name):
                continue
            found += 1
            fixed = ", ".join(each.get("fixed_in") or []) or "–"
            print(f"{package.name} {package.version}: {each['id']} → {fixed}  {each.get('summary') or ''}")
    print(f"{len(packages)} packages, {len(packages) - len(unasked)} asked about, {found} advisories")
    if unasked:
        not_audited(f"the index tells nothing of {len(unasked)} of these releases: {', '.join(unasked)}")
    return FOUND if found else UNKNOWN if unasked else OK


def not_audited(why: str) -> None:
    print(f"NOT AUDITED: {why}", file=sys.stderr)
    print("未审计：以上没能问到，是否有已知漏洞并不知道。", file=sys.stderr)


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
        said = " ".join((done.stderr or done.stdout).split())
        raise Unreachable(f"npm: {said[:200]}") from error
    print(f"npm: {counts['total']} advisories")
    return FOUND if counts["total"] else OK


def main(argv: list[str]) -> int:
    packages = [each for each in python_packages() if "--dev" in argv or not each.dev]
    worst = OK
    asked: tuple[Callable[[], int], ...] = (lambda: audit(packages, _base(argv), _accepted()), audit_npm)
    for ask in asked:
        try:
            said = ask()
        except (Unreachable, subprocess.TimeoutExpired) as error:
            not_audited(f"the registry could not be asked: {error}")
            said = UNKNOWN
        worst = FOUND if FOUND in (worst, said) else max(worst, said)
    return worst


def _base(argv: list[str]) -> str:
    return argv[argv.index("--registry") + 1] if "--registry" in argv else registry()


def _accepted() -> set[tuple[str, str]]:
    return accepted(ACCEPTED, datetime.date.today())  # noqa: TID251 - a tool, run by hand or by CI


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
