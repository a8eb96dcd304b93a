"""The live stream: every fact as it is committed, to as many screens as there are (server-sent events).

A fact is turned into bytes once for all who see the same of it (`huying.edge.audience`). A screen that was
away names the last `seq` it saw and is given the rest from the journal; one that can't keep up is told to
load its lists anew (`event: resync`) instead of holding up the others. One whose person has signed out, is
somebody else by now or sees other things is told so (`event: moved`) and hears nothing more: by the very fact
that says it, or, where a time ran out, within a heartbeat.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from urllib.parse import parse_qs

import msgspec
from litestar.handlers import asgi

from huying.base.refusal import Refusal
from huying.domain.facts import FACTS, Erased, Fact
from huying.domain.incident import Incident
from huying.domain.policy import Thing
from huying.domain.principal import PUBLIC
from huying.edge.asker import Asker
from huying.edge.audience import Audience, Key, Written, key_of, streams_of
from huying.edge.desk import Desk, Live, desk_of, state_of
from huying.edge.instants import iso
from huying.edge.visitor import NOBODY, SCOPE, shown
from huying.web.answers import address_of, asker_of, encode, lang_of, send_refusal
from huying.web.asgi import Receive, Scope, Send
from huying.web.shapes import show

# Facts of so many seconds go out together: an eye sees no difference, 1,000 screens cost a third.
FLUSH_S = 0.03
# Proxies cut a silent connection after 30 to 60 s.
HEARTBEAT_S = 15.0
# What may wait for one screen: some thousand facts. Beyond it loading the lists anew is quicker.
BACKLOG_MAX = 1_048_576
# Facts that a returning screen is given one by one; a longer absence is a resync.
CATCH_UP_MAX = 10_000
PAGE = 1_000
# Screens of one process; each costs a connection and some kilobytes.
LISTENERS_MAX = 2_000
# Facts after which it is put on record that a screen has followed them, if it is still there.
NOTED_EVERY = 2_000
# Streams whose incidents are asked for in one statement.
STREAMS_MAX = 500
# A chunk of so many facts means that more are waiting already.
FULL_CHUNK = 200
# Facts on the stream of an account or a key after which who showed it may be another, or nobody.
OFFICE = ("account.", "session.", "duty.", "passkey.", "key.")

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
Say = Callable[[bytes], Awaitable[None]]
_log = logging.getLogger("huying.web")


def event(fact: Fact) -> bytes:
    """One fact as a server-sent event; its id is the fact's `seq`."""
    told = {
        "seq": fact.seq,
        "stream": fact.stream,
        "version": fact.version,
        "type": fact.type,
        "at": iso(fact.at),
        "actor": fact.actor,
        "body": show(fact.body),
    }
    return b"id: %d\ndata: %s\n\n" % (fact.seq, encode(told))


def resync(head: int) -> bytes:
    return b'id: %d\nevent: resync\ndata: {"seq":%d}\n\n' % (head, head)


def moved(head: int) -> bytes:
    return b"id: %d\nevent: moved\ndata: {}\n\n" % head


async def _always() -> bool:
    return True


class Listener:
    """What waits for one screen. `since` is the last `seq` that it is not given live; `still` tells whether
    the screen may go on listening."""

    def __init__(
        self, since: int, still: Callable[[], Awaitable[bool]] = _always, audience: Audience | None = None
    ) -> None:
        self.since = since
        self.audience = audience
        self.seen = since  # the last `seq` up to which it is on record that it was followed
        self.note: Callable[[], None] | None = None
        self.still = still
        self.of = 0  # the account or partner's key behind the screen
        self.moved = False
        self.lost = False
        self.closed = False
        self._chunks: list[bytes] = []
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None

    def put(self, chunk: bytes) -> None:
        if self.lost:  # it will be told to load anew, which brings this, too
            return
        if self.moved:
            return
        if self._size + len(chunk) > BACKLOG_MAX:
            self._chunks.clear()
            self._size = 0
            self.lost = True
        else:
            self._chunks.append(chunk)
            self._size += len(chunk)
        self._wake()

    def close(self) -> None:
        self.closed = True
        self._wake()

    def turn_out(self) -> None:
        """What waits was for somebody who is no longer there, or no longer sees it."""
        self._chunks.clear()
        self._size, self.lost, self.moved = 0, False, True
        self.close()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def take(self) -> bytes:
        """All that waits, as soon as something does; empty when it is lost or closed."""
        while not self._chunks and not self.closed and not self.lost:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        taken = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        return taken


