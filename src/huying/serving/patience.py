"""How long and how much a client may keep us waiting: heads, bodies and answers that nobody fetches.

A few hundred connections that each send a byte now and then would otherwise hold a server for ever. Here a
head must be whole within `HEAD_S` and `HEAD_MAX`, a body come at `BODY_RATE` at least, and an answer must
be fetched within `FETCH_S`; one address holds at most `OF_ADDRESS_MAX` connections.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# From the first byte, or from coming in; a telephone on the edge of a cell needs some seconds.
HEAD_S = 15.0
# Cookies, a key, a browser's own lines: some 2 kB. Whoever sends more than this wants our memory.
HEAD_MAX = 65_536
# Bytes a second of a body on the average, after a while of grace: slower than any telephone since 1995.
BODY_RATE = 1_024
BODY_GRACE_S = 30.0
# How often a body under way is looked at.
LOOK_S = 10.0
# A screen that fetches nothing for so long is switched off or gone; it comes back with `Last-Event-ID`.
FETCH_S = 60.0
# Two town halls behind one address; the rest of the connections is for everybody else.
OF_ADDRESS_MAX = 2_048
_LOCAL = frozenset({"127.0.0.1", "::1"})

_BETWEEN, _HEAD, _BODY = range(3)


class Patient(HttpToolsProtocol):
    """One connection. The usual request comes in one piece and costs two looks at a number."""

    # Of all connections of the process, by address.
    held: ClassVar[Counter[str]] = Counter()
    # Proxies, which hold the connections of others.
    exempt: ClassVar[frozenset[str]] = _LOCAL

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._phase = _HEAD  # nothing has come: the first head is awaited
        self._since = self._got = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._fetch: asyncio.TimerHandle | None = None
        self._address = ""

    # ── the connection ──────────────────────────────────────────────────────────────────────────────────
    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if address not in self.exempt:
            self._address = address
            self.held[address] += 1
            if self.held[address] > OF_ADDRESS_MAX:
                transport.abort()
                return
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._watch, self._fetch):
            if timer is not None:
                timer.cancel()
        self._watch = self._fetch = None
        if self._address:
            self.held[self._address] -= 1
            if not self.held[self._address]:
                del self.held[self._address]
            self._address = ""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        phase = self._phase
        if phase == _BETWEEN:
            if self._watch is not None:
                self._watch.cancel()
                self._watch = None
            return
        if self._watch is None:
            self._begin()
        self._got += len(data)
        if phase == _HEAD and self._got > HEAD_MAX:
            self._end(b"431 Request Header Fields Too Large")

    # ── what the parser finds ───────────────────────────────────────────────────────────────────────────
    def on_message_begin(self) -> None:
        self._phase = _HEAD
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._phase = _BODY
        self._got = 0.0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._phase = _BETWEEN
        super().on_message_complete()

    # ── waiting ─────────────────────────────────────────────────────────────────────────────────────────
    def _begin(self) -> None:
        self._since, self._got = self.loop.time(), 0.0
        self._watch = self.loop.call_later(HEAD_S, self._look)

    def _look(self) -> None:
        self._watch = None
        if self._phase == _BETWEEN or self.transport.is_closing():
            return
        now = self.loop.time()
        if self.flow.read_paused:  # it is we who don't read
            self._since, self._got = now, 0.0
        elif self._phase == _HEAD or self._got < (now - self._since - BODY_GRACE_S) * BODY_RATE:
            self._end(b"408 Request Timeout")
            return
        self._watch = self.loop.call_later(LOOK_S, self._look)

    def _end(self, status: bytes) -> None:
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
        self.transport.close()

    # ── answers that nobody fetches ─────────────────────────────────────────────────────────────────────
    def pause_writing(self) -> None:
        super().pause_writing()
        if self._fetch is None:
            self._fetch = self.loop.call_later(FETCH_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._fetch is not None:
            self._fetch.cancel()
            self._fetch = None
