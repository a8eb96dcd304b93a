"""The ways in, in front of a house that `huying.bootstrap` opened: the desk, the application, the server."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial

from huying.base.refusal import Refusal
from huying.bootstrap import Installation, ledger_of, open_book, start_room, start_writer
from huying.channels.cap.routes import ROUTES as CAP
from huying.channels.open311.routes import ROUTES as OPEN311
from huying.config import read_config
from huying.domain.erasing import KINDS
from huying.edge.buckets import GUESSES_PER_MINUTE, Buckets
from huying.edge.challenges import Challenges
from huying.edge.configured import settings_of as settings_of
from huying.edge.desk import Desk, Readers
from huying.edge.door import Door
from huying.edge.keeper import Keeper
from huying.edge.looks import Looks
from huying.edge.oidc import Oidc
from huying.edge.pack_folder import PackFolder
from huying.edge.pictures import Pictures
from huying.edge.planner import Planner
from huying.edge.semantic.second import Second
from huying.edge.semantic.vectors import installed
from huying.edge.settings import Settings
from huying.learning.nightly import Nightly
from huying.learning.workshop import LocalWorkshop
from huying.record.checking import checking_of
from huying.record.settings import signers_of
from huying.serving import Front, serve
from huying.store.basemap.shelf import shelve
from huying.store.packdir import check_files, read_files
from huying.store.retaining import batches, due
from huying.store.room import FarWriter
from huying.store.sense import sense_in
from huying.store.sqlite import MEMORY
from huying.store.writer import Writer
from huying.system import rare_collections
from huying.web import app as web
from huying.web.application import Application


def open_desk(
    installation: Installation, writer: Writer | FarWriter, settings: Settings | None = None
) -> Desk:
    """What the ways in see of an installation."""
    settings, readers, clock = settings or Settings(), Readers(), installation.clock
    session_key, chance = installation.opened.keys.session, installation.chance
    return Desk(
        house=installation.house,
        questions=installation.questions,
        writer=writer,
        record=open_book(installation),
        checking=checking_of(
            installation.opened.questions,
            signers_of(installation.origin, installation.opened.keys),
            installation.clock,
        ),
        folder=PackFolder(partial(read_files, installation.pack_name), check_files),
        readers=readers,
        clock=clock,
        settings=settings,
        looks=Looks(writer),
        pictures=Pictures(clock, installation.photo),
        guesses=Buckets(GUESSES_PER_MINUTE / 60, GUESSES_PER_MINUTE, clock),
        door=Door(installation.questions, writer, clock, settings, readers.ask),
        challenges=Challenges(session_key, clock, chance),
        oidc=Oidc(settings.oidc, session_key, clock, chance),
        chance=chance,
        planner=Planner(installation.address, installation.pack_name),
        second=Second(installation.pack, sense_in(installation.models.folders)),
        basemap=shelve(installation.pack, installation.pack_name),
        workshop=open_workshop(installation, writer),
        store_kind=type(installation.opened.store).__name__.removesuffix("Store").lower(),
    )


def open_workshop(installation: Installation, writer: Writer | FarWriter) -> LocalWorkshop | None:
    """Where models are made; none for a pack that was handed in, whose folder nobody knows."""
    setting = read_config(os.environ).models
    try:
        return LocalWorkshop(
            installation.address,
            installation.pack_name,
            setting,
            installation.questions,
            writer,
            installation.clock,
        )
    except Refusal:
        return None


def open_keeper(installation: Installation, desk: Desk) -> Keeper:
    """What erases by itself while the house is served."""
    questions, ledger = installation.questions, ledger_of(installation.address)

    def find() -> list[tuple[int, ...]]:
        at = installation.clock.now()
        return [each for kind in KINDS for each in batches(due(questions, installation.pack, at, kind))]

    def after() -> None:
        if ledger is not None:
            ledger.follow(questions.erasures)

    return Keeper(desk, find, after)


def create_app(desk: Desk) -> Application:
    """The whole application: the API, the board, and every channel that comes over HTTP."""
    app = web.create_app(desk, (*CAP, *OPEN311))
    if desk.planner is not None:
        app.on_shutdown.append(desk.planner.stop)
    if desk.second is not None:
        app.on_shutdown.append(desk.second.close)
    return app


def run_house(
    installation: Installation,
    settings: Settings,
    host: str,
    port: int,
    ready: Callable[[str], None] | None = None,
    engine_process: bool = True,
    front: Front | None = None,
) -> None:
    """Serve until told to stop, then close everything in order.

    Args:
        engine_process: decide in a process beside the one that answers; a store in memory can't.
        front: TLS and proxies; plain HTTP without.

    Refuses with `port_taken` when nothing can listen there, and with `store_unavailable` at the end when the
    engine's process had died: a keeper of services starts us anew then.
    """
    writer: Writer | FarWriter
    lost: list[bool] = []

    def end() -> None:
        lost.append(True)
        os.kill(os.getpid(), signal.SIGTERM)

    if engine_process and installation.address != MEMORY:
        writer = start_room(installation, end)
    else:
        writer = start_writer(installation)
    installation.models.start()
    try:
        with rare_collections():
            desk = open_desk(installation, writer, settings)
            app = create_app(desk)
            keeper = open_keeper(installation, desk)
            app.on_startup.append(keeper.start)
            app.on_shutdown.append(keeper.stop)
            if desk.workshop is not None:
                night = Nightly(desk.workshop, installation.pack.worktime, installation.clock, installed)
                app.on_startup.append(night.start)
                app.on_shutdown.append(night.stop)
            serve(app, host, port, ready, front)
    finally:
        writer.close()
        installation.close()
    if lost:
        raise Refusal("store_unavailable")
