"""A real browser with a virtual authenticator: from the link to the board, locked, unlocked, signed out."""

from __future__ import annotations

from typing import Any

import pytest

from huying.domain.commands import Envelope
from huying.domain.office import IssueLink, OpenAccount
from huying.edge.secrets import hash_of
from real_server import serving
from screen import sooner, violations

pytestmark = pytest.mark.slow

# A telephone: it keeps passkeys, checks the person, and says yes by itself.
TELEPHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


# What another site's page would try, to lock somebody's screen.
ATTACK = "fetch(`${at}/api/session/lock`, { method: 'POST', credentials: 'include', mode: 'no-cors' })"


class Screen:
    """A page, what went wrong on it, and its authenticator."""

    def __init__(self, browser: Any, root: str, lang: str = "zh-CN") -> None:
        self.root = root
        self.context = browser.new_context(locale=lang)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._console)
        self.cdp = self.context.new_cdp_session(self.page)
        self.cdp.send("WebAuthn.enable")
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE})
        self.authenticator = made["authenticatorId"]

    def _console(self, message: Any) -> None:
        if "Content Security Policy" in message.text or message.type == "error":
            self.faults.append(message.text)

    def open(self, path: str) -> None:
        self.page.goto(self.root + path)

    def verified(self, yes: bool) -> None:
        """Whether the telephone recognises the finger."""
        self.cdp.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.authenticator, "isUserVerified": yes}
        )


def its_own_account(screen: Screen) -> None:
    """By keyboard: what one is signed in with, and a token beside the telephone, which goes again."""
    page = screen.page
    page.locator("#who").press("Enter")
    passkeys = page.get_by_role("region", name="我的通行密钥").locator("tbody tr")
    passkeys.filter(has_text="接警一席").wait_for()
    page.get_by_role("button", name="增加一把密钥").press("Enter")
    page.get_by_text("这台设备上已经有您的密钥了").wait_for()
    made = screen.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE | {"transport": "usb"}})
    page.get_by_label("给这台设备起个名字").fill("备用令牌")
    page.keyboard.press("Enter")
    spare = passkeys.filter(has_text="备用令牌")
    spare.get_by_role("button", name="删除").press("Enter")
    spare.get_by_role("button", name="确定删除").press("Enter")
    spare.wait_for(state="detached")
    screen.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
    assert violations(page) == []
    page.goto(screen.root + "/")
    page.wait_for_selector("#who")


def test_from_the_link_to_the_board_and_out_again(browser: Any) -> None:
    with serving() as (address, writer, _):
        root = address.replace("127.0.0.1", "localhost")

        def submit(command: Any) -> dict[str, Any]:
            return writer.submit(Envelope(command, actor="console")).result(10).answer  # type: ignore[no-any-return]

        account = submit(OpenAccount(code="li", role="dispatcher", name="李伟"))["account"]
        submit(IssueLink(account=account, hash=hash_of("the-link")))
        screen = Screen(browser, root)
        page = screen.page
        page.clock.install()

        screen.open("/set-up#the-link")
        page.fill("#name", "接警一席")
        page.click("#make")
        page.wait_for_url(root + "/")
        page.locator("#who", has_text="李伟").wait_for()
        assert "调度员" in page.text_content("#who")
        (cookie,) = screen.context.cookies()
        assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("huying", True, "Lax")
        assert page.evaluate("document.cookie") == "", "no script sees it"

        page.evaluate("fetch('/api/session/lock', { method: 'POST' }).then((each) => each.status)")
        sooner(page, page.locator("h1", has_text="屏幕已锁定"))  # the page leads there by itself
        screen.verified(False)
        page.click("#unlock")
        page.wait_for_selector("#says.bad")
        screen.verified(True)
        page.click("#unlock")
        page.wait_for_url(root + "/")

        its_own_account(screen)
        page.wait_for_selector("#out:not([hidden])")
        page.click("#out")
        page.wait_for_url("**/sign-in")
        assert screen.context.cookies() == []
        page.click("#enter")
        page.wait_for_url(root + "/")
        page.locator("#who", has_text="李伟").wait_for()
        page.evaluate("Promise.all([fetch('/api/session/end', { method: 'POST' })])")
        sooner(page, page.locator("h1", has_text="登录"))  # and again
        assert [
            each for each in screen.faults if not any(code in each for code in ("401", "403", "423"))
        ] == []
        screen.context.close()


def test_a_page_of_another_site_does_nothing_with_the_cookie(browser: Any) -> None:
    """The same machine by another name is another site to a browser."""
    with serving(demo=True) as (address, writer, _):
        made = OpenAccount(code="demo-supervisor", role="supervisor", demo=True)
        writer.submit(Envelope(made, actor="installation")).result(10)
        ours, theirs = address.replace("127.0.0.1", "localhost"), address
        screen = Screen(browser, ours, "en-GB")
        page = screen.page
        screen.open("/sign-in?next=/docs")
        assert "made up" in page.text_content(".demo")
        page.click("button[value=supervisor]")
        page.wait_for_url(ours + "/docs")
        assert "made up" in page.text_content(".demo")
        page.goto(theirs + "/sign-in")
        tried = page.evaluate(f"at => {ATTACK}.then(() => 'sent', () => 'forbidden')", ours)
        assert tried == "forbidden", "our own pages may ask nobody else"
        plain = screen.context.new_page()
        plain.route("http://evil.test/", lambda route: route.fulfill(body="", content_type="text/html"))
        plain.goto("http://evil.test/")
        plain.evaluate(f"at => {ATTACK}.catch(() => 0)", ours)
        screen.open("/docs")
        me = page.evaluate("fetch('/api/session').then((each) => each.json())")
        assert (me["actor"], me["locked"]) == ("demo-supervisor", False)
        screen.context.close()
