"""The drill's screen in a house that plays none, and in one that does."""

from __future__ import annotations

from typing import Any

import pytest

from drill_town import made_town
from huying.sim.drill.policies import POLICIES
from huying.sim.drill.stage import Ask, Theatre, run_drill
from huying.web.screens import SCREENS
from real_server import serving
from screen import Person, needs_screens, open_demo_account

pytestmark = [pytest.mark.slow, needs_screens]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> str:
    return made_town(tmp_path_factory.mktemp("xikou"))


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
        person.without_map()
        for path in ("/", *(f"/{screen}" for screen in SCREENS)):
            person.page.goto(root + path)
            person.page.wait_for_selector(".demo")
            assert "演练" in person.page.locator(".demo").first.text_content(), path
        assert person.page.locator("nav >> text=实战演练").count() == 1
        # What a citizen would open says so too, before any script and without one.
        for path in ("/report", "/plain"):
            person.page.goto(root + path)
            assert "演练" in person.page.locator("body").text_content(), path
        person.close()


def test_who_played_sees_what_every_rule_would_have_brought(browser: Any, town: str) -> None:
    told = Theatre(town)
    scenario, policies = told.scenario("brawl"), tuple(POLICIES)
    ask = Ask(scenario="brawl", pack=town, seed=7, policy="nearest-by-line", hindsight=policies)
    found = run_drill(ask, lambda calls, at: None, theatre=told)
    now = {"about": scenario.about, "now": found["ends_at"], "over": True, "speed": 1.0}
    with serving(demo=True, drill="brawl", told=lambda: {**found, **now}) as (root, writer, _):
        open_demo_account(writer, "supervisor")
        person = Person(browser, root, "supervisor", "en-GB")
        page = person.open("/drill")
        rows = page.locator("tr", has_text="★")
        rows.wait_for()
        assert rows.count() == 1
        assert page.locator("tr", has_text="as it went").count() == 1
        for policy in ("nearest by road", "nearest by straight line", "one kept in reserve"):
            assert page.locator("th", has_text=policy).count() >= 1, policy
        assert person.axe() == []
        assert person.faults == []
        person.close()
