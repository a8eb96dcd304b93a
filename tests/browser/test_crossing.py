"""Every screen obeys the table of rules: by address, by the API, and by a page left open.

The same house for all: a noise that belongs to `urban`, to which the unit `p1` has been sent. Its words hold
a canary that must be nowhere where no rule shows it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from huying.base.clock import HOUR, MINUTE, ManualClock
from huying.domain.commands import Command, DispatchUnits, Envelope, ReceiveCall
from huying.domain.contact import Contact
from huying.domain.office import ChangeAccount, EndSession, IssueKey, RevokeKey
from huying.domain.policy import Thing
from huying.edge.secrets import hash_of
from huying.store.writer import Writer
from real_server import serving
from screen import PATIENCE_S, Asked, arrive, needs_screens
from signed_in import COOKIE, begin_session, open_account
from tiny_pack import IN_WEST, tiny_pack

pytestmark = [pytest.mark.slow, needs_screens]
CANARY, PHONE = "金丝雀", "13711112222"
STREAM = "**/api/stream*"
WORDS = f"楼下{CANARY}唱歌噪声太吵"
_numbers = itertools.count()


class Seat(NamedTuple):
    page: Any
    asked: Asked
    account: int
    session: int


class Town(NamedTuple):
    root: str
    writer: Writer
    clock: ManualClock
    browser: Any
    incident: int
    call: int
    code: str

    def do(self, command: Command) -> dict[str, Any]:
        told: dict[str, Any] = self.writer.submit(Envelope(command, actor="console")).result(10).answer
        return told

    def enter(self, role: str, **account: Any) -> Seat:
        """A tab of somebody who has just signed in."""

        def submit(sent: Envelope) -> Any:
            return self.writer.submit(sent).result(10).answer

        code = f"{role}-{next(_numbers)}"
        id = open_account(submit, code, role, **account)
        secret, told = begin_session(submit, id, code)
        context = self.browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.route("**/assets/engine-*", lambda route: route.abort())
        context.add_cookies([{"name": COOKIE, "value": secret, "url": self.root}])
        page = context.new_page()
        return Seat(page, Asked(page), id, told["session"])


def begin(root: str, writer: Writer, clock: ManualClock, browser: Any) -> Town:
    contact = Contact(name="王小明", phone=PHONE)
    lat, lon = IN_WEST
    call = ReceiveCall("desk", WORDS, stated_type="city.noise", lat=lat, lon=lon, contact=contact)
    told = writer.submit(Envelope(call, actor="desk-1")).result(10).answer
    send = DispatchUnits(incident=told["incident_id"], units=("p1",))
    writer.submit(Envelope(send, actor="desk-1")).result(10)
    clock.at += MINUTE  # what is happening now is counted from the next minute on
    return Town(root, writer, clock, browser, told["incident_id"], told["call_id"], told["code"])


@pytest.fixture(scope="module")
def town(browser: Any) -> Iterator[Town]:
    with serving() as (root, writer, clock):
        yield begin(root, writer, clock, browser)


def shows(page: Any) -> str:
    """All that stands on the page, in its fields and in what the browser keeps for it."""
    kept = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }])"
    fields = "[...document.querySelectorAll('input, textarea')].map((each) => each.value).join(' ')"
    return str(page.evaluate(f"document.documentElement.outerHTML + {fields} + {kept}"))


def gone(seat: Seat, sign: str) -> None:
    """The page has come to rest without the sign: a list that is drawn anew has none for a moment, too."""
    calm = 0
    for _ in range(PATIENCE_S * 5):
        seat.asked.answered()
        with suppress(Exception):  # between two pages there is nothing to ask
            stands = seat.page.locator("#who, main").count()
            calm = calm + 1 if stands and not seat.page.locator(sign).count() else 0
        if calm == 2:
            return
    raise AssertionError(f"still there: {sign}")


def take_up(page: Any) -> None:
    """A tab that is taken up again asks at once who one is; by itself the same comes within fifteen seconds.
    One that follows the live stream may be on its way already."""
    with suppress(Exception):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def quiet(seat: Seat) -> None:
    """All that the page asks for by itself has been answered."""
    seat.page.locator("#who, .wall, form, main").first.wait_for()
    seat.asked.answered()


# ── by address ──────────────────────────────────────────────────────────────────────────────────────────
# (who, their account, addresses that are not for them)
ADDRESSES: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "a clerk of another agency": (
        "clerk",
        {"agency": "west"},
        ("/desk", "/board", "/board?open={i}", "/inbox?agency=urban&of={i}.1", "/wall", "/unit", "/admin"),
    ),
    "a crew that was not sent": (
        "unit",
        {"agency": "police", "unit": "p2"},
        ("/unit", "/desk", "/board?open={i}", "/inbox?of={i}.1", "/measures?m=opened&key=", "/wall"),
    ),
    "an analyst": (
        "analyst",
        {},
        ("/desk", "/board?open={i}", "/inbox?of={i}.1", "/unit", "/measures?m=opened&key=", "/admin"),
    ),
    "an administrator": (
        "administrator",
        {},
        ("/desk", "/board", "/board?open={i}", "/inbox?of={i}.1", "/unit", "/measures?m=opened&key="),
    ),
}


@pytest.mark.parametrize("who", ADDRESSES)
def test_no_address_shows_what_is_not_for_one(town: Town, who: str) -> None:
    role, account, addresses = ADDRESSES[who]
    seat = town.enter(role, **account)
    page = seat.page
    for address in addresses:
        page.goto(town.root + address.format(i=town.incident))
        quiet(seat)
        shown = shows(page)
        assert CANARY not in shown and PHONE not in shown, address
    page.context.close()


# ── by the API, from a page of one's own ────────────────────────────────────────────────────────────────
ASK = """async ([get, post]) => {
  const json = { 'Content-Type': 'application/json' };
  const ask = (path, more) => fetch(path, more).then(async (is) => [is.status, await is.text()]);
  const found = [];
  for (const path of get) found.push([path, ...await ask(path)]);
  for (const [path, body] of post)
    found.push([path, ...await ask(path, { method: 'POST', headers: json, body: JSON.stringify(body) })]);
  return found;
}"""


@pytest.mark.parametrize("who", ADDRESSES)
def test_no_question_and_no_command_from_a_page_gets_it_either(town: Town, who: str) -> None:
    role, account, _ = ADDRESSES[who]
    seat = town.enter(role, **account)
    page = seat.page
    page.goto(f"{town.root}/measures")
    quiet(seat)
    i, c = town.incident, town.call
    get = [f"/api/incidents/{i}", f"/api/calls/{c}", f"/api/calls/{c}/looks", "/api/incidents", "/api/calls"]
    get += ["/api/referrals?agency=urban", "/api/units", "/api/notices", "/api/measures/opened", "/plain"]
    get += ["/api/stream?after=nothing", f"/api/photos/{c}", "/api/wall"]
    post: list[tuple[str, dict[str, Any]]] = [
        (f"/api/incidents/{i}/notes", {"words": "x"}),
        (f"/api/incidents/{i}/contacts/{c}/open", {}),
        (f"/api/incidents/{i}/units", {"units": ["p3"]}),
        (f"/api/incidents/{i}/close", {}),
        (f"/api/incidents/{i}/referrals/1/accept", {}),
        (f"/api/incidents/{i}/retype", {"type": "unknown"}),
    ]
    found = page.evaluate(ASK, [get, post])
    for path, status, text in found:
        assert status < 500, (path, text)
        assert CANARY not in text and PHONE not in text, path
    assert [each[:2] for each in found if each[0].startswith(f"/api/incidents/{i}/") and each[1] < 400] == []
    page.context.close()


# ── a page left open ────────────────────────────────────────────────────────────────────────────────────
class Stale(NamedTuple):
    """Who opens which address, and what then shows that it was let in; who they are afterwards, what must be
    gone, and a command that must not pass."""

    role: str
    account: dict[str, Any]
    address: str
    sign: str
    after: dict[str, Any]
    command: tuple[str, dict[str, Any]]


NOTE = ("/api/incidents/{i}/notes", {"words": "x"})
STALE: dict[str, Stale] = {
    "desk": Stale(
        "call_taker",
        {},
        "/desk",
        f"text={CANARY}",
        {"role": "analyst"},
        ("/api/calls", {"channel": "desk", "words": "x"}),
    ),
    "board": Stale("dispatcher", {}, "/board?open={i}", f"text={CANARY}", {"role": "administrator"}, NOTE),
    "inbox": Stale(
        "clerk",
        {"agency": "urban"},
        "/inbox?of={i}.1",
        f"text={CANARY}",
        {"role": "clerk", "agency": "west"},
        ("/api/incidents/{i}/referrals/1/accept", {}),
    ),
    "unit": Stale(
        "unit",
        {"agency": "police", "unit": "p1"},
        "/unit",
        f"text={CANARY}",
        {"role": "unit", "agency": "police", "unit": "p2"},
        NOTE,
    ),
    "measures": Stale("supervisor", {}, "/measures", "aside tbody tr", {"role": "administrator"}, NOTE),
    "admin": Stale(
        "administrator",
        {},
        "/admin?part=people",
        "td:has-text('administrator-')",
        {"role": "analyst"},
        ("/api/accounts", {"code": "thief", "role": "supervisor"}),
    ),
}


def open_stale(town: Town, screen: str) -> Seat:
    it = STALE[screen]
    seat = town.enter(it.role, **it.account)
    seat.page.goto(town.root + it.address.format(i=town.incident))
    if screen == "desk":  # the same thing is told again: the desk shows what it may belong to
        seat.page.wait_for_selector("#words:focus")
        seat.page.keyboard.type("楼下唱歌噪声太吵")
        seat.page.keyboard.press("Alt+p")
        seat.page.keyboard.type(f"{IN_WEST[0]}, {IN_WEST[1]}")
        seat.page.keyboard.press("Enter")
    if screen == "measures":
        seat.page.locator("tr.total button").first.click()
    seat.page.locator(it.sign).first.wait_for(state="attached")
    return seat


@pytest.mark.parametrize("screen", STALE)
def test_a_page_left_open_shows_and_does_nothing_for_who_has_moved(town: Town, screen: str) -> None:
    it = STALE[screen]
    seat = open_stale(town, screen)
    assert seat.asked.at_rest()
    town.do(ChangeAccount(account=seat.account, **it.after))
    town.clock.at += MINUTE  # who showed a secret is remembered for fifteen seconds
    take_up(seat.page)
    gone(seat, it.sign)
    assert seat.page.locator(it.sign).count() == 0
    assert CANARY not in shows(seat.page)
    path, body = it.command[0].format(i=town.incident), it.command[1]
    ((_, status, text),) = seat.page.evaluate(ASK, [[], [(path, body)]])
    assert status == 403, text
    seat.page.context.close()


@pytest.mark.parametrize("screen", STALE)
def test_a_page_left_open_ends_at_the_door_when_its_session_does(town: Town, screen: str) -> None:
    seat = open_stale(town, screen)
    town.do(EndSession(account=seat.account, session=seat.session, how="lost"))
    town.clock.at += MINUTE
    take_up(seat.page)
    arrive(seat.page, "/sign-in")
    assert CANARY not in shows(seat.page)
    seat.page.context.close()


def test_a_page_left_open_ends_at_the_door_when_the_shift_does(town: Town) -> None:
    seat = open_stale(town, "board")
    town.clock.at += 14 * HOUR
    take_up(seat.page)
    arrive(seat.page, "/sign-in")
    assert CANARY not in shows(seat.page)
    seat.page.context.close()


def test_the_big_screen_goes_dark_with_its_key(town: Town) -> None:
    secret = f"huying_wall_{next(_numbers)}"
    until_at = town.clock.at + 30 * 24 * HOUR
    key = town.do(IssueKey(name="wall", hash=hash_of(secret), scopes=("wall",), until=until_at))["key"]
    context = town.browser.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")
    context.route("**/assets/engine-*", lambda route: route.abort())
    page = context.new_page()
    page.goto(f"{town.root}/wall#key={secret}")
    page.locator("aside .numbers").wait_for()
    assert CANARY not in shows(page) and PHONE not in shows(page)
    for path in (f"/api/incidents/{town.incident}", "/api/units", "/api/stream"):
        asked = "([path, key]) => fetch(path, { headers: { Authorization: key } }).then((is) => is.status)"
        assert page.evaluate(asked, [path, f"Bearer {secret}"]) == 403
    town.do(RevokeKey(key=key))
    town.clock.at += MINUTE  # a key is remembered for some seconds
    page.locator("aside .numbers").wait_for(state="detached")
    context.close()


def test_a_citizens_page_is_its_callers_alone(town: Town) -> None:
    """By another's code, without one, and by the numbers of the house."""
    context = town.browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{town.root}/follow/{town.code}")
    assert "13711112222" not in shows(page) and "王小明" not in shows(page)
    wrong = str((int(town.code) + 1) % 10**10).rjust(10, "0")
    for path in (f"/follow/{wrong}", "/follow", f"/follow/{town.call}", f"/follow/{town.code}/../{wrong}"):
        page.goto(town.root + path)
        assert CANARY not in shows(page), path
    for path in (f"/api/calls/{town.call}", f"/api/incidents/{town.incident}", "/api/incidents"):
        assert context.request.get(town.root + path).status == 401
    context.close()


