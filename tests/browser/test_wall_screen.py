"""The big screen in a browser: it draws, shows nobody's words, comes back by itself, keeps its memory."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser import ARGUMENTS, CANDIDATES
from huying.base.clock import DAY, SECOND
from huying.domain.commands import Envelope
from huying.domain.office import IssueKey
from huying.edge.secrets import hash_of
from real_server import cookie, serving
from screen import PATIENCE_S, needs_screens, sooner, until

pytestmark = [pytest.mark.slow, needs_screens]
KEY = "huying_wall_of_a_test"
WORDS = "欧阳震宇家厨房着火，电话13958613579"
PLACES = ((28.11489, 121.21634), (28.09004, 121.19064), (28.19558, 121.38218), (27.98437, 121.32123))


@contextmanager
def house(folder: Path, port: int = 0) -> Iterator[tuple[str, Any, Any]]:
    with serving(str(folder / "wall.sqlite"), pack="yunxi", port=port) as (root, writer, clock):
        if port == 0:
            issue = IssueKey(name="screen", hash=hash_of(KEY), scopes=("wall",), until=clock.at + 30 * DAY)
            writer.submit(Envelope(issue, actor="console")).result(10)
        yield root, writer, clock


def calls(root: str, count: int, start: int = 0) -> None:
    for n in range(start, start + count):
        lat, lon = PLACES[n % len(PLACES)]
        told = {"channel": "desk", "lang": "zh", "words": f"{WORDS} {n}", "stated_type": "fire.house"}
        headers = {"cookie": cookie[0], "origin": root}
        point = {"lat": lat + n * 0.0004, "lon": lon - n * 0.0003}
        answer = httpx.post(f"{root}/api/calls", json=told | point, headers=headers, timeout=PATIENCE_S)
        assert answer.status_code == 201, answer.text


def opened(browser: Any, root: str, lang: str = "zh-CN", high: int = 720) -> tuple[Any, list[str]]:
    """The wall's page by its key, and what its scripts and its policy complained of."""
    page = browser.new_context(locale=lang, viewport={"width": high * 16 // 9, "height": high}).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    page.clock.install()
    page.goto(f"{root}/wall#key={KEY}")
    page.wait_for_selector("aside .numbers")
    return page, faults


def test_it_draws_the_county_and_asks_no_other_host(drawing: Any, tmp_path: Path) -> None:
    with house(tmp_path) as (root, _, _):
        calls(root, 4)
        asked: list[str] = []
        page, faults = opened(drawing, root)
        page.on("request", lambda request: asked.append(request.url))
        with page.expect_request(lambda request: request.url.endswith("/map/yunxi.pmtiles")):
            page.reload()
        page.wait_for_selector("[data-ready=yes]")
        assert page.url == f"{root}/wall"  # the key stands on no wall
        assert page.locator("h1").text_content() == "云溪县"
        shown = page.locator("body").inner_text()
        assert "民房火灾" in shown or "火" in shown
        for secret in ("欧阳", "震宇", "13958613579", "厨房"):
            assert secret not in page.content(), secret
        assert all(each.startswith((root, "blob:", "data:")) for each in asked) and asked
        assert faults == []
        # Without a graphics card a wall of 4K is drawn with as many points as a smaller one, and enlarged.
        page.set_viewport_size({"width": 3840, "height": 2160})
        points = (
            "(each => each.clientWidth > 2000 && each.width * each.height)(document.querySelector('canvas'))"
        )
        until(page, f"{points} > 1_000_000 && {points} < 1_500_000")
        page.context.close()


def test_without_a_key_it_says_what_to_do(drawing: Any, tmp_path: Path) -> None:
    with house(tmp_path) as (root, _, _):
        page = drawing.new_context(locale="en-GB").new_page()
        page.goto(f"{root}/wall")
        page.get_by_text("This screen has no key.").wait_for()
        assert page.get_by_role("link", name="Sign in").get_attribute("href") == "/sign-in?next=/wall"
        page.context.close()


def test_where_nothing_can_be_drawn_there_is_a_list_and_an_empty_evening_looks_empty(
    drawing: Any, tmp_path: Path
) -> None:
    path = next(found for name in CANDIDATES if (found := shutil.which(name)))
    plain = drawing.browser_type.launch(executable_path=path, args=[*ARGUMENTS, "--disable-3d-apis"])
    with house(tmp_path) as (root, _, _):
        page, _ = opened(plain, root, "en-GB")
        page.get_by_text("Nobody waits for help of priority 1.").wait_for()
        page.get_by_text("Nothing is late.").wait_for()
        page.get_by_text("This browser can't draw the map.").wait_for()
        plain.close()


def test_it_comes_back_by_itself_after_the_server_did(drawing: Any, tmp_path: Path) -> None:
    with house(tmp_path) as (root, _, _):
        calls(root, 1)
        page, _ = opened(drawing, root, high=360)
        page.get_by_text("未结 1 起").wait_for()
    sooner(page, page.locator(".silent"))  # it says how old what it shows is
    port = int(root.rpartition(":")[2])
    with house(tmp_path, port) as (root, _, _):
        calls(root, 1, start=1)
        sooner(page, page.get_by_text("未结 2 起"))
        assert page.locator(".silent").count() == 0
        page.context.close()


def test_it_says_why_nothing_is_there_yet_and_comes_on_by_itself(drawing: Any, tmp_path: Path) -> None:
    """A wall that is switched on while the house is broken, away, or in the middle of being exchanged."""
    with house(tmp_path) as (root, _, _):
        page = drawing.new_context(locale="zh-CN").new_page()
        page.context.route("**/assets/engine-*", lambda route: route.abort())
        faults, parts = [{"status": 500}, None], []

        def fails(route: Any) -> None:
            route.fulfill(body="", **faults[0]) if faults[0] else route.abort()

        def once(route: Any) -> None:
            parts.append(route.request.url)
            route.abort() if len(parts) == 1 else route.continue_()

        page.route("**/api/wall/county", fails)
        page.route("**/assets/Wall-*.js", once)
        page.clock.install()
        page.goto(f"{root}/wall#key={KEY}")
        sooner(page, page.get_by_text("服务器出了错（500）。"))
        assert len(parts) == 2, "its part was asked for again, by itself"
        faults[0] = None
        sooner(page, page.get_by_text("连不上服务器。"))
        page.unroute("**/api/wall/county")
        sooner(page, page.locator("aside .numbers"))
        page.context.close()


def test_two_hours_at_speed_leave_its_memory_as_it_was(drawing: Any, tmp_path: Path) -> None:
    """80 answers, each a minute and a half after the last, with something new on the map again and again."""
    with house(tmp_path) as (root, _, clock):
        calls(root, 6)
        page, faults = opened(drawing, root, high=360)
        page.wait_for_selector("[data-ready=yes]")
        devtools = page.context.new_cdp_session(page)

        def heap() -> int:
            for _ in range(2):
                devtools.send("HeapProfiler.collectGarbage")
            return int(devtools.send("Runtime.getHeapUsage")["usedSize"])

        heard: list[str] = []
        page.on(
            "response", lambda answer: heard.append(answer.url) if answer.url.endswith("/api/wall") else None
        )
        sizes = []
        for n in range(80):
            clock.at += 90 * SECOND
            if n % 4 == 0:
                calls(root, 1, start=10 + n)
            before = len(heard)
            page.clock.fast_forward(80_000)
            for _ in range(600):
                page.clock.fast_forward(500)
                page.wait_for_timeout(10)
                if len(heard) > before:
                    break
            assert len(heard) > before
            if n % 16 == 15:
                sizes.append(heap())
        # The first answers fill what is kept for drawing; after that nothing may be added for good.
        grown = sizes[-1] - sizes[1]
        assert grown < 6 << 20, json.dumps(sizes)
        assert faults == []
        page.context.close()
