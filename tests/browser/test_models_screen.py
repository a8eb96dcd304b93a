"""The administrator's page of models: the whole round by the buttons, in both languages, and how it looks
empty, loading, refused and broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from real_server import serving
from screen import Person, needs_screens, open_demo_account
from test_triage_command import labelled

pytestmark = [pytest.mark.slow, needs_screens]
# A job is a process of its own that loads everything anew, on a machine with other work.
JOB_MS = 240_000

SAYS = {
    "zh-CN": {
        "heading": "研判模型",
        "try": "试用",
        "use": "启用",
        "back": "退回上一个",
        "yes": "退回",
        "words": "只用配置包的词",
        "look": "重新看一遍",
        "untry": "结束试用",
        "quiet": "还没有研判过来件",
    },
    "en-GB": {
        "heading": "Models",
        "train": "Retrain",
        "card": "Data card of",
        "judge": "Judge",
        "passes": "passes the gate",
        "use": "Put into use",
        "none": "There is no model",
        "made": "Next: judge it",
        "audit": "3 of a hundred calls",
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Iterator[str]:
    reports = tmp_path / "s.sqlite.models" / "reports"
    reports.mkdir(parents=True)
    labelled(reports / "city.csv")
    with serving(str(tmp_path / "s.sqlite"), pack="starter", demo=True) as (address, writer, _):
        for role in ("administrator", "analyst"):
            open_demo_account(writer, role)
        yield address


def test_retrain_judge_try_use_and_back_by_the_buttons(browser: Any, root: str) -> None:
    """In one language to the gate and in the other from there on."""
    say = SAYS["en-GB"]
    person = Person(browser, root, "administrator", "en-GB")
    page = person.open("/admin?part=models")
    page.locator("h2", has_text=say["heading"]).wait_for()
    page.get_by_text(say["none"]).wait_for()
    page.get_by_text(say["audit"]).wait_for()
    assert person.axe() == []

    page.get_by_role("button", name=say["train"]).click()
    page.locator("progress").wait_for()
    assert person.axe() == []
    page.get_by_text(say["made"]).wait_for(timeout=JOB_MS)
    row = page.locator("tbody tr", has=page.locator("code")).first
    digest = row.locator("code").text_content()
    assert len(digest) == 16

    # Without a passed gate it can't be used, here or at the door.
    assert row.get_by_role("button", name=say["use"]).is_disabled()
    refused = page.evaluate(
        """(digest) => fetch(`/api/models/${digest}/live`, { method: "POST", body: '{"now": ""}',
        headers: { "Content-Type": "application/json" } }).then((answer) => answer.status)""",
        digest,
    )
    assert refused in (403, 409)
    row.get_by_role("button", name=say["judge"], exact=True).click()
    page.locator(".good", has_text=say["passes"]).wait_for(timeout=JOB_MS)
    row.get_by_role("button", name=say["card"]).click()
    page.locator("tr.more caption").nth(1).wait_for()
    # Beside nothing there is no difference that chance could make.
    assert set(page.locator("tr.more td.between").all_text_contents()) == {"–"}
    assert person.axe() == []
    person.context.route("**/api/models", beside_another)
    page.reload()
    row.get_by_role("button", name=say["card"]).click()
    page.locator("td.between", has_text="0.4 to +3.1").first.wait_for()
    assert person.axe() == []
    person.context.unroute("**/api/models", beside_another)

    say = SAYS["zh-CN"]
    page.keyboard.press("Control+.")
    page.locator("h2", has_text=say["heading"]).wait_for()
    assert person.axe() == []
    row.get_by_role("button", name=say["try"]).click()
    page.get_by_role("button", name=say["untry"]).wait_for()
    row.get_by_role("button", name=say["use"]).click()
    page.locator("dl.now code", has_text=digest).nth(1).wait_for()
    page.get_by_role("button", name=say["look"]).click()
    page.get_by_text(say["quiet"]).wait_for(timeout=JOB_MS)

    page.get_by_role("button", name=say["back"]).click()
    page.get_by_role("button", name=say["yes"], exact=True).click()
    page.locator("dl.now code", has_text=say["words"]).wait_for()
    assert person.axe() == []
    assert [each for each in person.faults if "403" not in each and "409" not in each] == []
    person.close()


def beside_another(route: Any) -> None:
    """The models as the house tells them, each figure as if it had been judged beside another model."""
    answer = route.fetch()
    told = answer.json()
    for each in told["models"][0]["judged"]["compared"]:
        each |= {"live": each["candidate"], "low": -0.004, "high": 0.031}
    route.fulfill(response=answer, json=told)


def test_an_analyst_looks_and_finds_no_button_that_changes_anything(browser: Any, root: str) -> None:
    person = Person(browser, root, "analyst", "en-GB")
    page = person.open("/admin?part=models")
    page.get_by_text("There is no model").wait_for()
    assert page.get_by_role("button", name="Retrain").count() == 0
    page.get_by_role("button", name="Look anew").wait_for()
    assert person.axe() == []
    person.close()


def test_when_the_house_can_not_answer_it_says_so_and_offers_another_try(browser: Any, root: str) -> None:
    person = Person(browser, root, "administrator", "en-GB")
    broken = [True]

    def answer(route: Any) -> None:
        if not broken[0]:
            return route.continue_()
        return route.fulfill(status=503, content_type="application/problem+json", body=_PROBLEM)

    person.context.route("**/api/models", answer)
    page = person.open("/admin?part=models")
    page.locator("[role=alert]", has_text="Too much at once").wait_for()
    assert person.axe() == []
    broken[0] = False
    page.locator("[role=alert]").get_by_role("button").click()
    page.get_by_text("There is no model").wait_for()
    person.close()


_PROBLEM = (
    '{"title": "Too much at once.", "detail": "Ask again.", "status": 503, "code": "busy", "params": {}}'
)
