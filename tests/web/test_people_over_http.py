"""Accounts, sessions and keys over HTTP: for the administrator who has just proven to be there only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from huying.base.clock import DAY, MINUTE
from huying.domain.account import LINK_MAX
from huying.domain.principal import Role
from huying.edge.secrets import hash_of
from signed_in import COOKIE, Desk
from web_client import DESK, NOBODY, Web, key_of, open_web, person

CHANGES = [
    ("/api/accounts", {"code": "li.wei", "role": "dispatcher"}),
    ("/api/accounts/{id}/link", {}),
    ("/api/accounts/{id}/change", {"role": "dispatcher"}),
    ("/api/accounts/{id}/close", {"why": "left"}),
    ("/api/accounts/{id}/reopen", {"why": "back"}),
    ("/api/accounts/{id}/passkeys/remove", {"credential": "x"}),
    ("/api/accounts/{id}/sessions/7/end", {}),
    ("/api/keys", {"name": "water", "scopes": ["read"]}),
    ("/api/keys/7/revoke", {"why": "lost"}),
]


@pytest.fixture
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


@pytest.fixture
def admin(web: Web) -> Desk:
    return person(web, "administrator", "admin")


def row(web: Web, admin: Desk, code: str) -> Any:
    status, told = web.get("/api/accounts", auth=admin)
    assert status == 200, told
    return next(each for each in told["items"] if each["code"] == code)


def invite(web: Web, admin: Desk, **account: Any) -> Any:
    status, told = web.post("/api/accounts", {"code": "li.wei", "role": "dispatcher"} | account, auth=admin)
    assert status == 201, told
    return told


def facts(web: Web, type: str) -> list[Any]:
    return [each for each in web.house.questions.facts(0, 1_000) if each.type == type]


def test_somebody_is_invited_and_is_in_the_list(web: Web, admin: Desk) -> None:
    told = invite(web, admin, name="李伟", areas=["west"])
    assert "/set-up#" in told["link"]
    secret = told["link"].partition("#")[2]
    shown = row(web, admin, "li.wei")
    assert (shown["state"], shown["role"], shown["areas"], shown["name"]) == (
        "invited",
        "dispatcher",
        ["west"],
        "李伟",
    )
    assert "值班" not in shown["role_name"] and shown["role_name"]
    status, _ = web.post(
        "/api/set-up/options",
        {"link": secret},
        auth=NOBODY,
        headers={"origin": "http://testserver.local", "host": "testserver.local"},
    )
    assert status in (200, 409), "the link is known; passkeys need an address with a name"
    (opened,), (issued,) = facts(web, "account.opened")[-1:], facts(web, "account.link_issued")
    assert opened.actor == issued.actor == "admin"
    assert issued.body.hash == hash_of(secret)
    web.clock.at += LINK_MAX
    assert row(web, admin, "li.wei")["state"] == "waiting"


def test_a_new_link_voids_the_old_one(web: Web, admin: Desk) -> None:
    first = invite(web, admin)
    status, second = web.post(f"/api/accounts/{first['account']}/link", auth=admin)
    assert (status, second["link"] != first["link"]) == (200, True)
    old = {"link": first["link"].partition("#")[2]}
    status, told = web.post("/api/set-up/options", old, auth=NOBODY, headers={"origin": "http://testserver"})
    assert status in (401, 403, 410), told


def test_a_role_is_changed_and_holds_at_once(web: Web, admin: Desk) -> None:
    worker = person(web, "call_taker", "wang")
    assert web.get("/api/incidents", auth=worker)[0] == 200
    id = row(web, admin, "wang")["account"]
    status, _ = web.post(f"/api/accounts/{id}/change", {"role": "analyst"}, auth=admin)
    assert status == 200
    status, told = web.get("/api/session", auth=worker)
    assert (status, told["role"]) == (200, "analyst")
    assert web.post("/api/calls", {"words": "x", "channel": "desk"}, auth=worker)[0] == 403
    body = {"role": "clerk"}
    assert web.post(f"/api/accounts/{id}/change", body, auth=admin)[1]["code"] == "missing_field"
    body = {"role": "king"}
    assert web.post(f"/api/accounts/{id}/change", body, auth=admin)[1]["code"] == "unknown_code"


def test_who_is_retired_is_out_at_once_and_can_come_back(web: Web, admin: Desk) -> None:
    worker = person(web, "call_taker", "wang")
    assert web.get("/api/incidents", auth=worker)[0] == 200
    id = row(web, admin, "wang")["account"]
    assert web.post(f"/api/accounts/{id}/close", {"why": ""}, auth=admin)[1]["code"] == "reason_needed"
    assert web.post(f"/api/accounts/{id}/close", {"why": "moved away"}, auth=admin)[0] == 200
    assert web.get("/api/incidents", auth=worker)[1]["code"] == "session_over"
    assert (row(web, admin, "wang")["state"], row(web, admin, "wang")["sessions"]) == ("closed", 0)
    assert web.post(f"/api/accounts/{id}/link", auth=admin)[1]["code"] == "account_closed"
    assert web.post(f"/api/accounts/{id}/reopen", {"why": "back"}, auth=admin)[0] == 200
    assert row(web, admin, "wang")["state"] == "waiting"


def test_the_last_administrator_stays(web: Web, admin: Desk) -> None:
    id = row(web, admin, "admin")["account"]
    for step, body in (("close", {"why": "x"}), ("change", {"role": "analyst"})):
        status, told = web.post(f"/api/accounts/{id}/{step}", body, auth=admin)
        assert (status, told["code"]) == (409, "last_administrator")


def test_sessions_of_somebody_else_are_seen_and_ended(web: Web, admin: Desk) -> None:
    worker = person(web, "call_taker", "wang")
    web.get("/api/session", auth=worker)
    id = row(web, admin, "wang")["account"]
    status, told = web.get(f"/api/accounts/{id}", auth=admin)
    (session,) = told["sessions"]
    assert (status, session["this"], told["passkeys"]) == (200, False, [])
    assert COOKIE not in str(told) and worker.secret not in str(told)
    status, _ = web.post(f"/api/accounts/{id}/sessions/{session['id']}/end", auth=admin)
    assert status == 200
    assert web.get("/api/session", auth=worker)[1]["code"] == "session_over"
    (ended,) = facts(web, "session.ended")
    assert (ended.actor, ended.body.how) == ("admin", "lost")
    status, told = web.post(f"/api/accounts/{id}/sessions/{session['id']}/end", auth=admin)
    assert told["code"] == "session_over"


def test_a_key_is_issued_used_and_revoked_at_once(web: Web, admin: Desk) -> None:
    body = {"name": "water-works", "scopes": ["read"], "days": 30, "agency": "urban"}
    status, told = web.post("/api/keys", body, auth=admin)
    assert status == 201, told
    bearer = {"Authorization": f"Bearer {told['secret']}"}
    assert web.get("/api/referrals", auth=NOBODY, headers=bearer)[0] == 200
    status, listed = web.get("/api/keys", auth=admin)
    (line,) = listed["items"]
    assert (line["state"], line["scopes"], line["agency"]) == ("valid", ["read"], "urban")
    assert told["secret"] not in str(listed) and hash_of(told["secret"]) not in str(listed)
    assert web.post("/api/keys", body, auth=admin)[1]["code"] == "key_taken"
    assert web.post(f"/api/keys/{line['key']}/revoke", {"why": "lost"}, auth=admin)[0] == 200
    assert web.get("/api/referrals", auth=NOBODY, headers=bearer)[1]["code"] == "key_over"
    assert web.get("/api/keys", auth=admin)[1]["items"][0]["state"] == "revoked"
    for wrong in ({"scopes": ["all"]}, {"scopes": []}, {"days": 0}, {"days": 4_000}, {"name": "a b"}):
        status, _ = web.post("/api/keys", {"name": "gas", "scopes": ["read"]} | wrong, auth=admin)
        assert status in (400, 422), wrong


@pytest.mark.parametrize("role", [each.value for each in Role if each is not Role.ADMINISTRATOR])
def test_no_other_role_sees_or_changes_any_of_it(web: Web, role: str) -> None:
    who = person(web, role, agency="urban" if role == "clerk" else "", unit="p1" if role == "unit" else "")
    for path in ("/api/accounts", "/api/accounts/1", "/api/keys"):
        status, told = web.get(path, auth=who)
        assert (status, told["code"]) == (403, "not_allowed"), (role, path)
    id = web.desk.account
    for path, body in CHANGES:
        status, told = web.post(path.format(id=id), body, auth=who)
        assert (status, told["code"]) == (403, "not_allowed"), (role, path, told)


def test_neither_strangers_nor_programs_do(web: Web) -> None:
    key = key_of(web, "read", "work", "calls", "alerts")
    for path, body in CHANGES:
        address = path.format(id=web.desk.account)
        assert web.post(address, body, auth=NOBODY)[0] == 401
        assert web.post(address, body, auth=NOBODY, headers=key)[1]["code"] == "not_allowed"
    assert web.get("/api/accounts", auth=NOBODY, headers=key)[1]["code"] == "not_allowed"


def test_an_open_screen_can_look_but_not_change(web: Web, admin: Desk) -> None:
    invite(web, admin)
    web.clock.at += 6 * MINUTE
    assert web.get("/api/accounts", auth=admin)[0] == 200
    for path, body in CHANGES:
        status, told = web.post(path.format(id=web.desk.account), body, auth=admin)
        assert (status, told["code"]) == (403, "not_allowed"), path
        assert "elevated" in told["params"]["missing"]


def test_made_up_people_and_unknown_fields_cannot_be_sent(web: Web, admin: Desk) -> None:
    for more in ({"demo": True}, {"passkeys": []}):
        status, _ = web.post("/api/accounts", {"code": "x", "role": "analyst"} | more, auth=admin)
        assert status in (400, 422)
    assert (
        web.post("/api/accounts", {"code": DESK, "role": "analyst"}, auth=admin)[1]["code"] == "account_taken"
    )
    assert web.get("/api/accounts/999999", auth=admin)[1]["code"] == "not_found"
    web.clock.at += DAY
