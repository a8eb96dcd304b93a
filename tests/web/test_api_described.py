"""What /openapi.json says is so: requests made from it are never a failure, and answers are as it says."""

from __future__ import annotations

import os
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from schemathesis.specs.openapi import checks

from huying.domain.commands import Envelope, ReceiveCall
from huying.domain.contact import Contact
from real_server import cookie, serving
from web_client import open_web

# Requests to each address; the same ones on each run.
EXAMPLES = 25 if os.environ.get("HUYING_SOAK") else 6
# A stream has no end to wait for.
ENDLESS = frozenset({"/api/stream"})
# These end or lock the session that all the others need; the tests of the door try them.
ENDING = frozenset({"/api/session/end", "/api/session/lock", "/api/session/duty/end"})
# Some requests that fit the description are refused for what they mean: an unknown code, nothing said.
MEANING = [checks.positive_data_acceptance]


@schemathesis.serializer("application/x-ndjson", "application/cap+xml")
def as_text(ctx: Any, value: Any) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else str(value).encode()


@pytest.mark.slow
def test_requests_made_from_the_description() -> None:
    with serving() as (address, writer, _):
        for words in ("打架", "着火", "太吵", "fight"):
            call = ReceiveCall("desk", words, lat=28.02, lon=121.12, contact=Contact(phone="13900000000"))
            writer.submit(Envelope(call)).result(10)
        schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
        shows = {"Cookie": cookie[0], "Sec-Fetch-Site": "same-origin"}
        seen = set()
        for each in schema.get_all_operations():
            operation = each.ok()
            if operation.path not in ENDLESS | ENDING:
                seen.add(operation.label)
                try_out(operation, shows)
        assert len(seen) >= 37


def try_out(operation: Any, shows: dict[str, str]) -> None:
    @hypothesis.seed(311)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        answer = case.call(headers=shows)
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, excluded_checks=MEANING)

    ask()


def test_the_description_is_complete() -> None:
    with open_web() as web:
        _, described = web.get("/openapi.json")
    assert described["openapi"].startswith("3.1")
    for path, item in described["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            good = [each for status, each in operation["responses"].items() if status.startswith("2")]
            assert good, where
            assert good[0]["content"], where
            assert "default" in operation["responses"], where
            takes = method == "post"
            assert takes == ("requestBody" in operation), where
    names = set(described["components"]["schemas"])
    assert {"Problem", "Received", "ReceiveCallBody", "IncidentStory", "IncidentShown"} <= names
