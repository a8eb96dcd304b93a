"""The desk as a call taker uses it: a whole call by keyboard, in both languages; nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from huying.web.screens import built
from real_server import serving
from screen import Person, needs_screens, open_demo_account, until

pytestmark = [pytest.mark.slow, needs_screens]
KIB = 1024
# Before the map, which is a part of its own.
DESK_MAX = 350 * KIB
DRAFT = "huying.desk.draft"


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with serving(demo=True) as (address, writer, _):
        for role in ("call_taker", "supervisor"):
            open_demo_account(writer, role)
        yield address


@pytest.fixture
def desk(browser: Any, root: str) -> Iterator[Person]:
    person = Person(browser, root, "call_taker", "en-GB")
    open_desk(person)
    yield person
    person.close()


def open_desk(person: Person, path: str = "/desk") -> Any:
    person.without_map()
    page = person.open(path)
    page.wait_for_selector("#words:focus")
    return page


def say(page: Any, words: str) -> None:
    page.keyboard.type(words)
    page.locator("mark").first.wait_for(state="attached")


def taken(page: Any) -> dict[str, Any]:
    """What the screen says of the call just taken, with the incident behind it."""
    page.locator(".taken .code").wait_for()
    id = int(page.locator(".taken a").get_attribute("href").split("=")[1])
    told = page.evaluate("id => fetch(`/api/incidents/${id}`).then(each => each.json())", id)
    return {"code": page.locator(".taken .code").text_content().replace(" ", ""), **told}


@pytest.mark.parametrize(
    ("lang", "words", "type"),
    [("zh-CN", "门口有人打架，动刀了", "打架斗殴"), ("en-GB", "a fight, he has a knife", "Fight")],
)
def test_a_whole_call_without_the_mouse(browser: Any, root: str, lang: str, words: str, type: str) -> None:
    person = Person(browser, root, "call_taker", lang)
    page = open_desk(person)
    say(page, words)
    page.locator("dd b", has_text=type).first.wait_for()
    page.locator("mark").nth(1).wait_for(state="attached")  # what it is, and what makes it urgent
    page.locator(".level[aria-pressed=true]", has_text="1").wait_for()

    page.keyboard.press("Alt+p")
    page.keyboard.type("28.05, 121.15")
    page.keyboard.press("Enter")
    page.locator("dd b", has_text="28.05000").wait_for()
    page.keyboard.press("Alt+q")
    page.keyboard.press("y")
    page.wait_for_selector("#words:focus")  # the last question leads back to the words
    page.keyboard.press("Alt+k")
    page.keyboard.type("13800000000")
    assert person.axe() == []
    page.keyboard.press("Enter")
    page.wait_for_selector("#words:focus")
    page.keyboard.press("Enter")

    told = taken(page)
    incident, call = told["incident"], told["calls"][0]
    assert len(told["code"]) == 10
    assert (incident["type"], incident["priority"]) == ("police.fight", 1)
    assert (incident["place"]["lat"], incident["place"]["lon"]) == (28.05, 121.15)
    assert (call["answers"], call["channel"], call["words"]) == ({"danger": "yes"}, "desk", words)
    assert call["contact"] > 0
    assert page.input_value("#words") == ""
    assert page.evaluate(f"localStorage.getItem('{DRAFT}')") is None
    assert person.seen() == []
    person.close()


def test_the_language_changes_and_the_draft_and_its_reasons_stay(desk: Person) -> None:
    page = desk.page
    say(page, "有人打架")
    page.locator(".why", has_text="says").first.wait_for()
    page.keyboard.press("Control+.")
    page.locator(".why", has_text="提到").first.wait_for()
    assert page.input_value("#words") == "有人打架"
    page.keyboard.press("Control+.")


def test_a_second_call_joins_by_one_key(desk: Person) -> None:
    page = desk.page
    for n in range(2):
        say(page, "loud music again")
        page.keyboard.press("Alt+p")
        page.keyboard.type("28.02, 121.28")
        page.keyboard.press("Enter")
        if n:
            page.locator(".right .one").first.wait_for()
            page.keyboard.press("Alt+j")
            page.locator(".right [aria-pressed=true]").wait_for()
        page.keyboard.press("Enter")
        page.locator(".taken .code").wait_for()
    page.get_by_text("joined to").first.wait_for()
    assert len(taken(page)["calls"]) == 2


def test_one_caller_has_two_matters_and_the_second_keeps_who_calls(desk: Person) -> None:
    page = desk.page
    say(page, "loud music over the shop")
    page.locator(".contact option", has_text="seems English").wait_for(state="attached")
    page.keyboard.press("Alt+k")
    page.keyboard.type("13900000001")
    page.keyboard.press("Alt+m")
    page.locator(".taken .code").wait_for()
    first = taken(page)
    page.wait_for_selector("#words:focus")
    assert (page.input_value("#words"), page.input_value("#phone")) == ("", "13900000001")
    say(page, "a fight too")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.locator(f".taken a:not([href$='={first['incident']['id']}'])").wait_for()
    second = taken(page)
    assert second["incident"]["type"] == "police.fight"
    assert 0 < first["calls"][0]["contact"] != second["calls"][0]["contact"] > 0
    assert page.input_value("#phone") == ""


def test_keys_are_listed_while_one_types_and_a_type_is_found_as_people_say_it(desk: Person) -> None:
    page = desk.page
    say(page, "noise")
    page.keyboard.press("F1")
    page.locator(".help kbd", has_text="F1").wait_for()
    page.keyboard.press("Escape")
    page.locator(".help").wait_for(state="detached")
    assert page.input_value("#words") == "noise"
    page.keyboard.press("Alt+t")
    page.keyboard.type("he has a knife")  # no type is called so
    page.locator("[role=option]", has_text="Fight").wait_for()
    page.keyboard.press("Enter")
    page.locator("dd b", has_text="Fight").wait_for()
    page.keyboard.press("Alt+n")


def test_a_lower_priority_is_a_step_of_its_own(desk: Person) -> None:
    page = desk.page
    say(page, "my bicycle was stolen")
    page.keyboard.press("Alt+5")
    page.locator(".level[aria-pressed=true]", has_text="5").wait_for()
    page.keyboard.press("Enter")
    told = taken(page)
    assert told["incident"]["priority"] == 5
    assert "incident.priority_set" in [each["type"] for each in told["timeline"]]


def test_a_type_that_is_held_or_changed_is_stated(desk: Person) -> None:
    page = desk.page
    say(page, "noise")
    page.keyboard.press("Alt+t")
    page.keyboard.type("quarrel")
    page.keyboard.press("Enter")
    page.locator("dd b", has_text="Quarrel between neighbours").wait_for()
    page.keyboard.press("Enter")
    told = taken(page)
    assert (told["incident"]["type"], told["calls"][0]["stated_type"]) == ("town.dispute", "town.dispute")


def test_a_draft_outlives_a_page_that_crashes_and_ends_with_the_session(browser: Any, root: str) -> None:
    person = Person(browser, root, "call_taker", "zh-CN")
    page = open_desk(person)
    say(page, "隔壁一直太吵")
    until(page, f"localStorage.getItem('{DRAFT}') !== null")
    page.close()  # without asking the page, as a crash would
    page = person.page = person.tab()
    open_desk(person)
    assert page.input_value("#words") == "隔壁一直太吵"
    page.get_by_text("上次没接完的").wait_for()
    page.click("#out")
    page.wait_for_selector("button[value=call_taker]")
    assert page.evaluate(f"localStorage.getItem('{DRAFT}')") is None
    person.close()


def test_without_a_connection_nothing_is_lost_and_nothing_is_taken_twice(desk: Person) -> None:
    page = desk.page
    say(page, "smoke behind the market")
    kept = json.loads(page.evaluate(f"localStorage.getItem('{DRAFT}')") or "{}")
    # The answer gets lost on its way: the call has been taken, the desk can't know.
    lost = []

    def lose(route: Any) -> None:
        lost.append(route.fetch().json())
        route.abort()

    page.route("**/api/calls", lose)
    page.keyboard.press("Enter")
    page.get_by_text("has not been taken").wait_for()
    assert page.input_value("#words") == "smoke behind the market"
    page.unroute("**/api/calls")
    page.keyboard.press("Enter")
    told = taken(page)
    assert told["incident"]["id"] == lost[0]["incident_id"]
    assert told["code"] == lost[0]["code"]
    assert kept.get("who", "demo-call_taker") == "demo-call_taker"


def test_the_audit_sample_is_asked_without_the_suggestion(browser: Any, root: str) -> None:
    person = Person(browser, root, "call_taker", "en-GB")
    page = open_desk(person)
    waiting = page.evaluate(
        """async () => {
            for (let n = 0; n < 300; n++) {
                const said = await (await fetch('/api/audit')).json();
                if (said.waiting) return said.waiting;
                await fetch('/api/calls', { method: 'POST', headers: { 'Content-Type': 'application/json' },
                    body: JSON.stringify({ channel: 'desk', words: 'noise number ' + n }) });
            }
        }"""
    )
    assert waiting
    page.keyboard.press("Alt+a")
    page.locator(".audit blockquote").wait_for()
    assert "Noise" not in page.locator(".audit blockquote").text_content()
    page.keyboard.type("noise")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="That is it").click()
    page.get_by_text("Noted.").wait_for()
    assert person.axe() == []
    person.close()


def test_it_pleases_axe_in_every_theme_and_at_twice_the_size(browser: Any, root: str) -> None:
    person = Person(browser, root, "call_taker", "zh-CN", viewport={"width": 1280, "height": 800})
    for theme in ("dark", "contrast", "light"):
        page = open_desk(person, f"/desk?theme={theme}")
        say(page, "邻居吵架太吵")
        assert person.contrast() == [], theme
    assert person.axe() == []
    page.evaluate("localStorage.setItem('huying.size', '200')")
    page.reload()
    page.wait_for_selector("#words:focus")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#words").bounding_box()["width"] > 600  # the one field keeps its room
    page.locator("#take").scroll_into_view_if_needed()
    box = page.locator("#take").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    person.close()


def test_it_is_small(browser: Any, root: str) -> None:
    person = Person(browser, root, "call_taker", "en-GB")
    asked: list[str] = []
    person.page.on("request", lambda each: asked.append(each.url))
    open_desk(person)
    files = {each.partition("/app/")[2] for each in asked if "/app/" in each}
    before_map = [each for each in files if "engine" not in each and "maplibre" not in each]
    size = sum(len(built()[each].packed or built()[each].body) for each in before_map if each in built())
    assert 0 < size <= DESK_MAX, size
    person.close()
