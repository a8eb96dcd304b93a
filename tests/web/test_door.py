"""The door: who comes in, under which name, and who does not; sessions, keys, locks, the demo's buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from huying.base.clock import DAY, HOUR, MINUTE, SECOND
from huying.domain.commands import Envelope
from huying.domain.office import CloseAccount, OpenAccount, ProvePresence
from huying.domain.principal import Role
from huying.edge.door import TRIES_ADDRESS
from huying.web.app import STEPS
from signed_in import COOKIE, begin_session
from web_client import DESK, NOBODY, Web, key_of, open_web, person

FIRE = {"words": "西溪菜场着火了", "lat": 28.05, "lon": 121.15}


@pytest.fixture
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


def submit(web: Web, envelope: Envelope) -> dict[str, Any]:
    return web.writer.submit(envelope).result(10).answer  # type: ignore[no-any-return]


def facts(web: Web, type: str) -> list[Any]:
    return [each for each in web.house.questions.facts(0, 1_000) if each.type == type]


# ── the open ways ───────────────────────────────────────────────────────────────────────────────────────
OPEN = [
    ("GET", "/healthz"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/sign-in"),
    ("GET", "/set-up"),
    ("GET", "/static/board.css"),
    ("GET", "/api/words/zh"),
    ("GET", "/open311/v2/services.json"),
]


def test_what_citizens_and_watchdogs_need_is_open(web: Web) -> None:
    for method, path in OPEN:
        assert web.client.request(method, path, auth=NOBODY).status_code == 200, path


def test_everything_else_that_is_described_is_closed(web: Web) -> None:
    citizens = {
        "/healthz",
        "/api/calls",
        "/api/follow/{code}",
        "/api/follow/{code}/photos/{photo}",
        "/api/photos",
        "/api/words/{lang}",
        "/api/sign-in",
        "/api/sign-in/options",
        "/api/set-up",
        "/api/set-up/options",
        "/api/record",
        "/api/record/checkpoint",
        "/api/record/consistency",
    }
    closed = 0
    for path, item in web.get("/openapi.json")[1]["paths"].items():
        for method in item:
            if path in citizens:
                continue
            there = re.sub(r"\{\w+\}", "1", path)
            answer = web.client.request(method, there, auth=NOBODY)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised"), (method, there)
            closed += 1
    assert closed > len(STEPS) + 15


def test_the_board_leads_strangers_to_the_sign_in_page_and_back(web: Web) -> None:
    answer = web.client.get("/", auth=NOBODY, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/")
    assert web.client.get("/").status_code == 200


def test_a_citizen_tells_their_own_call_and_nothing_more(web: Web) -> None:
    status, told = web.post("/api/calls", FIRE, auth=NOBODY)
    assert status == 201
    story = web.story(told["incident_id"])
    assert story["calls"][0]["channel"] == "web"
    assert {each["actor"] for each in story["timeline"]} == {"anonymous"}
    for wrong in (
        {"channel": "desk"},
        {"stated_priority": 1},
        {"incident": told["incident_id"]},
        {"received_at": "2026-01-01T00:00:00Z"},
        {"source_id": "x"},
    ):
        status, refused = web.post("/api/calls", FIRE | wrong, auth=NOBODY)
        assert (status, refused["code"]) == (401, "public_only"), wrong
    assert web.get(f"/api/follow/{told['code']}", auth=NOBODY)[0] == 200


# ── sessions ────────────────────────────────────────────────────────────────────────────────────────────
def test_who_am_i(web: Web) -> None:
    status, me = web.get("/api/session", headers={"Accept-Language": "en"})
    assert status == 200
    assert (me["actor"], me["kind"], me["role_name"]) == (DESK, "staff", "shift supervisor")
    assert (me["shift_name"], me["duty_until"]) == ("Weekdays", "2026-03-02T10:00:00Z")
    assert (me["locked"], me["demo"], me["elevated_until"]) == (False, False, None)


def test_a_session_ends_with_the_shift(web: Web) -> None:
    cookie = {"Cookie": web.desk.cookie()}
    assert web.get("/api/counts", headers=cookie)[0] == 200
    web.clock.at += 8 * HOUR + 30 * MINUTE - SECOND  # the shift's end and half an hour to hand over
    web.get("/api/counts", headers=cookie)
    web.clock.at += SECOND
    status, told = web.get("/api/counts", headers=cookie)
    assert (status, told["code"]) == (401, "session_over")


def test_one_sees_and_ends_ones_own_sessions_and_nobody_elses(web: Web) -> None:
    telephone, _ = begin_session(lambda sent: submit(web, sent), web.desk.account, DESK)
    other = submit(web, Envelope(OpenAccount(code="wang", role=Role.DISPATCHER)))["account"]
    _, foreign = begin_session(lambda sent: submit(web, sent), other, "wang")
    lines = web.get("/api/sessions")[1]
    assert [each["this"] for each in lines] == [True, False]
    assert web.post(f"/api/sessions/{lines[1]['id']}/end")[1]["code"] == "presence_needed"
    prove(web)
    assert web.post(f"/api/sessions/{foreign['session']}/end")[1]["code"] == "session_over"
    lost = {"Cookie": f"{COOKIE}={telephone}"}
    assert web.get("/api/counts", headers=lost)[0] == 200
    assert web.post(f"/api/sessions/{lines[1]['id']}/end")[0] == 200
    assert web.get("/api/counts", headers=lost)[1]["code"] == "session_over", "at once, not when it is stale"
    assert web.get("/api/counts")[0] == 200


def test_when_in_doubt_all_ones_other_sessions_end_and_nobody_elses(web: Web) -> None:
    mine = [begin_session(lambda sent: submit(web, sent), web.desk.account, DESK)[0] for _ in range(2)]
    other = submit(web, Envelope(OpenAccount(code="wang", role=Role.DISPATCHER)))["account"]
    foreign, _ = begin_session(lambda sent: submit(web, sent), other, "wang")
    assert web.post("/api/sessions/others/end")[1]["code"] == "presence_needed"
    prove(web)
    assert web.post("/api/sessions/others/end")[0] == 200
    asked = [web.get("/api/counts", headers={"Cookie": f"{COOKIE}={each}"})[0] for each in (*mine, foreign)]
    assert asked == [401, 401, 200]
    assert [each["this"] for each in web.get("/api/sessions")[1]] == [True]


def prove(web: Web) -> None:
    """The desk has just proven to be there."""
    web.get("/api/counts")
    session = next(each["id"] for each in web.get("/api/sessions")[1] if each["this"])
    proof = ProvePresence(account=web.desk.account, session=session, elevate=True)
    submit(web, Envelope(proof, actor=DESK))
    web.state["desk"].door.forget(web.desk.account)


def test_signing_out_ends_the_session_and_drops_the_cookie(web: Web) -> None:
    cookie = {"Cookie": web.desk.cookie(), "Origin": "http://testserver.local"}
    answer = web.client.post("/api/session/end", json={}, headers=cookie)
    assert answer.status_code == 200
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert answer.headers["clear-site-data"] == '"cache"'
    assert web.get("/api/counts", headers=cookie)[1]["code"] == "session_over"
    assert facts(web, "session.ended")[-1].body.how == "signed_out"


def test_a_session_that_nobody_uses_is_locked_whatever_a_page_asks_by_itself(web: Web) -> None:
    by_itself = {"Huying-Background": "1", "Cookie": web.desk.cookie()}
    for _ in range(3):
        web.clock.at += 4 * MINUTE
        assert web.get("/api/counts", headers=by_itself)[0] == 200
    web.clock.at += 4 * MINUTE
    assert web.get("/api/counts", headers=by_itself)[1]["code"] == "session_locked"
    assert web.get("/api/counts")[0] == 423, "a late key press doesn't unlock"
    assert web.get("/api/session")[1]["locked"] is True
    assert web.client.get("/", follow_redirects=False).headers["location"] == "/sign-in?next=/"
    assert "The screen is locked" in web.client.get("/sign-in?lang=en").text
    assert facts(web, "session.locked")[-1].body.how == "idle"


def test_work_keeps_a_session_awake(web: Web) -> None:
    for _ in range(5):
        web.clock.at += 14 * MINUTE
        assert web.get("/api/counts")[0] == 200
    assert facts(web, "session.locked") == []


def test_a_screen_is_locked_by_hand(web: Web) -> None:
    assert web.post("/api/session/lock")[0] == 200
    assert web.get("/api/incidents")[1]["code"] == "session_locked"


def test_duty_is_taken_up_and_ended(web: Web) -> None:
    web.desk.cookie()
    assert web.post("/api/session/duty", {"shift": "day"})[1]["shift"] == "day"
    assert web.post("/api/session/duty", {"shift": "night"})[1]["code"] == "no_shift_now"
    assert web.post("/api/session/duty", {"shift": "tea"})[1]["code"] == "unknown_code"
    assert web.post("/api/session/duty/end")[0] == 200
    assert web.get("/api/session")[1]["code"] == "session_over"


def test_an_account_that_is_closed_elsewhere_is_out_within_seconds(web: Web) -> None:
    assert web.get("/api/counts")[0] == 200
    submit(web, Envelope(CloseAccount(account=web.desk.account, why="调离"), actor="console"))
    web.clock.at += 16 * SECOND
    assert web.get("/api/counts")[1]["code"] == "session_over"


def test_sealed_data_needs_a_proof_of_presence_first(web: Web) -> None:
    for path, body in (
        ("/api/passkeys/options", {}),
        ("/api/passkeys", {"credential": {}}),
        ("/api/passkeys/remove", {"id": "x"}),
    ):
        assert web.post(path, body)[1]["code"] == "presence_needed"
    assert web.post("/api/session/presence", {"elevate": True})[1]["code"] == "not_let_in"
    assert web.post("/api/session/presence/options")[1]["code"] == "no_passkey"


# ── requests of other sites ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver.local"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ],
)
def test_a_cookie_does_nothing_from_another_sites_page(web: Web, headers: dict[str, str]) -> None:
    call = web.call("打架")
    cookie = {"Cookie": web.desk.cookie()}
    at = f"/api/incidents/{call['incident_id']}/notes"
    status, told = web.post(at, {"words": "x"}, headers=cookie | headers)
    assert (status, told["code"]) == (403, "cross_site")
    status, told = web.post("/api/sign-in/options", headers=headers, auth=NOBODY)
    assert (status, told["code"]) == (403, "cross_site")
    assert web.get("/api/counts", headers=cookie | headers)[0] == 200, "looking changes nothing"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},  # a form, since pages send no referrer
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver.local"},
        {"Origin": "http://testserver.local"},  # an older browser
    ],
)
def test_our_own_pages_do_what_they_are_for(web: Web, headers: dict[str, str]) -> None:
    at = f"/api/incidents/{web.call('打架')['incident_id']}/notes"
    cookie = {"Cookie": web.desk.cookie()}
    assert web.post(at, {"words": "x"}, headers=cookie | headers)[0] == 200


# ── partners' keys ──────────────────────────────────────────────────────────────────────────────────────
def test_a_key_opens_what_its_scopes_say(web: Web) -> None:
    reads = key_of(web, "read")
    assert web.get("/api/counts", headers=reads)[0] == 200
    status, told = web.post("/api/incidents/1/notes", {"words": "x"}, headers=reads)
    assert (status, told["code"], told["params"]["scope"]) == (403, "scope_missing", "work")
    assert web.get("/api/session", headers=reads)[1]["code"] == "people_only"
    bulk = key_of(web, "calls", name="hall")
    answer = web.client.post("/api/calls/bulk", content=b'{"words": "fire"}', headers=bulk)
    assert answer.status_code == 200
    assert web.get("/api/counts", headers=bulk)[1]["code"] == "scope_missing"


def test_the_program_and_its_people_are_on_record(web: Web) -> None:
    works = key_of(web, "work", "read")
    told = web.post("/api/calls", FIRE | {"channel": "partner"}, headers=works)[1]
    again = FIRE | {"channel": "partner", "incident": told["incident_id"]}
    web.post("/api/calls", again, headers=works | {"Huying-Actor": "老王".encode()})
    assert {each["actor"] for each in web.story(told["incident_id"])["timeline"]} == {
        "partner:water",
        "partner:water/老王",
    }


def test_colleagues_are_called_by_their_names(web: Web) -> None:
    li = person(web, "supervisor", "li-1", name="李敏")
    told = web.post("/api/calls", FIRE, auth=li)[1]
    web.post(f"/api/incidents/{told['incident_id']}/notes", {"words": "x"})
    story = web.story(told["incident_id"])
    assert {each["actor"] for each in story["timeline"]} == {"li-1", DESK}
    assert story["names"] == {"li-1": "李敏"}, "whose account has no name is called by its code"


def test_a_key_ends(web: Web) -> None:
    reads = key_of(web, "read")
    assert web.get("/api/counts", headers=reads)[0] == 200
    web.clock.at += DAY
    assert web.get("/api/counts", headers=reads)[1]["code"] == "key_over"


# ── wrong tries ─────────────────────────────────────────────────────────────────────────────────────────
def test_wrong_keys_are_slowed_and_on_record_without_what_was_tried(web: Web) -> None:
    codes = [
        web.get("/api/counts", headers={"Authorization": f"Bearer wrong-{n}"})[1]["code"] for n in range(14)
    ]
    assert codes == ["key_over"] * TRIES_ADDRESS + ["too_many"] * 4
    web.get("/api/counts")
    refused = facts(web, "sign_in.refused")
    assert len(refused) == TRIES_ADDRESS
    assert {(each.body.how, each.body.why, each.body.account) for each in refused} == {("key", "key_over", 0)}
    assert not any(b"wrong-" in bytes(row[7] or b"") for row in web.house.questions.fact_rows(0, 1_000))
    assert web.get("/api/counts")[0] == 200, "who is in already stays in"
    web.clock.at += MINUTE
    assert web.get("/api/counts", headers={"Authorization": "Bearer wrong"})[1]["code"] == "key_over"


def test_a_stale_cookie_is_one_try_however_often_it_comes(web: Web) -> None:
    for _ in range(40):
        assert web.get("/api/counts", headers={"Cookie": f"{COOKIE}=long-gone"})[1]["code"] == "session_over"
    assert web.client.get("/sign-in", headers={"Cookie": f"{COOKIE}=long-gone"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic ZGVzay0xOg=="},
        {"Authorization": "Bearer"},
        {"Cookie": "huying="},
        {"Cookie": "nothuying=x; other"},
        {"Cookie": "a" * 5_000},
        {"Cookie": "huying=" + "x" * 5_000},
    ],
)
def test_rubbish_is_nobody(web: Web, headers: dict[str, str]) -> None:
    assert web.client.get("/api/counts", headers=headers, auth=NOBODY).status_code == 401


# ── the demo's buttons ──────────────────────────────────────────────────────────────────────────────────
def test_a_real_server_has_no_demo_sign_in(web: Web) -> None:
    submit(web, Envelope(OpenAccount(code="demo-supervisor", role="supervisor", demo=True)))
    answer = web.client.post(
        "/sign-in/demo", data={"role": "supervisor"}, headers={"Sec-Fetch-Site": "same-origin"}, auth=NOBODY
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "demo_off")
    assert "/sign-in/demo" not in web.client.get("/sign-in", auth=NOBODY).text
    account = web.house.questions.account_by("code demo-supervisor").id
    secret, _ = begin_session(lambda sent: submit(web, sent), account, "demo-supervisor", "demo")
    told = web.get("/api/counts", headers={"Cookie": f"{COOKIE}={secret}"})[1]
    assert told["code"] == "demo_account", "not even with a session of a store that was a demo's"


def test_the_demo_lets_made_up_people_in_by_a_button_and_says_so_everywhere() -> None:
    with open_web(demo=True) as web:
        submit(web, Envelope(OpenAccount(code="demo-supervisor", role="supervisor", demo=True)))
        for path in ("/sign-in", "/docs"):
            assert "演示县" in web.client.get(path, auth=NOBODY).text
        same = {"Sec-Fetch-Site": "same-origin"}
        answer = web.client.post(
            "/sign-in/demo",
            data={"role": "supervisor", "next": "/docs"},
            headers=same,
            auth=NOBODY,
            follow_redirects=False,
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/docs")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        shows = {"Cookie": cookie.split(";")[0]} | same
        assert web.get("/api/session", headers=shows)[1]["demo"] is True
        assert "演示县" in web.client.get("/plain", headers=shows).text
        assert web.post("/api/session/presence", {"elevate": True}, headers=shows)[0] == 200
        assert web.get("/api/session", headers=shows)[1]["elevated_until"]
        for wrong in ("emperor", ""):
            answer = web.client.post("/sign-in/demo", data={"role": wrong}, headers=same, auth=NOBODY)
            assert answer.json()["code"] == "unknown_code"


@pytest.mark.parametrize(
    "next", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "/a\nb"]
)
def test_one_is_led_to_no_other_site(web: Web, next: str) -> None:
    page = web.client.get("/sign-in", params={"next": next}, auth=NOBODY).text
    assert 'data-next="/"' in page
    assert "evil" not in page


# ── headers ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/docs", "/api/counts", "/healthz", "/nothing", "/static/x"]
)
def test_every_answer_carries_the_headers_that_keep_browsers_safe(web: Web, path: str) -> None:
    got = web.client.get(path).headers
    assert "default-src 'none'" in got["content-security-policy"]
    assert "frame-ancestors 'none'" in got["content-security-policy"]
    assert "unsafe" not in got["content-security-policy"]
    assert got["x-content-type-options"] == "nosniff"
    assert got["referrer-policy"] == "no-referrer"
    assert got["x-frame-options"] == "DENY"
    assert got["cross-origin-opener-policy"] == "same-origin"
    assert got["cross-origin-resource-policy"] == "same-origin"
    assert got["cache-control"] in ("no-store", "no-cache")
    assert "server" not in got


def test_over_tls_the_cookie_is_bound_to_the_host_and_tls_stays() -> None:
    with open_web(root_url="https://yunxi.example", demo=True) as web:
        submit(web, Envelope(OpenAccount(code="demo-auditor", role="auditor", demo=True)))
        answer = web.client.post(
            "/sign-in/demo",
            data={"role": "auditor"},
            headers={"Origin": "https://yunxi.example"},
            auth=NOBODY,
            follow_redirects=False,
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-huying=")
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
