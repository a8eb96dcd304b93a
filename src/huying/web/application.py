"""One house at its address. The routes are the process's own, made once; the house comes with each request.

Making Litestar's routes out of the handlers takes a third of a second of one core, and nothing in them
belongs to one house: so a second house of a process, as tests and drills open them, costs none of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from litestar import Litestar

from huying.edge.desk import STATE, Desk
from huying.web.asgi import Receive, Scope, Send
from huying.web.citizen import reports
from huying.web.gate import Rates, headers_of
from huying.web.stream import Hub

Hook = Callable[[], Any]


class Application:
    """ASGI: `routes` answer, and find in `state` of a request's scope what belongs to this house.

    `on_startup` and `on_shutdown` are called in their order, the latter also when a start fails.
    """

    def __init__(self, desk: Desk, routes: Litestar) -> None:
        self.routes: Any = routes  # its shapes of ASGI are many, ours is one
        self.state: dict[str, Any] = {
            "desk": desk,
            "hub": Hub(desk),
            "rates": Rates.of(desk),
            "headers": headers_of(desk.settings),
            "reports": reports(desk),
        }
        self.on_startup: list[Hook] = [desk.looks.start]
        self.on_shutdown: list[Hook] = [desk.looks.stop, desk.readers.close, desk.pictures.close]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        scope[STATE] = self.state
        await self.routes(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the server's start to its end."""
        await receive()
        step = "startup"
        try:
            async with AsyncExitStack() as ending:
                for hook in reversed(self.on_shutdown):
                    ending.push_async_callback(_call, hook)
                for hook in self.on_startup:
                    await _call(hook)
                await send({"type": "lifespan.startup.complete"})
                await receive()
                step = "shutdown"
        except BaseException as error:
            await send({"type": f"lifespan.{step}.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})


async def _call(hook: Hook) -> None:
    told = hook()
    if inspect.isawaitable(told):
        await told
