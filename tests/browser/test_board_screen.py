"""The board as dispatchers use it: by keyboard, two at one incident, thousands of rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from real_server import serving
from screen import Person, needs_screens, open_demo_account
from screen import until as until_true

pytestmark = [pytest.mark.slow, needs_screens]


ADVANCE = """([unit, body]) => fetch(`/api/units/${unit}/advance`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })"""


DISPATCH = """([id, body]) => fetch(`/api/incidents/${id}/dispatch`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    .then((each) => each.status)"""


class Dispatcher(Person):
    def __init__(self, browser: Any, root: str, role: str = "dispatcher", lang: str = "en-GB") -> None:
        super().__init__(browser, root, role, lang, viewport={"width": 1400, "height": 900})
        self.without_map()
        self.open("/board")
        self.page.wait_for_selector("[role=listbox]")


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with serving(demo=True) as (address, writer, _):
        for role in ("dispatcher", "supervisor"):
            open_demo_account(writer, role)
        yield address


@pytest.fixture
def board(browser: Any, root: str) -> Iterator[Person]:
    person = Dispatcher(browser, root)
    yield person
    person.close()


def call(person: Person, words: str, **more: Any) -> int:
    """A call comes in; its incident."""
    body = json.dumps({"channel": "desk", "words": words, "lat": 28.05, "lon": 121.15, **more})
    made = person.page.evaluate(
        """body => fetch('/api/calls',
            { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
            .then(each => each.json())""",
        body,
    )
    return int(made["incident_id"])


def open_one(person: Person, id: int) -> Any:
    page = person.open(f"/board?open={id}")
    page.locator(".title", has_text=f"#{id}").wait_for()
    return page


def state(page: Any, id: int) -> Any:
    return page.evaluate("id => fetch(`/api/incidents/${id}`).then(each => each.json())", id)["incident"]


def until(page: Any, id: int, so: str) -> None:
    """Wait until the house says so of the incident."""
    asked = "fetch(`/api/incidents/${id}`).then(each => each.json())"
    until_true(page, f"id => {asked}.then(each => each.incident.{so})", id)


@pytest.mark.parametrize(("lang", "send"), [("en-GB", "sent to"), ("zh-CN", "已派")])
def test_one_key_sends_who_is_recommended(browser: Any, root: str, lang: str, send: str) -> None:
    person = Dispatcher(browser, root, lang=lang)
    id = call(person, "有人打架" if lang == "zh-CN" else "a fight")
    page = open_one(person, id)
    page.locator(".sending input[type=checkbox]").first.wait_for()
    assert "2′" in page.locator(".sending").text_content() or "0′" in page.locator(".sending").text_content()
    assert person.axe() == []
    page.keyboard.press("d")
    page.locator("footer", has_text=send).wait_for()
    units = [each["unit"] for each in state(page, id)["assignments"]]
    assert len(units) == 1
    # Paper goes to an agency as well, and both stand in one incident.
    page.keyboard.press("t")
    page.locator(".step select").select_option("urban")
    page.locator(".step textarea").fill("stalls")
    page.keyboard.press("Enter")
    page.locator(".part", has_text="stalls" if lang == "en-GB" else "综合执法局").first.wait_for()
    both = page.locator(".part h2").all_text_contents()
    assert {"On it", "Referrals"} <= set(both) or {"在办力量", "流转"} <= set(both)
    # By radio: it goes, is there, is done.
    step = page.locator(".part .line button").first
    for reached in ("en_route", "on_scene"):
        offered = step.inner_text()
        step.click()
        until(page, id, f"assignments[0].status === '{reached}'")
        until_true(page, "was => document.querySelector('.part .line button')?.innerText !== was", offered)
    step.click()
    until(page, id, "assignments[0].clear_at")
    assert person.seen() == []
    person.close()


def test_units_of_a_joined_incident_come_along_and_who_is_too_many_is_let_go(board: Person) -> None:
    first, second = call(board, "a fight"), call(board, "a brawl", stated_type="police.fight")
    page = open_one(board, second)
    for id, unit in ((first, "p1"), (second, "p2")):
        assert page.evaluate(DISPATCH, [id, {"units": [unit]}]) == 200
    page.locator(".part .line button").first.wait_for()
    page.keyboard.press("j")
    page.locator(".step input").fill(str(first))
    page.keyboard.press("Enter")
    page.locator("footer", has_text="came along").wait_for()
    page.locator(".title", has_text=f"#{first}").wait_for()
    page.locator(".spare li").wait_for()
    assert page.locator(".spare li").count() == 1
    page.locator(".spare button").click()
    until(page, first, "assignments.some((each) => each.status === 'recalled')")
    page.locator(".spare").wait_for(state="detached")
    (left,) = [each["unit"] for each in state(page, first)["assignments"] if not each.get("clear_at")]
    page.evaluate(ADVANCE, [left, {"to": "recalled"}])
    until(page, first, "assignments.every((each) => each.clear_at)")
    assert board.seen() == []


def test_a_unit_is_sent_by_hand_where_no_run_card_asks_for_one(board: Person) -> None:
    id = call(board, "loud music")
    page = open_one(board, id)
    page.locator(".sending .also").wait_for()
    free = page.locator("#free-units option").first
    free.wait_for(state="attached")
    name = free.get_attribute("value")
    page.keyboard.press("u")
    page.keyboard.type(name[:-1])  # as much as tells it apart
    page.keyboard.press("Enter")
    page.locator(".sending li b", has_text=name).wait_for()
    page.keyboard.press("Enter")
    page.locator(".part .line b", has_text=name).wait_for()
    (sent,) = state(page, id)["assignments"]
    assert "demo-" not in page.locator("ol").text_content()  # who did it is said by role
    page.evaluate(ADVANCE, [sent["unit"], {"to": "recalled", "incident": id}])
    page.locator("ol li", has_text="called back").first.wait_for()


def test_steps_are_taken_by_keys_and_seen_by_others_at_once(browser: Any, root: str) -> None:
    one = Dispatcher(browser, root)
    two = Dispatcher(browser, root, "supervisor", "zh-CN")
    id = call(one, "太吵")
    page, other = open_one(one, id), open_one(two, id)
    page.keyboard.press("n")
    page.keyboard.type("the caller rang again")
    page.keyboard.press("Enter")
    other.locator("ol li", has_text="the caller rang again").wait_for()
    page.keyboard.press("y")
    page.keyboard.type("quarrel")
    page.keyboard.press("Enter")
    page.locator(".step textarea").wait_for()
    page.keyboard.press("Enter")
    other.locator(".title", has_text="邻里纠纷").wait_for()
    page.keyboard.press("x")
    page.keyboard.type("a test")
    page.keyboard.press("Enter")
    other.locator(".title", has_text="已闭环").wait_for()
    other.keyboard.press("o")
    other.keyboard.type("还没解决")
    other.keyboard.press("Enter")
    until(page, id, "status !== 'closed'")
    one.close()
    two.close()


def test_who_comes_second_is_told_who_was_first_and_what_was_done(browser: Any, root: str) -> None:
    first = Dispatcher(browser, root)
    second = Dispatcher(browser, root, "supervisor")
    id = call(first, "a fight near the market")
    page = open_one(first, id)
    second.context.route("**/api/stream*", lambda route: route.abort())  # news don't reach the second
    other = open_one(second, id)
    other.locator(".sending input[type=checkbox]").first.wait_for()
    page.keyboard.press("p")
    page.locator(".step .button", has_text="1").first.click()
    page.locator(".step textarea").fill("weapons seen")
    page.locator(".step button[type=submit]").click()
    page.locator("ol li", has_text="weapons seen").wait_for()
    other.keyboard.press("d")
    told = other.locator(".conflict")
    told.wait_for()
    assert "dispatcher changed this" in told.text_content()
    assert "weapons seen" in told.text_content()
    assert state(other, id)["assignments"] == []
    first.close()
    second.close()


def test_who_phones_back_puts_the_answer_in_by_key(board: Person) -> None:
    id = call(board, "a fight, and one that comes back")
    page = open_one(board, id)
    page.locator(".sending input[type=checkbox]").first.wait_for()
    page.keyboard.press("d")
    until(page, id, "assignments.length > 0")
    unit = state(page, id)["assignments"][0]["unit"]
    for to in ("on_scene", "clear"):
        page.evaluate(ADVANCE, [unit, {"to": to, "disposition": "done" if to == "clear" else ""}])
    until(page, id, "status === 'resolved'")
    page.keyboard.press("3")
    page.locator(".one", has_text=f"#{id}").click()
    page.locator(".steps", has_text="answer").wait_for()
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("f")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    until(page, id, "status === 'open'")  # a no opens it again
    assert state(page, id)["follow_up"]["status"] == "not_solved"
    page.keyboard.press("1")


def test_enter_on_a_button_is_that_buttons_and_sends_nobody(board: Person) -> None:
    id = call(board, "a fight by the bridge")
    page = open_one(board, id)
    page.locator(".sending input[type=checkbox]").first.wait_for()
    page.get_by_role("button", name="Note").focus()
    page.keyboard.press("Enter")
    page.locator(".step textarea").wait_for()
    page.keyboard.press("Escape")
    assert state(page, id)["assignments"] == []
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Enter")
    until(page, id, "assignments.length > 0")


def test_one_key_confirms_where_a_unit_shall_wait(board: Person) -> None:
    """What is proposed is made up here; that it is confirmed, seen and taken back is real."""
    move = {"unit": "p2", "station": "west-post", "ability": "patrol", "seconds": 300.0, "gain": 0.1}
    page = board.page

    def plan(route: Any) -> None:
        told = route.fetch().json()
        units = page.request.get(f"{board.root}/api/units").json()["items"]
        posted = next(each for each in units if each["state"]["code"] == "p2")["state"]["post"]
        route.fulfill(json=told | {"moves": [] if posted else [move]})

    board.context.route("**/api/plan", plan)
    page.keyboard.press("4")
    page.get_by_role("button", name="Let it wait there").wait_for()
    assert board.axe() == []
    page.keyboard.press("m")
    page.locator("footer", has_text="is asked to wait at West joint post").wait_for()
    page.locator(".units li", has_text="waits at West joint post").wait_for()
    page.get_by_role("button", name="Back to its usual place").click()
    page.get_by_role("button", name="Let it wait there").wait_for()
    page.locator(".units li", has_text="waits at").wait_for(state="detached")
    page.keyboard.press("1")


# Which rows there are, and where on the glass.
PLACES = "rows => rows.map(each => [each.id, Math.round(each.getBoundingClientRect().top)])"


def test_no_row_moves_under_a_cursor(board: Person) -> None:
    page = board.page
    first = call(board, "loud music")
    page.locator(f"#i-{first}").wait_for()
    page.hover(f"#i-{first}")
    before = page.locator("[role=option]").evaluate_all(PLACES)
    urgent = call(board, "fire, smoke everywhere")
    line = page.locator(".new")
    line.wait_for()
    assert "1 new" in line.text_content()
    assert page.locator("[role=option]").evaluate_all(PLACES) == before
    page.keyboard.press(".")
    page.locator(f"#i-{urgent}").wait_for()
    assert page.locator("[role=option]").first.get_attribute("id") != f"i-{first}"


def test_filters_panes_and_lists_are_remembered(board: Person) -> None:
    page = board.page
    call(board, "太吵")
    page.get_by_label("State").select_option("duty")
    bar = page.locator("[role=separator]").first
    bar.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    size = bar.get_attribute("aria-valuenow")
    page.keyboard.press("2")
    page.reload()
    page.wait_for_selector("[role=separator]")
    assert page.locator("[role=separator]").first.get_attribute("aria-valuenow") == size
    assert page.locator("[role=tab][aria-selected=true]").text_content() == "Overdue"
    page.keyboard.press("1")
    assert page.get_by_label("State").input_value() == "duty"


def test_it_pleases_axe_in_every_theme_and_at_twice_the_size(browser: Any, root: str) -> None:
    person = Dispatcher(browser, root, lang="zh-CN")
    id = call(person, "着火，冒烟")
    for theme in ("dark", "contrast", "light"):
        page = person.open(f"/board?open={id}&theme={theme}")
        page.locator(".sending").wait_for()
        for part in ("2", "3", "4", "1"):
            page.keyboard.press(part)
            page.wait_for_timeout(200)
            assert person.contrast() == [], theme
    assert person.axe() == []
    for part in ("2", "3", "4", "1"):
        page.keyboard.press(part)
        page.wait_for_timeout(200)
        assert person.axe() == []
    page.evaluate("localStorage.setItem('huying.size', '200')")
    page.reload()
    page.locator(".sending").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert person.axe() == []
    person.close()
