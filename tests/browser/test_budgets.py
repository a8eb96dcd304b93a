"""What the screens cost, and for whom they are made: soon usable, thousands of rows, thirty frames, letters
of twice the size, and nothing that moves for who asked for that.

Costs are processor time of the page beside a loop of the page (`page_work`); what a graphics card draws is
not in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from page_work import FRAME, Work, loops_of
from real_server import serving
from screen import Person, needs_screens, open_demo_account

pytestmark = [pytest.mark.slow, needs_screens]
MANY = 5_000
UNITS = 500
# Of a quiet machine; a page may take as long by its own work alone.
USABLE_MS = 1_500
BLOCKED_MS = 100
FRAME_MS = 1_000 / 30
FRAMES = 40
# Who it is for, where it is, and what stands there once it can be used.
SCREENS = {
    "home": ("supervisor", "/", ".cards a"),
    "desk": ("call_taker", "/desk", "#words:focus"),
    "board": ("dispatcher", "/board", "[role=option]"),
    "inbox": ("clerk", "/inbox", "tbody tr"),
    "unit": ("unit", "/unit", "main h2, main p"),
    "wall": ("supervisor", "/wall", "aside .numbers"),
    "measures": ("supervisor", "/measures", "tr.total"),
    "admin": ("administrator", "/admin", "section h2"),
}
SCROLL = """async () => {
    document.querySelector('[role=listbox]').scrollTop += 2000;
    await new Promise(requestAnimationFrame);
}"""
STILL = """() => [...document.querySelectorAll('*')].filter(each => {
    const style = getComputedStyle(each);
    const longest = text => Math.max(...text.split(',').map(parseFloat));
    return longest(style.transitionDuration) > 0.02 || longest(style.animationDuration) > 0.02;
}).map(each => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with serving(pack="yunxi", demo=True) as (address, writer, _):
        for role in ("call_taker", "dispatcher", "supervisor", "administrator"):
            open_demo_account(writer, role)
        open_demo_account(writer, "clerk", agency="water")
        open_demo_account(writer, "unit", unit="jg101", agency="police")
        yield address


CALL = """words => fetch('/api/calls', { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ channel: 'desk', words, address: '崇文路23号' }) }).then(each => each.json())"""


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_soon_usable_fits_twice_the_size_and_stands_still(
    browser: Any, root: str, name: str
) -> None:
    role, path, usable = SCREENS[name]
    size = {"width": 390, "height": 844} if name == "unit" else {"width": 1280, "height": 800}
    person = Person(browser, root, role, "zh-CN", viewport=size, reduced_motion="reduce")
    person.without_map()
    page = person.page
    if name in ("desk", "board", "inbox"):
        caller = Person(browser, root, "call_taker")
        caller.open("/")
        caller.page.evaluate(CALL, f"门口水管爆了 {name}")
        caller.close()
    work = Work(page)

    def open_it() -> None:
        page.goto(root + path)
        page.wait_for_selector(usable)

    limit = loops_of(USABLE_MS)
    # The first time may pay for what the browser has yet to read and compile.
    cost = [work.loops(open_it)]
    if cost[0] > limit:
        cost.append(work.loops(open_it))
    assert min(cost) <= limit, cost
    assert page.evaluate(STILL) == []
    page.evaluate("localStorage.setItem('huying.size', '200')")
    open_it()
    assert person.cut_off() == []
    assert person.axe() == []
    person.close()


def _line(n: int) -> dict[str, Any]:
    return {
        "id": 1_000_000 + n, "status": "open", "type": "police.noise", "priority": 1 + n % 5,
        "title": f"row {n}", "opened_at": "2026-03-02T01:00:00Z", "changed_at": "2026-03-02T01:00:00Z",
        "lat": 28 + n % 100 / 1000,
        "lon": 121.1 + n % 200 / 1000, "address": "", "agencies": ["urban"], "units": [], "calls": 1,
        "next_due": None, "backup_at": None, "escalations": 0, "duty_desk": False, "version": 1,
    }  # fmt: skip


def _unit(n: int) -> dict[str, Any]:
    state = {"id": n + 1, "code": f"u{n}", "status": "available", "version": 1, "lat": 28.05, "lon": 121.15}
    more = {"moved_at": None, "changed_at": None, "changed_by": "", "incident": 0, "why": ""}
    return {
        "state": state | more,
        "name": {"en": f"Unit {n}"},
        "agency": "police",
        "kind": "car",
        "abilities": [],
        "station": "",
    }


def crowded(person: Person) -> None:
    """The board is told of 5,000 incidents and 500 units."""
    rows = [_line(n) for n in range(MANY)]
    units = [_unit(n) for n in range(UNITS)]

    def page_of(route: Any) -> None:
        if "priority_max=2" in route.request.url:
            return route.fulfill(json={"items": [], "next": ""})
        start = int(route.request.url.partition("cursor=")[2] or 0)
        end = start + 200
        return route.fulfill(json={"items": rows[start:end], "next": str(end) if end < MANY else ""})

    person.context.route("**/api/incidents?*", page_of)
    person.context.route("**/api/units", lambda route: route.fulfill(json={"items": units}))


def test_thousands_of_rows_cost_what_a_screenful_does(browser: Any, root: str) -> None:
    person = Person(browser, root, "dispatcher", "en-GB", viewport={"width": 1400, "height": 900})
    person.without_map()
    crowded(person)
    page = person.open("/board")
    page.locator("[role=tab] b", has_text=f"{MANY:,}").wait_for()
    work = Work(page)

    def scroll() -> None:
        page.evaluate(SCROLL)

    frames = sorted(work.loops(scroll) for _ in range(FRAMES))
    assert frames[FRAMES // 2] <= loops_of(FRAME_MS), frames
    assert frames[FRAMES * 9 // 10] <= loops_of(BLOCKED_MS), frames
    find = page.get_by_label("Find", exact=True)
    find.focus()
    letters = [
        work.loops(lambda key=key: (page.keyboard.press(key), page.evaluate(FRAME))) for key in "row 49"
    ]
    assert max(letters) <= loops_of(BLOCKED_MS), letters
    assert page.locator("[role=option]").count() < 100
    assert page.locator(".units li").count() < 100
    person.close()


def test_a_map_of_thousands_leaves_time_for_thirty_frames(drawing: Any, root: str) -> None:
    """What the page itself does for a frame while the map is pulled; drawing is the graphics card's."""
    person = Person(drawing, root, "dispatcher", "en-GB", viewport={"width": 640, "height": 480})
    crowded(person)
    page = person.open("/board?only=map")
    page.locator("[data-ready=yes]").wait_for()
    page.locator(".map [role=status]", has_text=f"{MANY}").wait_for(state="attached")
    page.wait_for_timeout(1_000)  # the map takes them in beside the page
    work = Work(page)
    page.mouse.move(320, 300)
    page.mouse.down()
    frames = []
    for n in range(FRAMES):
        frames.append(
            work.loops(lambda n=n: (page.mouse.move(320 + 4 * (n % 20), 300 - n), page.evaluate(FRAME)))
        )
    page.mouse.up()
    frames.sort()
    assert frames[FRAMES // 2] <= loops_of(FRAME_MS), frames
    person.close()
