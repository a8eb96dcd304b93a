"""Accounts, sessions and keys on every engine: found by their names, bound to a shift, rebuilt from facts."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.base.clock import DAY, HOUR, MINUTE, SECOND
from huying.domain import office as c
from huying.domain.account import ELEVATED, HAND_OVER, SESSION_MAX, SESSIONS_MAX, by_key, by_session
from huying.domain.principal import Kind, Role
from huying.service.sessions import shift_running
from huying.store.opening import Opened
from huying.store.rebuild import rebuild
from huying.store.sqlite import SqliteStore
from huying.system import SystemChance
from store.conftest import House
from tiny_pack import MONDAY_10, tiny_pack
from town import Town


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def account(town: Town, code: str = "li", role: str = "dispatcher", **more: Any) -> int:
    return int(town.do(c.OpenAccount(code=code, role=role, **more))["account"])


def passkey(town: Town, id: int, credential: str = "cred-1", **more: Any) -> None:
    town.do(c.AddPasskey(account=id, credential=credential, public_key="cose", **more))


def sign_in(town: Town, id: int, secret: str = "token", count: int = 0) -> dict[str, Any]:
    return town.do(
        c.BeginSession(account=id, hash=hash_of(secret), how="passkey", credential="cred-1", count=count)
    )


@pytest.fixture
def town(opened: Opened) -> Town:
    return Town(opened.store)


def test_an_account_is_found_by_its_code_whatever_the_case(town: Town, opened: Opened) -> None:
    id = account(town, "Li.Wei", name="李伟")
    assert town.refused(c.OpenAccount(code="li.wei", role="supervisor")).code == "account_taken"
    found = opened.questions.account_by("code li.wei")
    assert found is not None
    assert (found.id, found.code, found.role, found.name) == (id, "Li.Wei", Role.DISPATCHER, "李伟")
    principal = found.principal()
    assert (principal.actor, principal.kind, principal.duty) == ("Li.Wei", Kind.STAFF, None)
    assert opened.questions.account_by("code nobody") is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"code": ""}, "wrong_form"),
        ({"code": "a b"}, "wrong_form"),
        ({"code": "clock"}, "wrong_form"),
        ({"code": "x" * 41}, "wrong_form"),
        ({"role": "emperor"}, "unknown_code"),
        ({"agency": "nowhere"}, "unknown_code"),
        ({"areas": ("nowhere",)}, "unknown_code"),
        ({"role": "clerk"}, "missing_field"),
        ({"role": "unit"}, "missing_field"),
        ({"name": "x" * 81}, "too_long"),
        ({"name": "a\nb"}, "bad_characters"),
    ],
)
def test_an_account_that_cannot_be(town: Town, wrong: dict[str, Any], code: str) -> None:
    before = len(town.facts)
    fields = {"code": "li", "role": "dispatcher"} | wrong
    assert town.refused(c.OpenAccount(**fields)).code == code
    assert len(town.facts) == before


def test_a_set_up_link_is_good_for_one_passkey_and_three_days(town: Town, opened: Opened) -> None:
    id = account(town)
    town.do(c.IssueLink(account=id, hash=hash_of("first")))
    town.do(c.IssueLink(account=id, hash=hash_of("second")))
    add = c.AddPasskey(account=id, credential="cred-1", public_key="cose", link=hash_of("first"))
    assert town.refused(add).code == "link_over", "a newer link replaces the older"
    passkey(town, id, link=hash_of("second"))
    add = c.AddPasskey(account=id, credential="cred-2", public_key="cose", link=hash_of("second"))
    assert town.refused(add).code == "link_over", "it is used up"
    town.do(c.IssueLink(account=id, hash=hash_of("third")))
    town.clock.at += 3 * DAY
    add = c.AddPasskey(account=id, credential="cred-2", public_key="cose", link=hash_of("third"))
    assert town.refused(add).code == "link_over", "it has run out"
    other = account(town, "wang")
    assert (
        town.refused(c.AddPasskey(account=other, credential="cred-1", public_key="x")).code == "passkey_taken"
    )
    found = opened.questions.account_by("passkey cred-1")
    assert found is not None
    assert [each.id for each in found.passkeys] == ["cred-1"]


def test_signing_in_takes_up_the_shift_that_runs_and_ends_with_it(town: Town, opened: Opened) -> None:
    id = account(town)
    passkey(town, id)
    told = sign_in(town, id)
    running = shift_running(town.pack, MONDAY_10)
    assert running is not None
    shift, end = running
    assert (told["shift"], told["duty_until"]) == (shift.code, end)
    assert told["until"] == min(end + HAND_OVER, MONDAY_10 + SESSION_MAX)
    found = opened.questions.account_by(by_session(hash_of("token")))
    assert found is not None
    session = found.session(told["session"])
    principal = found.principal(session)
    assert principal.on_duty(MONDAY_10)
    assert not principal.on_duty(end)
    town.do(c.EndDuty(account=id, session=told["session"]))
    assert opened.questions.account_by(by_session(hash_of("token"))) is None
    assert town.refused(c.EndDuty(account=id, session=told["session"])).code == "session_over"


def test_who_works_office_hours_has_no_duty(town: Town) -> None:
    id = account(town, role="administrator")
    passkey(town, id)
    told = sign_in(town, id)
    assert (told["shift"], told["until"]) == ("", MONDAY_10 + SESSION_MAX)
    assert town.refused(c.EndDuty(account=id, session=told["session"])).code == "not_on_duty"
    assert (
        town.refused(c.BeginDuty(account=id, session=told["session"], shift="never")).code == "unknown_code"
    )


def test_presence_opens_sealed_data_for_five_minutes_and_unlocks(town: Town) -> None:
    id = account(town)
    passkey(town, id)
    session = sign_in(town, id)["session"]
    on = {"account": id, "session": session}
    assert town.do(c.ProvePresence(**on, elevate=True))["elevated_until"] == MONDAY_10 + ELEVATED
    town.do(c.LockSession(**on))
    found = town.store.load_account(id)
    assert found is not None
    locked = found.sessions[0]
    assert (locked.locked_at, locked.elevated_until) == (MONDAY_10, 0)
    town.clock.at += MINUTE
    town.do(c.ProvePresence(**on))
    found = town.store.load_account(id)
    assert found is not None
    assert (found.sessions[0].locked_at, found.sessions[0].present_at) == (0, MONDAY_10 + MINUTE)


def test_a_passkey_whose_counter_stands_still_is_a_copy(town: Town) -> None:
    id = account(town)
    passkey(town, id, count=5)
    sign_in(town, id, count=6)
    refused = town.refused(
        c.BeginSession(account=id, hash=hash_of("other"), how="passkey", credential="cred-1", count=6)
    )
    assert refused.code == "passkey_copied"


def test_a_sixth_session_ends_the_first(town: Town, opened: Opened) -> None:
    id = account(town)
    passkey(town, id)
    for n in range(SESSIONS_MAX + 1):
        sign_in(town, id, f"token {n}")
    assert opened.questions.account_by(by_session(hash_of("token 0"))) is None
    assert opened.questions.account_by(by_session(hash_of("token 1"))) is not None


def test_closing_an_account_ends_all_and_the_last_administrator_stays(town: Town, opened: Opened) -> None:
    id = account(town)
    chief = account(town, "chief", "administrator")
    passkey(town, id)
    sign_in(town, id)
    assert town.refused(c.CloseAccount(account=chief, why="离职")).code == "last_administrator"
    assert town.refused(c.ChangeAccount(account=chief, role="auditor")).code == "last_administrator"
    assert town.refused(c.CloseAccount(account=id, why=" ")).code == "reason_needed"
    town.do(c.CloseAccount(account=id, why="调离"))
    assert opened.questions.account_by(by_session(hash_of("token"))) is None
    begin = c.BeginSession(account=id, hash=hash_of("x"), how="passkey", credential="cred-1")
    assert town.refused(begin).code == "account_closed"
    town.do(c.ReopenAccount(account=id, why="回来了"))
    town.do(c.ChangeAccount(account=id, role="administrator"))
    town.do(c.CloseAccount(account=chief, why="离职"))


def test_demo_people_come_in_by_the_demo_only_and_others_never(town: Town) -> None:
    made_up, real = account(town, "demo-1", demo=True), account(town, "li")
    for id, how in ((made_up, "passkey"), (made_up, "oidc"), (real, "demo")):
        assert town.refused(c.BeginSession(account=id, hash=hash_of("x"), how=how)).code == "demo_account"
    assert town.do(c.BeginSession(account=made_up, hash=hash_of("x"), how="demo"))["session"]
    assert town.refused(c.IssueLink(account=made_up, hash=hash_of("y"))).code == "demo_account"


def test_a_partners_key_has_scopes_and_an_end(town: Town, opened: Opened) -> None:
    issue = c.IssueKey(name="water", hash=hash_of("k"), scopes=("read", "calls"), until=MONDAY_10 + DAY)
    key = town.do(issue)["key"]
    found = opened.questions.key_by(by_key(hash_of("k")))
    assert found is not None
    principal = found.principal()
    assert (principal.actor, principal.kind) == ("partner:water", Kind.PARTNER)
    assert principal.scopes == {"calls", "read"}
    assert town.refused(issue).code == "key_taken"
    for wrong, code in (
        ({"until": MONDAY_10}, "key_time"),
        ({"until": MONDAY_10 + 401 * DAY}, "key_time"),
        ({"scopes": ("all",)}, "unknown_code"),
        ({"scopes": ()}, "missing_field"),
        ({"agency": "nowhere"}, "unknown_code"),
        ({"hash": hash_of("k")}, "wrong_form"),
    ):
        fields = {"name": "gas", "hash": hash_of("g"), "scopes": ("read",), "until": MONDAY_10 + DAY} | wrong
        assert town.refused(c.IssueKey(**fields)).code == code, wrong
    town.do(c.RevokeKey(key=key, why="合同到期"))
    assert opened.questions.key_by(by_key(hash_of("k"))) is None
    assert town.refused(c.RevokeKey(key=key)).code == "key_revoked"


def test_when_something_was_seen_goes_only_forward_and_is_no_fact(town: Town, opened: Opened) -> None:
    before = len(town.facts)
    town.do(c.NoteSeen(seen={7: 100, 8: 50}))
    town.do(c.NoteSeen(seen={7: 90}))
    assert opened.questions.seen([7, 8, 9]) == {7: 100, 8: 50}
    assert len(town.facts) == before


def test_all_of_it_follows_from_the_facts(house: House) -> None:
    if house.kind == "postgres":
        pytest.skip(
            "the shadow of this test is a file; rebuilding on PostgreSQL is tested with the care of stores"
        )
    opened = house.open()
    town = Town(opened.store)
    id = account(town, subject="https://city li")
    passkey(town, id)
    first = sign_in(town, id)["session"]
    sign_in(town, id, "other")
    town.clock.at += HOUR
    town.do(c.ProvePresence(account=id, session=first, elevate=True))
    town.do(c.ChangeAccount(account=id, subject="https://city li2", areas=("west", "east")))
    town.do(c.IssueKey(name="water", hash=hash_of("k"), scopes=("read",), until=town.clock.at + DAY))
    town.do(c.IssueLink(account=id, hash=hash_of("link")))
    town.clock.at += DAY
    sign_in(town, id, "next day")
    shadow = SqliteStore(":memory:", None, SystemChance())
    found = rebuild(opened.store, shadow, opened.questions.fact_rows, swap=False)
    assert found.shown == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(min_value=0, max_value=14 * 24 * 60))
def test_a_shift_that_runs_has_begun_and_not_ended(minutes: int) -> None:
    """Against counting minute by minute what the pack says is on."""
    from huying.dispatch.runcard import shifts_on

    pack, at = tiny_pack(), MONDAY_10 + minutes * MINUTE
    running = shift_running(pack, at)
    assert (running is not None) == bool(shifts_on(pack, at))
    if running is not None:
        shift, end = running
        assert shift.code in shifts_on(pack, at)
        assert end % SECOND == 0
        assert at < end <= at + DAY
        assert shift.code in shifts_on(pack, end - MINUTE)
