"""What is locked: packages of Python from requirements/*.txt, of the screens from ui/package-lock.json."""

from __future__ import annotations

import base64
import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LICENCES = ROOT / "requirements" / "licences.csv"
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)\s*(?:;\s*(.*?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Package:
    """`kind` pypi or npm; `hashes` as (algorithm, hex) of every artifact that may be installed; `when` is the
    marker under which it is; `dev` what runs with the tests only; `licence` SPDX, empty when not stated."""

    kind: str
    name: str
    version: str
    hashes: tuple[tuple[str, str], ...] = ()
    when: str = ""
    dev: bool = False
    licence: str = ""

    @property
    def purl(self) -> str:
        return f"pkg:{self.kind}/{self.name.replace('@', '%40')}@{self.version}"


def licences(path: Path = LICENCES) -> dict[str, tuple[str, str]]:
    """Package → (SPDX expression, why it is accepted although it is not permissive)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["package"]: (row["licence"], row["why"]) for row in rows}


def python_packages(root: Path = ROOT) -> list[Package]:
    """Of both locks; what is in run.txt runs with the house."""
    known = licences(root / "requirements" / "licences.csv")
    run = {(each[0], each[1]) for each in _pins(root / "requirements" / "run.txt")}
    return [
        Package(
            "pypi",
            name,
            version,
            hashes,
            when,
            dev=(name, version) not in run,
            licence=known.get(name, ("", ""))[0],
        )
        for name, version, when, hashes in _pins(root / "requirements" / "dev.txt")
    ]


def _pins(path: Path) -> list[tuple[str, str, str, tuple[tuple[str, str], ...]]]:
    found: list[tuple[str, str, str, list[tuple[str, str]]]] = []
    for line in path.read_text("utf-8").splitlines():
        if pin := _PIN.match(line):
            found.append((pin[1].lower(), pin[2], pin[3] or "", []))
        elif found and (hash := _HASH.search(line)):
            found[-1][3].append(("SHA-256", hash[1]))
    return [(name, version, when, tuple(hashes)) for name, version, when, hashes in found]


def npm_packages(root: Path = ROOT) -> list[Package]:
    """None where the screens have no lock."""
    path = root / "ui" / "package-lock.json"
    if not path.exists():
        return []
    packages = json.loads(path.read_text("utf-8"))["packages"]
    found = {}
    for place, each in packages.items():
        name = place.rpartition("node_modules/")[2]
        if not name or each.get("link"):
            continue
        package = Package(
            "npm",
            name,
            each["version"],
            _integrity(each.get("integrity", "")),
            dev=bool(each.get("dev")),
            licence=each.get("license", ""),
        )
        found[package.purl] = package
    return [found[purl] for purl in sorted(found)]


def _integrity(said: str) -> tuple[tuple[str, str], ...]:
    """`sha512-…` in base64, as npm writes it."""
    hashes = []
    for part in said.split():
        name, _, value = part.partition("-")
        hashes.append((name.upper().replace("SHA", "SHA-"), base64.b64decode(value).hex()))
    return tuple(hashes)
