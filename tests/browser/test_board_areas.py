"""An area is closed by drawing it, told in words and lifted by one key; areas of time on the board."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from real_server import serving
from screen import Person, needs_screens, open_demo_account, until

pytestmark = [pytest.mark.slow, needs_screens]
CORNERS = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.62))
CLOSURES = "() => fetch('/api/closures').then(each => each.json()).then(each => each.items{})"


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with serving(demo=True, pack="yunxi") as (address, writer, _):
        open_demo_account(writer, "dispatcher")
        yield address


def test_an_area_is_drawn_by_mouse_told_in_words_and_lifted_by_one_key(drawing: Any, root: str) -> None:
    person = Person(drawing, root, "dispatcher", "en-GB", viewport={"width": 1200, "height": 880})
    page = person.open("/board?only=map")
    page.locator("section.map[data-ready]").wait_for()
    page.keyboard.press("c")
    draw = page.get_by_role("button", name="Draw an area")
    draw.click()
    page.get_by_text("Corners: 0").wait_for()
    ground = page.locator("section.map .ground")
    box = ground.bounding_box()
    assert box is not None
    spots = [(box["width"] * x, box["height"] * y) for x, y in CORNERS]
    for n, (x, y) in enumerate(spots[:-1], 1):
        ground.click(position={"x": x, "y": y})
        page.get_by_text(f"Corners: {n}.").wait_for()
    ground.dblclick(position={"x": spots[-1][0], "y": spots[-1][1]})
    page.get_by_text("An area of 3 corners").wait_for()
    page.get_by_label("Why (needed)").fill("dam may break")
    page.get_by_label("Why (needed)").press("Enter")
    row = page.locator(".closing li", has_text="dam may break")
    row.get_by_text("area drawn on the map").wait_for()
    row.get_by_text("until somebody opens it").wait_for()
    until(page, CLOSURES.format("[0]?.ring?.length === 3"))
    # What is given up leaves nothing behind.
    draw.click()
    ground.click(position={"x": spots[0][0], "y": spots[0][1]})
    page.get_by_text("Corners: 1.").wait_for()
    draw.press("Escape")
    page.get_by_text("Corners: 1.").wait_for(state="detached")
    page.locator(".closing").wait_for()
    draw.press("g")
    row.wait_for(state="detached")
    until(page, CLOSURES.format(".length === 0"))
    assert person.faults == []
    person.close()


def test_areas_of_time_around_the_open_incident(browser: Any, root: str) -> None:
    person = Person(browser, root, "dispatcher", "zh-CN", viewport={"width": 1500, "height": 1000})
    person.without_map()
    person.open("/board")
    body = json.dumps({"channel": "desk", "words": "有人打架", "lat": 28.11489, "lon": 121.21634})
    made = person.page.evaluate(
        """body => fetch('/api/calls',
            { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
            .then(each => each.json())""",
        body,
    )
    page = person.open(f"/board?open={made['incident_id']}")
    page.locator(".sending li").first.wait_for()
    page.keyboard.press("i")
    told = page.locator(".map .reach", has_text="平方公里")
    told.wait_for()
    assert "15′" in (told.text_content() or "")
    assert person.axe() == []
    page.keyboard.press("i")
    told.wait_for(state="detached")
    page.keyboard.press("c")
    page.get_by_role("button", name="在地图上画范围").press("Enter")
    page.get_by_text("已点 0 个角").wait_for()
    assert person.axe() == []
    assert person.seen() == []
    person.close()
