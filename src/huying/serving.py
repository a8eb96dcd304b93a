"""The server under the application: its limits, its socket, and ending in order."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn
from litestar import Litestar

from huying.base.refusal import Refusal

# Screens, clients and readers of one process; each open connection is a file.
FILES_WANTED = 8_192
# Connections beyond this are answered 503 by the server itself.
CONNECTIONS_MAX = 4_096
# Connections that may wait to be taken: a thousand clients that come at once.
BACKLOG = 1_024
# How long answers under way may take when the server is told to stop.
STOP_S = 10


class Server(uvicorn.Server):
    """Ends the live streams first: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._hang_up = hang_up

    def handle_exit(self, sig: int, frame: Any) -> None:
        """End in order, and only once: uvicorn would send itself the signal again before we have closed."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: Any = None) -> None:
        self._hang_up()
        await super().shutdown(sockets)


def config_of(app: Litestar, host: str, port: int) -> uvicorn.Config:
    """The server's settings; no access log, which would cost more than the answers."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop" if os.name != "nt" else "asyncio",
        http="httptools",
        access_log=False,
        log_level=logging.WARNING,
        lifespan="on",
        limit_concurrency=CONNECTIONS_MAX,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_S,
        server_header=False,
    )


def serve(app: Litestar, host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Answer requests until SIGINT or SIGTERM; what was accepted is answered first.

    Args:
        ready: called with the address once requests are taken.
    """
    _allow_files()
    listening = _listen(host, port)
    config = config_of(app, host, port)
    server = Server(config, app.state["hub"].hang_up)

    async def run() -> None:
        telling = asyncio.create_task(_tell(server, ready))
        await server.serve([listening])
        telling.cancel()

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())


def _listen(host: str, port: int) -> socket.socket:
    """Bound at once, so that a port that is taken is a refusal and not half a start."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise Refusal("port_taken", host=host, port=port, reason=reason) from error
    listening.setblocking(False)
    return listening


async def _tell(server: Server, ready: Callable[[str], None] | None) -> None:
    while not server.started:
        await asyncio.sleep(0.01)
    if ready is not None:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        ready(f"http://{host}:{port}")


def _allow_files() -> None:
    """Raise the limit of open files as far as the system lets us; a thousand screens need as many."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
