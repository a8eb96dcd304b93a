"""Roads on the board: closed and opened by keyboard, seen in arrival times; a unit's way and reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from browser import PATIENCE_MS
from real_server import serving
from screen import Person, needs_screens, open_demo_account, until

pytestmark = [pytest.mark.slow, needs_screens]
SAYS = {
    "en-GB": {
        "close": "Close a road", "at": "At #", "why": "Why (needed)", "set": "Set it", "free": "Free again",
        "far": "How far around", "feet": "people on foot get through", "no_road": "can’t be reached by road",
        "drone": "drone: ", "boat": "boat: ", "minutes": " min",
    },
    "zh-CN": {
        "close": "封路", "at": "在 #", "why": "原因（必填）", "set": "设定", "free": "恢复通行",
        "far": "范围（半径）", "feet": "行人能过", "no_road": "走陆路到不了",
        "drone": "无人机：", "boat": "船：", "minutes": " 分钟",
    },
}  # fmt: skip
# The harbour of the demo county: by boat as well.
HARBOUR = {"lat": 28.09416, "lon": 121.34774}


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with serving(demo=True, pack="yunxi") as (address, writer, _):
        open_demo_account(writer, "dispatcher")
        yield address


def dispatcher(browser: Any, root: str, lang: str) -> Person:
    person = Person(browser, root, "dispatcher", lang, viewport={"width": 1200, "height": 800})
    person.without_map()
    return person


def call(person: Person, **place: float) -> int:
    body = json.dumps({"channel": "desk", "words": "有人打架", "stated_type": "", **place})
    made = person.page.evaluate(
        """body => fetch('/api/calls',
            { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
            .then(each => each.json())""",
        body,
    )
    return int(made["incident_id"])


@pytest.mark.parametrize("lang", SAYS)
def test_a_closure_by_keyboard_cuts_off_and_says_who_gets_there(browser: Any, root: str, lang: str) -> None:
    says = SAYS[lang]
    person = dispatcher(browser, root, lang)
    person.open("/board")
    id = call(person, **HARBOUR)
    page = person.open(f"/board?open={id}")
    page.locator(".sending li").first.wait_for()
    before = page.locator(".sending .time").first.text_content()
    page.keyboard.press("c")
    page.locator(".closing").wait_for()
    assert person.axe() == []
    page.get_by_role("button", name=f"{says['at']}{id}").press("Enter")
    page.get_by_label(says["far"]).select_option("3000")
    page.get_by_label(says["feet"]).uncheck()
    page.get_by_label(says["why"]).fill("flood")
    page.get_by_label(says["why"]).press("Enter")
    page.locator(".closing li").wait_for()
    # Nobody touches the incident: its times change because the roads did.
    page.locator(".sending .cutoff", has_text=says["no_road"]).wait_for()
    told = page.locator(".sending .cutoff").text_content()
    assert says["drone"] in told and says["boat"] in told and says["minutes"] in told, told
    assert person.axe() == []
    page.get_by_role("button", name=says["free"]).press("Enter")
    page.locator(".sending .cutoff").wait_for(state="detached")
    assert page.locator(".sending .time").first.text_content() == before
    page.keyboard.press("Escape")
    assert person.seen() == []
    person.close()


def test_the_way_and_the_reach_of_a_chosen_unit_are_shown(browser: Any, root: str) -> None:
    person = dispatcher(browser, root, "en-GB")
    person.open("/board")
    id = call(person, lat=28.1, lon=121.2)
    page = person.open(f"/board?open={id}")
    page.locator(".sending .time").first.click()
    page.locator("text=km").first.wait_for()
    name = page.locator(".units .name").first
    name.press("Enter")
    page.locator(".map .reach", has_text="10′").wait_for()
    assert name.get_attribute("aria-pressed") == "true"
    assert person.axe() == []
    page.get_by_role("button", name="Hide").click()
    page.locator(".map .reach").wait_for(state="detached")
    assert person.seen() == []
    person.close()


def test_the_map_draws_on_while_a_closure_is_set_in_it(drawing: Any, root: str) -> None:
    person = Person(drawing, root, "dispatcher", "en-GB", viewport={"width": 1200, "height": 800})
    person.open("/board")
    id = call(person, lat=28.1, lon=121.2)
    page = person.open(f"/board?open={id}&only=map")
    page.locator("section.map[data-ready]").wait_for()
    page.keyboard.press("c")
    page.get_by_label("Where", exact=True).fill("28.10000, 121.20500")
    page.get_by_label("Where", exact=True).press("Enter")
    page.get_by_label("Why (needed)").fill("burst main")
    page.get_by_role("button", name="Set it").click()
    page.locator(".closing li", has_text="burst main").wait_for()
    until(page, "() => fetch('/api/closures').then(each => each.json()).then(each => each.items.length)")
    assert person.faults == []
    person.close()


def test_a_place_is_chosen_on_the_desks_map_by_pointer_and_by_key(drawing: Any, root: str) -> None:
    """Of a map that is drawn, also where a sign stands; axe looks at it as well."""
    size = {"width": 1200, "height": 800}
    person = Person(drawing, root, "dispatcher", "en-GB", viewport=size, reduced_motion="reduce")
    page = person.open("/desk")
    page.locator("#words").fill("a water main has burst")
    page.locator("section.map[data-ready]").wait_for()
    ground = page.locator("canvas.maplibregl-canvas").bounding_box()
    x, y = ground["x"] + ground["width"] / 2 + 40, ground["y"] + ground["height"] / 2
    for step in range(PATIENCE_MS // 100):  # a station stands there; its sign is drawn with the ground
        page.mouse.move(x + step % 2, y)
        if page.locator(".tip").is_visible():
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError("no sign under the pointer")
    page.mouse.click(x, y)
    chosen = page.locator("dd", has_text="Set by you.")
    chosen.wait_for()
    was = chosen.inner_text()
    page.locator("canvas.maplibregl-canvas").press("ArrowRight")
    page.locator("canvas.maplibregl-canvas").press("Enter")
    until(page, "was => ![...document.querySelectorAll('dd')].some(each => each.innerText === was)", was)
    assert person.axe() == [] and person.faults == []
    person.close()
