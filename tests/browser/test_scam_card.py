"""What stands beside a call at the desk: the card of a scam with one key on, and a second opinion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from real_server import serving
from screen import Person, needs_screens, open_demo_account

pytestmark = [pytest.mark.slow, needs_screens]
PAYS_MS = 90_000

TELLERS = {
    "zh-CN": (
        "我是农商银行的柜员，窗口有位大爷要给公安局的安全账户转十八万，电话一直没挂，我拦不住",
        "安全账户",
        "反诈中心",
    ),
    "en-GB": (
        "I'm a bank teller. An old man at my window must move 180,000 to a safe account, "
        "an officer of the police is on his phone and tells him not to talk to me",
        "safe account",
        "fraud",
    ),
}


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with serving(pack="yunxi", demo=True) as (address, writer, _):
        open_demo_account(writer, "call_taker")
        yield address


@pytest.mark.parametrize("lang", TELLERS)
def test_a_tellers_words_show_what_to_say_and_one_key_hands_it_on(browser: Any, root: str, lang: str) -> None:
    words, say, desk = TELLERS[lang]
    person = Person(browser, root, "call_taker", lang)
    person.without_map()
    page = person.open("/desk")
    page.wait_for_selector("#words:focus")
    page.keyboard.insert_text(words)
    card = page.locator("section.scam")
    card.wait_for(timeout=PAYS_MS)
    assert say in card.locator("blockquote").text_content()
    assert desk in card.get_by_role("button").text_content().casefold()
    assert card.locator("li").count() >= 2
    # What the house went by is marked in the words themselves.
    assert page.locator("mark").count() >= 1
    assert person.axe() == []
    page.keyboard.press("Alt+b")
    page.locator(".taken .code").wait_for(timeout=PAYS_MS)
    id = int(page.locator(".taken a").get_attribute("href").split("=")[1])
    page.locator("text=/has it|已收到/").first.wait_for()
    told = page.evaluate("id => fetch(`/api/incidents/${id}`).then(each => each.json())", id)
    handed = [each["agency"] for each in told["incident"]["referrals"]]
    assert handed.count("antifraud") == 1
    assert page.input_value("#words") == ""
    assert person.seen() == []
    person.close()


def test_what_meaning_says_comes_later_and_quietly(browser: Any, root: str) -> None:
    """The extra is not here: its answer is put into the server's own, first as pending, then as said."""
    person = Person(browser, root, "call_taker", "en-GB")
    person.without_map()
    page = person.page
    asked: list[bool] = []

    def later(route: Any) -> None:
        answer = route.fetch()
        body = answer.json()
        body["second_pending"] = not asked
        if asked:
            body["second"] = [{"head": "type", "classes": [["noise.construction", 0.6]], "choice": []}]
        asked.append(True)
        route.fulfill(response=answer, json=body)

    page.route("**/api/understand", later)
    person.open("/desk")
    page.wait_for_selector("#words:focus")
    page.keyboard.insert_text("it goes on and on like this")
    opinion = page.locator(".second")
    opinion.wait_for(timeout=PAYS_MS)
    assert "meaning" in opinion.text_content()
    assert person.axe() == []
    name = opinion.get_by_role("button").text_content()
    opinion.get_by_role("button").click()
    page.locator("dd .what b", has_text=name).wait_for()
    opinion.wait_for(state="detached")
    page.unroute_all(behavior="wait")  # what is asked last may still be on its way
    person.close()
