"""The one place where the real parts are put together: store, engine, writer, questions, ways in."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from msgspec import Struct

from huying.base.clock import Chance, Clock
from huying.base.refusal import Refusal
from huying.channels.cap.routes import ROUTES as CAP
from huying.channels.open311.routes import ROUTES as OPEN311
from huying.config import Config, read_config
from huying.domain.commands import AdoptPack, Command, Envelope
from huying.domain.drilling import BeginDrill
from huying.domain.erasing import KINDS
from huying.domain.pack import Pack
from huying.edge.buckets import GUESSES_PER_MINUTE, Buckets
from huying.edge.challenges import Challenges
from huying.edge.configured import settings_of as settings_of
from huying.edge.desk import Desk, Readers
from huying.edge.door import Door
from huying.edge.keeper import ACTOR as KEEPER
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
from huying.record.book import Book
from huying.record.checking import checking_of
from huying.record.cosigning import Cosigning
from huying.record.notary import Notary
from huying.record.settings import RecordSettings, origin_of, read_witnesses, signers_of
from huying.service.clockwatch import ClockWatch
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.service.intake import prepared
from huying.service.ports import House
from huying.serving import Front, serve
from huying.store.basemap.shelf import shelve
from huying.store.ledger import Ledger, ledger_path
from huying.store.model_watch import ModelWatch, watch_models
from huying.store.opening import Opened, open_questions, open_store
from huying.store.packdir import check_files, read_files, read_net, read_pack
from huying.store.reapply import reapply
from huying.store.retaining import batches, due
from huying.store.room import FarWriter, serve_room
from huying.store.sense import sense_in
from huying.store.sqlite import MEMORY
from huying.store.wire import Wire
from huying.store.writer import Writer
from huying.system import SystemChance, SystemClock, rare_collections
from huying.triage.modelled import ModelTriage
from huying.web import app as web
from huying.web.application import Application


class Installation(Struct, frozen=True):
    """One city at work: the parts that decide, the store, and the engine over it.

    `address` and `pack_name` are what it was opened by.
    """

    address: str
    pack_name: str
    house: House
    opened: Opened
    engine: Engine
    clock: Clock
    chance: Chance
    models: ModelWatch
    record: RecordSettings = RecordSettings()

    @property
    def origin(self) -> str:
        """The name of the log that the journal is."""
        return origin_of(self.record, self.opened.store.mark)

    @property
    def pack(self) -> Pack:
        return self.house.pack

    @property
    def questions(self) -> Any:
        return self.opened.questions

    def photo(self, id: int) -> bytes:
        """The picture that a fact attached, unsealed."""
        return self.opened.store.open_photo(*self.questions.sealed_photo(id))

    def close(self) -> None:
        self.models.close()
        self.opened.close()


def open_house(
    store: str,
    pack: str | Pack,
    clock: Clock | None = None,
    chance: Chance | None = None,
    record: RecordSettings | None = None,
    honour: bool = True,
    adopt: bool = True,
    drill: BeginDrill | None = None,
) -> Installation:
    """Open the store, read the pack and take it into use; in a store that was restored from a backup, erase
    again first what the ledger of erasures says.

    Args:
        store: `:memory:`, a file, or `postgresql://…`.
        pack: a name or a folder, or a pack that was read already.
        clock, chance: the machine's own when not given; drills hand in theirs.
        record: the log's name and its witnesses.
        honour: look into the ledger; another process of this installation has done so already when False.
        adopt: False leaves the pack that is in use in its place, and refuses (`pack_not_in_use`) another.
        drill: marks an empty store as a drill's; without it such a store is refused (`store_is_drill`).
    """
    clock, chance = clock or SystemClock(), chance or SystemChance()
    read = read_pack(pack) if isinstance(pack, str) else pack
    triage = ModelTriage(read)
    net = read_net(pack) if isinstance(pack, str) else None
    house = house_of(read, net, threading.Lock(), triage)
    opened = open_store(store, chance)
    engine = Engine(opened.store, house, clock, chance)
    if not adopt and opened.questions.head().pack not in ("", house.pack.digest):
        opened.close()
        raise Refusal("pack_not_in_use", pack=house.pack.name)
    if drill is None and any(each.type == "drill.begun" for each in opened.questions.facts(0, 1)):
        opened.close()
        raise Refusal("store_is_drill", store=store)
    with engine.transaction() as transaction:
        if drill is not None:
            transaction.execute(Envelope(drill, actor="installation", automatic=True))
        transaction.execute(Envelope(AdoptPack(), actor="installation", automatic=True))
    if honour and (ledger := ledger_of(store)) is not None:
        reapply(opened.store, ledger, partial(do_by_itself, engine))
    name = pack if isinstance(pack, str) else pack.name
    kept, folder = read_config(os.environ).models, pack if isinstance(pack, str) else None
    models = watch_models(store, folder, kept, opened.questions, triage)
    return Installation(store, name, house, opened, engine, clock, chance, models, record or RecordSettings())


def ledger_of(store: str) -> Ledger | None:
    """The ledger of erasures of a store; none for a store in memory."""
    path = ledger_path(store, os.environ, MEMORY)
    return Ledger(path) if path is not None else None


def do_by_itself(engine: Engine, command: Command) -> dict[str, Any]:
    """A command of the installation's own, in a transaction of its own; only while no writer runs."""
    envelope = Envelope(command, actor=KEEPER, purpose="retention", automatic=True)
    with engine.transaction((envelope,)) as transaction:
        return transaction.execute(envelope).answer


