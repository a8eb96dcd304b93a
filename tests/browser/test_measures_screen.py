"""The screen of measures in a real browser: groups by a key, a number's definition and list, print, axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from huying.base.clock import DAY
from huying.domain.commands import Envelope, ReceiveCall
from real_server import serving
from screen import Person, needs_screens, open_demo_account
from tiny_pack import IN_EAST, IN_WEST

pytestmark = [pytest.mark.slow, needs_screens]
SAID = {
    "zh-CN": ("西溪镇", "本期新立的警情数", "去年 1", "噪声扰民"),
    "en-GB": ("West Brook", "Incidents opened in the period", "last year 1", "Noise"),
}


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """One noise in the west last year; 3 there last month; 3 in the west and 12 in the east this month."""
    with serving(demo=True) as (address, writer, clock):

        def noise(at: tuple[float, float]) -> None:
            call = ReceiveCall("desk", "", stated_type="city.noise", lat=at[0], lon=at[1])
            writer.submit(Envelope(call, actor="desk-1")).result(10)

        noise(IN_WEST)
        clock.at += 340 * DAY
        for _ in range(3):
            noise(IN_WEST)
        clock.at += 25 * DAY
        for n in range(15):
            noise(IN_WEST if n < 3 else IN_EAST)
        clock.at += DAY
        for role in ("supervisor", "administrator"):
            open_demo_account(writer, role)
        yield address


@pytest.mark.parametrize("lang", SAID)
def test_a_number_opens_its_definition_and_its_list(browser: Any, root: str, lang: str) -> None:
    west, definition, before, noise = SAID[lang]
    person = Person(browser, root, "supervisor", lang, viewport={"width": 1400, "height": 900})
    page = person.open("/measures")
    page.locator("tr.total").wait_for()
    bar = page.locator(".course .bars button[aria-label*=': 15']")  # the hour in which all came
    bar.wait_for()
    assert before in bar.get_attribute("aria-label")
    bar.click()
    page.locator("aside tbody tr").nth(14).wait_for()  # all of that day
    assert person.axe() == []
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    row = page.locator("tbody tr", has_text=west)
    row.wait_for()
    cell = row.locator("td").nth(1).locator("button")
    assert cell.locator("b").text_content() == "3"
    assert before in cell.text_content()
    cell.click()
    aside = page.locator("aside")
    aside.get_by_text(definition).wait_for()
    aside.locator("tbody tr").nth(2).wait_for()
    assert noise in aside.locator("tbody tr").first.text_content()
    assert aside.locator("tbody tr").count() == 3
    assert person.axe() == []
    page.reload()
    page.locator("aside tbody tr").nth(2).wait_for()
    page.keyboard.press("Escape")
    aside.wait_for(state="detached")
    page.emulate_media(media="print")
    assert not page.locator(".measures header").is_visible()
    assert page.locator(".print-only", has_text=definition).is_visible()
    assert person.faults == []
    person.close()


def test_small_numbers_are_not_shown_to_who_has_no_right(browser: Any, root: str) -> None:
    person = Person(browser, root, "administrator", "en-GB")
    page = person.open("/measures?by=area")
    page.locator("tbody tr", has_text="West").wait_for()
    assert "under 10" in page.locator("tbody tr", has_text="West").text_content()
    assert "whole months" in page.locator(".note").text_content()
    assert person.axe() == []
    page.keyboard.press("1")
    page.locator(".course .bars button").nth(11).wait_for()  # no days, but the months that ended
    assert "a bar is a month" in page.locator(".course").text_content()
    assert person.axe() == []
    page.keyboard.press("2")
    page.locator("tbody tr", has_text="West").wait_for()
    page.locator("tbody tr.total td button").first.click()
    page.locator("aside [role=alert]").wait_for()  # an administrator follows no incidents
    with page.expect_download() as download:
        page.locator("a", has_text="CSV").click()
    assert download.value.suggested_filename == "measures.csv"
    person.close()
