"""The unit's phone in a real browser: a tunnel, a killed browser, a refusal, a call for help."""

from __future__ import annotations

import io
import itertools
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

from browser import ARGUMENTS, CANDIDATES
from huying.base.clock import MINUTE, ManualClock
from huying.base.refusal import Refusal
from huying.domain.commands import AdvanceUnit, Command, DispatchUnits, Envelope, ReceiveCall
from huying.store.writer import Writer
from real_server import serving
from screen import needs_screens, until, violations
from signed_in import COOKIE, begin_session, open_account
from tiny_pack import IN_WEST

pytestmark = [pytest.mark.slow, needs_screens]

_numbers = itertools.count()
PHONE = {"width": 390, "height": 844}
# Targets that a thumb can't hit.
# What a thumb can't reach because it ends beyond the glass.
BEYOND = """() => [...document.querySelectorAll('footer .button')]
  .filter((each) => each.getBoundingClientRect().right > innerWidth)
  .map((each) => each.outerHTML.slice(0, 80))"""
SMALL = """() => [...document.querySelectorAll('button, a, select, label.button')]
  .filter((each) => each.offsetParent)
  .map((each) => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 48 || box.height < 48).map(([text]) => text)"""
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
SAID = {
    "zh": {
        "go": "出动",
        "there": "到场",
        "clear": "处毕",
        "how": "已处理",
        "note": "备注",
        "keep": "记下",
        "idle": "没有任务",
        "waiting": "已存，待发 {}",
        "off": "没有信号",
    },
    "en": {
        "go": "En route",
        "there": "On scene",
        "clear": "Clear",
        "how": "Dealt with",
        "note": "Note",
        "keep": "Keep it",
        "idle": "No assignment",
        "waiting": "kept, to be sent: {}",
        "off": "No network",
    },
}


class Town(NamedTuple):
    root: str
    writer: Writer
    clock: ManualClock

    def do(self, command: Command, actor: str = "desk-1") -> dict[str, Any]:
        told: dict[str, Any] = self.writer.submit(Envelope(command, actor=actor)).result(10).answer
        return told

    def fight(self, unit: str) -> int:
        """A fight to which the unit has just been sent."""
        with suppress(Refusal):  # from another test, where that one failed
            self.do(AdvanceUnit(unit=unit, to="clear"))
        self.clock.at += 40 * MINUTE
        told = self.do(ReceiveCall("desk", f"菜场门口有人打架 {unit}", lat=IN_WEST[0], lon=IN_WEST[1]))
        self.do(DispatchUnits(incident=told["incident_id"], units=(unit,)))
        return int(told["incident_id"])

    def cookie(self, code: str, unit: str) -> dict[str, str]:
        def submit(sent: Envelope) -> Any:
            return self.writer.submit(sent).result(10).answer

        account = open_account(submit, code, "unit", unit=unit, agency="police")
        return {"name": COOKIE, "value": begin_session(submit, account, code)[0], "url": self.root}


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with serving() as (root, writer, clock):
        yield Town(root, writer, clock)


def opened(context: Any, town: Town, code: str, unit: str) -> Any:
    context.add_cookies([town.cookie(code, unit)])
    page = context.new_page()
    page.goto(f"{town.root}/unit")
    return page


def cut(context: Any, page: Any) -> None:
    """Cut the network, and wait until the page has none."""
    context.set_offline(True)
    until(page, "() => fetch('/healthz').then(() => false, () => true)")


def press(page: Any, name: str) -> None:
    page.locator("footer").get_by_role("button", name=name, exact=True).click()


def settled(page: Any) -> None:
    """The part that answers without a network is in charge, and has all it needs."""
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    page.reload()


def photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(made, "JPEG")
    return made.getvalue()


def by_crew(browser: Any, town: Town, incident: int, crew: str) -> list[dict[str, Any]]:
    """What the journal says of an incident that the crew told, as a supervisor reads it."""

    def submit(sent: Envelope) -> Any:
        return town.writer.submit(sent).result(10).answer

    name = f"look-{crew}-{next(_numbers)}"
    secret, _ = begin_session(submit, open_account(submit, name, "supervisor"), name)
    with_cookie = browser.new_context(extra_http_headers={"Cookie": f"{COOKIE}={secret}"})
    story = with_cookie.request.get(f"{town.root}/api/incidents/{incident}").json()
    with_cookie.close()
    return [each for each in story["timeline"] if each["actor"] == crew]


