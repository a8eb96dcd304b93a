"""Plans of deployment over HTTP: proposed, edited, adopted; units wait and work by them then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from huying.base.clock import HOUR
from huying.edge.instants import iso
from tiny_pack import EAST_STATION, IN_EAST, WEST_STATION
from web_client import Web, open_web, person

POST = {"post": "east-village", "lat": IN_EAST[0], "lon": IN_EAST[1], "unit": "p1", "shifts": ["day"]}


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


def propose(web: Web, *posts: dict[str, Any], **more: Any) -> tuple[int, Any]:
    body = {"kind": "posts", "title": "Car 1 to the village", "posts": list(posts), **more}
    return web.post("/api/plans", body)


def proposed(web: Web, *posts: dict[str, Any], **more: Any) -> int:
    status, told = propose(web, *posts, **more)
    assert status == 200, told
    return int(told["plan_id"])


def adopt(web: Web, plan: int, why: str, **more: Any) -> tuple[int, Any]:
    """By another than who has proposed it."""
    return web.post(f"/api/plans/{plan}/adopt", {"why": why, **more}, auth=person(web, "supervisor", "other"))


def test_a_plan_changes_nothing_before_it_is_adopted_and_its_posts_afterwards(web: Web) -> None:
    plan = proposed(web, POST, figures={"covered_before": 0.5, "covered_after": 0.7}, why="Calls of autumn")
    told = web.get(f"/api/plans/{plan}")[1]
    assert (told["status"], told["in_force"]) == ("proposed", False)
    assert told["plan"]["figures"]["covered_after"] == 0.7
    incident = web.call("被偷", lat=IN_EAST[0], lon=IN_EAST[1])["incident_id"]
    web.clock.at += 11 * HOUR  # night: the plan puts p1 on the day shift only
    before = web.get(f"/api/incidents/{incident}/recommendation")[1]
    own = web.post(f"/api/plans/{plan}/adopt", {"why": "Agreed with myself"})
    assert (own[0], own[1]["code"]) == (409, "plan_own")
    status, told = adopt(web, plan, "Agreed at the morning meeting")
    assert status == 200, told
    assert web.get(f"/api/plans/{plan}")[1]["status"] == "adopted"
    after = web.get(f"/api/incidents/{incident}/recommendation")[1]
    assert {each["unit"] for each in before["lines"]} == {"p2"} == {each["unit"] for each in after["lines"]}
    assert web.post("/api/units/p2/status", {"status": "out_of_service", "why": "tyre"})[0] == 200
    gone = web.get(f"/api/incidents/{incident}/recommendation")[1]
    assert [each["unit"] for each in gone["lines"]] == ["p3"]  # on foot: p1 is not on at night any more
    web.post("/api/units/p2/status", {"status": "available"})
    assert web.post(f"/api/plans/{plan}/end", {"why": "Winter"})[0] == 200
    back = web.get(f"/api/plans/{plan}")[1]
    assert (back["status"], back["in_force"]) == ("ended", False)
    assert plan not in [each["plan"]["id"] for each in web.get("/api/plans")[1]["items"]]
    assert plan in [each["plan"]["id"] for each in web.get("/api/plans?ended=true")[1]["items"]]


def test_a_plan_opens_on_the_map(web: Web) -> None:
    plan = proposed(web, POST, {"post": "west-post", "lat": WEST_STATION[0], "lon": WEST_STATION[1]})
    told = web.get(f"/api/plans/{plan}/map")[1]
    assert told["type"] == "FeatureCollection"
    kinds = [(each["geometry"]["type"], each["properties"]["what"]) for each in told["features"]]
    assert kinds == [("Point", "post"), ("LineString", "moved"), ("Point", "post")]
    assert told["features"][0]["geometry"]["coordinates"] == [IN_EAST[1], IN_EAST[0]]
    assert told["features"][0]["properties"]["name"]["en"] == "East Brook Village"


def test_two_who_edit_do_not_overwrite_each_other(web: Web) -> None:
    plan = proposed(web, POST)
    other = {"post": "east-post", "lat": EAST_STATION[0], "lon": EAST_STATION[1], "unit": "p1"}
    status, told = web.post(f"/api/plans/{plan}/edit", {"version": 1, "posts": [other]})
    assert status == 200 and told["version"] == 2
    status, told = web.post(f"/api/plans/{plan}/edit", {"version": 1, "title": "Mine"})
    assert (status, told["code"]) == (409, "changed_meanwhile")
    shown = web.get(f"/api/plans/{plan}")[1]["plan"]
    assert [each["post"] for each in shown["posts"]] == ["east-post"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "magic"}, "unknown_code"),
        ({"title": " "}, "plan_empty"),
        ({"posts": []}, "plan_empty"),
        ({"posts": [POST, POST]}, "plan_unit_twice"),
        ({"posts": [{**POST, "unit": "p9"}]}, "not_found"),
        ({"posts": [{**POST, "shifts": ["dawn"]}]}, "unknown_code"),
        ({"posts": [{**POST, "lat": 95.0}]}, "outside_world"),
        ({"posts": [{**POST, "colour": "red"}]}, "bad_field"),
        ({"posts": [], "wanted": [{"shift": "day", "ability": "fly", "crews": 1}]}, "unknown_code"),
        ({"posts": [], "wanted": [{"shift": "day", "ability": "patrol", "crews": -1}]}, "out_of_range"),
    ],
)
def test_what_cannot_be_is_refused(web: Web, change: dict[str, Any], code: str) -> None:
    body = {"kind": "posts", "title": "Plan", "posts": [POST], **change}
    status, told = web.post("/api/plans", body)
    assert 400 <= status < 500 and told["code"] and told["detail"], told
    if code not in ("outside_world", "bad_field"):
        assert told["code"] == code


def test_only_a_supervisor_decides_and_what_is_over_stays_over(web: Web) -> None:
    plan = proposed(web, POST)
    taker = person(web, "call_taker")
    assert web.get(f"/api/plans/{plan}", auth=taker)[0] == 200
    status, told = web.post(f"/api/plans/{plan}/adopt", {"why": "Mine"}, auth=taker)
    assert (status, told["code"]) == (403, "not_allowed")
    assert adopt(web, plan, " ")[1]["code"] == "why_missing"
    assert adopt(web, plan, "Late", since_at=iso(web.clock.at - HOUR))[1]["code"] == "plan_past"
    assert adopt(web, plan, "Yes")[0] == 200
    assert web.post(f"/api/plans/{plan}/edit", {"title": "Other"})[1]["code"] == "plan_in_force"
    assert web.post(f"/api/plans/{plan}/end", {"why": "Over"})[0] == 200
    assert web.post(f"/api/plans/{plan}/end", {"why": "Again"})[1]["code"] == "already_so"
    assert web.get("/api/plans/999999")[0] == 404


def test_the_alarm_is_raised_by_a_person_and_stands_in_the_timeline(web: Web) -> None:
    incident = web.call("着火", lat=WEST_STATION[0], lon=WEST_STATION[1])["incident_id"]
    address = f"/api/incidents/{incident}/alarm"
    assert web.post(address, {"alarm": 2, "why": "Flames through the roof"})[0] == 200
    story = web.story(incident)
    assert story["incident"]["alarm"] == 2
    assert "Alarm level 2" in str(story["timeline"])
    assert web.post(address, {"alarm": 2})[1]["code"] == "already_so"
    assert web.post(address, {"alarm": 9})[1]["code"] == "out_of_range"
    assert "swaps" in web.get("/api/plan")[1]


def test_a_rule_in_the_shadow_is_compared_and_sends_nobody(web: Web) -> None:
    assert web.post("/api/shadow", {"policy": "by-the-stars"})[1]["code"] == "unknown_code"
    assert web.post("/api/shadow", {"policy": "nearest-by-line", "why": "Trial"})[0] == 200
    assert web.post("/api/shadow", {"policy": "nearest-by-line"})[1]["code"] == "already_so"
    incident = web.call("被偷", lat=EAST_STATION[0], lon=EAST_STATION[1])["incident_id"]
    told = web.post(f"/api/incidents/{incident}/dispatch", {"units": ["p1"]})
    assert told[0] == 200, told
    (line,) = web.get("/api/shadow")[1]["items"]
    assert (line["policy"], line["times"], line["same"]) == ("nearest-by-line", 1, 0.0)
    assert line["sooner_s"]["mean"] > 500  # p2 stands there; p1 had to come from the west
    assert [each["unit"] for each in web.story(incident)["incident"]["assignments"]] == ["p1"]
    assert "p2" in str(web.story(incident)["timeline"])
    assert web.post("/api/shadow", {"policy": ""})[0] == 200
    web.post("/api/units/p1/advance", {"to": "recalled"})
    assert web.post(f"/api/incidents/{incident}/dispatch", {"units": ["p2"]})[0] == 200
    assert web.get("/api/shadow")[1]["items"][0]["times"] == 1


def test_adopted_paces_are_in_every_time_and_their_end_takes_them_out(web: Web) -> None:
    incident = web.call("被偷", lat=WEST_STATION[0], lon=WEST_STATION[1] + 0.02)["incident_id"]

    def told() -> tuple[float, float, list[str]]:
        lines = web.get(f"/api/incidents/{incident}/recommendation")[1]["lines"]
        line = next(each for each in lines if each["unit"] == "p1")
        way = web.get(f"/api/incidents/{incident}/way?unit=p1")[1]
        return line["expected_s"], way["seconds"], [each["key"] for each in line["reasons"]]

    before = told()
    assert "dispatch.pace" not in before[2]
    figures = {"ways": 1_200, "held_out": 300, "error_before": 0.31, "error_after": 0.12}
    body = {"kind": "paces", "title": "Learnt", "paces": [2.0] * 168, "figures": figures}
    status, made = web.post("/api/plans", body)
    assert status == 200, made
    assert told() == before
    assert adopt(web, made["plan_id"], "It helps on what was held out")[0] == 200
    slow = told()
    assert slow[0] == pytest.approx(2 * before[0], abs=0.1) and "dispatch.pace" in slow[2]
    assert slow[1] == pytest.approx(2 * before[1], abs=0.2)
    shown = web.get(f"/api/plans/{made['plan_id']}")[1]["plan"]
    assert len(shown["paces"]) == 168 and shown["figures"]["error_after"] == 0.12
    assert web.post(f"/api/plans/{made['plan_id']}/end", {"why": "Road works are over"})[0] == 200
    assert told() == before


@pytest.mark.parametrize(
    "change",
    [
        {"paces": []},
        {"paces": [1.0] * 100},
        {"paces": [0.0] * 168},
        {"paces": [-1.0] * 168},
        {"paces": [9.0] * 168},
        {"kind": "posts"},
        {"posts": [POST]},
    ],
)
def test_paces_that_cannot_be_are_refused(web: Web, change: dict[str, Any]) -> None:
    body = {"kind": "paces", "title": "Learnt", "paces": [1.0] * 168, **change}
    status, told = web.post("/api/plans", body)
    assert 400 <= status < 500 and told["code"] and told["detail"], told
