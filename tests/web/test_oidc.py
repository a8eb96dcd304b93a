"""A city's own accounts: against a real provider, and against one that lies in every way it can."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwk, jwt

from huying.base.clock import MINUTE
from huying.base.refusal import Refusal
from huying.domain.commands import Envelope
from huying.domain.office import ChangeAccount, CloseAccount, OpenAccount
from huying.domain.principal import Role
from huying.edge.oidc import OidcSettings, read_roles
from soft_key import text
from web_client import NOBODY, Web, open_web

# The provider of the test is built on parts that are on their way out.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ROLES = read_roles("desk=dispatcher urban-staff=clerk@urban")


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A real OpenID provider on the loopback; the address of the issuer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import oidc_provider_mock as mock

        people = (
            mock.User(
                sub="li", claims={"name": "李伟", "groups": ["staff", "desk"], "preferred_username": "li.wei"}
            ),
            mock.User(sub="zhao", claims={"name": "赵敏", "groups": ["urban-staff"]}),
            mock.User(sub="guest", claims={"groups": ["visitors"]}),
        )
        with mock.run_server_in_thread(user_claims=people) as server:
            yield f"http://localhost:{server.server_port}"


def settings(issuer: str, roles: Any = ROLES) -> OidcSettings:
    return OidcSettings(issuer=issuer, client="huying", secret="s3cret", roles=roles)


@contextmanager
def city(issuer: str, roles: Any = ROLES) -> Iterator[Web]:
    """A house that knows the city's accounts, at the hour that the provider's clock shows."""
    with open_web(oidc=settings(issuer, roles)) as web:
        web.clock.at = time.time_ns() // 1_000
        yield web


class Browser:
    """Somebody's way to the city's page and back; keeps its cookies."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> httpx.Response:
        shows = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = self.web.client.get(path, headers=shows, auth=NOBODY, follow_redirects=False)
        for each in answer.headers.get_list("set-cookie"):
            name, _, rest = each.partition("=")
            self.cookies[name] = rest.partition(";")[0].strip('"')
        return answer

    def leave(self, query: str = "") -> str:
        answer = self.get(f"/sign-in/city{query}")
        assert answer.status_code == 303
        return answer.headers["location"]

    def come_back(self, location: str) -> str:
        """Where one is led in the end."""
        parts = urlsplit(location)
        answer = self.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def me(self) -> Any:
        return self.get("/api/session").json()


def as_person(address: str, sub: str) -> str:
    """Say at the provider's page who one is; the address that it leads back to."""
    assert httpx.get(address).status_code == 200
    answer = httpx.post(address, data={"sub": sub})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def sign_in(browser: Browser, sub: str) -> str:
    return browser.come_back(as_person(browser.leave("?next=/docs"), sub))


def refusals(web: Web) -> list[tuple[str, str]]:
    web.get("/healthz")
    facts = web.house.questions.facts(0, 1_000)
    return [(each.body.how, each.body.why) for each in facts if each.type == "sign_in.refused"]


# ── a real provider ─────────────────────────────────────────────────────────────────────────────────────
def test_who_the_city_knows_comes_in_with_the_role_of_their_group(provider: str) -> None:
    with city(provider) as web:
        li = Browser(web)
        address = li.leave("?next=/docs")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
        assert len(asked["state"]) == len(asked["nonce"]) == 43
        assert (asked["response_type"], asked["client_id"]) == ("code", "huying")
        assert li.come_back(as_person(address, "li")) == "/docs"
        me = li.me()
        assert (me["actor"], me["name"], me["role"], me["how"]) == ("li.wei", "李伟", "dispatcher", "oidc")
        zhao = Browser(web)
        assert sign_in(zhao, "zhao") == "/docs"
        assert (zhao.me()["actor"], zhao.me()["role"], zhao.me()["agency"]) == ("zhao", "clerk", "urban")
        assert 'href="/sign-in/city' in web.client.get("/sign-in", auth=NOBODY).text


def test_the_citys_groups_govern_the_role(provider: str) -> None:
    with city(provider) as web:
        li = Browser(web)
        sign_in(li, "li")
        id = web.house.questions.account_by("code li.wei").id

        def submit(command: Any) -> None:
            web.writer.submit(Envelope(command, actor="console")).result(10)

        submit(ChangeAccount(account=id, role=Role.SUPERVISOR))
        sign_in(li, "li")
        assert li.me()["role"] == "dispatcher"
        submit(CloseAccount(account=id, why="调离"))
        assert sign_in(Browser(web), "li") == "/sign-in?fault=account_closed"


