"""Every screen does its main job on real days: 911 calls of Montgomery County, 311 requests of Boston, and
messages to the departments of a Chinese province.

English only, thousands of lines, units that are out, promises that were not kept, records whose place is
missing, and messages as long as letters: what an invented county doesn't have. The records lie outside the
project; without them these tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huying.store.writer import Writer
from replayed import replay, served
from screen import Person, needs_screens, open_demo_account, until

pytestmark = [pytest.mark.slow, needs_screens]
CALLS = 700
REQUESTS = 3_000
MESSAGES = 150
PHONE = {"width": 390, "height": 844}
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
ASK = "path => fetch(path).then(each => each.json())"


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Writer]]:
    """A Saturday afternoon of a county: a dozen incidents open, ten units out of 320."""
    with served(replay("montgomery", CALLS, tmp_path_factory.mktemp("calls"))) as (root, writer, _):
        for role in ("call_taker", "dispatcher"):
            open_demo_account(writer, role)
        yield root, writer


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Ten days of a city's requests; more than a thousand wait for an answer."""
    with served(replay("boston", REQUESTS, tmp_path_factory.mktemp("requests"))) as (root, writer, _):
        for role in ("supervisor", "administrator", "dispatcher"):
            open_demo_account(writer, role)
        open_demo_account(writer, "clerk", agency="publicworks")
        yield root


def at(browser: Any, root: str, role: str, path: str, lang: str = "en-GB", **how: Any) -> Person:
    person = Person(browser, root, role, lang, **({"viewport": {"width": 1440, "height": 900}} | how))
    person.without_map()
    person.open(path)
    return person


def sound(person: Person) -> None:
    """Nothing went wrong, axe finds nothing, and with letters of twice the size nothing is cut off."""
    assert person.axe() == []
    person.page.evaluate("document.documentElement.style.fontSize = '32px'")
    assert person.cut_off() == []
    assert person.seen() == []
    person.close()


def test_a_call_is_taken_among_those_of_the_day(browser: Any, calls: tuple[str, Writer]) -> None:
    desk = at(browser, calls[0], "call_taker", "/desk")
    page = desk.page
    page.locator("aside.left li").nth(5).wait_for()
    assert "POTTSTOWN" in page.locator("aside.left").inner_text(), "one sees where, not only what"
    open_ones = page.evaluate(ASK, "/api/incidents?status=open&status=active")["items"]
    near = next(each for each in open_ones if each["type"] == "traffic.crash" and each["lat"])
    page.keyboard.type("two cars hit each other, a door won't open")
    page.locator("dd b", has_text="crash").first.wait_for()
    page.keyboard.press("Alt+p")
    page.keyboard.type(f"{near['lat']}, {near['lon']}")
    page.keyboard.press("Enter")
    page.locator(".right .one").first.wait_for()
    page.keyboard.press("Alt+j")
    page.locator(".right [aria-pressed=true]").first.wait_for()
    page.keyboard.press("Control+Enter")
    page.locator(".taken .code").wait_for()
    sound(desk)


def test_who_is_nearest_of_three_hundred_goes(browser: Any, calls: tuple[str, Writer]) -> None:
    board = at(browser, calls[0], "dispatcher", "/board")
    page = board.page
    page.locator("[role=option]").first.wait_for()
    names = page.locator(".units li b").all_text_contents()
    assert len(names) == len(set(names)), "two units of one name can't be told apart"
    page.get_by_label("State").select_option("open")
    row = page.locator("[role=option]", has_text="crash").first
    where = row.locator(".a .grow").inner_text().split(" · ")[0]
    row.click()
    page.get_by_role("button", name="Send (1").wait_for()
    assert where in page.locator("header", has_text="#").last.inner_text()
    page.keyboard.press("d")
    page.locator("footer", has_text="sent to").wait_for()
    page.locator(".part", has_text="On it").wait_for()
    page.get_by_label("State").select_option("all")
    sound(board)


def test_a_unit_of_the_day_says_what_it_does_next(browser: Any, calls: tuple[str, Writer]) -> None:
    root, writer = calls
    board = at(browser, root, "dispatcher", "/board")
    units = board.page.evaluate(ASK, "/api/units")["items"]
    board.close()
    out = next(each for each in units if each["state"]["status"] == "on_scene")
    open_demo_account(writer, "unit", unit=out["state"]["code"], agency=out["agency"])
    phone = browser.new_context(locale="en-GB", viewport=PHONE).new_page()
    phone.goto(f"{root}/sign-in?next=/unit")
    phone.click("button[value=unit]")
    phone.locator("h2").first.wait_for()
    assert not phone.evaluate(WIDE)
    phone.get_by_role("button", name="Clear", exact=True).click()
    phone.locator(".list .tall").first.click()
    phone.get_by_text("No assignment").wait_for()
    phone.context.close()


