"""The pages that need no build: served from the package, with no inline script and no foreign host."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from huying.web.board import pages
from huying.words import load_words
from web_client import Web, open_web


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


@pytest.mark.parametrize("path", ["/plain", "/docs"])
def test_pages_run_no_inline_script_and_ask_no_other_host(web: Web, path: str) -> None:
    answer = web.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", answer.text)
    linked = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert linked
    for each in linked:
        assert each.startswith("/")
        assert web.client.get(each).status_code == 200, each


def test_no_file_names_a_foreign_host() -> None:
    for name, page in pages().items():
        hosts = set(re.findall(rb"https?://([\w.-]+)", page.body)) - {b"www.w3.org"}
        assert not hosts, name


def test_a_file_that_has_not_changed_is_not_sent_again(web: Web) -> None:
    first = web.client.get("/static/board.js")
    again = web.client.get("/static/board.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert web.client.get("/static/..%2Fapp.py").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_board_has_a_word_for_all_it_says(lang: str) -> None:
    script = b"".join(page.body for name, page in pages().items() if name.endswith(".js")).decode()
    keys = set(re.findall(r'word\(\s*"([\w.]+)"', script)) | set(re.findall(r'"(board\.[\w.]+)"', script))
    keys |= {f"board.filter.{kind}" for kind in ("all", "urgent", "late", "desk")}
    keys |= {f"board.{part}{end}" for part in ("late", "desk") for end in ("", ".none")}
    keys |= {f"board.theme.{each}" for each in ("light", "dark")}
    known = load_words().by_language[lang]
    assert len(keys) > 15
    assert keys - set(known) == set()


def test_words_and_pack_for_clients(web: Web) -> None:
    assert web.get("/api/words/zh")[1]["board.incidents"] == "警情"
    assert web.get("/api/words/xx")[1]["code"] == "not_found"
    pack = web.get("/api/pack")[1]
    assert pack["title"] == {"zh": "溪口县", "en": "Xikou County"}
    assert [each["code"] for each in pack["types"]][:2] == ["fire.building", "police.fight"]
    assert pack["units"]["p1"]["en"] == "West car 1"


@pytest.mark.parametrize("path", ["/api/pack", "/api/words/zh"])
def test_what_is_long_and_the_same_for_all_travels_packed(web: Web, path: str) -> None:
    sizes = {}
    for takes in ("gzip", "identity"):
        answer = web.client.get(path, headers={"Accept-Encoding": takes})
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers.get("content-encoding", "identity") == takes
        assert answer.json() == web.get(path)[1]
        sizes[takes] = int(answer.headers["content-length"])
    assert 2 * sizes["gzip"] < sizes["identity"]