def test_strangers_and_taken_names_are_told_whom_to_ask(provider: str) -> None:
    with city(provider) as web:
        assert sign_in(Browser(web), "guest") == "/sign-in?fault=city_stranger"
        opening = OpenAccount(code="zhao", role=Role.AUDITOR)
        web.writer.submit(Envelope(opening, actor="console")).result(10)
        assert sign_in(Browser(web), "zhao") == "/sign-in?fault=city_stranger", "not into somebody's account"
        page = web.client.get("/sign-in?fault=city_stranger&lang=en", auth=NOBODY).text
        assert "no account or role here yet" in page
        assert refusals(web) == [("oidc", "city_stranger")] * 2


def test_without_a_mapping_only_linked_accounts_come_in(provider: str) -> None:
    with city(provider, roles=()) as web:
        assert sign_in(Browser(web), "li") == "/sign-in?fault=city_stranger"
        opening = OpenAccount(code="033112", role=Role.SUPERVISOR, subject=f"{provider} li")
        web.writer.submit(Envelope(opening, actor="console")).result(10)
        li = Browser(web)
        assert sign_in(li, "li") == "/docs"
        assert (li.me()["actor"], li.me()["role"]) == ("033112", "supervisor")


def test_a_way_is_ones_own_good_once_and_for_ten_minutes(provider: str) -> None:
    with city(provider) as web:
        li, other = Browser(web), Browser(web)
        back = as_person(li.leave(), "li")
        assert other.come_back(back) == "/sign-in?fault=city_refused", "a link that somebody was lured to"
        other.leave()
        assert other.come_back(back) == "/sign-in?fault=city_refused", "the state of another way"
        assert li.come_back(back) == "/"
        assert li.come_back(back) == "/sign-in?fault=city_refused", "the way is used up"
        late = as_person(li.leave(), "li")
        web.clock.at += 10 * MINUTE
        assert li.come_back(late) == "/sign-in?fault=city_refused"


def test_where_there_are_no_city_accounts_there_is_no_door(web_plain: Web) -> None:
    browser = Browser(web_plain)
    assert browser.leave() == "/sign-in?fault=city_none&next=/"
    assert browser.come_back("http://x/sign-in/city/back?code=1&state=2") == "/sign-in?fault=city_none"


@pytest.fixture(scope="module")
def web_plain() -> Iterator[Web]:
    with open_web() as web:
        yield web


# ── one that lies ───────────────────────────────────────────────────────────────────────────────────────
class Crook:
    """A provider whose tokens say what the test wants. `wrong` changes claims, `key` signs, `alg` how."""

    def __init__(self) -> None:
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "1"})
        self.shown = self.key
        self.alg = "RS256"
        self.wrong: dict[str, Any] = {}
        self.issuer = ""
        self.asked: dict[str, str] = {}
        self.away = False

    def about(self) -> Any:
        at = self.issuer
        return {
            "issuer": self.wrong.get("about", at),
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/jwks",
        }

    def token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "li",
            "aud": "huying",
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            "groups": ["desk"],
        } | {name: value for name, value in self.wrong.items() if name != "about"}
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.alg in ("none", "HS256"):  # by hand: no library makes such a thing
            said = ".".join(text(json.dumps(each).encode()) for each in ({"alg": self.alg}, claims))
            public = self.shown.as_pem(private=False)
            signed = hmac.digest(public, said.encode(), "sha256") if self.alg == "HS256" else b""
            return f"{said}.{text(signed)}"
        return jwt.encode({"alg": self.alg, "kid": self.key.kid}, claims, self.key)


@pytest.fixture(scope="module")
def crook_server() -> Iterator[Crook]:
    crook = Crook()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if crook.away:
                return self._say(503, {})
            if "openid" in self.path:
                return self._say(200, crook.about())
            return self._say(200, {"keys": [crook.shown.as_dict(private=False)]})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"])).decode()
            crook.asked = {name: values[0] for name, values in parse_qs(raw).items()}
            crook.asked["login"] = self.headers.get("authorization", "")
            self._say(
                200,
                {"access_token": "x", "token_type": "Bearer", "id_token": crook.token(crook.asked["code"])},
            )

        def _say(self, status: int, told: Any) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    crook.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield crook
    server.shutdown()
    thread.join()


@pytest.fixture
def crook(crook_server: Crook) -> Iterator[Crook]:
    first = crook_server.key
    yield crook_server
    crook_server.key = crook_server.shown = first
    crook_server.alg, crook_server.wrong, crook_server.away = "RS256", {}, False


