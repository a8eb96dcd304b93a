"""The drill's screen in a house that plays none, and in one that does."""

from __future__ import annotations

from typing import Any

import pytest

from real_server import serving
from screen import Person, needs_screens, open_demo_account

pytestmark = [pytest.mark.slow, needs_screens]


def test_a_house_in_earnest_says_that_there_is_none_and_how_to_begin_one(browser: Any) -> None:
    with serving(demo=True) as (root, writer, _):
        open_demo_account(writer, "supervisor")
        person = Person(browser, root, "supervisor", "en-GB")
        page = person.open("/drill")
        page.locator("code", has_text="huying drill run").wait_for()
        assert person.axe() == []
        person.close()


def test_every_screen_of_a_drill_says_so(browser: Any) -> None:
    with serving(demo=True, drill="two_at_once") as (root, writer, _):
        open_demo_account(writer, "dispatcher")
        person = Person(browser, root, "dispatcher")
        for path in ("/", "/board", "/desk", "/measures"):
            person.open(path)
            assert "演练" in person.page.locator(".demo").text_content(), path
        assert person.page.locator("nav >> text=实战演练").count() == 1
        person.close()
