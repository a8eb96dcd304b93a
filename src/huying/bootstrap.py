"""The one place where the real parts of a house are put together: store, engine, writer, questions. Its ways
in are put in front of it by `huying.doors`, so that what needs none starts without them."""

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
from huying.config import Config, read_config
from huying.domain.commands import AdoptPack, Command, Envelope
from huying.domain.drilling import BeginDrill
from huying.domain.erasing import KEEPER
from huying.domain.pack import Pack
from huying.record.book import Book
from huying.record.cosigning import Cosigning
from huying.record.notary import Notary
from huying.record.settings import RecordSettings, origin_of, read_witnesses, signers_of
from huying.service.clockwatch import ClockWatch
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.service.intake import prepared
from huying.service.ports import House
from huying.store.ledger import Ledger, ledger_path
from huying.store.model_watch import ModelWatch, watch_models
from huying.store.opening import Opened, open_questions, open_store
from huying.store.packdir import read_net, read_pack
from huying.store.reapply import reapply
from huying.store.room import FarWriter, serve_room
from huying.store.sqlite import MEMORY
from huying.store.wire import Wire
from huying.store.writer import Writer
from huying.system import SystemChance, SystemClock, rare_collections
from huying.triage.modelled import ModelTriage


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
    installation.models.start(hears=False)
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
