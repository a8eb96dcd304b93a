"""The page on the journal's format is exact: its verifier, as it stands, finds every kind of tampering."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from huying.domain.facts import FACTS, Fact, NoteAdded
from huying.service.ports import Batch
from huying.store import tree
from huying.store.opening import open_store
from huying.system import SystemChance

DOCS = Path(__file__).resolve().parent.parent / "docs"
# Three tiles of level 0 and one of level 1, the last of each unfinished.
COUNT = 600
OTHER_WORDS = """
    UPDATE fact SET payload = CAST(replace(CAST(payload AS TEXT), '“7”', '“8”') AS BLOB) WHERE seq = 7
"""


def page(lang: str) -> str:
    return (DOCS / lang / "journal.md").read_text("utf-8")


def verifier(lang: str) -> str:
    (code,) = re.findall(r"^```python\n(.*?)^```", page(lang), re.MULTILINE | re.DOTALL)
    return str(code)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store of two streams with awkward words, and the root that the house itself computes."""
    path = tmp_path_factory.mktemp("journal") / "city.sqlite"
    opened = open_store(str(path), SystemChance(), {})
    for first in range(1, COUNT + 1, 200):
        opened.store.begin()
        opened.store.commit(Batch(facts=[note(seq) for seq in range(first, first + 200)]))
    opened.close()
    with sqlite3.connect(path) as journal:
        hashes = {(level, n): packed for level, n, packed in journal.execute("SELECT * FROM tile")}
    return path, tree.root(COUNT, lambda level, n: hashes[level, n]).hex()


def note(seq: int) -> Fact:
    words = f"“{seq}” \\ \t \x01 漏水 😀"
    return Fact(
        seq=seq,
        stream=1 + (seq + 1) % 2,
        version=(seq + 1) // 2,
        type="incident.note_added",
        at=1_780_000_000_000_000 + seq,
        actor='desk:"王"',
        purpose="answer",
        body=NoteAdded(words=words),
    )


def verify(path: Path, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", verifier(lang), str(path)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_verifier_agrees_with_the_house(written: tuple[Path, str], lang: str) -> None:
    path, root = written
    assert verify(path, lang).stdout.split() == [str(COUNT), root]


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        (OTHER_WORDS, "fact 7: changed"),
        ("UPDATE fact SET actor = 'somebody' WHERE seq = 300", "fact 300: changed"),
        ("UPDATE fact SET at = at + 1 WHERE seq = 600", "fact 600: changed"),
        ("DELETE FROM fact WHERE seq = 20", "fact 20: out of order"),
        ("DELETE FROM fact WHERE seq = 600", "fact 600: missing"),
        ("UPDATE fact SET at = at - 9 WHERE seq = 9", "fact 9: out of order"),
    ],
)
def test_the_verifier_finds_tampering(
    written: tuple[Path, str], tmp_path: Path, tampering: str, found: str
) -> None:
    copy = tampered(written[0], tmp_path, tampering)
    done = verify(copy)
    assert done.returncode == 1
    assert done.stderr.startswith(found)


def test_what_retention_erased_still_verifies(written: tuple[Path, str], tmp_path: Path) -> None:
    path, root = written
    with sqlite3.connect(path) as journal:
        payload, salt = journal.execute("SELECT payload, salt FROM fact WHERE seq = 5").fetchone()
    digest = sha256(salt + payload).hexdigest()
    erasing = f"UPDATE fact SET payload = NULL, salt = NULL, digest = x'{digest}' WHERE seq = 5"
    assert verify(tampered(path, tmp_path, erasing)).stdout.split() == [str(COUNT), root]


def tampered(path: Path, folder: Path, statement: str) -> Path:
    copy = folder / "copy.sqlite"
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as journal:
        source.backup(journal)
        journal.execute(statement)
    return copy


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_lists_every_fact_with_its_fields(lang: str) -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| [^|]+ \| ([^|]+) \|$", page(lang), re.MULTILINE))
    listed = {name: tuple(re.findall(r"`(\w+)`", rows.get(name, ""))) for name in FACTS}
    assert listed == {name: payload.__struct_fields__ for name, payload in FACTS.items()}
