"""Many calls at once: every line is answered, bad ones with their number and the reason."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from huying.base.refusal import Refusal
from huying.web.bulk import lines_of
from web_client import Web, open_web


@pytest.fixture
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


def send(web: Web, body: bytes, **headers: str) -> list[dict[str, object]]:
    answer = web.client.post("/api/calls/bulk", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_good_lines_are_kept_and_bad_ones_counted(web: Web) -> None:
    lines = [b'{"words": "fire"}', b"", b"not json", b'{"words": "noise"}\r', b'{"words": 3}']
    answers = send(web, b"\n".join(lines))
    assert [each["line"] for each in answers] == [1, 3, 4, 5, 0]
    assert [each.get("refused", "") for each in answers] == ["", "bad_json", "", "wrong_kind", ""]
    assert answers[-1] == {"line": 0, "received": 2, "bad": 2}
    assert len(web.get("/api/incidents")[1]["items"]) == 2


def test_a_file_with_a_key_can_be_sent_again(web: Web) -> None:
    body = b'{"words": "fire"}\n{"words": "noise"}\n'
    first = send(web, body, **{"Idempotency-Key": "monday"})
    again = send(web, body, **{"Idempotency-Key": "monday"})
    assert [each.get("call_id") for each in again] == [each.get("call_id") for each in first]
    assert len(web.get("/api/incidents")[1]["items"]) == 2


def test_a_thousand_lines_are_answered_in_order(web: Web) -> None:
    body = b"\n".join(b'{"words": "fire %d"}' % n if n % 10 else b"x" for n in range(1_000))
    answers = send(web, body)
    assert [each["line"] for each in answers] == [*range(1, 1_001), 0]
    assert answers[-1] == {"line": 0, "received": 900, "bad": 100}


def test_a_body_that_says_it_is_too_large_is_refused_at_once() -> None:
    with open_web(bulk_max=10_000) as web:
        answer = web.client.post("/api/calls/bulk", content=b'{"words": "fire"}\n' * 600)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert web.get("/api/incidents")[1]["items"] == []


def test_one_line_that_is_too_large_does_not_stop_the_others() -> None:
    with open_web(body_max=1_000) as web:
        answers = send(web, b'{"words": "fire"}\n{"words": "' + b"x" * 1_500 + b'"}\n{"words": "noise"}')
        assert [each.get("refused", "") for each in answers] == ["", "too_large", "", ""]


async def chunks_of(parts: list[bytes]) -> list[bytes]:
    waiting = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, object]:
        return waiting.pop(0)

    return [line async for line in lines_of(receive, 100, 20)]


def test_lines_are_found_across_chunks() -> None:
    assert asyncio.run(chunks_of([b"ab", b"c\nd", b"\n", b"ef"])) == [b"abc", b"d", b"ef"]
    with pytest.raises(Refusal, match="too_large"):
        asyncio.run(chunks_of([b"x\n" * 40, b"x\n" * 40]))
    with pytest.raises(Refusal, match="too_large"):
        asyncio.run(chunks_of([b"x" * 30, b"x" * 30]))
