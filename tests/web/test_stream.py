"""The live stream: every fact once and in order, from where a screen left off, to as many as there are."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import time
from typing import Any

import httpx
import pytest

from huying.base.clock import DAY
from huying.domain.commands import CloseIncident, Command, DispatchUnits, Envelope, ReceiveCall
from huying.domain.office import ChangeAccount, CloseAccount, EndSession
from huying.store.writer import Writer
from huying.web import stream
from huying.web.stream import Listener
from real_server import cookie, serving
from signed_in import COOKIE, begin_session, open_account

# Until something that must come is given up: long enough for the busiest machine.
PATIENCE_S = 300
# Screens and callers at once; with HUYING_SOAK as many as a county has.
MANY = 1_000 if os.environ.get("HUYING_SOAK") else 120
HEAD = 10  # the tiny city's pack, its six units, and a desk that signs in for its shift


def call(writer: Writer, words: str = "打架") -> Any:
    return writer.submit(Envelope(ReceiveCall("desk", words))).result(10)


async def read(
    address: str,
    count: int,
    after: int | None = None,
    header: bool = True,
    own: str = "",
    until: str = "",
    listening: asyncio.Event | None = None,
) -> list[Any]:
    """The first `count` events, or those up to the first fact of a type: (id, type, data). Bare sockets: a
    thousand of them are one second's work.

    Chunks of the transfer end where events end, so their sizes stand on lines of their own.
    """
    host, port = address.removeprefix("http://").split(":")
    query = f"?after={after}" if after is not None and not header else ""
    last = f"Last-Event-ID: {after}\r\n" if after is not None and header else ""
    reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 22)
    writer.write(
        f"GET /api/stream{query} HTTP/1.1\r\nHost: {host}\r\n"
        f"Cookie: {own or cookie[0]}\r\n{last}\r\n".encode()
    )
    events: list[Any] = []
    fields: dict[str, str] = {}
    try:
        async with asyncio.timeout(
            PATIENCE_S
        ):  # over all: heartbeats would keep a single line's waiting alive
            while len(events) < count and (line := await reader.readline()):
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "retry" and listening is not None:
                    listening.set()
                if name in ("id", "event"):
                    fields[name] = value
                elif name == "data":
                    events.append((int(fields["id"]), fields.get("event", "fact"), json.loads(value)))
                    fields = {}
                    if until and events[-1][2].get("type") == until:
                        break
    finally:
        writer.close()
    return events


def test_a_screen_resumes_where_it_left_off() -> None:
    with serving() as (address, writer, _):
        for n in range(5):
            call(writer, f"打架 {n}")
        head = writer.head
        for header in (True, False):
            events = asyncio.run(read(address, head - HEAD - 3, HEAD + 3, header))
            assert [id for id, _, _ in events] == list(range(HEAD + 4, head + 1))
        first = events[0][2]
        assert first["at"] == "2026-03-02T02:00:00Z"
        assert {"seq", "stream", "version", "type", "actor", "body"} <= set(first)


def test_facts_come_live_and_none_is_lost_between_the_journal_and_the_stream() -> None:
    with serving() as (address, writer, _):
        call(writer)

        async def meanwhile() -> list[Any]:
            reading = asyncio.create_task(read(address, 60, HEAD))
            for n in range(40):
                await asyncio.to_thread(call, writer, f"打架 {n}")
            return await reading

        ids = [id for id, _, _ in asyncio.run(meanwhile())]
        assert ids == list(range(HEAD + 1, HEAD + 61))


id_of: dict[str, int] = {}
session_of: dict[str, int] = {}


def signed_in(writer: Writer, role: str, code: str, **account: Any) -> str:
    """The cookie of somebody who has just signed in."""

    def submit(sent: Envelope) -> Any:
        return writer.submit(sent).result(10).answer

    id_of[code] = open_account(submit, code, role, **account)
    secret, told = begin_session(submit, id_of[code], code)
    session_of[code] = told["session"]
    return f"{COOKIE}={secret}"


def test_each_audience_hears_what_it_may_see_live_and_afterwards() -> None:
    """A clerk hears of the own agency's work and nothing else; a crew hears no more than its incident."""
    with serving() as (address, writer, _):
        urban = signed_in(writer, "clerk", "u-1", agency="urban")
        crew = signed_in(writer, "unit", "c-1", agency="police", unit="p1")
        start = writer.head

        async def meanwhile() -> tuple[list[Any], list[Any]]:
            ready = asyncio.Event(), asyncio.Event()
            until = "assignment.dispatched"
            listening = [
                asyncio.create_task(read(address, 3, start, own=urban, listening=ready[0])),
                asyncio.create_task(read(address, 99, start, own=crew, until=until, listening=ready[1])),
            ]
            for each in ready:
                await each.wait()
            fight = (await asyncio.to_thread(call, writer, "打架 金丝雀")).answer
            await asyncio.to_thread(call, writer, "广场舞 噪音")
            send = Envelope(DispatchUnits(incident=fight["incident_id"], units=("p1",)))
            await asyncio.to_thread(lambda: writer.submit(send).result(10))
            clerk, unit = await asyncio.gather(*listening)
            return clerk, unit

        live = asyncio.run(meanwhile())
        again = [asyncio.run(read(address, n, start, own=who)) for n, who in ((3, urban), (2, crew))]
    for clerk in (live[0], again[0]):
        assert [data["type"] for _, _, data in clerk] == [
            "call.received",
            "incident.opened",
            "referral.offered",
        ]
        assert clerk[0][2]["body"]["words"] == "广场舞 噪音"
        assert "金丝雀" not in json.dumps(clerk, ensure_ascii=False)
    assert live[1][-1][2]["type"] == "assignment.dispatched"
    assert {data["type"] for _, _, data in again[1]} == {"call.received", "incident.opened"}


