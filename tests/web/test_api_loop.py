"""The whole loop over HTTP: a call, units, referrals, a caller who says no, and a quiet end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.base.clock import DAY, MINUTE
from huying.web.app import STEPS
from tiny_pack import IN_WEST, WEST_STATION
from web_client import Web, open_web, person


@pytest.fixture
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


def point(at: tuple[float, float]) -> dict[str, float]:
    return {"lat": at[0], "lon": at[1]}


def test_a_fire_from_the_call_to_the_end(web: Web) -> None:
    call = web.call("着火了", **point(IN_WEST))
    at = f"/api/incidents/{call['incident_id']}"
    status, who = web.get(f"{at}/recommendation")
    assert status == 200
    assert [each["unit"] for each in who["lines"]] == ["f1", "p1"]
    units = [each["unit"] for each in who["lines"]]
    assert web.post(f"{at}/dispatch", {"units": units})[0] == 200
    for unit in units:
        for to in ("en_route", "on_scene", "clear"):
            web.clock.at += MINUTE
            status, told = web.post(f"/api/units/{unit}/advance", {"to": to, "disposition": "done"})
            assert status == 200, told
    story = web.story(call["incident_id"])
    assert story["incident"]["status"] == "resolved"
    assert story["incident"]["assignments"][0]["on_scene_at"] == "2026-03-02T02:02:00Z"
    sentences = [each["sentence"] for each in story["timeline"]]
    assert sentences[0] == "Call (telephone): 着火了"
    assert "West engine 1 sent (Fire brigade)." in sentences
    followed = web.get(f"/api/follow/{call['code']}", headers={"Accept-Language": "en"})[1]
    assert (followed["type"], followed["asked"], followed["units_sent"]) == ("Building fire", True, 2)
    assert web.post(f"/api/follow/{call['code']}", {"solved": False, "words": "又冒烟了"})[0] == 200
    assert web.story(call["incident_id"])["incident"]["status"] == "open"
    assert web.post(f"{at}/close", {"why": "消防已复查"})[0] == 200
    assert web.story(call["incident_id"])["incident"]["closed_at"]


def test_a_noise_from_agency_to_agency(web: Web) -> None:
    call = web.call("广场舞太吵", **point(WEST_STATION))
    at = f"/api/incidents/{call['incident_id']}/referrals"
    page = web.get("/api/referrals?agency=urban")[1]
    assert [(each["incident"], each["status"]) for each in page["items"]] == [
        (call["incident_id"], "offered")
    ]
    assert web.post(f"{at}/1/return", {"why": ""})[1]["code"] == "reason_needed"
    assert web.post(f"{at}/1/return", {"why": "由镇里处置"})[0] == 200
    assert web.post(at, {"agency": "west", "why": "就近"})[0] == 200
    page = web.get("/api/referrals")[1]["items"]
    assert [(each["n"], each["agency"], each["status"]) for each in page] == [
        (1, "urban", "returned"),
        (2, "duty", "withdrawn"),
        (3, "west", "offered"),
    ]
    assert web.post(f"{at}/3/accept")[0] == 200
    due = "2026-03-12T10:00:00+08:00"
    assert web.post(f"{at}/3/extend", {"due": due, "why": "等设备"})[0] == 200
    assert web.get("/api/referrals?status=accepted")[1]["items"][0]["due"] == "2026-03-12T02:00:00Z"
    assert web.post(f"{at}/3/resolve", {"answer": "已劝离", "disposition": "done"})[0] == 200
    promises = web.get(f"/api/follow/{call['code']}", headers={"Accept-Language": "en"})[1]["promises"]
    assert [(each["agency"], each["answer"]) for each in promises] == [("West Brook town hall", "已劝离")]


def test_what_is_late_is_listed_and_told(web: Web) -> None:
    call = web.call("广场舞太吵", **point(WEST_STATION))
    assert web.get("/api/referrals?overdue=true")[1]["items"] == []
    web.clock.at += 10 * DAY
    web.post(f"/api/incidents/{call['incident_id']}/notes", {"words": "再催一次"})
    late = web.get("/api/referrals?overdue=true")[1]["items"]
    assert [each["incident"] for each in late] == [call["incident_id"]]
    notices = web.get("/api/notices?to=urban")[1]["items"]
    assert notices
    assert notices[0]["incident"] == call["incident_id"]
    assert web.get("/api/counts")[1]["referrals_overdue"] == 1


def test_another_desk_was_quicker(web: Web) -> None:
    call = web.call("打架", **point(IN_WEST))
    at = f"/api/incidents/{call['incident_id']}"
    version = web.story(call["incident_id"])["incident"]["version"]
    assert web.post(f"{at}/notes", {"words": "席位一"}, headers={"Huying-Actor": "desk-1"})[0] == 200
    status, told = web.post(f"{at}/priority", {"priority": 1, "version": version})
    assert (status, told["code"]) == (409, "changed_meanwhile")
    assert told["params"]["by"] == "desk-1"


def test_lists_are_paged_by_cursor(web: Web) -> None:
    for n in range(7):
        web.call(f"打架 {n}", **point(IN_WEST))
    seen, cursor = [], ""
    while True:
        page = web.get(f"/api/incidents?limit=3&cursor={cursor}")[1]
        seen += [each["title"] for each in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [f"打架 {n}" for n in range(6, -1, -1)]
    assert web.get("/api/incidents?cursor=rubbish")[1]["code"] == "cursor_unreadable"


FILTERS = [
    ("type=police.fight", 1),
    ("priority_max=1", 1),
    ("status=open&status=closed", 3),
    ("status=closed", 0),
    ("agency=urban", 1),
    ("area=west", 3),
    ("area=east", 0),
    ("box=28.0,121.1,28.03,121.13", 3),
    ("box=29,121,30,122", 0),
    ("since=2026-03-02T09:59:59%2B08:00", 3),
    ("until=2026-03-02T09:59:59%2B08:00", 0),
    ("duty_desk=true", 0),
]


def test_filters(web: Web) -> None:
    for words in ("打架", "着火", "太吵"):
        web.call(words, **point(IN_WEST))
    for query, count in FILTERS:
        status, page = web.get(f"/api/incidents?{query}")
        assert status == 200, page
        assert len(page["items"]) == count, query


IMPOSSIBLE = [
    ("limit=201", "out_of_bounds"),
    ("limit=x", "wrong_kind"),
    ("priority_max=0", "out_of_bounds"),
    ("since=yesterday", "bad_time"),
    ("since=1899-01-01T00:00:00Z", "time_out_of_range"),
    ("since=2999-01-01T00:00:00Z", "time_out_of_range"),
    ("since=2026-03-02T10:00:00", "bad_time"),
    ("box=1,2,3", "bad_value"),
    ("box=nan,2,3,4", "bad_value"),
    ("box=10,2,3,4", "bad_value"),
    ("duty_desk=perhaps", "wrong_kind"),
    ("type=" + "x" * 100, "too_long"),
]


def test_filters_that_cannot_be(web: Web) -> None:
    for query, code in IMPOSSIBLE:
        status, told = web.get(f"/api/incidents?{query}")
        assert (status, told["code"]) == (422, code), query


def test_every_step_is_there_and_refuses_rubbish(web: Web) -> None:
    """Each command's address, sent a list, a stranger's field, and nothing: an answer, never a failure."""
    places = {"{incident:int}": "999999", "{n:int}": "1", "{contact:int}": "1", "{unit:str}": "nobody"}
    for step in STEPS:
        path = step.address
        for place, value in places.items():
            path = path.replace(place, value)
        for body in (b"[1]", b'{"stranger": 1}', b"", b"{}", b"\xff", b'{"version": -1}'):
            answer = web.client.post(path, content=body)
            assert 400 <= answer.status_code < 500, (path, body, answer.text)
            assert answer.json()["code"]


def test_a_contact_is_sealed_opened_for_a_purpose_and_erased(web: Web) -> None:
    taker, officer = person(web, "call_taker"), person(web, "data_officer")
    call = web.call("打架", **point(IN_WEST), contact={"name": "李四", "phone": "13900000000"})
    id = call["incident_id"]
    story = web.story(id)
    assert "13900000000" not in str(story)
    contact = story["calls"][0]["contact"]
    assert contact > 0
    at = f"/api/incidents/{id}/contacts/{contact}/open"
    status, told = web.post(at, headers={"Huying-Purpose": "follow_up"}, auth=taker)
    assert status == 200
    assert told["contact"]["phone"] == "13900000000"
    opened = [each for each in web.story(id)["timeline"] if each["type"] == "contact.opened"]
    assert [each["purpose"] for each in opened] == ["follow_up"]
    status, told = web.post(at, headers={"Huying-Purpose": "好奇".encode()}, auth=taker)
    assert (status, told["code"]) == (400, "purpose_unknown")
    assert web.post(f"/api/contacts/{contact}/erase", {"why": "来件人要求"}, auth=officer)[0] == 200
    status, told = web.post(at, auth=taker)
    assert (status, told["code"]) == (410, "contact_erased")


def test_a_wrong_code_is_not_found_and_guessing_is_slowed(web: Web) -> None:
    assert web.get("/api/follow/0000000000")[1]["code"] == "not_found"
    codes = {web.get(f"/api/follow/{n:010}")[1]["code"] for n in range(1, 20)}
    assert codes == {"not_found", "too_many"}