@pytest.mark.parametrize("followed", [True, False], ids=["followed", "never followed"])
def test_a_page_left_open_goes_by_a_rule_that_changed(browser: Any, tmp_path: Path, followed: bool) -> None:
    """The city narrows its table and the house is started anew: what the board had loaded is gone from it,
    also where the page could not follow the house live."""
    store = str(tmp_path / "city.sqlite")
    pack = tiny_pack()
    with serving(store, pack=pack) as (root, writer, clock):
        town = begin(root, writer, clock, browser)
        seat = open_stale(town, "board")
        if not followed:
            seat.page.route(STREAM, lambda route: route.abort())
            seat.page.reload()
            seat.page.locator(STALE["board"].sign).first.wait_for(state="attached")
    fewer = tuple(
        replace(row, who=row.who - {"dispatcher"}) if row.thing in (Thing.INCIDENT, Thing.TIMELINE) else row
        for row in pack.policy
    )
    narrowed = pack.changed(policy=fewer, digest="f" * 64)
    with serving(store, pack=narrowed, port=int(root.rpartition(":")[2])):
        seat.page.unroute(STREAM)
        take_up(seat.page)
        gone(seat, f"text={CANARY}")
        assert CANARY not in shows(seat.page)
        ((_, status, _),) = seat.page.evaluate(ASK, [[f"/api/incidents/{town.incident}"], []])
        assert status == 403
        seat.page.context.close()
