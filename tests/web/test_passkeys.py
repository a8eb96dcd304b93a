"""Passkeys from the set-up link to a lost telephone, with an authenticator that makes real ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from huying.base.clock import DAY, MINUTE
from huying.domain.account import ELEVATED
from huying.domain.commands import Envelope
from huying.domain.office import CloseAccount, IssueLink, OpenAccount
from huying.edge.door import TRIES_ACCOUNT, TRIES_ADDRESS
from huying.edge.secrets import hash_of
from soft_key import PRESENT, VERIFIED, SoftKey, text
from web_client import NOBODY, Web, open_web

HERE = "https://yunxi.example"
LINK = "the secret of the link"


@pytest.fixture
def web() -> Iterator[Web]:
    with open_web(root_url=HERE) as opened:
        yield opened


class Person:
    """A browser with an authenticator: posts as the pages do, and keeps its cookie."""

    def __init__(self, web: Web, key: SoftKey | None = None) -> None:
        self.web = web
        self.key = key or SoftKey(HERE)
        self.headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}

    def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self.web.client.post(path, json=body or {}, headers=self.headers, auth=NOBODY)
        if cookie := answer.headers.get("set-cookie"):
            self.headers["Cookie"] = cookie.split(";")[0]
        return answer.status_code, answer.json()

    def get(self, path: str) -> tuple[int, Any]:
        return self.web.get(path, headers=self.headers, auth=NOBODY)

    def set_up(self, link: str = LINK, **wrong: Any) -> tuple[int, Any]:
        status, options = self.post("/api/set-up/options", {"link": link})
        if status != 200:
            return status, options
        made = self.key.create(options, **wrong)
        return self.post("/api/set-up", {"link": link, "credential": made, "name": "desk"})

    def sign_in(self, **wrong: Any) -> tuple[int, Any]:
        options = self.post("/api/sign-in/options")[1]
        return self.post("/api/sign-in", {"credential": self.key.get(options, **wrong)})

    def prove(self, elevate: bool = False, **wrong: Any) -> tuple[int, Any]:
        status, options = self.post("/api/session/presence/options")
        assert status == 200, options
        proof = self.key.get(options, **wrong)
        return self.post("/api/session/presence", {"credential": proof, "elevate": elevate})


def submit(web: Web, command: Any, actor: str = "console") -> dict[str, Any]:
    return web.writer.submit(Envelope(command, actor=actor)).result(10).answer  # type: ignore[no-any-return]


def open_account(web: Web, code: str = "li", link: str = LINK) -> int:
    id = int(submit(web, OpenAccount(code=code, role="dispatcher", name="李伟"))["account"])
    submit(web, IssueLink(account=id, hash=hash_of(link)))
    return id


@pytest.fixture
def li(web: Web) -> Person:
    """Somebody with a passkey who has signed in."""
    open_account(web)
    person = Person(web)
    status, told = person.set_up()
    assert status == 200, told
    return person


def refusals(web: Web) -> list[tuple[str, str, int]]:
    web.get("/healthz")
    facts = [each for each in web.house.questions.facts(0, 1_000) if each.type == "sign_in.refused"]
    return [(each.body.how, each.body.why, each.body.account) for each in facts]


def test_from_the_link_to_the_board(web: Web) -> None:
    open_account(web)
    li = Person(web)
    status, options = li.post("/api/set-up/options", {"link": LINK})
    assert status == 200
    assert (options["rp"]["id"], options["user"]["name"], options["user"]["displayName"]) == (
        "yunxi.example",
        "li",
        "李伟",
    )
    assert options["authenticatorSelection"]["userVerification"] == "required"
    status, told = li.set_up()
    assert (status, told["actor"], told["role"], told["shift"]) == (200, "li", "dispatcher", "weekday")
    assert li.get("/api/session")[1]["actor"] == "li"
    li.post("/api/session/end")
    assert li.get("/api/counts")[0] == 401
    status, told = li.sign_in()
    assert (status, told["actor"]) == (200, "li")
    passkeys = li.get("/api/passkeys")[1]
    assert [(each["name"], each["synced"]) for each in passkeys] == [("desk", False)]
    assert passkeys[0]["used_at"] == "2026-03-02T02:00:00Z"
    begun = [each for each in web.house.questions.facts(0, 1_000) if each.type == "session.begun"]
    assert [each.actor for each in begun] == ["li", "li"]


def test_a_link_is_good_once_and_for_three_days(web: Web, li: Person) -> None:
    assert Person(web).set_up()[1]["code"] == "link_over"
    id = li.web.house.questions.account_by("code li").id
    submit(web, IssueLink(account=id, hash=hash_of("second")))
    web.clock.at += 3 * DAY
    assert Person(web).set_up("second")[1]["code"] == "link_over"
    assert refusals(web) == [("link", "link_over", 0), ("link", "link_over", id)]


WRONG_PROOFS = [
    ("another page's origin", {"origin": "https://evil.example"}),
    ("another house", {"rp": "evil.example"}),
    ("nobody was there", {"flags": 0}),
    ("nobody was checked", {"flags": PRESENT}),
    ("a challenge that nobody asked", {"challenge": text(b"x" * 40)}),
    ("a proof of making", {"type": "webauthn.create"}),
    ("a signature of something else", {"signature": b"0" * 70}),
]


@pytest.mark.parametrize("wrong", [each[1] for each in WRONG_PROOFS], ids=[each[0] for each in WRONG_PROOFS])
def test_a_proof_that_is_not_right_lets_nobody_in(web: Web, li: Person, wrong: dict[str, Any]) -> None:
    li.post("/api/session/end")
    status, told = li.sign_in(**wrong)
    assert (status, told["code"]) in {(401, "not_let_in"), (401, "challenge_over")}
    assert li.get("/api/counts")[0] == 401
    how, why, account = refusals(web)[-1]
    assert (how, why) == ("passkey", told["code"])
    assert account == web.house.questions.account_by("code li").id


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED])
def test_a_passkey_is_made_by_somebody_who_was_checked(web: Web, flags: int) -> None:
    open_account(web)
    assert Person(web).set_up(flags=flags)[1]["code"] == "not_let_in"


def test_a_proof_is_good_once_and_for_five_minutes(web: Web, li: Person) -> None:
    options = li.post("/api/sign-in/options")[1]
    proof = li.key.get(options)
    assert li.post("/api/sign-in", {"credential": proof})[0] == 200
    assert li.post("/api/sign-in", {"credential": proof})[1]["code"] == "challenge_over"
    proof = li.key.get(li.post("/api/sign-in/options")[1])
    web.clock.at += 5 * MINUTE
    assert li.post("/api/sign-in", {"credential": proof})[1]["code"] == "challenge_over"
    options = li.post("/api/session/presence/options")[1]
    proof = li.key.get(options)
    assert li.post("/api/sign-in", {"credential": proof})[1]["code"] == "challenge_over", (
        "for another purpose"
    )


def test_a_copied_passkey_is_noticed_and_one_without_a_counter_is_not_accused(web: Web, li: Person) -> None:
    assert li.sign_in()[0] == 200
    assert li.sign_in(stands_still=True)[1]["code"] == "passkey_copied"
    open_account(web, "wang", "another link")
    telephone = Person(web, SoftKey(HERE, counts=False))
    assert telephone.set_up("another link")[0] == 200
    assert [telephone.sign_in()[0] for _ in range(3)] == [200, 200, 200]


def test_an_unknown_passkey_and_a_closed_account_are_told_the_same(web: Web, li: Person) -> None:
    stranger = Person(web).sign_in()
    submit(web, CloseAccount(account=web.house.questions.account_by("code li").id, why="调离"))
    closed = li.sign_in()
    assert stranger == closed
    assert stranger[1]["code"] == "not_let_in"


def test_wrong_tries_for_one_account_are_slowed_for_that_account(web: Web, li: Person) -> None:
    told = [li.sign_in(origin="https://evil.example")[1]["code"] for _ in range(TRIES_ACCOUNT + 1)]
    assert told == ["not_let_in"] * TRIES_ACCOUNT + ["too_many"]
    assert li.sign_in()[1]["code"] == "too_many", "even the right one waits"
    open_account(web, "wang", "another link")
    assert Person(web).set_up("another link")[0] == 200, "others don't"
    web.clock.at += MINUTE
    assert li.sign_in()[0] == 200


def test_wrong_tries_from_one_address_are_slowed(web: Web) -> None:
    told = [Person(web).set_up(f"guess {n}")[1]["code"] for n in range(TRIES_ADDRESS + 2)]
    assert told == ["link_over"] * TRIES_ADDRESS + ["too_many"] * 2


def test_a_locked_screen_opens_for_its_owner_only(web: Web, li: Person) -> None:
    assert li.post("/api/session/lock")[0] == 200
    assert li.get("/api/counts")[0] == 423
    open_account(web, "wang", "another link")
    wang = Person(web)
    wang.set_up("another link")
    options = li.post("/api/session/presence/options")[1]
    options.pop("allowCredentials")
    proof = wang.key.get(options)
    assert li.post("/api/session/presence", {"credential": proof})[1]["code"] == "not_let_in"
    assert li.get("/api/counts")[0] == 423
    assert li.prove()[0] == 200
    assert li.get("/api/counts")[0] == 200
    assert li.get("/api/session")[1]["elevated_until"] is None, "unlocking opens nothing sealed"


def test_stepping_up_holds_for_five_minutes(web: Web, li: Person) -> None:
    assert li.prove(elevate=True)[1]["elevated_until"] == web.clock.at + ELEVATED
    assert li.get("/api/session")[1]["elevated_until"] == "2026-03-02T02:05:00Z"
    web.clock.at += ELEVATED
    assert li.get("/api/session")[1]["elevated_until"] is None


def test_a_second_passkey_is_added_and_the_lost_one_removed(web: Web, li: Person) -> None:
    li.prove(elevate=True)
    (first,) = li.get("/api/passkeys")[1]
    assert li.post("/api/passkeys/remove", {"id": first["id"]})[1]["code"] == "last_passkey"
    telephone = SoftKey(HERE)
    options = li.post("/api/passkeys/options")[1]
    assert [each["id"] for each in options["excludeCredentials"]] == [first["id"]]
    status, told = li.post("/api/passkeys", {"credential": telephone.create(options), "name": "手机"})
    assert status == 200, told
    assert [each["name"] for each in li.get("/api/passkeys")[1]] == ["desk", "手机"]
    assert li.post("/api/passkeys/remove", {"id": first["id"]})[0] == 200
    li.post("/api/session/end")
    assert li.sign_in()[1]["code"] == "not_let_in", "the lost one opens nothing"
    assert Person(web, telephone).sign_in()[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credential": 3},
        {"credential": {}},
        {"credential": {"id": ""}},
        {"credential": {"id": "x", "response": "y"}},
        {"credential": {"id": "é", "response": {}}},
        {"credential": {"id": "x", "response": {"clientDataJSON": "!!"}}},
        {"credential": {"id": "x", "response": {"clientDataJSON": text(b"[]")}}},
        {"credential": {"id": "x", "response": {"clientDataJSON": text(b'{"challenge": 3}')}}},
        {"credential": {"id": "x"}, "stranger": 1},
    ],
)
def test_rubbish_is_refused(web: Web, body: Any) -> None:
    answer = web.client.post("/api/sign-in", json=body, headers={"Origin": HERE}, auth=NOBODY)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["code"] in {"not_let_in", "bad_json"}


def test_where_browsers_make_no_passkeys_the_page_says_so(web: Web) -> None:
    with open_web() as plain:
        page = plain.client.get("/sign-in?lang=en", auth=NOBODY, headers={"Host": "127.0.0.1:8700"}).text
        assert "http://localhost:8700/sign-in" in page
        assert 'id="enter"' not in page
        local = plain.client.get("/sign-in", auth=NOBODY, headers={"Host": "localhost:8700"}).text
        assert 'id="enter"' in local
        told = plain.client.post(
            "/api/sign-in/options", json={}, headers={"Sec-Fetch-Site": "same-origin"}, auth=NOBODY
        ).json()
        assert told["code"] == "passkeys_need_address"