def start_writer(installation: Installation) -> Writer:
    """The one writer of this process; from now on the engine is its own."""
    opened = installation.opened
    fetch = opened.questions.fact_rows
    return Writer(installation.engine, opened.store, fetch, looks=open_looks(installation))


def open_looks(installation: Installation) -> tuple[Notary, ClockWatch]:
    """What the writer does between two commits."""
    return open_notary(installation), ClockWatch(installation.engine)


def open_notary(installation: Installation) -> Notary:
    """What signs checkpoints between the commits of the installation's writer."""
    opened, origin = installation.opened, installation.origin
    signers = signers_of(origin, opened.keys)
    notary = Notary(opened.store, opened.questions, installation.clock, origin, signers)
    if installation.record.witnesses:
        witnesses, book = installation.record.witnesses, open_book(installation)
        cosigning = Cosigning(witnesses, book, installation.clock, notary.note_down)
        notary.made, notary.ended = cosigning.made, cosigning.close
    return notary


def start_room(installation: Installation, lost: Callable[[], None]) -> FarWriter:
    """The writer in a process of its own, over the same store: answering and deciding use two cores.

    Args:
        lost: called when that process ends by itself; nothing more can be written then.
    """
    here, there = socket.socketpair()
    context = multiprocessing.get_context("spawn")
    process = context.Process(
        target=_room,
        args=(installation.address, installation.pack_name, there, installation.record),
        name="huying-room",
    )
    process.start()
    there.close()
    prepare = partial(prepared, installation.house)
    return FarWriter(Wire(here), prepare, installation.questions.fact_rows, lost, process.join)


def _room(address: str, pack: str, sock: socket.socket, record: RecordSettings) -> None:
    """The engine room's whole life. Signals are for the process above; it hangs up when it ends."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    installation = open_house(address, pack, record=record, honour=False)
    opened, looks = installation.opened, open_looks(installation)
    installation.models.start()
    try:
        with rare_collections():
            serve_room(
                Wire(sock),
                lambda ring: Writer(
                    installation.engine, opened.store, opened.questions.fact_rows, ring, looks
                ),
            )
    finally:
        installation.close()


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


def open_book(installation: Installation) -> Book:
    """The record of an installation, to be read."""
    signers = signers_of(installation.origin, installation.opened.keys)
    names = frozenset(each.verifier.name for each in installation.record.witnesses)
    vkeys = tuple(each.verifier.vkey for each in signers)
    return Book(installation.opened.questions, installation.origin, vkeys, names)


@contextmanager
def read_book(store: str, config: Config) -> Iterator[Book]:
    """The record of a store, to be read beside a server. Needs no keys, so `vkeys` is empty."""
    with closing(open_questions(store)) as questions:
        settings = record_of(config)
        names = frozenset(each.verifier.name for each in settings.witnesses)
        yield Book(questions, origin_of(settings, questions.mark()), (), names)


def record_of(config: Config) -> RecordSettings:
    """What an operator set about the record."""
    return RecordSettings(config.record_origin, read_witnesses(config.witnesses))


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
