"""A body of very many tiny lines costs a bounded amount of memory and time."""

from __future__ import annotations

import json

import pytest

from huying.web import bulk
from web_client import open_web


def test_lines_beyond_the_most_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LINES_MAX", 3)
    with open_web() as web:
        answer = web.client.post("/api/calls/bulk", content=b'{"words": "fire"}\n' + b"x\n" * 9)
        told = [json.loads(line) for line in answer.text.splitlines()]
    assert [(each["line"], each.get("refused", "")) for each in told] == [
        (1, ""),
        (2, "bad_json"),
        (3, "bad_json"),
        (4, "too_large"),
        (0, ""),
    ]


def test_only_checking_refuses_what_would_be_refused_and_finds_places_in_words() -> None:
    with open_web() as web:
        code, told = web.post("/api/calls?check=only", {"words": "x", "stated_type": "nope"})
        assert (code, told["code"]) == (422, "unknown_code")
        checked = web.post("/api/calls?check=only", {"words": "菜场门口有人打架"})[1]
        assert "west-1" in checked["areas"]
