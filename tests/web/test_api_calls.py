"""Calls over HTTP: kept, understood and answered, or refused with the field and the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from huying.base.refusal import Refusal
from huying.edge.asker import read_asker
from web_client import Web, open_web

FIRE = {"channel": "desk", "words": "西溪菜场着火了", "lat": 28.05, "lon": 121.15}


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


def head(web: Web) -> int:
    """The last fact that somebody's doing made: who has looked is put on record when there is time for it."""
    return max(each.seq for each in web.house.questions.facts(0, 1_000) if each.type != "look.recorded")


def test_a_call_becomes_an_incident_with_a_code(web: Web) -> None:
    status, told = web.post("/api/calls", FIRE)
    assert status == 201
    assert told["type"] == "fire.building"
    assert told["priority"] == 1
    assert len(told["code"]) == 10
    _, page = web.get("/api/incidents")
    assert page["items"][0]["id"] == told["incident_id"]
    assert head(web) == told["seq"]


def test_the_same_key_gets_the_first_answer_again(web: Web) -> None:
    headers = {"Idempotency-Key": "k1", "Huying-Actor": "desk-1"}
    _, first = web.post("/api/calls", FIRE, headers=headers)
    status, again = web.post("/api/calls", FIRE, headers=headers)
    assert status == 201
    assert again == first | {"repeated": True}
    status, other = web.post("/api/calls", FIRE | {"words": "打架"}, headers=headers)
    assert (status, other["code"]) == (409, "key_reused")


def test_checking_keeps_nothing(web: Web) -> None:
    before = head(web)
    status, told = web.post("/api/calls?check=only", FIRE)
    assert (status, told["type"], told["priority"]) == (200, "fire.building", 1)
    assert told["areas"] == ["old-street", "west-1", "west", "xikou"]
    assert head(web) == before


def test_the_actor_is_on_record(web: Web) -> None:
    told = web.post("/api/calls", FIRE, headers={"Huying-Actor": "desk-1"})[1]
    assert {each["actor"] for each in web.story(told["incident_id"])["timeline"]} == {"desk-1"}


def test_nobody_acts_under_another_name(web: Web) -> None:
    before = web.get("/api/counts")[1]["calls"]  # there may be other facts, such as looks
    status, told = web.post("/api/calls", FIRE, headers={"Huying-Actor": "接警二席".encode()})
    assert (status, told["code"]) == (403, "not_your_name")
    assert web.get("/api/counts")[1]["calls"] == before


BAD: list[tuple[str, bytes, int, str]] = [
    ("no JSON", b"fire!", 400, "bad_json"),
    ("nothing", b"", 422, "nothing_said"),
    ("broken UTF-8", b'{"words": "\xff\xfe"}', 400, "bad_characters"),
    ("half a surrogate", b'{"words": "\\ud800"}', 400, "bad_json"),
    ("a list", b"[]", 422, "wrong_kind"),
    ("a number for words", b'{"words": 3}', 422, "wrong_kind"),
    ("null for words", b'{"words": null}', 422, "wrong_kind"),
    ("an unknown field", b'{"word": "fire"}', 422, "unknown_field"),
    ("NaN", b'{"words": "fire", "lat": NaN}', 400, "bad_json"),
    ("infinity", b'{"words": "fire", "lat": 1e999}', 422, "bad_value"),
    ("a latitude beyond the pole", b'{"words": "fire", "lat": 91, "lon": 0}', 422, "out_of_bounds"),
    ("half a point", b'{"words": "fire", "lat": 28.0}', 422, "coordinates_incomplete"),
    ("a huge number", b'{"words": "fire", "incident": 99999999999999999999999}', 422, "out_of_bounds"),
    ("a negative id", b'{"words": "fire", "incident": -1}', 422, "out_of_bounds"),
    ("an incident that isn't there", b'{"words": "fire", "incident": 987654}', 404, "not_found"),
    ("an unknown type", b'{"words": "fire", "stated_type": "dragon"}', 422, "unknown_code"),
    ("a priority of 9", b'{"words": "fire", "stated_priority": 9}', 422, "out_of_bounds"),
    ("a channel with spaces", b'{"words": "fire", "channel": "a b"}', 422, "wrong_form"),
    ("words of 20,001", json.dumps({"words": "x" * 20_001}).encode(), 422, "too_long"),
    ("blank words", b'{"words": "  \\n "}', 422, "nothing_said"),
    ("a deep list", b'{"answers": ' + b"[" * 100_000, 422, "wrong_kind"),
    ("a deep unknown field", b'{"x": ' + b'{"a":' * 100_000, 422, "unknown_field"),
    ("two megabytes", b'{"words": "' + b"x" * 2_000_000 + b'"}', 413, "too_large"),
]


