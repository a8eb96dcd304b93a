"""The start page and the administration screen, as people use them in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from real_server import serving
from screen import Person, needs_screens, open_demo_account

pytestmark = [pytest.mark.slow, needs_screens]
PARTS = {
    "zh-CN": ("人员和席位", "接口密钥", "研判模型", "配置包", "日志与存证", "运行状况"),
    "en-GB": ("People and desks", "Partners' keys", "Models", "Pack", "Journal and record", "Health"),
}


# What a supervisor does with the one report that there is.
RESOLVE_THE_ONLY_ONE = """async () => {
  const { items: [{ id }] } = await (await fetch('/api/incidents')).json()
  const { dispositions: [{ code }] } = await (await fetch('/api/pack')).json()
  const body = JSON.stringify({ disposition: code }), headers = { 'Content-Type': 'application/json' }
  return (await fetch(`/api/incidents/${id}/resolve`, { method: 'POST', headers, body })).status
}"""


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with serving(demo=True) as (address, writer, _):
        for role in ("administrator", "supervisor", "call_taker"):
            open_demo_account(writer, role)
        yield address


@pytest.mark.parametrize("lang", PARTS)
def test_every_part_opens_by_its_key_and_pleases_axe_also_at_twice_the_size(
    browser: Any, root: str, lang: str
) -> None:
    person = Person(browser, root, "administrator", lang)
    if lang == "en-GB":  # the longer words, at twice the size
        person.context.add_init_script("localStorage.setItem('huying.size', '200')")
    page = person.open("/admin")
    for n, name in enumerate(PARTS[lang], 1):
        page.keyboard.press(f"Alt+{n}")
        page.locator("section h2", has_text=name).first.wait_for()
        assert person.axe() == [], name
        assert person.cut_off() == [], name
    # Administrators follow no incidents (403), and the pack of these tests has no folder to be checked (422).
    assert [each for each in person.faults if "403" not in each and "422" not in each] == []
    person.close()


@pytest.mark.parametrize("theme", ["dark", "contrast"])
def test_contrast_holds_in_every_theme(browser: Any, root: str, theme: str) -> None:
    person = Person(browser, root, "administrator")
    for path in ("/", "/admin"):
        person.open(f"{path}?theme={theme}")
        person.page.wait_for_selector("h1, h2")
        assert person.contrast() == [], path
    person.close()


def test_somebody_is_invited_comes_in_and_is_retired(browser: Any, root: str) -> None:
    person = Person(browser, root, "administrator", "en-GB")
    page = person.open("/admin")
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Code").fill("wang")
    page.get_by_label("Name or desk").fill("Wang Fang")
    page.get_by_role("button", name="Open and make a link").click()
    link = page.locator(".secret code").text_content()
    assert link.startswith(f"{root}/set-up#")
    page.get_by_role("button", name="Noted").click()
    row = page.locator("tr", has_text="wang")
    assert "invited" in row.first.text_content()

    row.first.get_by_role("button").click()
    page.get_by_label("Why (needed)").fill("moved away")
    page.get_by_role("button", name="Retire", exact=True).click()
    page.locator("tr.closed", has_text="Wang Fang").wait_for()
    person.close()


def test_somebody_sees_where_they_are_signed_in_and_ends_the_others(browser: Any, root: str) -> None:
    forgotten = Person(browser, root, "supervisor", "en-GB")
    for lang, button in (("zh-CN", "退出其他所有登录"), ("en-GB", "End all others")):
        person = Person(browser, root, "supervisor", lang)
        person.open("/")
        person.page.locator("#who").press("Enter")
        person.page.get_by_role("button", name=button).wait_for()
        assert person.axe() == []
    page = person.page
    page.keyboard.press("o")
    page.get_by_text("All others have ended").wait_for()
    page.get_by_role("button", name=button).wait_for(state="detached")
    page.locator("tbody tr", has_text="this one").wait_for()
    assert page.locator("tbody tr").count() == 1
    forgotten.page.goto(f"{root}/account")
    forgotten.page.locator("button[value=supervisor]").wait_for()
    assert [each for each in person.faults if "403" not in each] == [], "presence was asked for"
    person.close()


def test_the_journal_is_checked_and_seen_to_grow(browser: Any, root: str) -> None:
    person = Person(browser, root, "administrator", "en-GB")
    page = person.open("/admin?part=record")
    page.get_by_role("button", name="Check the whole journal").click()
    page.locator("text=checked one by one, all well").wait_for()
    page.locator("td", has_text="signed in").first.wait_for()
    page.locator("td", has_text="administrator").first.wait_for()
    person.close()


def test_who_may_not_look_after_people_finds_no_such_part_and_is_refused_at_the_door(
    browser: Any, root: str
) -> None:
    person = Person(browser, root, "supervisor", "en-GB")
    page = person.open("/admin?part=people")
    page.locator("h2", has_text="Units").wait_for()
    assert page.locator("nav >> text=People and desks").count() == 0
    page.get_by_role("searchbox").fill("West engine 1")
    page.get_by_role("button", name="Out of service").click()
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Out of service").wait_for()
    asked = page.evaluate(
        "Promise.all(['/api/accounts', '/api/keys'].map((each) => fetch(each).then((one) => one.status)))"
    )
    assert asked == [403, 403]
    person.close()


def test_on_a_phone_with_letters_of_twice_the_size_nothing_is_cut_off(browser: Any, root: str) -> None:
    person = Person(browser, root, "supervisor", viewport={"width": 390, "height": 844})
    person.without_map()
    person.context.add_init_script("localStorage.setItem('huying.size', '200')")
    for path in ("/", "/desk", "/board", "/inbox", "/measures"):
        page = person.open(path)
        assert person.cut_off() == [], path
        assert person.contrast() == [], path
    assert not page.get_by_role("link", name="接警台").is_visible(), "the work has the room"
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("link", name="接警台").click()
    page.locator("#words:focus").wait_for()
    assert not page.get_by_role("link", name="大屏").is_visible()
    person.close()


def the_citizens_steps_are_ticked(person: Person) -> None:
    """In a tab of its own, as the tour opens it, each when it has been done and not before."""
    tour = person.page
    with person.context.expect_page() as opened:
        tour.get_by_role("link", name="As a citizen").first.click()
    tab = opened.value
    tab.locator("#words").fill("The street lamp at 23 Chongwen Road is broken")
    tab.click("form button.main")
    tab.locator("#address").fill("23 Chongwen Road")
    tab.click("form button.main")
    tab.get_by_role("heading", name="How can we reach you?").wait_for()
    assert tour.locator("li.been").count() == 0
    tab.click("form button.main")
    tab.locator(".code").wait_for()
    tour.locator("li.been", has_text="A citizen reports something").wait_for()
    assert tour.evaluate(RESOLVE_THE_ONLY_ONE) == 200
    tab.goto(tab.url.split("?")[0])
    tab.locator("a[href*='answer=no']").first.click()
    tab.locator("textarea").fill("It is still dark")
    tab.click("form button.main")
    tour.locator("li.been", has_text="The citizen decides").wait_for()
    tab.close()


def test_the_tour_makes_one_another_person(browser: Any, root: str) -> None:
    person = Person(browser, root, "supervisor", "en-GB")
    page = person.open("/")
    assert "Demo county" in page.locator(".demo").text_content()
    assert person.axe() == []
    the_citizens_steps_are_ticked(person)
    page.get_by_role("button", name="As call taker").click()
    page.wait_for_url(f"{root}/desk")
    page.locator("#who", has_text="call taker").wait_for()
    page.locator("#words:focus").wait_for()
    page.goto(f"{root}/")
    page.locator("ol.tour li").first.wait_for()
    assert page.locator("li.been").count() == 2, "to look at a screen is not to do its step"
    page.goto(f"{root}/desk")
    page.locator("#words:focus").wait_for()
    page.keyboard.type("there is a smell of gas")
    page.keyboard.press("Control+Enter")
    page.locator(".taken .code").wait_for()
    page.goto(f"{root}/")
    page.locator("li.been", has_text="A call taker takes a call").wait_for()
    page.get_by_role("button", name="Hide").click()
    page.reload()
    page.get_by_role("button", name="Show the tour").wait_for()
    page.get_by_role("button", name="中文").click()
    page.get_by_role("button", name="打开导览").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh"
    person.close()
