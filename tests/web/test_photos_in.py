"""Pictures over HTTP: made anew, named by commands, seen by who may see the incident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from huying.base.clock import HOUR, MINUTE
from huying.edge.pictures import BYTES_MAX, EDGE_MAX, STRANGERS_BURST
from pictures import SECRET, bomb, picture, pixels
from tiny_pack import IN_WEST
from web_client import NOBODY, Web, key_of, open_web, person

JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture
def web() -> Iterator[Web]:
    with open_web() as web:
        yield web


def put(web: Web, image: bytes, **more: Any) -> tuple[int, Any]:
    answer = web.client.post("/api/photos", content=image, headers=JPEG | more.pop("headers", {}), **more)
    return answer.status_code, answer.json()


def token(web: Web, **more: Any) -> str:
    status, told = put(web, picture(), **more)
    assert status == 201, told
    return str(told["photo"])


def look(web: Web, address: str, **more: Any) -> Any:
    return web.client.get(address, **more)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_nothing_of_the_telephone_is_left(web: Web, format: str) -> None:
    status, told = put(web, picture(format, turned=format == "JPEG"), auth=NOBODY)
    assert status == 201, told
    made = web.call("树倒了", lat=IN_WEST[0], lon=IN_WEST[1], photos=[told["photo"]])
    (call,) = web.story(made["incident_id"])["calls"]
    (photo,) = call["photos"]
    answer = look(web, f"/api/photos/{photo['id']}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    for trace in (b"Exif", b"GPS", SECRET, b"script"):
        assert trace not in answer.content
    shown = pixels(answer.content)
    assert shown.size == (photo["width"], photo["height"])
    # An upright telephone's picture is turned: the blue left edge is on top.
    assert shown.size == ((60, 80) if format == "JPEG" else (80, 60))
    blue = shown.getpixel((30, 5) if format == "JPEG" else (5, 30))
    assert isinstance(blue, tuple) and blue[2] > 150 > blue[0]


def test_a_large_picture_is_made_smaller(web: Web) -> None:
    status, told = put(web, picture(size=(4_000, 1_000)))
    assert (status, told["width"], told["height"]) == (201, EDGE_MAX, EDGE_MAX // 4)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "photo_unreadable"),
        (b"<svg onload='alert(1)'/>", "photo_unreadable"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "photo_unreadable"),
        (picture()[:200], "photo_unreadable"),
        (bomb(40_000, 40_000), "photo_too_big"),
        (bomb(29_000, 2_000), "photo_too_big"),
        (bomb(5_000, 5_000), "photo_unreadable"),
        (b"\xff\xd8" + b"\0" * BYTES_MAX, "too_large"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_bytes(web: Web, sent: bytes, code: str) -> None:
    status, told = put(web, sent)
    assert (status, told["code"]) == (
        {"photo_unreadable": 415, "photo_too_big": 413, "too_large": 413}[code],
        code,
    )


def test_strangers_hand_in_few_and_staff_more(web: Web) -> None:
    for _ in range(STRANGERS_BURST):
        token(web, auth=NOBODY)
    status, told = put(web, picture(), auth=NOBODY)
    assert (status, told["code"]) == (429, "too_many")
    token(web)
    token(web, auth=NOBODY, headers=key_of(web, "work"))
    web.clock.at += MINUTE
    token(web, auth=NOBODY)


def test_who_may_not_see_the_incident_does_not_see_the_picture(web: Web) -> None:
    made = web.call("树倒了", photos=[token(web)])
    (call,) = web.story(made["incident_id"])["calls"]
    address = f"/api/photos/{call['photos'][0]['id']}"
    assert look(web, address, auth=NOBODY).status_code == 401
    for role in ("analyst", "administrator", "auditor", "data_officer"):
        answer = look(web, address, auth=person(web, role))
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), role
    assert look(web, address).status_code == 200
    assert look(web, "/api/photos/1").json()["code"] == "not_found"
    assert look(web, "/api/photos/999999").json()["code"] == "not_found"
    with web.client.portal() as portal:
        portal.call(web.state["desk"].looks.flush)
    status, looks = web.get(f"/api/calls/{made['call_id']}/looks", auth=person(web, "data_officer"))
    assert status == 200
    assert "media" in [each["what"] for each in looks["items"]]


def test_an_asker_without_media_sees_no_numbers_of_pictures(web: Web) -> None:
    made = web.call("树倒了", photos=[token(web)])
    web.post(f"/api/incidents/{made['incident_id']}/notes", {"photos": [token(web)]})
    story = web.story(made["incident_id"])
    assert len(story["incident"]["photos"]) == len(story["calls"][0]["photos"]) == 1
    assert "Picture added to the note." in [each["sentence"] for each in story["timeline"]]
    status, seen = web.get(f"/api/incidents/{made['incident_id']}", auth=person(web, "analyst"))
    assert (status, seen["incident"]["photos"]) == (200, [])


def test_the_caller_sees_their_own_and_the_answers_and_no_note(web: Web) -> None:
    made = web.client.post(
        "/api/calls",
        json={"words": "路灯坏了", "photos": [token(web, auth=NOBODY)]},
        auth=NOBODY,
    ).json()
    incident = made["incident_id"]
    web.post(f"/api/incidents/{incident}/notes", {"words": "看过了", "photos": [token(web)]})
    for each in web.story(incident)["incident"]["referrals"]:
        body = {"answer": "修好了", "disposition": "done", "photos": [token(web)]}
        status, told = web.post(f"/api/incidents/{incident}/referrals/{each['n']}/resolve", body)
        assert status == 200, told
    follow = f"/api/follow/{made['code']}"
    status, mine = web.get(follow, auth=NOBODY)
    assert status == 200
    own, answers = mine["photos"], [each for promise in mine["promises"] for each in promise["photos"]]
    assert len(own) == len(answers) == 1
    for id in (*own, *answers):
        answer = look(web, f"{follow}/photos/{id}", auth=NOBODY)
        assert answer.status_code == 200 and pixels(answer.content)
    note = next(each for each in web.story(incident)["incident"]["photos"] if each["part"] == "note")
    assert look(web, f"{follow}/photos/{note['id']}", auth=NOBODY).status_code == 404
    assert look(web, f"/api/follow/0000000000/photos/{own[0]}", auth=NOBODY).status_code == 404
    status, told = web.post(follow, {"solved": False, "photos": [token(web, auth=NOBODY)]}, auth=NOBODY)
    assert status == 200, told
    assert len(web.get(follow, auth=NOBODY)[1]["photos"]) == 2


def test_a_picture_that_waited_too_long_is_gone_and_the_call_can_be_sent_again(web: Web) -> None:
    late = token(web)
    web.clock.at += HOUR
    status, told = web.post("/api/calls", {"words": "树倒了", "photos": [late]})
    assert (status, told["code"]) == (410, "photo_gone")
    status, _ = web.post("/api/calls", {"words": "树倒了", "photos": []})
    assert status == 201


def test_the_same_upload_again_gets_the_same_name(web: Web) -> None:
    key = {"Idempotency-Key": "unit-7/photo-1"}
    first, again = put(web, picture(), headers=key)[1], put(web, picture(), headers=key)[1]
    assert first["photo"] == again["photo"] and again["repeated"]


def test_the_address_is_described(web: Web) -> None:
    client: TestClient[Any] = web.client
    paths = client.get("/openapi.json").json()["paths"]
    assert "image/*" in paths["/api/photos"]["post"]["requestBody"]["content"]
    assert "image/jpeg" in paths["/api/photos/{photo}"]["get"]["responses"]["200"]["content"]