@pytest.mark.parametrize(("what", "body", "status", "code"), BAD, ids=[each[0] for each in BAD])
def test_what_does_not_fit_is_refused_clearly(
    web: Web, what: str, body: bytes, status: int, code: str
) -> None:
    before = head(web)
    answer = web.client.post("/api/calls", content=body, headers={"Accept-Language": "en"})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["lang"] == "en"
    assert not re.search(r"\{\w+\}", problem["title"] + problem["detail"]), "a slot was left empty"
    assert not problem["title"].startswith("refusal.")
    assert head(web) == before, "nothing was kept"


@pytest.mark.parametrize(
    "words",
    [
        "🔥" * 16_384,  # 64 KB
        "\u202e" + "حريق في السوق " * 1_000,
        "fire\\u0000at the market",
        "火" * 20_000,
        "a\u0300" * 10_000,
    ],
)
def test_strange_words_are_kept_as_they_came(web: Web, words: str) -> None:
    body = b'{"words": "' + words.encode() + b'"}'
    answer = web.client.post("/api/calls", content=body)
    assert answer.status_code == 201, answer.text
    kept = web.story(answer.json()["incident_id"])["calls"][0]["words"]
    assert kept == words.replace("\\u0000", "�")


def test_problems_speak_the_asker_s_language(web: Web) -> None:
    said = {}
    for lang in ("zh-CN,zh;q=0.9,en;q=0.5", "en-GB,de;q=0.8", "fr"):
        said[lang] = web.post("/api/calls", {"word": 1}, headers={"Accept-Language": lang})[1]
    assert [each["lang"] for each in said.values()] == ["zh", "en", "zh"]
    assert said["en-GB,de;q=0.8"]["title"] == "The field word isn't known here; nothing was taken."


@pytest.mark.parametrize("name", ["Huying-Actor", "Idempotency-Key"])
@pytest.mark.parametrize(("value", "code"), [(b"a\x01b", "bad_characters"), (b"x" * 500, "too_long")])
def test_headers_are_bounded_text(web: Web, name: str, value: bytes, code: str) -> None:
    headers: Any = {name.encode(): value}
    assert web.post("/api/calls", FIRE, headers=headers)[1]["code"] == code


def test_headers_must_be_utf_8() -> None:
    with pytest.raises(Refusal, match="bad_characters"):
        read_asker([(b"huying-actor", b"\xff\xfe")], "en")


def test_methods_and_addresses_that_are_not_there(web: Web) -> None:
    for method, path in (("GET", "/api/calls"), ("PUT", "/api/calls"), ("DELETE", "/api/incidents")):
        answer = web.client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (405, "wrong_method")
        assert answer.headers["allow"]
    assert web.get("/api/nothing")[1]["code"] == "no_such_address"


def test_a_clock_that_fell_behind_the_journal_is_shown() -> None:
    with open_web() as web:
        assert web.get("/healthz")[1]["status"] == "ok"
        web.clock.at -= 120_000_000
        assert web.get("/healthz")[1]["status"] == "clock_behind"
