"""The inbox in a real browser: a clerk's day by keyboard, the printed answer, and other people's inboxes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from huying.base.clock import HOUR, ManualClock
from huying.domain.commands import AcceptReferral, Command, Envelope, ReceiveCall, ResolveReferral
from huying.store.writer import Writer
from real_server import serving
from screen import needs_screens, until, violations
from signed_in import COOKIE, begin_session, open_account
from tiny_pack import IN_WEST

pytestmark = [pytest.mark.slow, needs_screens]

NOISE = "楼下半夜施工，噪声太吵，睡不着"
SAID = {
    "zh": {"left": "还剩", "accepted": "已受理", "kept": "草稿已存在这台机器上"},
    "en": {"left": "to accept", "accepted": "Accepted", "kept": "Draft kept on this machine"},
}


class Town(NamedTuple):
    root: str
    writer: Writer
    clock: ManualClock
    browser: Any

    def do(self, command: Command, actor: str = "desk-1") -> dict[str, Any]:
        told: dict[str, Any] = self.writer.submit(Envelope(command, actor=actor)).result(10).answer
        return told

    def noise(self, words: str = NOISE) -> int:
        """A noise that the rules hand to `urban`; each at another place, so that none joins another."""
        here = (IN_WEST[0] + self.clock.at % 7919 * 1e-6, IN_WEST[1])
        told = self.do(ReceiveCall("desk", words, stated_type="city.noise", lat=here[0], lon=here[1]))
        self.clock.at += HOUR // 2
        return int(told["incident_id"])

    def enter(self, code: str, agency: str, lang: str = "zh", role: str = "clerk") -> tuple[Any, int]:
        """A page of somebody who has just signed in, and their account."""

        def submit(sent: Envelope) -> Any:
            return self.writer.submit(sent).result(10).answer

        account = open_account(submit, code, role, agency=agency)
        secret, _ = begin_session(submit, account, code)
        context = self.browser.new_context(
            viewport={"width": 1440, "height": 900}, locale={"zh": "zh-CN", "en": "en-GB"}[lang]
        )
        context.add_cookies([{"name": COOKIE, "value": secret, "url": self.root}])
        page = context.new_page()
        return page, account


@pytest.fixture(scope="module")
def town(browser: Any) -> Iterator[Town]:
    with serving() as (root, writer, clock):
        yield Town(root, writer, clock, browser)


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(made, "JPEG")
    return made.getvalue()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_clerk_accepts_and_answers_by_keyboard_and_prints_the_answer(town: Town, lang: str) -> None:
    said = SAID[lang]
    town.noise(f"{NOISE} {lang} 1")
    second = town.noise(f"{NOISE} {lang} 2")
    page, _ = town.enter(f"urban-{lang}", "urban", lang)
    page.goto(f"{town.root}/inbox")
    row = page.locator(f"#row-{second}-1")
    row.wait_for()
    assert said["left"] in row.inner_text()
    dues = page.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.id)")
    page.keyboard.press("j")
    until(page, "end => location.href.endsWith(end)", f"of={dues[0].removeprefix('row-').replace('-', '.')}")
    row.locator("a").click()
    page.get_by_role("heading", level=2).filter(has_text=f"{lang} 2").wait_for()
    assert violations(page) == []

    page.keyboard.press("a")
    page.get_by_text(said["accepted"], exact=False).first.wait_for()
    page.keyboard.press("e")
    words = page.locator("#inbox-words")
    words.fill("已责令停工，并立案")
    page.get_by_text(said["kept"]).wait_for()
    page.reload()
    words.wait_for()
    assert words.input_value() == "已责令停工，并立案", "what was typed is still there"
    page.set_input_files("input[type=file]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.locator(".line button.quiet").wait_for()
    page.select_option(".how select", "done")
    words.focus()
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name={"zh": "打印答复", "en": "Print the reply"}[lang]).click()
    letter = page.locator("article")
    letter.wait_for()
    assert "已责令停工，并立案" in letter.inner_text()
    other = {"zh": "English", "en": "中文"}[lang]
    title = letter.locator(".title").inner_text()
    page.get_by_role("button", name=other).click()
    # The letter is there in both languages, without a reload.
    until(
        page, "was => ![was, undefined].includes(document.querySelector('article .title')?.innerText)", title
    )
    assert violations(page) == []
    page.context.close()


def test_replies_to_many_are_one_document_with_a_page_each(town: Town) -> None:
    answered = [town.noise(f"噪声 一起打印 {n}") for n in range(3)]
    running = town.noise("噪声 还没答复")
    for id in answered:
        town.do(AcceptReferral(incident=id, n=1))
        town.do(ResolveReferral(incident=id, n=1, answer=f"已到场处理 {id}", disposition="done"))
    page, _ = town.enter("urban-letters", "urban")
    page.goto(f"{town.root}/inbox")
    page.get_by_role("button", name="已办结").click()
    page.locator(f"#row-{answered[0]}-1 a").click()
    page.get_by_role("heading", level=2).filter(has_text="一起打印 0").wait_for()
    page.keyboard.press("x")
    for id in answered[1:]:
        page.locator(f"#row-{id}-1 input").check()
    page.get_by_role("button", name="打印答复（3 件）").wait_for()
    assert violations(page) == []
    page.keyboard.press("p")
    page.locator("article").nth(2).wait_for()
    said = page.locator("article").all_text_contents()
    assert all(any(f"已到场处理 {id}" in each for each in said) for id in answered)
    assert violations(page) == []
    assert page.pdf().count(b"/Type /Page\n") == 3
    page.goto(f"{town.root}/inbox/letter?of={answered[0]}.1,{running}.1,999999.1")
    page.get_by_text("有 2 件没有打印").wait_for()
    assert page.locator("article").count() == 1
    page.context.close()


def test_a_return_needs_its_reason_and_more_time_is_shown_on_the_ladder(town: Town) -> None:
    first, second = town.noise("噪声 退回"), town.noise("噪声 延期")
    page, _ = town.enter("urban-2", "urban")
    page.goto(f"{town.root}/inbox?of={first}.1")
    page.locator("#inbox-words").wait_for()
    page.keyboard.press("r")
    send = page.locator(".act form button.main")
    assert send.is_disabled(), "without a reason nothing is returned"
    page.fill("#inbox-words", "不是我们管的路段")
    send.click()
    page.locator(f"#row-{first}-1").wait_for(state="detached")
    page.get_by_role("button", name="已退回").click()
    page.locator(f"#row-{first}-1").wait_for()
    page.get_by_role("button", name="全部在办").click()
    page.locator(f"#row-{second}-1 a").click()
    page.get_by_role("heading", level=2).filter(has_text="延期").wait_for()
    before = page.locator("article ol").first.inner_text()
    page.keyboard.press("t")
    page.fill("#inbox-words", "等物业提供监控")
    page.get_by_role("button", name="7 天").click()
    page.locator(".act form button.main").click()
    page.get_by_text("时限改到").wait_for()
    page.wait_for_function("text => document.querySelector('article ol').innerText !== text", arg=before)
    page.context.close()


def test_what_becomes_late_is_said_and_who_was_told(town: Town) -> None:
    late = town.noise("噪声 超期")
    page, _ = town.enter("urban-3", "urban")
    page.goto(f"{town.root}/inbox?of={late}.1")
    page.locator("#inbox-words").wait_for()
    town.clock.at += 24 * 5 * HOUR
    town.noise("噪声 新的")  # deadlines act before it
    page, _ = town.enter("urban-4", "urban")
    page.goto(f"{town.root}/inbox?of={late}.1")
    page.get_by_text("告知 值班室").first.wait_for()
    page.get_by_role("button", name="已超期").click()
    page.locator(f"#row-{late}-1.is-late").wait_for()
    page.evaluate("document.documentElement.style.fontSize = '32px'")  # 200 %
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    assert violations(page) == []
    page.keyboard.press("Escape")  # back to the list, in which one can read what it is about
    page.locator(f"#row-{late}-1 a").wait_for()
    page.context.close()


def test_nobody_sees_another_agencys_inbox_by_any_way(town: Town) -> None:
    theirs = town.noise("噪声 别家")
    page, _ = town.enter("west-1", "west")
    page.goto(f"{town.root}/inbox?agency=urban&of={theirs}.1")
    page.get_by_role("alert").wait_for()
    assert "别家" not in page.content()
    assert page.locator("tbody tr").count() == 0
    asked = page.evaluate(
        """async (id) => {
          const ask = (path, more) => fetch(path, more).then(async (is) => [is.status, await is.text()]);
          return [await ask(`/api/incidents/${id}`), await ask('/api/referrals?agency=urban'),
            await ask(`/api/incidents/${id}/referrals/1/accept`, { method: 'POST', body: '{}' })];
        }""",
        theirs,
    )
    assert (asked[0][0], asked[2][0]) == (403, 403)
    assert asked[1][0] in (200, 403) and "别家" not in asked[1][1]
    page.context.close()


def test_more_than_a_thousand_are_said_and_read_by_the_thousand(town: Town) -> None:
    page, _ = town.enter("urban-many", "urban", "en")
    lines = [
        {
            "incident": 1_000_000 + n, "n": 1, "agency": "urban", "status": "accepted", "type": "city.noise",
            "offered_at": "2026-03-02T01:00:00Z", "accept_due": None, "due": "2026-03-09T01:00:00Z",
            "ended_at": None, "priority": 4, "title": f"row {n}", "escalations": 0,
            "address": f"{n} Old Street",
        }
        for n in range(1_200)
    ]  # fmt: skip

    def page_of(route: Any) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        found = lines if "accepted" in asked["status"] else []
        start = int(asked.get("cursor", ["0"])[0] or 0)
        end = start + 200
        route.fulfill(json={"items": found[start:end], "next": str(end) if end < len(found) else ""})

    page.route("**/api/referrals?*", page_of)
    page.goto(f"{town.root}/inbox")
    page.get_by_text("These are the 1,000 due soonest").wait_for()
    assert page.locator(".tab b").first.inner_text() == "1,000+"
    assert page.locator("tbody .where").first.inner_text() == "0 Old Street"
    page.get_by_role("button", name="Read 1,000 more").click()
    page.locator("#row-1001199-1").wait_for()
    assert page.locator(".tab b").first.inner_text() == "1,200"
    assert page.locator(".rest").count() == 0
    page.context.close()
