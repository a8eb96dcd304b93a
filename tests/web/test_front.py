"""How the server is reached: by TLS of its own, or behind a proxy that alone may say for whom it asks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.cli.exits import Exit
from huying.domain.commands import Envelope
from huying.domain.office import IssueKey
from huying.edge.secrets import hash_of
from huying.serving import LOCAL_PROXIES, Front, proxies_of
from huying.serving.tls import Tls, keep_fresh
from own_ca import OwnCa
from real_server import cookie, serving
from web_client import open_web

SOURCES = Path(__file__).parents[2] / "src"


@pytest.fixture
def ca(tmp_path: Path) -> OwnCa:
    return OwnCa(tmp_path)


def tls_of(ca: OwnCa) -> Tls:
    cert, key, _ = ca.issue()
    return Tls(str(cert), str(key))


# ── TLS by the server itself ────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def secure(ca: OwnCa) -> Iterator[str]:
    with serving(front=Front(tls_of(ca)), tls=True) as (address, _, _):
        yield address


def test_a_client_that_trusts_us_is_served_and_told_to_stay_with_tls(secure: str, ca: OwnCa) -> None:
    answer = httpx.get(f"{secure}/healthz", verify=ca.trust())
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
        httpx.get(f"{secure}/healthz")


def test_the_cookie_of_a_secure_house_is_for_tls_only(secure: str, ca: OwnCa) -> None:
    plain = {"cookie": cookie[0]}
    assert httpx.get(f"{secure}/api/session", headers=plain, verify=ca.trust()).status_code == 401
    fitting = {"cookie": f"__Host-{cookie[0]}"}
    assert httpx.get(f"{secure}/api/session", headers=fitting, verify=ca.trust()).status_code == 200


def test_old_tls_is_refused(secure: str, ca: OwnCa) -> None:
    old = ca.trust()
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{secure}/healthz", verify=old)
    for fine in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ca.trust()
        context.minimum_version = context.maximum_version = fine
        assert httpx.get(f"{secure}/healthz", verify=context).status_code == 200


def test_plain_http_gets_no_answer_from_a_secure_house(secure: str) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(secure.replace("https", "http") + "/healthz")


async def served(tls: Tls, context: ssl.SSLContext, trust: ssl.SSLContext) -> int:
    """The serial number of the certificate that a new connection gets."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
    found = writer.get_extra_info("peercert")
    writer.close()
    server.close()
    return int(found["serialNumber"], 16)


def test_a_renewed_certificate_is_taken_up_and_a_broken_one_is_not(ca: OwnCa) -> None:
    cert, key, first = ca.issue()
    tls = Tls(str(cert), str(key))

    async def run() -> None:
        context = tls.context()
        fresh = asyncio.create_task(keep_fresh(tls, context, 0.01))
        await asyncio.sleep(0.03)
        assert await served(tls, context, ca.trust()) == first
        cert.write_text("half a certificate")
        await asyncio.sleep(0.1)
        assert await served(tls, context, ca.trust()) == first
        _, _, second = ca.issue()
        for _ in range(1_000):
            if await served(tls, context, ca.trust()) == second:
                break
            await asyncio.sleep(0.01)
        else:
            raise AssertionError("the renewed certificate is not in use")
        fresh.cancel()

    asyncio.run(run())


def test_what_cannot_be_used_is_refused_before_anything_starts(ca: OwnCa, tmp_path: Path) -> None:
    cert, key, _ = ca.issue()
    other = tmp_path / "other"
    other.mkdir()
    _, stranger, _ = OwnCa(other).issue()
    for pair in ((cert, stranger), (cert, tmp_path / "none.pem"), (key, cert)):
        with pytest.raises(Refusal, match="tls_unreadable"):
            Tls(*map(str, pair)).context()
    cert, key, _ = ca.issue(password=b"x")
    with pytest.raises(Refusal, match="tls_unreadable"):
        Tls(str(cert), str(key)).context()


