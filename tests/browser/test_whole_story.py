"""One story from the first word to the last, each person at the own screen, in the demo county's own pack:

a citizen reports a burst pipe by phone, without script; the desk gets the same by telephone and joins it; a
crew goes; the water company is asked, is late, it climbs; it answers; the citizen says no; it is open again;
it is mended, and the citizen says yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from huying.base.clock import MINUTE
from real_server import serving
from screen import PATIENCE_S, Person, needs_screens, open_demo_account

pytestmark = [pytest.mark.slow, needs_screens]
WHERE = "崇文路23号"
# What must be on the incident's timeline in the end.
LINE = {
    "call.received",
    "incident.call_joined",
    "assignment.dispatched",
    "assignment.on_scene",
    "deadline.escalated",
    "referral.accepted",
    "referral.resolved",
    "incident.reopened",
    "incident.closed",
}
# What a dispatcher hears by radio and puts in.
CLEAR = """unit => fetch(`/api/units/${unit}/advance`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ to: 'clear' }),
})"""


class Citizen:
    """A phone without script."""

    def __init__(self, browser: Any, root: str) -> None:
        self.root = root
        self.context = browser.new_context(
            locale="zh-CN", viewport={"width": 390, "height": 844}, java_script_enabled=False
        )
        self.page = self.context.new_page()
        self.code = ""

    def reports(self, words: str, where: str) -> str:
        page = self.page
        page.goto(f"{self.root}/report")
        page.locator("textarea").fill(words)
        page.click("form button.main")
        page.locator("form input[type=text]:visible, form input:not([type]):visible").first.fill(where)
        page.click("form button.main")
        page.click("form button.main")
        page.wait_for_url("**/follow/**")
        self.code = re.sub(r"\D", "", page.url.split("/follow/")[1].split("?")[0])
        return self.code

    def says(self, whether: str, words: str = "") -> None:
        """Answer the question whether it is solved."""
        self.sees()
        self.page.get_by_role("link", name=whether).click()
        if words:
            self.page.locator("textarea").fill(words)
        self.page.click("form button.main")

    def sees(self) -> str:
        self.page.goto(f"{self.root}/follow/{self.code}")
        return str(self.page.inner_text("main"))


def told(person: Person, id: int) -> dict[str, Any]:
    found: dict[str, Any] = person.page.evaluate(
        "id => fetch(`/api/incidents/${id}`).then((each) => each.json())", id
    )
    return found


def types(story: dict[str, Any]) -> list[str]:
    return [each["type"] for each in story["timeline"]]


def until(person: Person, id: int, so: Callable[[dict[str, Any]], Any]) -> None:
    """Wait until the house says so of the incident."""
    for _ in range(PATIENCE_S * 10):
        if so(told(person, id)):
            return
        person.page.wait_for_timeout(100)
    raise AssertionError(f"it never came so far: {types(told(person, id))}")


def test_a_burst_pipe_from_the_first_word_to_the_last(browser: Any) -> None:
    with serving(pack="yunxi", demo=True) as (root, writer, clock):
        for role in ("call_taker", "dispatcher"):
            open_demo_account(writer, role)
        open_demo_account(writer, "clerk", agency="water")

        citizen = Citizen(browser, root)
        citizen.reports(f"{WHERE}门口水管爆了，水流到马路上", WHERE)
        assert "云溪水务公司须在今天 14:00 前答复您" in citizen.sees()

        id = join_the_same_at_the_desk(browser, root)
        board = at_a_screen(browser, root, "dispatcher")
        units = send_who_is_recommended(board, id)
        open_demo_account(writer, "unit", unit=units[0], agency="water")
        phone = set_out(browser, root)
        clock.at += 6 * MINUTE
        phone.get_by_role("button", name="到场", exact=True).click()
        until(board, id, lambda story: story["incident"]["assignments"][0]["on_scene_at"])

        # The water company is late to accept: it climbs by itself.
        told(board, id)  # somebody is at the board: it does not lock
        clock.at += 11 * MINUTE
        until(board, id, lambda story: "deadline.escalated" in types(story))
        notices = board.page.evaluate("fetch('/api/notices').then((each) => each.json())")["items"]
        assert id in [each["incident"] for each in notices]

        clerk = at_a_screen(browser, root, "clerk")
        answer(clerk, id, "已关阀，正在换管")
        for unit in units:
            board.page.evaluate(CLEAR, unit)
        until(board, id, lambda story: story["incident"]["status"] == "resolved")
        assert "已关阀，正在换管" in citizen.sees()

        citizen.says("否，没解决", "水还在冒")
        until(board, id, lambda story: "incident.reopened" in types(story))
        answer(clerk, id, "管子换好了", max(each["n"] for each in told(board, id)["incident"]["referrals"]))
        until(board, id, lambda story: story["incident"]["status"] == "resolved")
        citizen.says("是，解决了")
        until(board, id, lambda story: story["incident"]["status"] == "closed")
        assert set(types(told(board, id))) >= LINE


def at_a_screen(browser: Any, root: str, role: str) -> Person:
    person = Person(browser, root, role, viewport={"width": 1440, "height": 900})
    person.without_map()
    return person


def join_the_same_at_the_desk(browser: Any, root: str) -> int:
    """The desk hears of it by telephone and joins it by one key; the incident."""
    desk = at_a_screen(browser, root, "call_taker")
    page = desk.open("/desk")
    page.wait_for_selector("#words:focus")
    page.keyboard.type(f"{WHERE}水管爆了，路都淹了")
    page.locator(".right .one").first.wait_for()
    page.keyboard.press("Alt+j")
    page.locator(".right [aria-pressed=true]").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator(".taken .code").wait_for()
    id = int(page.locator(".taken a").get_attribute("href").split("=")[1])
    story = told(desk, id)
    assert (len(story["calls"]), story["incident"]["type"]) == (2, "water.burst")
    desk.close()
    return id


def send_who_is_recommended(board: Person, id: int) -> list[str]:
    """By one key; the units that go."""
    page = board.open(f"/board?open={id}")
    page.locator(".sending input[type=checkbox]").first.wait_for()
    page.keyboard.press("d")
    page.locator("footer", has_text="已派").wait_for()
    units = [each["unit"] for each in told(board, id)["incident"]["assignments"]]
    assert units
    return units


def set_out(browser: Any, root: str) -> Any:
    """The crew's phone goes en route; the part of its page with the next step."""
    phone = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844}).new_page()
    phone.goto(f"{root}/sign-in?next=/unit")
    phone.click("button[value=unit]")
    foot = phone.locator("footer")
    foot.get_by_role("button", name="出动", exact=True).click()
    foot.get_by_role("button", name="到场", exact=True).wait_for()
    return foot


def answer(clerk: Person, id: int, words: str, n: int = 1) -> None:
    """Accept what is owed on an incident, and answer it."""
    page = clerk.open("/inbox")
    page.locator(f"#row-{id}-{n} a").first.click()
    page.get_by_role("heading", level=2).filter(has_text="水管").wait_for()
    page.keyboard.press("a")
    page.get_by_text("已受理").first.wait_for()
    page.keyboard.press("e")
    page.locator("#inbox-words").fill(words)
    page.select_option(".how select", index=1)
    page.locator("#inbox-words").focus()
    page.keyboard.press("Control+Enter")
    page.locator("footer").get_by_text(re.compile("答复|办结")).first.wait_for()
