"""A citizen's pages in a real browser: with a script and without, both languages, large letters, axe."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import pytest
from PIL import Image

from huying.domain.commands import AcceptReferral, Envelope, ReceiveCall, ResolveReferral
from huying.store.writer import Writer
from real_server import cookie, serving
from screen import AXE, violations
from tiny_pack import IN_WEST

pytestmark = pytest.mark.slow

TELEPHONE = {"width": 360, "height": 740}
# Targets that a thumb can't hit, but for links inside a sentence; and whatever is wider than the screen.
SMALL = """() => [...document.querySelectorAll('button, a, input:not([type=hidden]), textarea, label.choice')]
  .filter((each) => !each.matches('.choice input, .skip, p > a:not(.main, .side, .call)'))
  .filter((each) => each.offsetParent)
  .map((each) => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44).map(([text]) => text)"""
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

SAID = {
    "zh-CN": ("楼下半夜施工，噪声太吵", "下一步", "提交", "是，解决了", "谢谢您", "收到了"),
    "en-GB": (
        "Noise of a building site, all night",
        "Next",
        "Send",
        "Yes, solved",
        "Thank you",
        "We have it",
    ),
}


class Town(NamedTuple):
    root: str
    writer: Writer

    def do(self, command: Any, actor: str = "urban/1") -> dict[str, Any]:
        told: dict[str, Any] = self.writer.submit(Envelope(command, actor=actor)).result(10).answer
        return told

    def newest(self) -> int:
        """The incident that was opened last."""
        asked = Request(self.root + "/api/incidents?limit=1", headers={"cookie": cookie[0]})
        with urlopen(asked) as answer:  # of this machine
            return int(json.load(answer)["items"][0]["id"])


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with serving(demo=True) as (root, writer, _):
        yield Town(root, writer)


class Phone:
    """A page on a telephone, and what went wrong on it."""

    def __init__(self, browser: Any, town: Town, lang: str, script: bool = True, **more: Any) -> None:
        self.town = town
        self.context = browser.new_context(
            locale=lang, viewport=TELEPHONE, java_script_enabled=script, bypass_csp=False, **more
        )
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._console)

    def _console(self, message: Any) -> None:
        if message.type == "error" and "422" not in message.text and "404" not in message.text:
            self.faults.append(message.text)

    def open(self, path: str) -> Any:
        self.page.goto(self.town.root + path)
        return self.page

    @property
    def code(self) -> str:
        found = re.search(r"/follow/(\d+)", self.page.url)
        assert found, self.page.url
        return found[1]


def picture() -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "JPEG")
    return {"name": "tree.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.mark.parametrize("script", [False, True], ids=["no-script", "script"])
@pytest.mark.parametrize("lang", list(SAID))
def test_from_the_problem_to_solved(browser: Any, town: Town, lang: str, script: bool) -> None:
    words, next, send, yes, thanks, have = SAID[lang]
    phone = Phone(browser, town, lang, script)
    page = phone.open("/report")
    page.fill("#words", words)
    page.set_input_files("#photo", [picture()])
    if script:
        page.locator("#previews img").wait_for()
    page.get_by_role("button", name=next).click()
    page.fill("#address", "老街 5 号")
    page.get_by_role("button", name=next).click()
    if page.locator("input[name=same][type=radio]").count():
        page.check("input[name=same][value=no]", force=True)
        page.get_by_role("button", name=next).click()
    page.fill("#phone", "13800000000")
    page.get_by_role("button", name=send).click()
    page.get_by_role("heading", name=have).wait_for()
    assert page.locator("main img").evaluate("each => each.naturalWidth") if script else True
    code = phone.code
    incident = town.newest()
    town.do(AcceptReferral(incident=incident, n=1))
    town.do(ResolveReferral(incident=incident, n=1, answer="停工了", disposition="done"))
    page = phone.open(f"/follow/{code}")
    page.get_by_role("link", name=yes).click()
    page.check("input[name=rating][value='5']", force=True)
    page.get_by_role("button", name=send).click()
    page.get_by_text(thanks).wait_for()
    assert phone.faults == []
    phone.context.close()


def test_the_telephone_says_where_it_is_and_that_can_be_taken_back(browser: Any, town: Town) -> None:
    here = {"latitude": IN_WEST[0], "longitude": IN_WEST[1], "accuracy": 20}
    phone = Phone(browser, town, "zh-CN", geolocation=here, permissions=["geolocation"])
    town.do(ReceiveCall("desk", "广场舞太吵", lat=IN_WEST[0], lon=IN_WEST[1]), "desk-1")
    page = phone.open("/report")
    page.fill("#words", "广场舞太吵了")
    page.click("button.main")
    page.click("#locate")
    page.locator("#found").wait_for()
    page.click("#forget")
    assert page.input_value("input[name=lat]") == ""
    page.click("#locate")
    page.locator("#found").wait_for()
    page.click("button.main")
    page.get_by_role("heading", name="是不是同一件事？").wait_for()
    page.check("input[name=same] >> nth=0", force=True)
    page.click("button.main")
    page.click("button.main")
    page.get_by_role("heading", name="收到了").wait_for()
    assert phone.faults == []
    phone.context.close()


@pytest.mark.parametrize(
    ("lang", "scheme", "contrast", "size"),
    [
        ("zh-CN", "light", "no-preference", "large"),
        ("en-GB", "dark", "no-preference", "usual"),
        ("en-GB", "light", "more", "large"),
    ],
)
def test_every_page_is_open_to_everybody(
    browser: Any, town: Town, lang: str, scheme: str, contrast: str, size: str
) -> None:
    """axe finds nothing, thumbs hit everything, and twice the size of letters cuts nothing off."""
    if not AXE.exists():
        if os.environ.get("CI"):
            raise AssertionError("no axe: `npm ci` in ui/ brings it")
        pytest.skip("axe-core is not there: npm ci in ui/")
    town.do(ReceiveCall("desk", "噪音 noise", lat=IN_WEST[0], lon=IN_WEST[1]), "desk-1")
    phone = Phone(browser, town, lang, color_scheme=scheme, contrast=contrast)
    page, seen = phone.page, []

    def look(name: str) -> None:
        seen.append(name)
        assert violations(page) == [], name
        assert page.evaluate(SMALL) == [], name
        page.set_viewport_size({"width": 320, "height": 640})  # of 1280 px at 400 %
        assert not page.evaluate(WIDE), name
        page.set_viewport_size(TELEPHONE)

    phone.open(f"/report?look={size}")
    look("what")
    page.click("button.main")
    look("what, refused")
    page.fill("#words", SAID[lang][0])
    page.click("button.main")
    look("where")
    page.evaluate(
        "at => at.forEach(([name, value]) => { document.querySelector(`[name=${name}]`).value = value })",
        [["lat", str(IN_WEST[0])], ["lon", str(IN_WEST[1])], ["error_m", "20"]],
    )
    page.click("button.main")
    look("alike")
    page.check("input[name=same][value=no]", force=True)
    page.click("button.main")
    look("reach")
    page.click("button.main")
    look("new")
    code = phone.code
    phone.open(f"/follow/{code}")
    look("follow")
    phone.open("/follow")
    look("code")
    phone.open("/follow/0000099999")
    look("unknown")
    assert len(seen) == 9
    assert phone.faults == []
    phone.context.close()
