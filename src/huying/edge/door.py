"""The door: from the secret that a request shows to who asks, without a statement for each request.

What was found is remembered for a moment, so a session that was ended in another process still holds there
for `FRESH`; what is ended here is forgotten here at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from huying.base.clock import MINUTE, SECOND, Clock
from huying.base.refusal import Refusal
from huying.domain.account import Account, PartnerKey, by_key, by_session
from huying.domain.commands import Command, Envelope
from huying.domain.office import LockSession, NoteRefusal, NoteSeen
from huying.domain.principal import PUBLIC
from huying.edge.buckets import Buckets
from huying.edge.settings import Settings
from huying.edge.visitor import COOKIE, COOKIE_PLAIN, KEY, NOBODY, Visitor, hash_shown

# How long another process may still hold what was ended here.
FRESH = 15 * SECOND
# Secrets remembered, known and unknown ones; some thousand people work at once in a county of millions.
KNOWN_MAX = 20_000
# When something was last used is written down at most so often.
NOTED_EVERY = MINUTE
# Wrong tries a minute, after as many at once: of one address, for one account, and of everybody together.
# The last bounds what strangers can make the journal grow by: 43,000 facts a day.
TRIES_ADDRESS, TRIES_ACCOUNT, TRIES_ALL = 10, 5, 30

log = logging.getLogger("huying.door")


class Finds(Protocol):
    """The questions that the door asks."""

    def account_by(self, name: str) -> Account | None: ...
    def key_by(self, name: str) -> PartnerKey | None: ...
    def seen(self, ids: Sequence[int]) -> dict[int, int]: ...


class Writes(Protocol):
    async def do(self, envelope: Envelope) -> Any: ...


class _Known(Struct):
    """`seen_at` is the last use by a person, `noted_at` what of it is written down; until `calm_until` a key
    needs nothing but to be known (UTC µs)."""

    visitor: Visitor
    fresh_until: int
    seen_at: int = 0
    noted_at: int = 0
    calm_until: int = 0


class Door:
    """Lives in the event loop; only `look_up` runs in another thread."""

    def __init__(self, finds: Finds, writer: Writes, clock: Clock, settings: Settings, ask: Any) -> None:
        self.settings = settings
        self.cookie = COOKIE if settings.secure else COOKIE_PLAIN
        self.cookie_start = self.cookie.encode() + b"="
        self._finds, self._writer, self._clock, self._ask = finds, writer, clock, ask
        self._idle = settings.idle_s * SECOND
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._by_address = Buckets(TRIES_ADDRESS / 60, TRIES_ADDRESS, clock)
        self._by_account = Buckets(TRIES_ACCOUNT / 60, TRIES_ACCOUNT, clock)
        self._by_all = Buckets(TRIES_ALL / 60, TRIES_ALL, clock)

    # ── who is it ───────────────────────────────────────────────────────────────────────────────────────
    def known(self, secret: bytes, background: bool = False) -> Visitor | None:
        """Who showed this, if it was looked up a moment ago: one look into a dict."""
        known = self._known.get(secret)
        if known is None:
            return None
        now = self._clock.now()
        if now < known.calm_until:
            return known.visitor
        if now >= known.fresh_until:
            return None
        return self._admit(known, background, now)

    async def find(self, secret: bytes, address: str, background: bool = False) -> Visitor:
        """Who showed this.

        Raises:
            Refusal: `too_many` for a wrong secret from an address that has shown too many. What is right goes
                through: behind one address sits a whole town hall.
        """
        known: _Known = await self._ask(self.look_up, secret)
        before = self._known.get(secret)
        if before is not None:
            known.seen_at = max(known.seen_at, before.seen_at)
        elif known.visitor.principal is PUBLIC:
            if not self._by_address.take(address):
                raise Refusal("too_many")
            if secret.startswith(KEY):
                self.note_refusal("key", known.visitor.why, 0, address)
        self._known[secret] = known
        self._known.move_to_end(secret)
        if len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)
        return self._admit(known, background, self._clock.now())

    def look_up(self, secret: bytes) -> _Known:
        """Ask the store; in a thread for questions."""
        now, hash = self._clock.now(), hash_shown(secret)
        if secret.startswith(KEY):
            key = self._finds.key_by(by_key(hash))
            if key is None or key.until <= now:
                return _Known(replace(NOBODY, why="key_over"), now + FRESH)
            found = Visitor(key.principal(), key=key.id, until=key.until)
            return _Known(found, now + FRESH, now, self._finds.seen([key.id]).get(key.id, 0))
        account = self._finds.account_by(by_session(hash))
        session = next((each for each in account.sessions if each.hash == hash), None) if account else None
        if account is None or session is None or account.closed_at:
            return _Known(replace(NOBODY, why="session_over"), now + FRESH)
        if account.demo and not self.settings.demo:
            return _Known(replace(NOBODY, why="demo_account"), now + FRESH)
        noted = self._finds.seen([session.id]).get(session.id, 0)
        visitor = Visitor(
            account.principal(session),
            account=account.id,
            session=session.id,
            until=session.until,
            locked=bool(session.locked_at),
        )
        return _Known(visitor, now + FRESH, max(noted, session.present_at), noted)

    def _admit(self, known: _Known, background: bool, now: int) -> Visitor:
        visitor = known.visitor
        if visitor.principal is PUBLIC:
            return visitor
        if visitor.until <= now:
            why = "session_over" if visitor.session else "key_over"
            known.visitor = visitor = replace(NOBODY, why=why)
            return visitor
        if visitor.session and not visitor.locked and self._idle and now - known.seen_at > self._idle:
            known.visitor = visitor = replace(visitor, locked=True)
            lock = LockSession(account=visitor.account, session=visitor.session, how="idle")
            self._later(lock, visitor.principal.actor)
        if not background and not visitor.locked:
            known.seen_at = now
            if now - known.noted_at > NOTED_EVERY:
                known.noted_at = now
                self._later(NoteSeen(seen={visitor.session or visitor.key: now}), visitor.principal.actor)
            if visitor.key:
                known.calm_until = min(known.fresh_until, visitor.until, known.noted_at + NOTED_EVERY)
        return visitor

    def forget(self, account: int) -> None:
        """Look an account's sessions up anew: something about it has changed."""
        for secret in [secret for secret, each in self._known.items() if each.visitor.account == account]:
            del self._known[secret]

    def forget_key(self, key: int) -> None:
        """Look a partner's key up anew."""
        for secret in [secret for secret, each in self._known.items() if each.visitor.key == key]:
            del self._known[secret]

    # ── wrong tries ─────────────────────────────────────────────────────────────────────────────────────
    def may_try(self, address: str, account: int = 0) -> None:
        """Refuse `too_many` who has tried wrongly too often, or for whom too often was tried."""
        if not self._by_address.left(address) or (account and not self._by_account.left(str(account))):
            raise Refusal("too_many")

    def failed(self, how: str, refusal: Refusal, account: int, address: str) -> None:
        """Count and write down a wrong try."""
        self._by_address.take(address)
        if account:
            self._by_account.take(str(account))
        self.note_refusal(how, refusal.code, account, address)

    def note_refusal(self, how: str, why: str, account: int, address: str) -> None:
        log.warning("not let in: %s, %s, account %d, from %s", how, why, account, address)
        if self._by_all.take(""):
            self._later(NoteRefusal(how=how, why=why, account=account, address=address), "anonymous")

    def _later(self, command: Command, actor: str) -> None:
        """Have it written without anybody waiting for it."""
        task = asyncio.ensure_future(self._quietly(Envelope(command, actor=actor, automatic=True)))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _quietly(self, envelope: Envelope) -> None:
        try:
            await self._writer.do(envelope)
        except Refusal as refusal:  # the session has ended meanwhile, or the house is crowded
            log.info("%s was not written: %s", type(envelope.command).__name__, refusal.code)

    # ── the cookie ──────────────────────────────────────────────────────────────────────────────────────
    def set_cookie(self, secret: str) -> str:
        """The header that hands a session to a browser; no script reads it, no other site has it sent."""
        secure = "; Secure" if self.settings.secure else ""
        return f"{self.cookie}={secret}; Path=/; HttpOnly; SameSite=Lax{secure}"

    def drop_cookie(self) -> str:
        return self.set_cookie("") + "; Max-Age=0"