def test_a_clerk_answers_one_of_hundreds(browser: Any, requests: str) -> None:
    inbox = at(browser, requests, "clerk", "/inbox")
    page = inbox.page
    page.locator("tbody tr").first.wait_for()
    assert page.locator("tbody tr").first.locator(".late").count(), "what is late stands first"
    assert "MA" in page.locator("tbody tr").first.locator(".where").inner_text()
    row = page.locator("tbody tr").first.get_attribute("id")
    page.keyboard.press("j")
    page.locator("#inbox-words").fill("The crew was there this morning.")
    page.select_option(".how select", index=1)
    page.locator("#inbox-words").focus()
    page.keyboard.press("Control+Enter")
    page.locator("footer").get_by_text("Answered").wait_for()
    page.locator(f"#{row}").wait_for(state="detached")
    sound(inbox)


def test_the_numbers_are_those_of_the_file(browser: Any, requests: str) -> None:
    person = at(browser, requests, "supervisor", "/measures?by=type&period=twelve")
    page = person.page
    total = page.locator("tr.total td")
    total.first.wait_for()
    assert total.first.locator("b").inner_text() == f"{REQUESTS:,}"
    assert "last year –" in total.first.inner_text(), "a city that had no record had not zero calls"
    assert "2011" in page.locator(".measures .head").inner_text()
    page.locator("tbody tr", has_text="Pothole").locator("td button").first.click()
    page.locator("aside figure .bar").nth(5).wait_for()
    page.get_by_role("button", name="Show more").click()
    until(page, "document.querySelectorAll('aside tbody tr').length === 100")
    sound(person)


def test_more_than_a_wall_can_show_is_said(browser: Any, requests: str) -> None:
    person = at(browser, requests, "dispatcher", "/board")
    page = person.page
    tab = page.locator("[role=tab][aria-selected=true] b")
    until(page, "Number(document.querySelector('[role=tab] b')?.textContent.replace(',', '')) > 1000")
    opened = tab.inner_text()
    page.goto(f"{requests}/wall")
    page.locator("footer", has_text=f"{opened} open").wait_for()
    late = page.locator(".late-list .row").all_text_contents()
    assert late and all("MA 02" not in each for each in late)
    person.close()


def test_neighbours_find_what_was_reported(browser: Any, requests: str) -> None:
    person = at(browser, requests, "dispatcher", "/board")
    line = next(
        each
        for each in person.page.evaluate(ASK, "/api/incidents?status=active&limit=200")["items"]
        if each["type"] == "sr.street_light" and each["lat"]
    )
    person.close()
    here = {"latitude": line["lat"], "longitude": line["lon"], "accuracy": 15}
    phone = browser.new_context(
        locale="en-GB", viewport=PHONE, geolocation=here, permissions=["geolocation"]
    ).new_page()
    phone.goto(f"{requests}/report")
    phone.fill("#words", "The street light in front of our house is out")
    phone.click("button.main")
    phone.click("#locate")
    phone.locator("#found").wait_for()
    phone.click("button.main")
    phone.check("input[name=same][type=radio] >> nth=0", force=True)
    phone.click("button.main")
    phone.click("button.main")
    phone.get_by_role("heading", name="We have it").wait_for()
    assert not phone.evaluate(WIDE)
    phone.context.close()


def test_thousands_of_facts_check_out(browser: Any, requests: str) -> None:
    person = at(browser, requests, "administrator", "/admin?part=record")
    person.page.get_by_role("button", name="Check the whole journal").click()
    person.page.locator("text=checked one by one, all well").wait_for()
    person.close()


def test_messages_as_long_as_letters_without_a_place_hold_on_every_screen(
    browser: Any, tmp_path: Path
) -> None:
    """The words of others are in no assertion: they are measured by, never copied."""
    with served(replay("wenzheng", MESSAGES, tmp_path)) as (root, writer, _):
        for role in ("call_taker", "dispatcher", "administrator"):
            open_demo_account(writer, role)
        board = at(browser, root, "dispatcher", "/board", lang="zh-CN")
        page = board.page
        asked = page.evaluate(ASK, "/api/incidents?status=open&status=active&limit=200")["items"]
        stories = [page.evaluate(ASK, f"/api/incidents/{each['id']}") for each in asked]
        long = next(each for each in stories if len(each["calls"][0]["words"]) > 400)
        id, referral = long["incident"]["id"], long["incident"]["referrals"][-1]
        page.goto(f"{root}/board?open={id}")
        called = page.locator("blockquote", has_text="网上留言")
        called.get_by_role("button", name="全文").click()
        assert called.inner_text().count("…") == 0 and len(called.inner_text()) > 400
        sound(board)
        desk = at(browser, root, "call_taker", "/desk", lang="zh-CN")
        desk.page.locator("#words").fill(long["calls"][0]["words"])
        desk.page.locator("dd b").first.wait_for()
        sound(desk)
        open_demo_account(writer, "clerk", agency=referral["agency"])
        inbox = at(browser, root, "clerk", f"/inbox?of={id}.{referral['n']}", lang="zh-CN")
        inbox.page.locator("article ol").first.wait_for()
        sound(inbox)
        wall = at(browser, root, "dispatcher", "/wall", lang="zh-CN")
        wall.page.locator(".late-list .row").first.wait_for()
        assert wall.cut_off() == [] and wall.seen() == []
        wall.close()
        admin = at(browser, root, "administrator", "/admin?part=record", lang="zh-CN")
        admin.page.locator("td", has_text="开设账号").first.wait_for()
        sound(admin)