def test_who_followed_the_stream_has_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(stream, "NOTED_EVERY", 1)
    with serving() as (address, writer, _):
        seen = call(writer).answer["call_id"]
        assert asyncio.run(read(address, 2, HEAD))[0][2]["type"] == "call.received"
        for _ in range(100):
            if rows := [row for row in writer.ring.after(HEAD) or () if b'"look.recorded"' in row.data]:
                break
            time.sleep(0.1)
        look = json.loads(rows[0].data)["body"]["looks"][0]
        assert (look["actor"], look["thing"], look["purpose"]) == ("desk-1", "stream", "answer")
        assert look["since"] <= seen <= look["until"]


def test_who_sees_no_stories_hears_no_stream() -> None:
    with serving() as (address, writer, _):
        for role in ("analyst", "administrator"):
            headers = {"Cookie": signed_in(writer, role, role), "Accept-Language": "en"}
            answer = httpx.get(f"{address}/api/stream", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("change", ["role", "session", "account"])
def test_a_screen_whose_person_is_another_by_now_is_told_so_at_once_and_hears_no_more(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the very fact that says it, before anything else: no heartbeat is waited for."""
    monkeypatch.setattr(stream, "HEARTBEAT_S", 10 * PATIENCE_S)
    with serving() as (address, writer, _):
        own = signed_in(writer, "supervisor", "s-1")
        commands: dict[str, Command] = {
            "role": ChangeAccount(account=id_of["s-1"], role="analyst"),
            "session": EndSession(account=id_of["s-1"], session=session_of["s-1"]),
            "account": CloseAccount(account=id_of["s-1"], why="left"),
        }

        async def run() -> list[Any]:
            listening = asyncio.Event()
            watching = asyncio.create_task(read(address, 9, own=own, listening=listening))
            await listening.wait()
            done = Envelope(commands[change], actor="console")
            await asyncio.to_thread(lambda: writer.submit(done).result(10))
            await asyncio.to_thread(call, writer, "打架 金丝雀")
            return await watching

        assert [(kind, data) for _, kind, data in asyncio.run(run())] == [("moved", {})]


def test_a_screen_from_the_future_or_long_ago_is_told_to_load_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CATCH_UP_MAX", 3)
    with serving() as (address, writer, _):
        for _n in range(3):
            call(writer)
        for after in (0, 999_999):
            assert asyncio.run(read(address, 1, after)) == [(writer.head, "resync", {"seq": writer.head})]


def test_a_place_that_is_none_is_refused() -> None:
    with serving() as (address, _, _):
        for after in ("x", "-1", "1e3", "9" * 40):
            answer = httpx.get(f"{address}/api/stream", headers={"Last-Event-ID": after, "Cookie": cookie[0]})
            assert (answer.status_code, answer.json()["code"]) == (422, "bad_value")


def test_one_that_reads_too_slowly_loses_its_backlog_and_is_told() -> None:
    async def run() -> None:
        listener = Listener(0)
        for _ in range(20):
            listener.put(b"x" * (stream.BACKLOG_MAX // 10))
        assert listener.lost
        assert len(await listener.take()) <= stream.BACKLOG_MAX

    asyncio.run(run())


def test_a_screen_that_stops_reading_holds_up_nobody_and_is_told_to_load_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Others hear the newest meanwhile; what it is given ends with the marker, from where it goes on."""
    monkeypatch.setattr(stream, "BACKLOG_MAX", 2_000_000)
    long = "打架" * 9_000

    async def run(address: str, writer: Writer) -> None:
        host, port = address.removeprefix("http://").split(":")
        slow = socket.socket()
        slow.connect((host, int(port)))
        slow.sendall(f"GET /api/stream HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie[0]}\r\n\r\n".encode())
        slow.recv(1_000)
        slow.setblocking(False)
        quick = asyncio.create_task(read(address, 10**6, HEAD, until="incident.closed"))
        for _ in range(180):  # 10 MB: more than the system keeps for a connection, and the backlog
            await asyncio.to_thread(call, writer, long)
            await asyncio.sleep(0.003)
        last = await asyncio.to_thread(call, writer)
        done = Envelope(CloseIncident(incident=last.answer["incident_id"], why="done"))
        await asyncio.to_thread(lambda: writer.submit(done).result(10))
        assert (await quick)[-1][2]["type"] == "incident.closed"
        events = await _events_until_resync(slow)
        assert events[-1][0] <= writer.head
        assert [id for id, _ in events[:-1]] == list(range(HEAD + 1, HEAD + len(events)))
        slow.close()
        # With the marker's id it hears all that comes after it.
        after = await read(address, writer.head - events[-1][0], events[-1][0])
        assert [id for id, _, _ in after] == list(range(events[-1][0] + 1, writer.head + 1))

    with serving() as (address, writer, _):
        asyncio.run(run(address, writer))


async def _events_until_resync(slow: socket.socket) -> list[tuple[int, str]]:
    """(id, event) of all that a connection has waiting, up to the marker."""
    loop, heard = asyncio.get_running_loop(), b""
    async with asyncio.timeout(PATIENCE_S):
        while b"event: resync" not in heard[-500_000:]:
            heard += await loop.sock_recv(slow, 1 << 20)
    found = re.findall(rb"id: (\d+)\n(?:event: (\w+)\n)?", heard)
    return [(int(id), event.decode()) for id, event in found]


def test_a_screen_whose_session_has_ended_hears_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)
    with serving() as (address, _, clock):

        async def run() -> list[Any]:
            listening = asyncio.Event()
            watching = asyncio.create_task(read(address, 1, listening=listening))
            await listening.wait()
            clock.at += DAY
            return await watching

        assert [kind for _, kind, _ in asyncio.run(run())] == ["moved"]


def test_the_server_ends_while_screens_are_open() -> None:
    async def run() -> list[Any]:
        with serving() as (address, _, _):
            listening = asyncio.Event()
            watching = asyncio.create_task(read(address, 1, listening=listening))
            await listening.wait()
        return await watching

    assert asyncio.run(run()) == []


@pytest.mark.slow
def test_many_screens_and_as_many_callers() -> None:
    """Every screen hears of every call, and no request is lost."""

    async def post(address: str) -> int:
        host, port = address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        body = '{"words": "打架"}'.encode()
        head = f"POST /api/calls HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        status = int((await asyncio.wait_for(reader.readline(), PATIENCE_S)).split()[1])
        writer.close()
        return status

    async def run(address: str) -> tuple[list[list[int]], list[int]]:
        watching = [asyncio.create_task(read(address, 40, HEAD)) for _ in range(MANY)]
        statuses = await asyncio.gather(*(post(address) for _ in range(MANY)))
        return [[id for id, _, _ in events] for events in await asyncio.gather(*watching)], list(statuses)

    with serving() as (address, writer, _):
        heard, statuses = asyncio.run(run(address))
        assert statuses == [201] * MANY
        assert all(ids == list(range(HEAD + 1, HEAD + 41)) for ids in heard)
        assert writer.head > HEAD + 2 * MANY - 1