class Hub:
    """Follows the journal's live end while anybody listens, and passes it on. Lives in the event loop."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.head = 0
        self.given = 0  # up to here screens were told; `head` may be ahead while what they see is worked out
        self.listeners: set[Listener] = set()
        self._audiences: dict[Key, Audience] = {}
        self._codes: dict[int, str] = {}
        self._task: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def listen(self, key: Key, still: Callable[[], Awaitable[bool]] = _always) -> Listener:
        """A new listener; the first one starts the following. Those of one `key` see the same."""
        if len(self.listeners) >= LISTENERS_MAX:
            raise Refusal("busy")
        async with self._starting:
            if self._task is None or self._task.done():
                self.head = self.given = (await self.desk.ask(self.desk.questions.head)).seq
                self._task = asyncio.create_task(self._follow())
        audience = self._audiences.get(key)
        if audience is None:
            in_use = {id(each.audience) for each in self.listeners}
            self._audiences = {k: each for k, each in self._audiences.items() if id(each) in in_use}
            audience = self._audiences[key] = Audience(self.desk.house, key)
        listener = Listener(self.head, still, audience)
        self.listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        if not self.listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    def hang_up(self) -> None:
        """End all streams; screens come back with the last `seq` they saw."""
        for listener in self.listeners:
            listener.close()

    async def _follow(self) -> None:
        beating = asyncio.create_task(self._beat())
        try:
            async for chunk in self.desk.writer.subscribe(self.head):
                await self._give(chunk)
                await asyncio.sleep(FLUSH_S if len(chunk) < FULL_CHUNK else 0)
        except Refusal as refusal:
            _log.warning("the live stream ends, the journal can't be read: %s", refusal)
            self.hang_up()
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            for listener in list(self.listeners):
                listener.put(b":\n\n")
                if self.head - listener.seen >= NOTED_EVERY and listener.note is not None:
                    listener.note()
                if not await self._may_listen(listener):
                    listener.turn_out()

    async def _may_listen(self, listener: Listener) -> bool:
        """Whether the session behind a screen goes on; a store that is away ends none."""
        try:
            return await listener.still()
        except Refusal:
            return True

    async def _give(self, chunk: Sequence[Live]) -> None:
        # Who comes while we ask the store begins after this chunk, and catches up on it.
        self.head, listeners = chunk[-1].seq, list(self.listeners)
        facts = [fact_of(each.data) for each in chunk if each.data is not None]
        await self._look_again(facts, listeners)
        lost = [resync(each.seq) for each in chunk if each.data is None]
        audiences = {id(each.audience): each.audience for each in listeners if each.audience is not None}
        seen = await self.seen_by(list(audiences.values()), facts)
        # One piece of memory for all screens of an audience, also while it waits for those that are slow.
        shared = {each: b"".join([*lost, *told]) for each, told in seen.items()}
        for listener in listeners:
            if told := shared.get(id(listener.audience)):
                listener.put(told)
        self.given = chunk[-1].seq

    async def _look_again(self, facts: Sequence[Fact], listeners: Sequence[Listener]) -> None:
        """Before anything of this chunk is told: who of those that it is about may still listen."""
        about = {each.stream for each in facts if each.type.startswith(OFFICE)}
        for id in about:
            self.desk.door.forget(id)
            self.desk.door.forget_key(id)
        for listener in listeners:
            if listener.of in about and not await self._may_listen(listener):
                listener.turn_out()

    async def seen_by(self, audiences: Sequence[Audience], facts: Sequence[Fact]) -> dict[int, list[bytes]]:
        """What each audience sees of these facts; a store that is away shows less for a moment, not more."""
        at = self.desk.clock.now()
        incidents: dict[int, Incident] = {}
        if any(each.asks_for_incidents(at) for each in audiences):
            streams = streams_of(facts)
            for start in range(0, len(streams), STREAMS_MAX):
                part = streams[start : start + STREAMS_MAX]
                incidents |= await self.desk.ask(self.desk.questions.incidents_of, part)
        if any(each.type.startswith("unit.") and each.stream not in self._codes for each in facts):
            self._codes = {each.id: each.code for each in await self.desk.ask(self.desk.questions.units)}
        written: Written = {}
        return {id(each): each.see(facts, incidents, self._codes, at, event, written) for each in audiences}


def fact_of(data: bytes) -> Fact:
    """The fact that the journal's live end gives as JSON."""
    fields = msgspec.json.decode(data)
    gone = fields["body"] is None
    fields["body"] = Erased() if gone else msgspec.convert(fields["body"], FACTS[fields["type"]])
    return Fact(**fields, hidden="erased" if gone else "")


