"""Crews of the county that lives wait where an adopted plan has them, and go back when it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from huying.base.clock import HOUR
from huying.domain.commands import Envelope
from huying.domain.deployment import AdoptDeployment, EndDeployment, Posting, ProposeDeployment
from test_living import County
from tiny_pack import IN_EAST, MONDAY_10


def test_an_adopted_post_is_driven_to_and_its_end_sends_home(tmp_path: Path) -> None:
    county = County(str(tmp_path / "county.sqlite"))
    county.clock.at = MONDAY_10 + HOUR
    writer = county.open_writer()
    county.living.heard = county.opened.questions.head().seq
    writer.submit(Envelope(AdoptDeployment(plan=1, why="no such"), actor="b")).exception(10)

    def send(command: object, actor: str) -> dict[str, int]:
        return writer.submit(Envelope(command, actor=actor)).result(10).answer  # type: ignore[arg-type]

    def where(unit: str) -> tuple[float, float]:
        found = next(each for each in county.opened.questions.units() if each.code == unit)
        return found.lat, found.lon

    home = where("p1")
    posts = (Posting("east-village", *IN_EAST, "p1", ("night",)),)
    plan = send(ProposeDeployment(kind="posts", title="East", posts=posts), "a")["plan_id"]
    county.goes_on(writer, 2)
    assert where("p1") == home
    send(AdoptDeployment(plan=plan, why="Calls come from there"), "b")
    county.goes_on(writer, 40)
    assert where("p1") == pytest.approx(IN_EAST, abs=1e-3)
    assert county.living.posted.pack.units["p1"].shifts == ("night",)
    send(EndDeployment(plan=plan, why="Winter"), "b")
    county.goes_on(writer, 40)
    assert where("p1") == pytest.approx(home, abs=1e-3)
    county.close()
