"""Clients that are slow, greedy or many: they are ended, and everybody else is answered meanwhile."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from urllib.parse import urlsplit

import httpx
import pytest

from huying import serving as house
from huying.serving import Front, patience
from real_server import serving

# How long a test waits for what takes a fraction of a second on a quiet machine.
PATIENCE_S = 60


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    shorter = {"HEAD_S": 2.0, "BODY_GRACE_S": 0.3, "BODY_RATE": 100, "LOOK_S": 0.2, "FETCH_S": 0.5}
    for name, value in shorter.items():
        monkeypatch.setattr(patience, name, value)


@pytest.fixture
def address(quick: None) -> Iterator[str]:
    with serving() as (address, _, _):
        yield address


def connect(address: str, buffer: int = 0) -> socket.socket:
    parts = urlsplit(address)
    client = socket.socket()
    if buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    client.settimeout(PATIENCE_S)
    client.connect((parts.hostname, parts.port))
    return client


def ended(client: socket.socket) -> bytes:
    """What the server says until it hangs up."""
    said = b""
    try:
        while part := client.recv(65_536):
            said += part
    except ConnectionError:
        pass
    return said


def test_heads_that_drip_are_ended_while_others_are_answered(address: str) -> None:
    with ExitStack() as open_ones:
        slow = [open_ones.enter_context(closing(connect(address))) for _ in range(60)]
        for each in slow:
            each.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Drip: ")
        assert httpx.get(f"{address}/healthz").status_code == 200
        for _ in range(3):
            time.sleep(0.1)
            for each in slow:
                with suppress(ConnectionError):  # a slow machine: it was ended already
                    each.sendall(b"a")
        for each in slow:
            said = ended(each)
            assert not said or said.startswith(b"HTTP/1.1 408 ")
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_who_comes_and_says_nothing_is_ended(address: str) -> None:
    with closing(connect(address)) as mute:
        assert ended(mute).startswith(b"HTTP/1.1 408 ")


def test_a_head_without_end_is_ended_early(address: str) -> None:
    with closing(connect(address)) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        line = b"X-More: " + b"a" * 1_000 + b"\r\n"
        try:
            for _ in range(2 * patience.HEAD_MAX // len(line)):
                client.sendall(line)
        except ConnectionError:
            return
        said = ended(client)
        assert not said or said.startswith(b"HTTP/1.1 431 ")


def test_a_body_that_drips_is_ended_and_a_steady_one_is_not(address: str) -> None:
    head = (
        b"POST /api/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    with closing(connect(address)) as slow:
        slow.sendall(head % 500_000)
        slow.sendall(b'{"words": "')
        assert ended(slow).startswith(b"HTTP/1.1 408 ")
    body = b'{"words": "' + b"a" * 12_000 + b'"}'
    with closing(connect(address)) as steady:
        steady.sendall(head % len(body))
        for start in range(0, len(body), 1_500):
            steady.sendall(body[start : start + 1_500])
            time.sleep(0.1)  # longer than the grace in all, and fast enough
        assert steady.recv(100).startswith(b"HTTP/1.1 201 ")


def test_who_fetches_nothing_is_ended(address: str) -> None:
    with closing(connect(address, buffer=4_096)) as greedy:
        greedy.settimeout(2)
        asked = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        until = time.monotonic() + PATIENCE_S
        with pytest.raises((ConnectionError, BrokenPipeError)):
            while time.monotonic() < until:
                try:
                    greedy.sendall(asked * 10)
                except TimeoutError:
                    continue
                time.sleep(0.05)
    assert httpx.get(f"{address}/healthz").status_code == 200


def test_one_address_holds_so_many_connections_and_no_more(
    quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "OF_ADDRESS_MAX", 3)
    monkeypatch.setattr(patience, "HEAD_S", 30.0)
    with serving(front=Front(proxies=("192.0.2.1",))) as (address, _, _), ExitStack() as open_ones:
        held = [open_ones.enter_context(closing(connect(address))) for _ in range(3)]
        for each in held:
            each.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert each.recv(100).startswith(b"HTTP/1.1 200 ")
        with closing(connect(address)) as fourth:
            assert ended(fourth) == b""
        held[0].close()
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                assert httpx.get(f"{address}/healthz").status_code == 200
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the place of who left was not given to anybody")


@pytest.mark.slow
def test_a_thousand_connections_at_once_are_all_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_S", 300.0)  # all come in before the first one asks
    house._allow_files()
    with serving() as (address, _, _), ExitStack() as open_ones:
        clients = [open_ones.enter_context(closing(connect(address))) for _ in range(1_000)]
        for each in clients:
            each.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        for each in clients:
            assert each.recv(65_536).startswith(b"HTTP/1.1 200 ")