@pytest.fixture(autouse=True)
def gone_home(browser: Any) -> Iterator[None]:
    """Who came for one test leaves after it."""
    there = list(browser.contexts)
    yield
    for context in browser.contexts:
        if context not in there:
            context.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_whole_assignment_in_a_tunnel_is_told_once_and_in_order(
    browser: Any, town: Town, lang: str
) -> None:
    said, unit = SAID[lang], {"zh": "p1", "en": "p2"}[lang]
    incident = town.fight(unit)
    context = browser.new_context(viewport=PHONE, locale={"zh": "zh-CN", "en": "en-GB"}[lang])
    page = opened(context, town, f"crew-{lang}", unit)
    page.get_by_role("heading", level=2).filter(has_text=unit).wait_for()
    assert violations(page) == []
    assert page.evaluate(SMALL) == []
    page.evaluate("document.documentElement.style.fontSize = '32px'")  # 200 %
    assert page.evaluate(BEYOND) == []
    page.evaluate("document.documentElement.style.fontSize = ''")
    settled(page)
    page.get_by_role("heading", level=2).filter(has_text=unit).wait_for()

    cut(context, page)
    press(page, said["go"])
    page.get_by_text(said["waiting"].format(1)).wait_for()
    press(page, said["note"])
    page.locator("textarea").fill("隧道里，没有信号")
    page.get_by_role("button", name=said["keep"]).click()
    press(page, said["there"])
    page.get_by_text(said["waiting"].format(3)).wait_for()
    page.reload()  # the page itself comes from the phone
    page.get_by_role("heading", level=2).filter(has_text=unit).wait_for()
    page.get_by_text(said["waiting"].format(3)).wait_for()
    assert said["off"] in page.locator(".net").inner_text()
    assert violations(page) == []
    picture = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    page.set_input_files("footer input[type=file]", picture)
    page.get_by_text(said["waiting"].format(4)).wait_for()
    press(page, said["clear"])
    page.get_by_role("button", name=said["how"]).click()
    page.get_by_text(said["waiting"].format(5)).wait_for()
    context.set_offline(False)
    page.get_by_text(said["idle"]).wait_for()
    page.locator(".net").wait_for(state="detached")
    context.close()
    timeline = by_crew(browser, town, incident, f"crew-{lang}")
    told = [each["type"] for each in timeline]
    assert told == [
        "assignment.en_route",
        "incident.note_added",
        "assignment.on_scene",
        "incident.note_added",
        "photo.attached",
        "assignment.clear",
        "incident.resolved",
        "follow_up.asked",
    ]
    done = [each["body"]["done_at"] for each in timeline if "done_at" in each["body"]]
    assert len(done) == 5 and all(done) and done == sorted(done), "each says when it was done"


def test_what_waits_survives_a_killed_browser(browser: Any, town: Town, tmp_path: Path) -> None:
    town.fight("p1")
    cookie = town.cookie("crew-killed", "p1")
    playwright = browser.browser_type
    path = next(f for name in CANDIDATES if (f := _which(name)))
    folder = str(tmp_path / "phone")
    kept = playwright.launch_persistent_context(
        folder, executable_path=path, args=list(ARGUMENTS), viewport=PHONE, locale="zh-CN"
    )
    kept.add_cookies([cookie | {"expires": 4_000_000_000}])
    page = kept.new_page()
    page.goto(f"{town.root}/unit")
    page.get_by_role("heading", level=2).filter(has_text="p1").wait_for()
    settled(page)
    page.get_by_role("heading", level=2).filter(has_text="p1").wait_for()
    cut(kept, page)
    press(page, "出动")
    page.get_by_text("已存，待发 1").wait_for()
    _kill(folder)
    kept = playwright.launch_persistent_context(
        folder, executable_path=path, args=list(ARGUMENTS), viewport=PHONE, locale="zh-CN"
    )
    # A browser writes cookies to the disk when it likes; who has to sign in again finds the same queue.
    kept.add_cookies([cookie | {"expires": 4_000_000_000}])
    page = kept.new_page()
    page.goto(f"{town.root}/unit")
    page.get_by_role("button", name="到场", exact=True).wait_for()
    page.locator(".net").wait_for(state="detached")
    page.get_by_role("heading", level=2).filter(has_text="p1").wait_for()
    unit = "(all) => all.items.find((each) => each.state.code === 'p1').state.status"
    assert page.evaluate(f"() => fetch('/api/units').then((a) => a.json()).then({unit})") == "en_route"
    kept.close()


def _which(name: str) -> str:
    return subprocess.run(["which", name], capture_output=True, text=True, check=False).stdout.strip()


