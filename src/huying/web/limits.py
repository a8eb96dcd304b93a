"""How much one client may ask: a bucket of tokens for each address, in front of everything else."""

from __future__ import annotations

from huying.base.refusal import Refusal
from huying.edge.buckets import Buckets
from huying.edge.desk import Desk
from huying.web.answers import lang_of, send_refusal
from huying.web.asgi import App, Receive, Scope, Send

_LOCAL = frozenset({"127.0.0.1", "::1", "testclient", ""})


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
