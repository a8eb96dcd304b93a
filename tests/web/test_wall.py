"""The big screen: what it may show and what never, its numbers by hand, a key that opens nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import pytest

from huying.base.clock import DAY, MINUTE, SECOND
from huying.edge.wall import Past, numbers, spans
from tiny_pack import tiny_pack
from web_client import Web, key_of, open_web, person

WORDS = "欧阳震宇说他家着火了，楼上有人，电话13958613579"
POINT = {"lat": 28.11489, "lon": 121.21634}


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web(pack="yunxi") as opened:
        told = opened.call(
            WORDS,
            lang="zh",
            stated_type="fire.house",
            contact={"name": "欧阳震宇", "phone": "13958613579"},
            **POINT,
        )
        opened.clock.at += 6 * MINUTE
        opened.incident = told["incident_id"]  # type: ignore[attr-defined]
        yield opened


def screen(web: Web) -> dict[str, str]:
    return key_of(web, "wall", name="screen")


def test_a_screen_sees_where_how_urgent_and_how_long(web: Web) -> None:
    status, told = web.get("/api/wall", headers=screen(web))
    assert status == 200
    (incident,) = [each for each in told["incidents"] if each["id"] == web.incident]  # type: ignore[attr-defined]
    assert (incident["type"], incident["priority"]) == ("fire.house", 1)
    assert (incident["lat"], incident["lon"]) == (28.115, 121.216)  # a street, not a door
    assert len(told["units"]) == len(web.house.pack.units)
    assert told["within_s"] == 300 and told["mark"] == ""
    assert [each["id"] for each in told["running"]] == [incident["id"]]


def test_no_name_no_number_no_word_of_a_caller_is_anywhere(web: Web) -> None:
    answers = [
        web.client.get(f"/api/wall{more}", headers=screen(web)).text for more in ("", "/county", "/reach")
    ]
    for secret in (
        "欧阳",
        "震宇",
        "13958613579",
        "楼上有人",
        "着火了",
        "address",
        'title":"',
        "words",
    ):
        assert not any(secret in each for each in answers), secret
    assert "28.11489" not in answers[0]
    allowed = {"id", "type", "priority", "status", "opened_at", "lat", "lon", "late"}
    assert all(set(each) == allowed for each in json.loads(answers[0])["incidents"])


def test_what_is_late_is_told_with_its_clock(web: Web) -> None:
    told = web.get("/api/wall", headers=screen(web))[1]
    late = [each for each in told["late"] if each["incident"] == web.incident]  # type: ignore[attr-defined]
    assert [each["what"] for each in late] == ["dispatch"], "once, by the first of its clocks that ran out"
    assert told["late_count"] == len({each["incident"] for each in told["late"]})
    assert next(each for each in told["incidents"] if each["id"] == web.incident)["late"]  # type: ignore[attr-defined]


def test_a_key_for_the_wall_opens_nothing_else_and_others_do_not_open_the_wall(web: Web) -> None:
    for address in (
        "/api/incidents",
        "/api/units",
        "/api/calls/1",
        "/api/health",
        "/api/reach?at=28.1,121.2",
    ):
        assert web.get(address, headers=screen(web))[0] in (403, 404), address
    status, told = web.get("/api/wall", headers=key_of(web, "read", name="reader"))
    assert (status, told["code"]) == (403, "scope_missing")
    analyst = person(web, "analyst")
    assert web.get("/api/wall", auth=analyst)[0] == 403
    assert web.client.get("/api/wall", auth=None, headers={"cookie": "none=1"}).status_code == 401


def test_a_desk_opens_the_wall_too(web: Web) -> None:
    assert web.get("/api/wall")[0] == 200
    county = web.get("/api/wall/county")[1]
    assert county["map"] == "/map/yunxi.pmtiles" and county["title"]["zh"] == "云溪县"
    assert all(each["joint"] for each in county["stations"])


def test_the_joint_stations_reach_streets(web: Web) -> None:
    bands = web.get("/api/wall/reach", headers=screen(web))[1]["items"]
    assert len(bands) == sum(each.joint for each in web.house.pack.stations.values())
    assert all(each["seconds"] == 300 and each["metres"] > 1_000 for each in bands)


def test_the_same_answer_serves_all_until_something_happens(web: Web) -> None:
    before = web.client.get("/api/wall", headers=screen(web)).content
    assert web.client.get("/api/wall", headers=screen(web)).content == before
    web.call("路灯不亮", lang="zh", **POINT)
    assert web.client.get("/api/wall", headers=screen(web)).content != before


def test_more_than_a_screen_takes_in_is_told_urgent_first(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    assert web.get("/api/wall", headers=screen(web))[1]["whole"]
    web.call("路灯不亮，换一处", lang="zh", lat=28.13, lon=121.23)
    monkeypatch.setattr("huying.edge.wall.ALIVE_MAX", 1)
    web.clock.at += 5 * SECOND
    told = web.get("/api/wall", headers=screen(web))[1]
    assert (told["whole"], told["open"]) == (False, 1)
    assert told["incidents"][0]["id"] == web.incident  # type: ignore[attr-defined]


def test_three_numbers_by_hand() -> None:
    today = Past(12, [(1, 200.0), (1, 400.0), (1, None), (2, 900.0)])
    weeks = [Past(10, [(1, 100.0)]), Past(14, [(1, 500.0), (2, 100.0)]), Past(0, []), Past(20, [(2, 60.0)])]
    opened, in_time, arrival = numbers(today, weeks, 300)
    assert (opened.now, opened.low, opened.high, opened.usual, opened.weeks) == (12, 10, 20, 14, 3)
    # Two of three weeks had a priority 1 at all: too few to say what is usual.
    assert (in_time.now, in_time.low, in_time.weeks) == (0.5, None, 2)
    assert (arrival.now, arrival.low, arrival.high, arrival.usual) == (400, 60, 300, 100)


def test_the_same_weekday_up_to_the_same_time_of_day() -> None:
    at = 1_795_000_000 * SECOND
    found = spans(tiny_pack(), at)
    assert len(found) == 9
    for (since, until), (since_before, until_before) in pairwise(found):
        assert since - since_before == until - until_before == 7 * DAY
    assert found[0][0] <= at < found[0][1]
