"""Many calls in one request: NDJSON in, an answer a line out, then the sum.

The answer begins when the last line has been read: most clients read nothing before they have sent all, and
one that is answered earlier would wait for us while we wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar.handlers import asgi
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.commands import Envelope, ReceiveCall
from huying.edge.asker import Asker
from huying.edge.desk import Desk, desk_of
from huying.web.answers import asker_of, encode, lang_of, send_refusal
from huying.web.asgi import Receive, Scope, Send
from huying.web.bodies import reader_of
from huying.web.problems import refusal_of
from huying.words.explain import explain

# Lines handed to the writer at once: one commit.
GROUP = 512
# A crowded house refuses a whole group; it is handed in again after a moment, so often.
TRIES = 40
WAIT_S = 0.25
# Lines of one request, four days of a large city: each leaves up to 1 kB of answer until the last is read.
LINES_MAX = 200_000
CHANNEL = {"channel": "bulk"}


class Answered(Struct, frozen=True, omit_defaults=True):
    """The answer to one line: the ids, or why it was not taken. The last line has `line` 0 and the sum."""

    line: int
    call_id: int = 0
    incident_id: int = 0
    seq: int = 0
    code: str = ""
    refused: str = ""
    reason: str = ""
    received: int = 0
    bad: int = 0


class _Intake:
    """Reads lines, hands them on in groups and collects the answers."""

    def __init__(self, desk: Desk, asker: Asker) -> None:
        self.desk = desk
        self.asker = asker
        self._view = desk.view(asker)
        self.answers: list[tuple[int, bytes]] = []
        self.received = 0
        self.bad = 0
        self.line = 0
        self._read = reader_of(ReceiveCall, optional=frozenset(CHANNEL))
        self._group: list[tuple[int, Envelope]] = []
        self._flight: asyncio.Task[None] | None = None

    async def take(self, raw: bytes) -> None:
        if self.line == LINES_MAX:
            raise Refusal("too_large", limit=LINES_MAX)
        self.line += 1
        raw = raw.strip()
        if not raw:
            return
        try:
            if len(raw) > self.desk.settings.body_max:
                raise Refusal("too_large", limit=self.desk.settings.body_max)
            command = self._read(raw, CHANNEL)
        except Refusal as refusal:
            self._refuse(self.line, refusal)
            return
        # With a key for the file, each line has one of its own: the whole file can be sent again.
        key = f"{self.asker.key}/{self.line}" if self.asker.key else ""
        self._group.append((self.line, self._view.envelope(command, key)))
        if len(self._group) >= GROUP:
            await self.hand_on()

    async def hand_on(self) -> None:
        """Have the group decided while the next lines are read; one group is under way at a time."""
        group, self._group = self._group, []
        await self.land()
        if group:
            self._flight = asyncio.create_task(self._decide(group))

    async def land(self) -> None:
        """Wait for the group that is under way."""
        flight, self._flight = self._flight, None
        if flight is not None:
            await flight

    async def _decide(self, group: list[tuple[int, Envelope]]) -> None:
        outcomes = await self._do([envelope for _, envelope in group])
        for (line, _), outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                self._refuse(line, outcome)
            elif isinstance(outcome, BaseException):
                self._refuse(line, Refusal("internal"))
            else:
                self._accept(line, outcome.answer)

    async def _do(self, envelopes: list[Envelope]) -> list[Any]:
        for _ in range(TRIES):
            try:
                return await self.desk.writer.do_all(envelopes)
            except Refusal as refusal:
                if refusal.code != "busy":
                    raise
                await asyncio.sleep(WAIT_S)
        return [Refusal("busy")] * len(envelopes)

    def _accept(self, line: int, told: dict[str, Any]) -> None:
        self.received += 1
        ids = Answered(line, told["call_id"], told["incident_id"], told["seq"], told["code"])
        self.answers.append((line, encode(ids)))

    def _refuse(self, line: int, refusal: Refusal) -> None:
        self.bad += 1
        said = explain(refusal, self.asker.lang)
        self.answers.append((line, encode(Answered(line, refused=refusal.code, reason=said.sentence))))

    async def finish(self, broken: Refusal | None) -> bytes:
        """All answers in the order of the lines, then the sum; `broken` is why the body ended early."""
        await self.hand_on()
        await self.land()
        if broken is not None:
            self._refuse(self.line + 1, broken)
        ordered = [answer for _, answer in sorted(self.answers)]
        ordered.append(encode(Answered(0, received=self.received, bad=self.bad)))
        return b"\n".join(ordered) + b"\n"


async def lines_of(receive: Receive, limit: int, line_max: int) -> AsyncIterator[bytes]:
    """The body line by line; `too_large` past `limit` bytes or when a line is much too long."""
    rest, size = b"", 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refusal("unreadable", reason="disconnected")
        chunk = message["body"]
        size += len(chunk)
        if size > limit:
            raise Refusal("too_large", limit=limit)
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line
        await asyncio.sleep(0)  # lines that are refused wait for nothing: let others have their turn
        if len(rest) > 2 * line_max:
            raise Refusal("too_large", limit=line_max)
        if not message.get("more_body"):
            break
    if rest:
        yield rest


async def _all_answers(intake: _Intake, receive: Receive) -> bytes:
    settings, broken = intake.desk.settings, None
    try:
        async for line in lines_of(receive, settings.bulk_max, settings.body_max):
            await intake.take(line)
    except Refusal as refusal:
        if not intake.line:
            raise
        broken = refusal
    except BaseException:
        await intake.land()
        raise
    return await intake.finish(broken)


@asgi("/api/calls/bulk", name="receive_calls", copy_scope=False, opt={"scope": "calls"})
async def bulk(scope: Scope, receive: Receive, send: Send) -> None:
    """`POST /api/calls/bulk`."""
    desk = desk_of(scope)
    try:
        if scope["method"] != "POST":
            raise Refusal("wrong_method", allowed="POST")
        body = await _all_answers(_Intake(desk, asker_of(scope, desk)), receive)
    except Exception as error:
        await send_refusal(send, lang_of(scope, desk), refusal_of(scope, error))
        return
    headers = [(b"content-type", b"application/x-ndjson"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
