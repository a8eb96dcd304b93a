"""Writes the bill of materials (CycloneDX 1.6, JSON) of what is locked: what runs with the house, or all.

    python tools/sbom.py [FILE]          build/sbom.json, what runs with the house
    python tools/sbom.py --dev [FILE]    and what its tests and checks need

The same lock gives the same bytes: it has no time of making, and its number follows from the content.
"""

from __future__ import annotations

import json
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

from locked import ROOT, Package, npm_packages, python_packages

TARGET = ROOT / "build" / "sbom.json"


def bill(dev: bool = False, root: Path = ROOT) -> dict[str, Any]:
    """The document."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    packages = [each for each in (*python_packages(root), *npm_packages(root)) if dev or not each.dev]
    of_us = f"pkg:pypi/{project['name']}@{project['version']}"
    document: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": of_us,
                "name": project["name"],
                "version": project["version"],
                "purl": of_us,
                "licenses": [{"expression": project["license"]}],
            }
        },
        "components": [_component(each) for each in packages],
        "dependencies": [{"ref": of_us, "dependsOn": [each.purl for each in packages]}],
    }
    content = json.dumps(document, sort_keys=True)
    return document | {"serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}"}


def _component(package: Package) -> dict[str, Any]:
    group, _, name = package.name.rpartition("/")
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": name,
        "version": package.version,
        "purl": package.purl,
        "scope": "excluded" if package.dev else "required",
        "hashes": [{"alg": algorithm, "content": value} for algorithm, value in package.hashes],
        "licenses": [{"expression": package.licence}] if package.licence else [],
    }
    if group:
        made["group"] = group
    if package.when:
        made["properties"] = [{"name": "huying:when", "value": package.when}]
    return made


def main(argv: list[str]) -> int:
    dev = "--dev" in argv
    target = Path(next((each for each in argv if not each.startswith("-")), str(TARGET)))
    document = bill(dev)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{target}: {len(document['components'])}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