@asgi("/api/stream", name="stream", copy_scope=False)
async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """`GET /api/stream`: from now on, or from Last-Event-ID (or `?after=`) on."""
    desk = desk_of(scope)
    hub: Hub = state_of(scope)["hub"]
    try:
        if scope["method"] not in ("GET", "HEAD"):
            raise Refusal("wrong_method", allowed="GET")
        after = _after(scope)
        asker = asker_of(scope, desk)
        desk.view(asker).ever(Thing.TIMELINE)
        key = key_of(asker.principal, asker.purpose)
        listener = await hub.listen(key, partial(_still_in, desk, scope, key))
    except Refusal as refusal:
        return await send_refusal(send, lang_of(scope, desk), refusal)
    if after is not None and after < listener.seen:
        listener.seen = after
    listener.note = partial(_note, desk, hub, listener, asker)
    visitor = scope.get(SCOPE, NOBODY)
    listener.of = visitor.account or visitor.key
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if scope["method"] == "HEAD":
            return await send({"type": "http.response.body", "body": b"", "more_body": False})
        feeding = asyncio.create_task(_feed(desk, hub, listener, after, send))
        leaving = asyncio.create_task(_left(receive))
        await asyncio.wait({feeding, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in (feeding, leaving):
            task.cancel()
        await asyncio.gather(feeding, leaving, return_exceptions=True)
    finally:
        hub.leave(listener)
        _note(desk, hub, listener, asker)


def _note(desk: Desk, hub: Hub, listener: Listener, asker: Asker) -> None:
    """Who followed the stream has looked at what callers said meanwhile; a full journal ends the screen."""
    at, audience = desk.clock.now(), listener.audience
    if audience is None or hub.head <= listener.seen or not audience.sees_words(at):
        return
    try:
        desk.looks.followed(asker.actor, audience.purpose, "", listener.seen + 1, hub.head, at)
        listener.seen = hub.head
    except Refusal:
        listener.close()


async def _still_in(desk: Desk, scope: Scope, key: Key) -> bool:
    """Whether who opened the stream would be let in now, and see the same. A stream is no sign that somebody
    is there."""
    secret = shown(scope["headers"], desk.door.cookie_start)
    if not secret:
        return False
    visitor = desk.door.known(secret, True) or await desk.door.find(secret, address_of(scope), True)
    if visitor.principal is PUBLIC or visitor.locked:
        return False
    return key_of(visitor.principal, key[1]) == key


def _after(scope: Scope) -> int | None:
    """The last `seq` that the screen has seen; None when it begins."""
    said = next((value for name, value in scope["headers"] if name == b"last-event-id"), b"")
    if not said:
        said = parse_qs(scope["query_string"]).get(b"after", [b""])[0]
    text = said.strip().decode("latin-1")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 16:
        raise Refusal("bad_value", field="after", reason="seq")
    return int(text)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _feed(desk: Desk, hub: Hub, listener: Listener, after: int | None, send: Send) -> None:
    async def say(chunk: bytes) -> None:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})

    await say(b"retry: 2000\n\n")
    if after is not None:
        await _catch_up(desk, hub, listener, after, say)
    while not listener.closed:
        chunk = await listener.take()
        if listener.lost:
            listener.lost = False
            chunk += resync(hub.given)
        if chunk:
            await say(chunk)
    if listener.moved:
        await say(moved(hub.given))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _catch_up(desk: Desk, hub: Hub, listener: Listener, after: int, say: Say) -> None:
    """From the journal, what was committed after `after` and before the listener began to hear."""
    if not after <= listener.since <= after + CATCH_UP_MAX:
        if after != listener.since:
            await say(resync(listener.since))
        return
    while after < listener.since:
        facts = await desk.ask(desk.questions.facts, after, PAGE)
        facts = [each for each in facts if each.seq <= listener.since]
        if not facts:
            return
        after = facts[-1].seq
        assert listener.audience is not None
        seen = await hub.seen_by([listener.audience], facts)
        await say(b"".join(seen[id(listener.audience)]))
