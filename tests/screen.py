"""A person at a screen of the app, in a real browser: signed in by the demo county's button, with what went
wrong on the page, and axe's opinion of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from browser import PATIENCE_MS
from huying.domain.commands import Envelope
from huying.domain.office import OpenAccount
from huying.store.writer import Writer
from huying.web.screens import built

AXE = Path(__file__).resolve().parents[1] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
# All of WCAG up to 2.2 AA, and what axe holds to be good practice.
_RUN = "axe.run(document, { resultTypes: ['violations'] })"
# What a theme can break.
_RUN_CONTRAST = """axe.run(document, { resultTypes: ['violations'],
    runOnly: ['color-contrast', 'link-in-text-block'] })"""

# What is wider than its window or than its screen can't be read without pushing it aside.
CUT_OFF = """[...document.querySelectorAll('html, main')]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => `${each.tagName} ${each.scrollWidth} > ${each.clientWidth}`)"""

PATIENCE_S = PATIENCE_MS // 1_000
# Long enough for a page that asks in circles to be seen: each circle takes some ten milliseconds.
REST_MS = 500
LOOK_MS = 100
FORWARD_MS = 5_000

needs_screens = pytest.mark.skipif(
    not built() and not os.environ.get("CI"), reason="the screens have not been built: make ui"
)


def open_demo_account(writer: Writer, role: str, **more: Any) -> None:
    command = OpenAccount(code=f"demo-{role}", role=role, demo=True, **more)
    writer.submit(Envelope(command, actor="installation")).result(10)


def violations(page: Any, run: str = _RUN) -> list[str]:
    """Rules of axe that the page breaks, with the first place of each."""
    page.wait_for_load_state()  # a press that leads on is over before the next page has its style
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(run)["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]


class Person:
    """`page` is the tab that is open; `faults` what its scripts and its policy complained of."""

    def __init__(self, browser: Any, root: str, role: str, lang: str = "zh-CN", **context: Any) -> None:
        self.root = root
        self.context = browser.new_context(locale=lang, **context)
        self.faults: list[str] = []
        self.page = self.tab()
        # As the button of the page does, of which `test_sign_in` and the whole story have walks.
        asked = {"role": role, "next": "/"}
        came = self.context.request.post(
            f"{root}/sign-in/demo", form=asked, headers={"Origin": root}, max_redirects=0
        )
        assert came.status == 303, came.text()

    def tab(self) -> Any:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._console)
        return page

    def _console(self, message: Any) -> None:
        if "Content Security Policy" in message.text or message.type == "error":
            self.faults.append(message.text)

    def open(self, path: str) -> Any:
        self.page.goto(self.root + path)
        settle(self.page)
        return self.page

    def axe(self) -> list[str]:
        return violations(self.page)

    def cut_off(self) -> list[str]:
        """What is cut off at the side, with how wide it is and how wide it may be."""
        found: list[str] = self.page.evaluate(CUT_OFF)
        return found

    def contrast(self) -> list[str]:
        """Of what axe looks for, what another theme may break of a screen that pleases it in one."""
        return violations(self.page, _RUN_CONTRAST)

    def without_map(self) -> None:
        """The map has tests of its own; drawn without a graphics card it would cost others some minutes."""
        self.context.route("**/assets/engine-*", lambda route: route.abort())

    def seen(self) -> list[str]:
        """Faults but for the map that was left out."""
        return [each for each in self.faults if "ERR_FAILED" not in each]

    def close(self) -> None:
        self.context.close()


class Asked:
    """What a page has asked its server and not been answered yet, but the live stream, which never ends."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._open: set[Any] = set()
        self.count = 0
        page.on("request", self._begun)
        # Not when it is finished: a page that reads no more than the status never takes the rest.
        page.on("response", lambda response: self._ended(response.request))
        page.on("requestfailed", self._ended)
        # Of what the page before it still waited for, not every end is told.
        page.on("framenavigated", lambda frame: self._open.clear())

    def _begun(self, request: Any) -> None:
        self.count += 1
        if urlsplit(request.url).path != "/api/stream":
            self._open.add(request)

    def _ended(self, request: Any) -> None:
        self._open.discard(request)

    def at_rest(self) -> bool:
        """Whether a page that has all it needs leaves its server alone."""
        self.answered()
        before = self.count
        self._page.wait_for_timeout(REST_MS)
        return self.count - before <= REST_MS // 100

    def answered(self) -> None:
        """Wait until all is, and what the answers made the page ask next."""
        calm = 0
        for _ in range(PATIENCE_S * 20):
            self._page.wait_for_timeout(50)
            calm = 0 if self._open else calm + 1
            if calm == 3:
                return
        raise AssertionError(f"never answered: {[each.url for each in self._open]}")


def settle(page: Any) -> None:
    """Wait until the screen stands: its part is there and waits for nothing. Only then do its keys act."""
    page.locator("main > :not(h1, .wait)").first.wait_for(state="attached")
    for waiting in page.locator("main .wait").all():
        waiting.wait_for(state="detached")


def arrive(page: Any, path: str) -> None:
    """Wait until the tab has come to an address by whatever way: a page on its way may be sent on meanwhile,
    which `wait_for_url` takes for a fault."""
    for _ in range(PATIENCE_S * 10):
        if urlsplit(page.url).path == path and page.locator("h1").count():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came to {path}: {page.url}")


def sooner(page: Any, what: Any) -> None:
    """See what the page shows by itself after a while: its clock, installed before it was opened, is put
    forward, and nobody waits."""
    for _ in range(PATIENCE_MS // LOOK_MS):
        if what.is_visible():
            return
        page.clock.fast_forward(FORWARD_MS)
        page.wait_for_timeout(LOOK_MS)
    raise AssertionError(f"never came: {what}")


def until(page: Any, script: str, arg: Any = None) -> None:
    """Wait until what the page evaluates is true; also what it promises, which `wait_for_function` takes for
    true at once."""
    for _ in range(PATIENCE_S * 10):
        if page.evaluate(script, arg):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {script}")
