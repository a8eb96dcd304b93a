"""The built app as the server gives it: pages for who is let in, parts that may be kept, today's API."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from huying.web.screens import SCREENS, built, described
from web_client import Web, open_web

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    not built() and not os.environ.get("CI"), reason="the screens have not been built: make ui"
)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


def test_every_screen_answers_the_same_page(web: Web) -> None:
    pages = {web.client.get(path).text for path in ("/", *(f"/{code}" for code in SCREENS), "/board/7")}
    assert len(pages) == 1
    assert "/app/assets/" in pages.pop()


def test_parts_are_kept_for_ever_and_travel_packed(web: Web) -> None:
    page = web.client.get("/").text
    part = next(each for each in page.split('"') if each.startswith("/app/assets/") and each.endswith(".js"))
    answer = web.client.get(part)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert web.client.get(part, headers={"accept-encoding": "identity"}).content == answer.content
    again = web.client.get(part, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["../made.json", "..%2f..%2fbootstrap.py", "assets/", "nothing.js"])
def test_nothing_else_is_served(web: Web, path: str) -> None:
    assert web.client.get(f"/app/{path}").status_code == 404


def test_nothing_on_a_page_comes_from_elsewhere(web: Web) -> None:
    policy = web.client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_types_are_those_of_todays_api() -> None:
    """Stale types would let a screen ask for what is no longer there: the app says what it was made for."""
    said = subprocess.run([sys.executable, ROOT / "tools" / "openapi.py"], capture_output=True, check=True)
    assert described() == hashlib.sha256(said.stdout).hexdigest(), "the API has changed: make ui"


def test_the_first_load_is_small() -> None:
    """Frame and start page together: 60 KB packed, so that a screen shows within a second on a weak line."""
    page = built()["index.html"].body.decode()
    first = [each.removeprefix("/app/") for each in page.split('"') if each.startswith("/app/assets/")]
    assert sum(len(built()[name].packed) for name in first) < 60_000


def test_packed_is_the_same() -> None:
    for name, file in built().items():
        assert not file.packed or gzip.decompress(file.packed) == file.body, name
    assert json.loads(built()["made.json"].body)["openapi_sha256"]
