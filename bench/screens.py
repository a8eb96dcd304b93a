"""The board with 5,000 incidents and 500 units: the longest task of the page while somebody works in its
list, by the browser's own count.

A task is long to the browser from 50 ms of the wall on; none that is shorter is told of, so 50 stands for
"none was as long". Frames of a map need a graphics card and are not measured here: what the page itself does
for one is held by `tests/browser/test_budgets.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "tests" / "browser"))

from rows import Row
from test_budgets import MANY, SCROLL, UNITS, crowded

from browser import chromium
from page_work import FRAME
from real_server import serving
from screen import Person, open_demo_account

LIMIT_MS = 100
TOLD_FROM_MS = 50
STEPS = 60
# A task of our own that must be told of, else the figures would say nothing.
SLOW = """() => new Promise(done => setTimeout(() => {
    const start = performance.now();
    while (performance.now() - start < 120);
    setTimeout(done, 100);
}))"""
WATCH = """() => {
    window.longest = 0;
    new PerformanceObserver(list => {
        for (const each of list.getEntries()) window.longest = Math.max(window.longest, each.duration);
    }).observe({ type: 'longtask' });
}"""


def rows() -> Iterator[Row]:
    with chromium() as browser, serving(pack="yunxi", demo=True) as (root, writer, _):
        open_demo_account(writer, "dispatcher")
        person = Person(browser, root, "dispatcher", "en-GB", viewport={"width": 1400, "height": 900})
        person.without_map()
        crowded(person)
        page = person.open("/board")
        page.locator("[role=tab] b", has_text=f"{MANY:,}").wait_for()
        page.evaluate(WATCH)
        page.evaluate(SLOW)
        assert page.evaluate("() => window.longest") >= 120, "the browser tells of no long task"
        for name, does in WORKS.items():
            page.evaluate("() => { window.longest = 0; }")
            for n in range(STEPS):
                does(page, n)
                page.evaluate(FRAME)
            longest = max(float(page.evaluate("() => window.longest")), TOLD_FROM_MS)
            told = f"board of {MANY:,} incidents and {UNITS} units: longest task in ms, {name}"
            yield Row(told, longest, LIMIT_MS, 1, less=True)
        person.close()


def _find(page: Any, n: int) -> None:
    """Six letters, one after the other, and away with them."""
    if n == 0:
        page.get_by_label("Find", exact=True).focus()
    page.keyboard.press(("row 49"[n % 12]) if n % 12 < 6 else "Backspace")


WORKS = {
    "scrolling": lambda page, n: page.evaluate(SCROLL),
    "from row to row": lambda page, n: page.keyboard.press("ArrowDown"),
    "finding by words": _find,
}