def _kill(folder: str) -> None:
    """End the browser that runs in this folder, by its number, as a phone does that runs out of memory."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}".encode() in arguments and not any(
            each.startswith(b"--type=") for each in arguments
        ):
            os.kill(int(process.name), signal.SIGKILL)


def test_a_refusal_stays_with_what_to_do_and_nothing_is_lost(browser: Any, town: Town) -> None:
    incident = town.fight("p2")
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = opened(context, town, "crew-refused", "p2")
    page.get_by_role("heading", level=2).filter(has_text="p2").wait_for()
    cut(context, page)
    press(page, "出动")
    press(page, "备注")
    page.locator("textarea").fill("绕道走的")
    page.get_by_role("button", name="记下").click()
    page.get_by_text("已存，待发 2").wait_for()
    town.do(AdvanceUnit(unit="p2", to="recalled", why="有人更近"))
    context.set_offline(False)
    page.get_by_role("alert").filter(has_text="出动").wait_for()
    page.locator(".net").wait_for(state="detached")
    refused = page.get_by_role("alert").filter(has_text="出动")
    refused.get_by_role("button", name="知道了，不报了").click()
    refused.wait_for(state="detached")
    page.get_by_text("没有任务").wait_for()
    assert page.get_by_role("alert").count() == 0, "what was noted before is kept, and says so"
    (note,) = [
        each
        for each in by_crew(browser, town, incident, "crew-refused")
        if each["type"] == "incident.note_added"
    ]
    assert note["body"]["words"] == "绕道走的"
    assert note["body"]["unit"] == "p2", "told after it had left"
    context.close()


def test_help_is_seen_at_once_and_the_night_is_dark(browser: Any, town: Town) -> None:
    town.fight("p1")
    context = browser.new_context(viewport=PHONE, locale="zh-CN", color_scheme="light")
    page = opened(context, town, "crew-help", "p1")
    page.get_by_role("heading", level=2).filter(has_text="p1").wait_for()
    press(page, "支援")
    assert violations(page) == []
    page.get_by_role("button", name="马上请求支援").click()
    page.locator("footer").get_by_role("button", name="已请求支援").wait_for()
    page.locator(".what").filter(has_text="P1").wait_for()
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="More").wait_for()
    assert violations(page) == []
    assert page.evaluate(SMALL) == []
    page.get_by_role("button", name="200 %").click()
    assert not page.evaluate(WIDE)
    context.close()


def test_help_from_a_unit_on_no_incident_waits_for_a_network_and_opens_one_where_it_is(
    browser: Any, town: Town
) -> None:
    with suppress(Refusal):
        town.do(AdvanceUnit(unit="p2", to="clear"))
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = opened(context, town, "crew-alone", "p2")
    page.get_by_text("没有任务").wait_for()
    settled(page)
    page.get_by_text("没有任务").wait_for()
    cut(context, page)
    press(page, "支援")
    assert page.evaluate(SMALL) == []
    page.get_by_text("立一件一级警情").wait_for()
    page.get_by_role("button", name="马上请求支援").click()
    page.locator("footer").get_by_role("button", name="已请求支援").wait_for()
    page.get_by_text("已存，待发 1").wait_for()
    context.set_offline(False)
    page.locator(".what").filter(has_text="P1").wait_for()
    page.locator("h2").filter(has_text="东溪一组").wait_for()
    context.close()
    told = town.do(AdvanceUnit(unit="p2", to="clear"))
    assert told["status"] == "clear"


def test_a_position_is_told_only_by_who_has_switched_it_on(browser: Any, town: Town) -> None:
    town.fight("p2")
    town.do(AdvanceUnit(unit="p2", to="clear"))
    where = "() => fetch('/api/units').then((answer) => answer.text())"
    context = browser.new_context(
        viewport=PHONE,
        locale="zh-CN",
        permissions=["geolocation"],
        geolocation={"latitude": 28.0321, "longitude": 121.2654},
    )
    page = opened(context, town, "crew-where", "p2")
    page.get_by_text("没有任务").wait_for()
    assert "28.0321" not in page.evaluate(where)
    page.get_by_role("button", name="更多").click()
    page.get_by_label("报告位置").check()
    page.get_by_text("最近一次").wait_for()
    until(page, f"async () => (await ({where})()).includes('28.0321')")
    page.get_by_role("button", name="停勤").click()
    page.get_by_text("停勤中").wait_for()
    until(page, f"async () => (await ({where})()).includes('out_of_service')")
    page.locator("footer").get_by_role("button", name="恢复备勤").click()
    page.get_by_text("没有任务").wait_for()
    context.close()
