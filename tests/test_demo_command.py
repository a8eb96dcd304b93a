"""`huying demo` as a newcomer starts it: a process of its own, asked over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from huying.base.clock import ManualClock
from huying.base.text import LANGUAGES
from huying.bootstrap import open_house
from huying.domain.account import by_code, demo_code
from huying.domain.commands import ReceiveCall
from huying.domain.principal import Role
from huying.service.intake import understand
from huying.sim.demo import open_accounts
from huying.words import load_words
from tiny_pack import MONDAY_10
from town import Dice

ROOT = Path(__file__).resolve().parent.parent


class Visitor:
    """A browser that keeps its cookie."""

    def __init__(self, house: str) -> None:
        self.house = house
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def get(self, path: str) -> Any:
        with self.opener.open(self.house + path, timeout=120) as answer:
            return json.load(answer)

    def press(self, role: str) -> str:
        """Press the button of a role; the page that comes then."""
        asked = urllib.request.Request(
            f"{self.house}/sign-in/demo", f"role={role}&next=/plain".encode(), {"Origin": self.house}
        )
        with self.opener.open(asked, timeout=120) as answer:
            return str(answer.read().decode())


def test_the_tours_call_comes_to_the_clerk_whom_a_visitor_may_be() -> None:
    """In both languages, and written as the tour says it."""
    with closing(open_house(":memory:", "yunxi", ManualClock(MONDAY_10), Dice())) as house:
        open_accounts(house)
        clerk = house.questions.account_by(by_code(demo_code(Role.CLERK)))
        crew = house.questions.account_by(by_code(demo_code(Role.UNIT)))
        assert crew is not None and crew.unit in house.pack.units
        for lang in LANGUAGES:
            words = load_words().say("tour.report.words", lang)
            told = understand(house.house, ReceiveCall(channel="web", words=words, lang=lang))
            assert clerk is not None and house.pack.type_of(told.suggestion.type).agency == clerk.agency
            assert told.place.point is not None, "and the place is found"


@pytest.mark.slow
def test_the_demo_county_opens_lives_and_stops(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "huying", "demo", "--port", "0", "--speed", "30x", "--json"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    try:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        visitor = Visitor(address)
        assert "演示县" in visitor.press("dispatcher")
        assert visitor.get("/api/session")["demo"] is True
        head = visitor.get("/healthz")["head"]
        page = visitor.get("/api/incidents?limit=50")
        assert len(page["items"]) == 50
        assert len({each["type"].split(".")[0] for each in page["items"]}) >= 5
        for _ in range(200):
            now = visitor.get("/healthz")["head"]
            if now > head + 5:
                break
            signal.sigtimedwait((), 0.1)
        assert now > head + 5  # it lives
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode in (0, 130), said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []  # nothing is left behind