@pytest.mark.slow
def test_serve_speaks_tls(ca: OwnCa, tmp_path: Path) -> None:
    cert, key, _ = ca.issue()
    command = [sys.executable, "-m", "huying", "serve", "--store", str(tmp_path / "c.sqlite"), "--port", "0"]
    command += ["--pack", "starter"]
    env = os.environ | {"PYTHONPATH": str(SOURCES)}
    alone = [*command, "--json", "--tls-cert", str(cert)]
    refused = subprocess.run(alone, capture_output=True, env=env, check=False, timeout=120)
    assert refused.returncode == Exit.REFUSED
    assert json.loads(refused.stdout)["refusal"]["code"] == "tls_needs_both"
    both = [*command, "--json", "--tls-cert", str(cert), "--tls-key", str(key)]
    server = subprocess.Popen(both, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    try:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        assert told["address"].startswith("https://")
        assert told["set_up"].startswith("https://localhost:")
        with urllib.request.urlopen(f"{told['address']}/healthz", context=ca.trust(), timeout=60) as answer:
            assert answer.status == 200
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


# ── two houses of one process ───────────────────────────────────────────────────────────────────────────
def test_two_houses_of_one_process_answer_each_for_themselves() -> None:
    with open_web(body_max=1_000) as small, open_web(drill="flood") as other:
        small.call("打架")
        assert small.get("/api/counts")[1]["calls"] == 1
        assert other.get("/api/counts")[1]["calls"] == 0
        assert "huying-drill" not in small.client.get("/healthz").headers
        assert other.client.get("/healthz").headers["huying-drill"] == "flood"
        long = {"channel": "desk", "words": "打架" * 1_000}
        assert [small.post("/api/calls", long)[0], other.post("/api/calls", long)[0]] == [413, 201]


# ── behind a proxy ──────────────────────────────────────────────────────────────────────────────────────
def many(address: str, count: int, path: str = "/api/words/zh", **headers: str) -> list[int]:
    with httpx.Client() as client:
        return [
            client.get(f"{address}{path}", headers={"X-Forwarded-For": "203.0.113.9"} | headers).status_code
            for _ in range(count)
        ]


def test_a_stated_proxy_says_for_whom_it_asks_and_each_is_counted_alone() -> None:
    with serving(rate=0.001, burst=2.0) as (address, _, _):
        assert many(address, 3) == [200, 200, 429]
        assert many(address, 1, "/api/words/en") == [429], "all routes are counted together"
        assert many(address, 1, **{"X-Forwarded-For": "203.0.113.10"}) == [200]
        # What the client itself put in front of the proxy's own entry counts for nothing.
        forged = {"X-Forwarded-For": "127.0.0.1, 198.51.100.7, 203.0.113.9"}
        assert many(address, 1, **forged) == [429]


def test_of_anybody_else_the_claim_means_nothing() -> None:
    with serving(front=Front(proxies=("192.0.2.1",)), rate=0.001, burst=2.0) as (address, _, _):
        assert many(address, 4) == [200] * 4, "they are the local machine, which is not counted"


@pytest.mark.parametrize(("proxies", "status"), [(LOCAL_PROXIES, 200), (("192.0.2.1",), 403), ((), 403)])
def test_only_a_stated_proxy_says_that_the_browser_speaks_tls(proxies: tuple[str, ...], status: int) -> None:
    with serving(front=Front(proxies=proxies)) as (address, _, _):
        host = address.removeprefix("http://").replace("127.0.0.1", "localhost")
        headers = {"X-Forwarded-Proto": "https", "Origin": f"https://{host}", "Host": host}
        answer = httpx.post(f"{address}/api/sign-in/options", headers=headers)
        assert answer.status_code == status, answer.text


def test_a_key_is_counted_from_however_many_addresses_it_comes() -> None:
    with serving(rate=0.001, burst=3.0) as (address, writer, clock):
        issue = IssueKey(name="water", hash=hash_of("huying_w"), scopes=("read",), until=clock.at + DAY)
        writer.submit(Envelope(issue, actor="console")).result(30)
        bearer = {"Authorization": "Bearer huying_w"}
        found = [
            many(address, 1, **bearer, **{"X-Forwarded-For": f"203.0.113.{n}"})[0] for n in (1, 2, 3, 4, 5)
        ]
        assert found == [200, 200, 200, 429, 429]
        assert many(address, 1, **{"X-Forwarded-For": "203.0.113.4"}) == [200], "others are not held back"


def test_proxies_are_addresses_and_networks() -> None:
    assert proxies_of("") == LOCAL_PROXIES
    assert proxies_of("none") == ()
    assert proxies_of("10.0.0.0/8, 192.0.2.7 fd00::/8") == ("10.0.0.0/8", "192.0.2.7", "fd00::/8")
    for wrong in ("*", "proxy.city.example", "10.0.0.1/8", "10.0.0.0/8 *"):
        with pytest.raises(Refusal, match="bad_setting"):
            proxies_of(wrong)
