"""Plans worked out over HTTP: in a process of its own, one at a time, and put on the table then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from huying.edge import planner
from web_client import Web, open_web, person

WORK = "/api/plans/work"
PATIENCE_S = 200


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with pytest.MonkeyPatch.context() as patch, open_web(pack="starter") as opened:
        # Fewer weeks of their own are tried, and not after everything else that this machine does.
        patch.setattr(planner, "SEEDS", 4)
        patch.setattr(planner, "NICER", 0)
        yield opened


def worked(web: Web, **asked: Any) -> Any:
    status, told = web.post(WORK, {"source": "rhythm", **asked})
    assert status == 202 and told["status"] == "running", told
    for _ in range(PATIENCE_S * 5):
        told = web.get(WORK)[1]
        if told["status"] != "running":
            return told
        time.sleep(0.2)
    raise AssertionError("it was not worked out")


@pytest.mark.slow
def test_posts_are_worked_out_changed_tried_proposed_and_adopted_by_another(web: Web) -> None:
    told = worked(web, kind="posts", ability="patrol")
    assert told["status"] == "done", told
    made = told["made"]
    today, *_, best = made["options"]
    assert (today["name"], best["name"]) == ("today", "best")
    assert all(low <= mean <= high for mean, low, high in (best["mean_s"], best["within"]))
    own = [{"post": "by the bridge", "lat": made["posts"][0]["lat"], "lon": made["posts"][0]["lon"] + 0.01}]
    tried = worked(web, kind="posts", ability="patrol", own=own)["made"]
    assert [each["name"] for each in tried["options"]] == ["today", "own"]
    assert tried["posts"][0]["post"] == "by the bridge"
    post = own[0] | {"unit": tried["posts"][0]["units"][0]}
    status, plan = web.post("/api/plans", {"kind": "posts", "title": "Bridge", "posts": [post]})
    assert status == 200, plan
    other = person(web, "supervisor", "other")
    assert web.post(f"/api/plans/{plan['plan_id']}/adopt", {"why": "Seen"}, auth=other)[0] == 200


@pytest.mark.slow
def test_shifts_come_with_a_roster_and_one_thing_is_worked_out_at_a_time(web: Web) -> None:
    status, _ = web.post(WORK, {"kind": "shifts", "source": "rhythm", "ability": "patrol", "wait": 0.2})
    assert status == 202
    status, told = web.post(WORK, {"kind": "posts", "source": "rhythm"})
    assert (status, told["code"]) == (409, "planner_busy")
    for _ in range(PATIENCE_S * 5):
        told = web.get(WORK)[1]
        if told["status"] != "running":
            break
        time.sleep(0.2)
    made = told["made"]
    assert {each["unit"]: each["before"] for each in made["roster"]} == {"car-1": []}
    assert len(made["hours"]) == 168 and {each["shift"] for each in made["shifts"]} == {"day", "night"}
    tried = worked(web, kind="shifts", ability="patrol", own_crews={"day": 3, "night": 1})["made"]
    assert {each["shift"]: each["crews"] for each in tried["shifts"]} == {"day": 3, "night": 1}
    assert tried["short"] == {"day": 2}


def test_what_cannot_be_worked_out_is_refused(web: Web) -> None:
    for asked, code in (
        ({"kind": "magic"}, "unknown_code"),
        ({"kind": "posts", "source": "stars"}, "unknown_code"),
        ({"kind": "posts", "source": "calls"}, "plan_in_memory"),
        ({"kind": "paces"}, "plan_in_memory"),
        ({"kind": "posts", "crews": -1}, ""),
        ({"kind": "posts", "own": [{"post": "x", "lat": 999, "lon": 0}]}, ""),
        ({"kind": "posts", "ability": "--store=x"}, ""),
        ({"kind": "posts", "colour": "red"}, ""),
    ):
        status, told = web.post(WORK, asked)
        assert 400 <= status < 500 and told["code"] and told["detail"], told
        assert not code or told["code"] == code
    assert web.post(WORK, {"kind": "posts"}, auth=person(web, "call_taker"))[0] == 403
    assert web.get(WORK, auth=person(web, "analyst"))[0] == 200
    assert web.get(WORK, auth=person(web, "clerk", agency="water"))[0] == 403


@pytest.mark.slow
def test_what_the_command_refuses_is_said_in_the_askers_language(web: Web) -> None:
    told = worked(web, kind="posts", ability="fly")
    assert told["status"] == "refused" and told["refusal"]["code"] == "unknown_code"
    assert told["refusal"]["sentence"] and told["refusal"]["todo"]
