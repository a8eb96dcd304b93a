"""A real server on a loopback port, in a thread of the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from huying.base.clock import ManualClock
from huying.bootstrap import open_house, start_writer
from huying.domain.pack import Pack
from huying.doors import create_app, open_desk
from huying.edge.settings import Settings
from huying.serving import Front, Server, config_of
from huying.store.writer import Writer
from signed_in import COOKIE, begin_session, do, known, open_account
from tiny_pack import MONDAY_10, tiny_pack
from town import Dice

# What the desk's browser shows to the server that was started last.
cookie = [""]


@contextmanager
def serving(
    store: str = ":memory:",
    front: Front | None = None,
    pack: Pack | str = "",
    port: int = 0,
    at: int = MONDAY_10,
    told: Callable[[], dict[str, Any]] | None = None,
    **settings: object,
) -> Iterator[tuple[str, Writer, ManualClock]]:
    """The address, the writer, and the clock that the test moves; `pack` names one that ships, else it is
    the tiny one. The clock begins `at`; `told` says how a drill stands."""
    clock = ManualClock(at)
    house = open_house(store, pack or tiny_pack(), clock, Dice())
    account = known(house, "desk-1") or open_account(do(house))
    cookie[0] = f"{COOKIE}={begin_session(do(house), account, 'desk-1')[0]}"
    writer = start_writer(house)
    desk = open_desk(house, writer, Settings(**settings))  # type: ignore[arg-type]
    app = create_app(replace(desk, drill=told))
    server = Server(config_of(app, "127.0.0.1", port, front), app.state["hub"].hang_up)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        scheme = front.scheme if front else "http"
        yield f"{scheme}://127.0.0.1:{port}", writer, clock
    finally:
        server.should_exit = True
        thread.join(60)
        writer.close()
        house.close()
        assert not thread.is_alive()
