"""Real calls on the screens: a piece of a public set, replayed into a store of its own up to its last call,
so that much is still open, and served at that instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from data_dir import data_dir
from huying.base.clock import MINUTE, ManualClock
from huying.channels.files import Reader
from huying.channels.files.lines import BadLines
from huying.domain.pack import Pack
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.sim.chance import SeededChance
from huying.sim.replay import Replay, limited, with_more_units
from huying.sim.stage import find_mapping
from huying.store.opening import open_store
from huying.store.packdir import read_pack
from huying.store.writer import Writer
from real_server import serving

SETS = {
    "montgomery": "cfs_montgomery_pa_911/montgomery_911_2015-12_2017-04_dev.csv.gz",
    "boston": "req_boston_311/boston_311_2011H2_dev.csv.gz",
    "wenzheng": "req_cn_wenzheng/messages_replies_2816_dev.csv.gz",
}
SEED = 7


class Replayed(Struct, frozen=True):
    """A store in the middle of real days; `at` is the instant of its last call."""

    store: str
    pack: Pack
    at: int


def replay(name: str, calls: int, folder: Path) -> Replayed:
    """The first `calls` of a set, with what the house and simulated people made of them by the last."""
    set_, file = SETS[name].split("/")
    path = data_dir(set_) / file
    mapping = find_mapping(name)
    pack = read_pack(mapping.pack)
    pack = with_more_units(pack, mapping.units_times, mapping.place.box if mapping.place else None)
    with BadLines(None) as nowhere:
        records = list(limited(Reader(mapping, pack.centre, nowhere).read(path), calls))
    opened = open_store(str(folder / f"{name}.sqlite"), SeededChance(SEED))
    try:
        run = Replay(Engine(opened.store, house_of(pack), ManualClock(0), SeededChance(SEED)), mapping, SEED)
        run.until = records[-1].at
        run.run(iter(records), lambda at: None, lambda calls, at: None)
        return Replayed(str(folder / f"{name}.sqlite"), pack, run.last)
    finally:
        opened.close()


@contextmanager
def served(replayed: Replayed) -> Iterator[tuple[str, Writer, ManualClock]]:
    """A minute after its last call: minutes that have ended are counted."""
    with serving(replayed.store, pack=replayed.pack, at=replayed.at + MINUTE, demo=True) as found:
        yield found
