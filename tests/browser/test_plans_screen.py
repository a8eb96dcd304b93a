"""Plans of deployment as supervisors use them: worked out, changed, put on the table, adopted by another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from huying.domain.commands import Envelope
from huying.domain.deployment import ProposeDeployment
from huying.edge import planner
from real_server import serving
from screen import Person, needs_screens, open_demo_account, until

pytestmark = [pytest.mark.slow, needs_screens]
# Working it out takes some seconds of a core; others use it as well.
WORKED_MS = 240_000
SAYS = {
    "en-GB": {
        "work": "Work it out", "today": "Today", "title": "Title", "propose": "Propose", 
        "why": "Why (needed)",
        "adopt": "Adopt", "force": "in force", "add": "One crew more", "try": "Try it out as changed",
        "own": "As changed", "station": "To a station", "source": "By", "shifts": "Shifts", "end": "End it",
        "other": "another supervisor adopts it",
    },
    "zh-CN": {
        "work": "测算", "today": "现在", "title": "方案名称", "propose": "提交", "why": "理由（必填）",
        "adopt": "启用", "force": "执行中", "add": "加一个车组", "try": "试算调整后的方案",
        "own": "调整后的方案", "station": "挪到驻地", "source": "依据", "shifts": "班次", "end": "停用",
        "other": "要由另一位主管启用",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[str, Any]]:
    with pytest.MonkeyPatch.context() as patch, serving(demo=True, pack="starter") as (address, writer, _):
        # Fewer weeks of their own are tried, and not after everything else that this machine does.
        patch.setattr(planner, "SEEDS", 4)
        patch.setattr(planner, "NICER", 0)
        open_demo_account(writer, "supervisor")
        open_demo_account(writer, "dispatcher")
        yield address, writer


def supervisor(browser: Any, root: str, lang: str) -> Person:
    person = Person(browser, root, "supervisor", lang, viewport={"width": 1400, "height": 1000})
    person.without_map()
    return person


def choice(page: Any, label: str) -> Any:
    """The list under a label; the label's own words are those of its choices as well."""
    return page.locator("form label", has_text=label).first.locator("select")


def test_posts_are_worked_out_changed_tried_and_proposed(browser: Any, house: tuple[str, Any]) -> None:
    """In one language until they are worked out and in the other from there on."""
    root, _ = house
    says = SAYS["en-GB"]
    person = supervisor(browser, root, "en-GB")
    page = person.open("/plans")
    page.keyboard.press("n")
    choice(page, says["source"]).select_option("rhythm")
    choice(page, "Ability").select_option("patrol")
    page.get_by_role("button", name=says["work"], exact=True).click()
    page.get_by_role("rowheader", name=says["today"]).wait_for(timeout=WORKED_MS)
    assert person.axe() == []
    says = SAYS["zh-CN"]
    page.keyboard.press("Control+.")
    page.get_by_role("rowheader", name=says["today"]).wait_for()
    # One crew more, at a station, by keyboard; then tried out beside today's.
    page.get_by_role("button", name=says["add"]).press("Enter")
    page.get_by_label(says["station"]).select_option("centre-post")
    assert person.axe() == []
    page.get_by_role("button", name=says["try"]).press("Enter")
    page.get_by_role("rowheader", name=says["own"]).wait_for(timeout=WORKED_MS)
    title = "市场早班"
    page.get_by_label(says["title"]).fill(title)
    page.get_by_role("button", name=says["propose"], exact=True).click()
    page.locator(".one h2", has_text=title).wait_for()
    # Who has proposed it is told that another adopts it.
    page.get_by_text(says["other"]).wait_for()
    assert page.get_by_role("button", name=says["adopt"], exact=True).count() == 0
    assert person.axe() == []
    assert person.seen() == []
    person.close()


@pytest.mark.parametrize("lang", SAYS)
def test_another_supervisor_adopts_and_ends_it(browser: Any, house: tuple[str, Any], lang: str) -> None:
    root, writer = house
    says = SAYS[lang]
    paces = tuple(1.4 if n % 24 in (7, 8, 17) else 0.9 if n % 24 < 5 else 1.0 for n in range(168))
    figures = {"ways": 900.0, "held_out": 225.0, "error_before": 0.24, "error_after": 0.15}
    command = ProposeDeployment(kind="paces", title=f"hours {lang}", paces=paces, figures=figures)
    plan = writer.submit(Envelope(command, actor="somebody")).result(10).answer["plan_id"]
    person = supervisor(browser, root, lang)
    page = person.open(f"/plans?plan={plan}")
    page.locator("td", has_text="140").first.wait_for()
    assert "24.0" in page.locator(".one").text_content()
    page.get_by_label(says["why"]).fill("it helps")
    page.get_by_role("button", name=says["adopt"], exact=True).click()
    page.locator(".one .head b", has_text=says["force"]).wait_for()
    asked = "id => fetch(`/api/plans/${id}`).then(each => each.json()).then(each => each.in_force"
    until(page, f"{asked})", plan)
    assert person.axe() == []
    page.get_by_label(says["why"]).fill("road works are over")
    page.get_by_role("button", name=says["end"], exact=True).click()
    until(page, f"{asked} === false)", plan)
    assert person.seen() == []
    person.close()


def test_a_roster_is_worked_out_and_becomes_shifts(browser: Any, house: tuple[str, Any]) -> None:
    root, _ = house
    says = SAYS["en-GB"]
    person = supervisor(browser, root, "en-GB")
    page = person.open("/plans?plan=new")
    page.get_by_label(says["shifts"]).check()
    choice(page, says["source"]).select_option("rhythm")
    choice(page, "Ability").select_option("patrol")
    choice(page, "Units").select_option("foot")
    page.get_by_role("button", name=says["work"], exact=True).click()
    page.get_by_label("Crews on Day shift").wait_for(timeout=WORKED_MS)
    assert person.axe() == []
    day = page.get_by_role("button", name="Day shift", exact=True)
    was = day.get_attribute("aria-pressed")
    day.click()
    page.locator(
        f"button.chip[aria-pressed={'false' if was == 'true' else 'true'}]", has_text="Day shift"
    ).wait_for()
    names = {"Day shift": "day", "Night shift": "night"}
    shown = [names[each] for each in page.locator("button.chip[aria-pressed=true]").all_text_contents()]
    page.get_by_label(says["title"]).fill("round the clock")
    page.get_by_role("button", name=says["propose"], exact=True).click()
    page.locator(".one h2", has_text="round the clock").wait_for()
    asked = "() => fetch('/api/plans').then(each => each.json()).then(each => each.items[0].plan)"
    plan = page.evaluate(asked)
    assert [(each["unit"], each["shifts"]) for each in plan["posts"]] == [("foot-1", sorted(shown))]
    person.close()


def test_dispatchers_look_and_decide_nothing(browser: Any, house: tuple[str, Any]) -> None:
    person = Person(browser, house[0], "dispatcher", "en-GB")
    person.without_map()
    page = person.open("/plans")
    page.locator(".list").wait_for()
    assert page.get_by_role("button", name="Work out a plan").count() == 0
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    assert page.get_by_role("button", name="Adopt", exact=True).count() == 0
    assert person.axe() == []
    person.close()
