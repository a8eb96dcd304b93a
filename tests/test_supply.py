"""What the house is made of: every locked package has a licence, a line in the bill of materials and an audit
that says so when it could not be made; and no secret lies in the files."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import audit as tool  # noqa: E402
import locked  # noqa: E402
import sbom  # noqa: E402
import secrets_scan  # noqa: E402

_PERMISSIVE = """
0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BlueOak-1.0.0 CC0-1.0 ISC LLVM-exception MIT MIT-0 MIT-CMU PSF-2.0
Python-2.0 Unlicense Zlib
"""
PERMISSIVE = frozenset(_PERMISSIVE.split())
# Of the screens' own tools, none of which is in what a browser gets.
TOOLS_OF_THE_SCREENS = frozenset({"MPL-2.0"})


def parts(expression: str) -> set[str]:
    words = expression.replace("(", " ").replace(")", " ").split()
    return set(words) - {"AND", "OR", "WITH"}


# ── licences ────────────────────────────────────────────────────────────────────────────────────────────
def test_every_locked_package_has_a_licence_that_a_city_can_accept() -> None:
    known = locked.licences()
    names = {each.name for each in locked.python_packages()}
    assert names - known.keys() == set(), "add a row to requirements/licences.csv"
    assert known.keys() - names == set(), "no longer locked"
    for name, (licence, why) in known.items():
        assert licence, name
        assert parts(licence) <= PERMISSIVE or why, f"{name}: {licence} needs a reason"


def test_the_licences_are_what_the_packages_say_of_themselves() -> None:
    for name, (licence, _) in locked.licences().items():
        try:
            said = metadata.metadata(name)["License-Expression"]
        except metadata.PackageNotFoundError:
            continue
        assert not said or said == licence, name


def test_the_screens_bring_no_other_licence() -> None:
    packages = locked.npm_packages()
    if not packages:
        pytest.skip("the screens have no lock")
    for each in packages:
        fine = PERMISSIVE | (TOOLS_OF_THE_SCREENS if each.dev else frozenset())
        assert each.licence and parts(each.licence) <= fine, f"{each.name}: {each.licence}"


# ── the bill of materials ───────────────────────────────────────────────────────────────────────────────
def test_the_bill_of_materials_names_all_that_runs(tmp_path: Path) -> None:
    assert sbom.main([str(tmp_path / "deep" / "sbom.json")]) == 0
    document = json.loads((tmp_path / "deep" / "sbom.json").read_text("utf-8"))
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    refs = [each["bom-ref"] for each in document["components"]]
    assert len(refs) == len(set(refs))
    names = {each["name"] for each in document["components"]}
    assert {"litestar", "cryptography", "pillow"} <= names
    assert not {"pytest", "hypothesis"} & names
    for each in document["components"]:
        assert each["hashes"] and each["licenses"] and each["purl"].startswith("pkg:"), each["name"]
        assert all(set(hash["content"]) <= set("0123456789abcdef") for hash in each["hashes"])
    assert document["dependencies"][0]["dependsOn"] == refs
    assert sbom.bill() == sbom.bill(), "the same lock gives the same bytes"
    assert len(sbom.bill(dev=True)["components"]) > len(refs)


# ── the audit ───────────────────────────────────────────────────────────────────────────────────────────
class Registry(BaseHTTPRequestHandler):
    """One hole in `bad`, a withdrawn one in `fine`, no advisories told of `mute`; `newest` and `older` are
    described by their newest release only."""

    def do_GET(self) -> None:
        name, rest = self.path.split("/")[2], self.path.split("/")[3:]
        hole: dict[str, Any] = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fixed_in": ["2.0"], "summary": "x"}
        told: dict[str, Any] = {
            "bad": {"vulnerabilities": [hole]},
            "fine": {"vulnerabilities": [hole | {"withdrawn": "2026-01-01"}]},
            "mute": {"info": {}},
        }
        if rest == ["json"]:
            told = {
                "newest": {"info": {"version": "1.0"}, "vulnerabilities": [hole]},
                "older": {"info": {"version": "2.0"}, "vulnerabilities": []},
            }
        if name not in told:
            return self.send_error(404)
        body = json.dumps(told[name]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/pypi"
    server.shutdown()


def package(name: str) -> locked.Package:
    return locked.Package("pypi", name, "1.0")


def test_a_hole_is_told_and_fails(registry: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.audit([package("fine")], registry, set()) == tool.OK
    assert tool.audit([package("fine"), package("bad")], registry, set()) == tool.FOUND
    assert "bad 1.0: PYSEC-1 → 2.0" in capsys.readouterr().out


def test_an_advisory_that_was_looked_at_counts_again_after_its_day(registry: str, tmp_path: Path) -> None:
    path = tmp_path / "advisories.csv"
    path.write_text("package,advisory,until,why\nbad,CVE-1,2026-06-30,not called by us\n", "utf-8")
    known = tool.accepted(path, datetime.date(2026, 6, 30))
    assert tool.audit([package("bad")], registry, known) == tool.OK
    late = tool.accepted(path, datetime.date(2026, 7, 1))
    assert tool.audit([package("bad")], registry, late) == tool.FOUND
    path.write_text("package,advisory,until,why\nbad,CVE-1,2026-06-30, \n", "utf-8")
    assert tool.accepted(path, datetime.date(2026, 6, 1)) == set()


@pytest.mark.parametrize("name", ["mute", "unknown", "older"])
def test_a_registry_that_tells_nothing_is_no_all_clear(
    registry: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.audit([package(name), package("fine")], registry, set()) == tool.UNKNOWN
    assert f"{name} 1.0" in capsys.readouterr().err, "what could not be asked is said by name"


def test_an_index_that_describes_the_newest_release_answers_for_what_is_locked_at_it(registry: str) -> None:
    assert tool.audit([package("newest")], registry, set()) == tool.FOUND
    assert tool.audit([package("newest"), package("older")], registry, {("newest", "CVE-1")}) == tool.UNKNOWN
    assert tool.audit([package("older"), package("newest")], registry, set()) == tool.FOUND, (
        "a hole weighs more"
    )


def test_an_audit_that_could_not_be_made_says_so_and_does_not_pass() -> None:
    asked = [sys.executable, str(ROOT / "tools" / "audit.py"), "--registry", "http://127.0.0.1:9/pypi"]
    done = subprocess.run(
        asked, capture_output=True, text=True, check=False, timeout=120, env={"PATH": "/nowhere"}
    )
    assert done.returncode == tool.UNKNOWN, done.stdout + done.stderr
    assert "NOT AUDITED" in done.stderr and "未审计" in done.stderr


def test_what_was_accepted_is_locked_and_has_a_reason() -> None:
    names = {each.name for each in locked.python_packages()}
    for name, _ in tool.accepted(tool.ACCEPTED, datetime.date.min):
        assert name in names


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.slow
def test_no_file_holds_a_secret() -> None:
    assert list(secrets_scan.scan(secrets_scan.tree())) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("-----BEGIN EC " + "PRIVATE KEY-----", "private key"),
        ("Authorization: Bearer huying" + "_" + "aB3" * 14 + "x", "key of this house"),
        ("https://city.example/set-up" + "#" + "aB3" * 14 + "x", "set-up link"),
        ("HUYING_KEYS=" + "ab" * 32 + ":" + "cd" * 32, "master key"),
        ("id = AKIA" + "ABCDEFGHIJ123456", "cloud key"),
        ("token: ghp" + "_" + "a1B2" * 9, "token of a forge"),
        ("eyJhbGciOiJIUzI1" + ".eyJzdWIiOiIxMjM0" + ".c2lnbmF0dXJlLXNpZ25hdHVyZQ", "signed token"),
        ("postgresql://huying" + ":" + "Tr0ub4dor" + "@db.example.org/city", "password in an address"),
        ("client_secret = '" + "q9X2vB7mK4pL8sT1wZ6yR3nC5" + "'", "named secret"),
    ],
)
def test_secrets_of_each_kind_are_found_and_can_be_excused(line: str, kind: str) -> None:
    assert kind in list(secrets_scan.found_in(line))
    assert list(secrets_scan.found_in(f"{line}  # {secrets_scan.FINE}")) == []


def test_words_hashes_and_examples_are_no_secrets() -> None:
    for line in (
        "password = 'correct horse battery staple'",
        'hash = "' + "ab" * 32 + '"',
        "postgresql://user@host/database",
        "Authorization: Bearer huying_…",
        "token = settings.open311_tokens",
    ):
        assert list(secrets_scan.found_in(line)) == [], line


def test_a_secret_that_was_taken_out_again_is_found_in_the_history(tmp_path: Path) -> None:
    def git(*argv: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *argv], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "a.txt").write_text("-----BEGIN " + "PRIVATE KEY-----\n")
    git("add", "-A")
    git("commit", "-qm", "one")
    (tmp_path / "a.txt").write_text("clean\n")
    git("commit", "-qam", "two")
    assert list(secrets_scan.scan(secrets_scan.tree(tmp_path))) == []
    ((place, kind),) = secrets_scan.scan(secrets_scan.history(tmp_path))
    assert place.endswith(" a.txt") and kind == "private key"


def test_the_page_about_security_names_what_there_is() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    targets = (ROOT / "Makefile").read_text("utf-8")
    for name in ("sbom", "audit", "secrets", "soak"):
        assert f"make {name}" in page and f"\n{name}:" in targets
