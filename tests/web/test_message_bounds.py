"""Where one message ends and the next begins: what is in doubt is refused, and nothing after it is read."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from real_server import serving

HEAD = b"POST /api/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as (address, _, _):
        yield address


def answers(address: str, raw: bytes) -> list[bytes]:
    """The first line of each answer until the server hangs up, which it does after five quiet seconds."""
    parts = urlsplit(address)
    with closing(socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60)) as client:
        client.sendall(raw)
        said = b""
        try:
            while part := client.recv(65_536):
                said += part
        except ConnectionError:
            pass
    return [line for line in said.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}   " + SMUGGLED,
        HEAD + b"Content-Length: +2\r\n\r\n{}" + SMUGGLED,
        HEAD + b"Content-Length: 2 2\r\n\r\n{}" + SMUGGLED,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Content-Length : 2\r\n\r\n{}" + SMUGGLED,
        HEAD + b"X: a\r\n Content-Length: 2\r\n\r\n{}" + SMUGGLED,
        HEAD + b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED,
    ],
)
def test_a_message_whose_end_is_in_doubt_is_refused_and_ends_the_connection(address: str, raw: bytes) -> None:
    said = answers(address, raw)
    assert not any(line.startswith(b"HTTP/1.1 2") for line in said), said
    assert len(said) <= 1, said


def test_messages_with_clear_ends_are_answered(address: str) -> None:
    last = HEAD + b"Connection: close\r\n"
    for said in (
        b'Transfer-Encoding: chunked\r\n\r\ne\r\n{"words": "x"}\r\n0\r\n\r\n',
        b'Content-Length: 14\r\n\r\n{"words": "x"}',
    ):
        assert [line.split()[1] for line in answers(address, last + said)] == [b"201"]