@pytest.fixture
def cheated(crook: Crook) -> Iterator[Web]:
    with city(crook.issuer) as web:
        yield web


def try_in(web: Web, crook: Crook, browser: Browser | None = None, query: str = "") -> tuple[Browser, str]:
    """Go and come back; the crook is told the nonce as the code, so that its token can hold it."""
    browser = browser or Browser(web)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(browser.leave(query)).query).items()}
    led = browser.come_back(f"/sign-in/city/back?code={asked['nonce']}&state={asked['state']}")
    digest = hashlib.sha256(crook.asked["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert crook.asked["login"] == "Basic " + base64.b64encode(b"huying:s3cret").decode()
    return browser, led


def test_an_honest_token_is_taken(cheated: Web, crook: Crook) -> None:
    browser, led = try_in(cheated, crook)
    assert led == "/"
    assert browser.me()["actor"] == "li"


IN_PAST, IN_FUTURE = -3_600, 36_000
"""Seconds from the moment at which the token is made: a moment of its own in a test's name would name
the test anew in every worker of a parallel run."""
LIES = [
    {"iss": "https://elsewhere.example"},
    {"aud": "another-client"},
    {"aud": ["huying", "another"], "azp": "another"},
    {"aud": None},
    {"nonce": "of another way"},
    {"nonce": None},
    {"exp": IN_PAST},
    {"exp": None},
    {"iat": IN_FUTURE},
    {"nbf": IN_FUTURE},
    {"sub": None},
]


@pytest.mark.parametrize("lie", LIES, ids=[str(each)[:40] for each in LIES])
def test_a_token_that_is_not_for_us_lets_nobody_in(cheated: Web, crook: Crook, lie: dict[str, Any]) -> None:
    now = int(time.time())
    crook.wrong = {claim: now + value if isinstance(value, int) else value for claim, value in lie.items()}
    browser, led = try_in(cheated, crook)
    assert led == "/sign-in?fault=city_refused"
    assert "code" in browser.me()
    assert refusals(cheated) == [("oidc", "city_refused")]


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_a_token_without_the_citys_signature_lets_nobody_in(cheated: Web, crook: Crook, alg: str) -> None:
    crook.alg = alg
    assert try_in(cheated, crook)[1] == "/sign-in?fault=city_refused"


def test_a_key_that_the_city_does_not_show_is_not_its_key_and_a_new_one_is_learnt(
    cheated: Web, crook: Crook
) -> None:
    assert try_in(cheated, crook)[1] == "/"
    crook.key = jwk.RSAKey.generate_key(2048, {"kid": "2"})
    cheated.clock.at += MINUTE // 2
    assert try_in(cheated, crook)[1] == "/sign-in?fault=city_refused"
    crook.shown = crook.key
    cheated.clock.at += MINUTE // 2
    assert try_in(cheated, crook)[1] == "/"


def test_presence_is_proven_by_who_just_showed_the_city_who_they_are(cheated: Web, crook: Crook) -> None:
    browser, _ = try_in(cheated, crook)
    asked = parse_qs(urlsplit(browser.leave("?again=1")).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    for said in ({}, {"auth_time": int(time.time()) - 3_600}, {"auth_time": int(time.time()), "sub": "wang"}):
        crook.wrong = said
        assert try_in(cheated, crook, browser, "?again=1")[1].startswith("/sign-in?fault=city_refused")
        assert browser.me()["elevated_until"] is None
    crook.wrong = {"auth_time": int(time.time())}
    assert try_in(cheated, crook, browser, "?again=1")[1] == "/"
    assert browser.me()["elevated_until"]


def test_a_city_that_is_away_or_another_is_said_so(crook: Crook) -> None:
    crook.away = True
    with city(crook.issuer) as web:
        assert Browser(web).leave() == "/sign-in?fault=city_away&next=/"
    crook.away, crook.wrong = False, {"about": "https://elsewhere.example"}
    with city(crook.issuer) as web:
        assert Browser(web).leave() == "/sign-in?fault=city_away&next=/"
    with city("http://localhost:1") as web:
        assert Browser(web).leave() == "/sign-in?fault=city_away&next=/"


# ── settings ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("text", ["desk", "desk=", "=dispatcher", "desk=emperor", "desk=dispatcher,x=y"])
def test_a_mapping_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="bad_setting"):
        read_roles(text)


def test_the_citys_accounts_are_asked_over_tls_only() -> None:
    with pytest.raises(Refusal, match="bad_setting"), open_web(oidc=settings("http://city.example")):
        pass
