"""A drill that people play: a process of its own, asked over HTTP as a browser does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from drill_town import BRAWL
from huying.base.refusal import Refusal
from huying.bootstrap import open_house
from huying.domain.drilling import BeginDrill
from huying.sim.drill.policies import POLICIES
from huying.web.drill import DrillShown
from pack_files import FILES
from web_client import open_web

ROOT = Path(__file__).resolve().parents[2]


class Player:
    """A browser that keeps its cookie and the headers of its last answer."""

    def __init__(self, house: str) -> None:
        self.house = house
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.headers: dict[str, str] = {}

    def ask(self, path: str, data: bytes | None = None, kind: str = "application/json") -> bytes:
        headers = {"Origin": self.house, "Content-Type": kind}
        asked = urllib.request.Request(self.house + path, data, headers)
        with self.opener.open(asked, timeout=120) as answer:
            self.headers = {key.lower(): value for key, value in answer.headers.items()}
            said: bytes = answer.read()
        return said

    def get(self, path: str) -> Any:
        return json.loads(self.ask(path))

    def press(self, role: str) -> str:
        form = "application/x-www-form-urlencoded"
        return self.ask("/sign-in/demo", f"role={role}".encode(), form).decode()

    def waits_for(self, path: str, what: Any) -> Any:
        for _ in range(300):
            found = self.get(path)
            if what(found):
                return found
            signal.sigtimedwait((), 0.1)
        raise AssertionError(f"{path}: {found}")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of a city in earnest, which the settings of the machine name."""
    store = tmp_path_factory.mktemp("city") / "city.sqlite"
    open_house(str(store), "starter").close()
    return store


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, city: Path) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("played")
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "drills").mkdir()
    # Forty simulated minutes are ten seconds: the clock of sessions runs as fast, so it can't go faster.
    (folder / "drills" / "brawl.toml").write_text(BRAWL.replace("hours = 2.0", "hours = 0.7"), "utf-8")
    told = ["--serve", "--pack", str(folder), "--port", "0", "--speed", "240x", "--seed", "7", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "huying", "drill", "run", "brawl", *told],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "HUYING_STORE": str(city)},
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["address"]
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode in (0, 130), said
    assert "Traceback" not in said


@pytest.mark.slow
def test_people_play_the_desk_and_see_the_score_and_what_would_have_been_better(
    address: str, city: Path
) -> None:
    player, before = Player(address), city.read_bytes()
    page = player.press("dispatcher")
    assert "演练" in page or "app" in page
    assert player.get("/api/session")["drill"] == "brawl"
    assert player.headers["huying-drill"] == "brawl"
    assert "演练" in player.ask("/plain").decode()
    assert "演练" in player.ask("/report").decode()
    # Red plays; nobody is sent until somebody decides.
    told = player.waits_for("/api/drill", lambda told: any(each["incident"] for each in told["timeline"]))
    fight = next(each["incident"] for each in told["timeline"] if each["what"] == "opened")
    assert fight in [each["id"] for each in player.get("/api/incidents?limit=50")["items"]]
    sent = json.dumps({"units": ["p1"]}).encode()
    player.ask(f"/api/incidents/{fight}/dispatch", sent)
    found = player.waits_for("/api/drill", lambda told: told["score"]["arrivals"]["2"]["came"] == 1)
    assert found["policy"] == "people"
    assert found["scenario"] == "brawl"
    assert list(found["waves"]) == ["brawl"]
    lines = [each["what"] for each in found["timeline"]]
    assert lines.index("called") < lines.index("sent") < lines.index("came")
    assert found["hindsight"] == [] or found["over"]
    # What would have been better is told when it is over.
    found = player.waits_for("/api/drill", lambda told: told["over"])
    assert found["now"] >= found["ends_at"]
    assert fight in [each["incident"] for each in found["hindsight"]]
    # Some seconds later the same drill has been played by every rule, and what is told has its shape.
    found = player.waits_for("/api/drill", lambda told: told["otherwise"])
    shown = msgspec.convert(found, DrillShown)
    assert shown.otherwise is not None
    assert {run.policy for run in shown.otherwise.runs} == set(POLICIES)
    assert all(run.score.arrivals["2"].came == 1 for run in shown.otherwise.runs)
    # The city's own journal, which the same machine keeps, has not heard of any of it.
    assert city.read_bytes() == before
    with pytest.raises(urllib.error.HTTPError):  # strangers see no score either
        Player(address).get("/api/drill")


def test_a_house_in_earnest_plays_no_drill() -> None:
    with open_web() as web:
        answer = web.client.get("/api/drill")
        assert answer.status_code == 404
        assert answer.json()["code"] == "no_drill"
        assert "huying-drill" not in answer.headers


def test_a_drills_journal_is_never_served_as_a_citys(tmp_path: Path) -> None:
    store = str(tmp_path / "drill.sqlite")
    open_house(store, "starter", drill=BeginDrill(scenario="x", seed=1)).close()
    with pytest.raises(Refusal, match="store_is_drill"):
        open_house(store, "starter")
    with pytest.raises(Refusal, match="store_not_empty"):  # and a city's never becomes a drill's
        other = str(tmp_path / "city.sqlite")
        open_house(other, "starter").close()
        open_house(other, "starter", drill=BeginDrill(scenario="x", seed=1))
