"""The page on the API names every address that there is, and its example works as it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from web_client import open_web

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


def page(lang: str) -> str:
    return (DOCS / lang / "api.md").read_text("utf-8")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_address_is_named(lang: str) -> None:
    with open_web() as web:
        paths: dict[str, Any] = web.get("/openapi.json")[1]["paths"]
    there = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert set(re.findall(r"^\| `((?:GET|POST) /[^`]+)`", page(lang), re.MULTILINE)) == there


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_example_is_taken_and_answered_as_it_says(lang: str) -> None:
    body = re.search(r"-d '(\{.*\})'", page(lang))
    answer = re.search(r"^`\{(.*)\}`", page(lang), re.MULTILINE)
    assert body is not None
    assert answer is not None
    with open_web() as web:
        status, told = web.post("/api/calls", json.loads(body[1]), headers={"Idempotency-Key": "7f3a"})
        again = web.post("/api/calls", json.loads(body[1]), headers={"Idempotency-Key": "7f3a"})[1]
    assert status == 201
    assert set(re.findall(r'"(\w+)"', answer[1])) <= set(told)
    assert again["repeated"] is True
    assert again["call_id"] == told["call_id"]
