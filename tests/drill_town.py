"""The smallest pack with a drill, and what tests of drills read out of a run."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from huying.domain.facts import Fact
from huying.sim.drill.stage import Theatre
from huying.store.opening import open_questions
from pack_files import FILES

BRAWL = """
title = { zh = "打群架", en = "Brawl" }
about = { zh = "小县演练", en = "A small drill" }
day = 2026-03-02
start = "10:00"
hours = 2.0
warm_up_min = 30
calls_per_day = 0
takers = 2

[[wave]]
name = "brawl"
after_min = 10
calls = 12
over_min = 6
types = ["police.fight"]
places = ["west-market"]
spread_m = 60
words = [{ zh = "{p}打架，打群架了", en = "A brawl at {p}" }]
"""

# The same on a day on which other things happen too.
BUSY = BRAWL.replace("calls_per_day = 0", "calls_per_day = 240")


def made_town(folder: Path) -> str:
    """The smallest pack in `folder`, with two drills."""
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "drills").mkdir()
    (folder / "drills" / "brawl.toml").write_text(BRAWL, "utf-8")
    (folder / "drills" / "busy.toml").write_text(BUSY, "utf-8")
    return str(folder)


def quiet(calls: int, at: int) -> None: ...


def facts_of(store: str) -> list[Fact]:
    with closing(open_questions(store)) as questions:
        found: list[Fact] = []
        while page := questions.facts(found[-1].seq if found else 0, 200):
            found += page
    return found


def story(store: str) -> str:
    """Hash over all facts but the pack's own digest."""
    hashed = hashlib.sha256()
    for fact in facts_of(store):
        if fact.type != "pack.loaded":
            hashed.update(msgspec.json.encode((fact.type, fact.at, fact.actor, fact.stream, fact.body)))
    return hashed.hexdigest()[:16]


def with_fault(town: str, name: str, more: str, old: str = "", new: str = "") -> Theatre:
    """The town with one more drill; its theatre."""
    text = BRAWL.replace(old, new) if old else BRAWL
    (Path(town) / "drills" / f"{name}.toml").write_text(text + more, "utf-8")
    return Theatre(town)


def timeline(found: dict[str, Any], what: str) -> list[dict[str, Any]]:
    """Lines of a run's timeline of one kind."""
    return [each for each in found["timeline"] if each["what"] == what]
