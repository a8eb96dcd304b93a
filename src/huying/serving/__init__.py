"""The server under the application: its limits, its socket, and ending in order."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.serving.patience import Patient
from huying.serving.tls import Tls, factory, keep_fresh
from huying.web.application import Application

# Screens, clients and readers of one process; each open connection is a file.
FILES_WANTED = 8_192
# Connections beyond this are answered 503 by the server itself.
CONNECTIONS_MAX = 4_096
# Connections that may wait to be taken: a thousand clients that come at once.
BACKLOG = 1_024
# How long answers under way may take when the server is told to stop.
STOP_S = 10


# A proxy on this machine; whoever else may say for whom they ask is stated.
LOCAL_PROXIES = ("127.0.0.1", "::1")


class Front(Struct, frozen=True):
    """How the server is reached. `proxies` are addresses and networks whose `X-Forwarded-For` and
    `X-Forwarded-Proto` are believed; of everybody else they are a client's own claim and mean nothing."""

    tls: Tls | None = None
    proxies: tuple[str, ...] = LOCAL_PROXIES

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"


def proxies_of(said: str) -> tuple[str, ...]:
    """Addresses and networks, apart by spaces or commas; `none` for none, nothing for this machine.

    Refuses with `bad_setting` what is neither: a name, or `*`, would let anybody be anybody.
    """
    if said.strip() == "none":
        return ()
    names = said.replace(",", " ").split()
    for name in names:
        try:
            ipaddress.ip_network(name)
        except ValueError as fault:
            raise Refusal("bad_setting", name="HUYING_PROXIES", value=name, fault=str(fault)) from None
    return tuple(names) or LOCAL_PROXIES


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


def config_of(app: Application, host: str, port: int, front: Front | None = None) -> uvicorn.Config:
    """The server's settings; no access log, which would cost more than the answers."""
    front = front or Front()
    context = front.tls.context() if front.tls else None
    patient = type("Patient", (Patient,), {"held": Counter(), "exempt": frozenset(front.proxies)})
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop" if os.name != "nt" else "asyncio",
        http=patient,
        ws="none",
        proxy_headers=bool(front.proxies),
        forwarded_allow_ips=list(front.proxies),
        ssl_context_factory=factory(context) if context else None,
        access_log=False,
        log_level=logging.WARNING,
        lifespan="on",
        limit_concurrency=CONNECTIONS_MAX,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_S,
        server_header=False,
    )


def serve(
    app: Application,
    host: str,
    port: int,
    ready: Callable[[str], None] | None = None,
    front: Front | None = None,
) -> None:
    """Answer requests until SIGINT or SIGTERM; what was accepted is answered first.

    Args:
        ready: called with the address once requests are taken.
    """
    _allow_files()
    listening = _listen(host, port)
    front = front or Front()
    config = config_of(app, host, port, front)
    config.load()
    server = Server(config, app.state["hub"].hang_up)

    async def run() -> None:
        beside = [asyncio.create_task(_tell(server, ready, front.scheme))]
        if front.tls is not None and isinstance(config.ssl, ssl.SSLContext):
            beside.append(asyncio.create_task(keep_fresh(front.tls, config.ssl)))
        await server.serve([listening])
        for each in beside:
            each.cancel()

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


async def _tell(server: Server, ready: Callable[[str], None] | None, scheme: str) -> None:
    while not server.started:
        await asyncio.sleep(0.01)
    if ready is not None:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        ready(f"{scheme}://{host}:{port}")


def _allow_files() -> None:
    """Raise the limit of open files as far as the system lets us; a thousand screens need as many."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
