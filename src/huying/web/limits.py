"""How much one client may ask: a bucket of tokens for each address, in front of everything else."""

from __future__ import annotations

from collections import OrderedDict

from huying.base.clock import SECOND, Clock
from huying.base.refusal import Refusal
from huying.edge.desk import Desk
from huying.web.answers import lang_of, send_refusal
from huying.web.asgi import App, Receive, Scope, Send

# Addresses remembered; the one unseen for longest is forgotten first, which gives it a full bucket again.
ADDRESSES_MAX = 20_000

_LOCAL = frozenset({"127.0.0.1", "::1", "testclient", ""})


class Buckets:
    """`rate` tokens a second flow into each address's bucket of `burst`; a request takes one."""

    def __init__(self, rate: float, burst: float, clock: Clock) -> None:
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Whether `address` may ask now."""
        now = self._clock.now()
        left, since = self._left.pop(address, (self.burst, now))
        left = min(self.burst, left + (now - since) * self.rate / SECOND)
        allowed = left >= 1.0
        self._left[address] = (left - 1.0 if allowed else left, now)
        if len(self._left) > ADDRESSES_MAX:
            self._left.popitem(last=False)
        return allowed


class Limits:
    """ASGI middleware: refuses with `too_many` when an address asks faster than the settings allow."""

    def __init__(self, app: App, desk: Desk) -> None:
        self.app = app
        self.desk = desk
        self.buckets = Buckets(desk.settings.rate, desk.settings.burst, desk.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.buckets.rate and scope["type"] == "http":
            client = scope.get("client")
            address = client[0] if client else ""
            if address not in _LOCAL and not self.buckets.take(address):
                await send_refusal(send, lang_of(scope, self.desk), Refusal("too_many"))
                return
        await self.app(scope, receive, send)
