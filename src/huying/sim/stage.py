"""Puts a replay together: file, mapping, pack, store, engine; plays it, and says what it came to."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from msgspec import Struct

from huying.base.clock import SECOND, Clock, ManualClock
from huying.base.refusal import Refusal
from huying.channels.files import Reader
from huying.channels.files.lines import BadLines
from huying.channels.files.mapping import Mapping, check, read_mapping
from huying.domain.pack import Pack
from huying.service.engine import Engine
from huying.service.house import house_of
from huying.sim.ahead import understood_ahead
from huying.sim.chance import SeededChance
from huying.sim.player import Progress
from huying.sim.replay import Replay, limited, with_more_units, with_units_of_records
from huying.store.keys import find_keys
from huying.store.model_watch import with_shipped
from huying.store.opening import Opened, open_store
from huying.store.packdir import find_folder, read_pack
from huying.store.verify import verify
from huying.system import SystemChance, SystemClock, rare_collections


class Play(Struct, frozen=True, kw_only=True):
    """What is asked for. `store` empty: a temporary file, gone at the end; `speed` 0: as fast as it goes."""

    file: Path
    mapping: str
    pack: str = ""
    store: str = ""
    seed: int = 1
    speed: float = 0.0
    limit: int = 0
    bad: Path | None = None


def find_mapping(name_or_file: str) -> Mapping:
    """A file that exists wins over a mapping of that name in a pack of the package."""
    if Path(name_or_file).is_file():
        return read_mapping(Path(name_or_file))
    shipped = mappings_known()
    if name_or_file not in shipped:
        raise Refusal("mapping_not_found", file=name_or_file, known=", ".join(sorted(shipped)))
    return read_mapping(shipped[name_or_file])


def mappings_known() -> dict[str, Path]:
    """Mappings that come with the packs of the package, by name."""
    found: dict[str, Path] = {}
    for pack in (files("huying") / "packs").iterdir():
        folder = pack / "mappings"
        if folder.is_dir():
            found |= {each.name.removesuffix(".toml"): Path(str(each)) for each in folder.iterdir()}
    return found


def play(ask: Play, progress: Progress, clock: Clock | None = None) -> dict[str, Any]:
    """Replay a file; the summary as JSON values. Refuses what mapping, file, pack or store get wrong."""
    clock = clock or SystemClock()
    mapping = find_mapping(ask.mapping)
    pack = read_pack(ask.pack or mapping.pack)
    check(mapping, pack)
    if mapping.unit:
        pack = _pack_with_units(ask, mapping, pack)
    elif mapping.units_times > 1:
        pack = with_more_units(pack, mapping.units_times, mapping.place.box if mapping.place else None)
    began = clock.now()
    with BadLines(ask.bad) as bad, _stage(ask) as opened, rare_collections():
        reader = Reader(mapping, pack.centre, bad)
        triage = with_shipped(pack, find_folder(ask.pack or mapping.pack))
        house = house_of(pack, triage=triage)
        engine = Engine(opened.store, house, ManualClock(0), SeededChance(ask.seed))
        replay = Replay(engine, mapping, ask.seed)
        taken = limited(reader.read(ask.file), ask.limit)
        with understood_ahead(taken, house, suggest=True) as records:
            replay.run(records, pace(ask.speed, clock), progress)
        wall_s = (clock.now() - began) / SECOND
        summary = replay.summary()
        return {
            "file": ask.file.name,
            "mapping": mapping.name,
            "pack": pack.name,
            "units": len(pack.units),
            "seed": ask.seed,
            **summary,
            "first": iso(replay.first),
            "last": iso(replay.last),
            "bad_lines": dict(sorted(bad.reasons.items())),
            "left_out": dict(sorted(reader.slips.items())),
            "simulated": list(mapping.simulated),
            "wall_s": round(wall_s, 2),
            "calls_per_s": round(summary["calls"] / wall_s, 1) if wall_s else None,
            "memory_mb": _memory_mb(),
            "verify": _verify(opened),
        }


def _pack_with_units(ask: Play, mapping: Mapping, pack: Pack) -> Pack:
    """A first reading of the file, for the units that it names."""
    with BadLines(None) as nowhere:
        records = limited(Reader(mapping, pack.centre, nowhere).read(ask.file), ask.limit)
        return with_units_of_records(pack, (each.unit for each in records))


@contextmanager
def _stage(ask: Play) -> Iterator[Opened]:
    """The store of a replay: it has to be empty, because time in a journal never runs backwards."""
    with tempfile.TemporaryDirectory(prefix="huying-replay-") as folder:
        address = ask.store or str(Path(folder) / "replay.sqlite")
        if ask.store and "://" not in ask.store and ask.store != ":memory:":
            # Keys are real ones even where salts are repeatable: they may guard contacts one day.
            find_keys(ask.store, SystemChance(), os.environ)
        opened = open_store(address, SeededChance(ask.seed))
        try:
            if opened.questions.head().seq:
                raise Refusal("store_not_empty", store=address)
            yield opened
        finally:
            opened.close()


def pace(speed: float, clock: Clock) -> Callable[[int], None]:
    """Wait until a simulated instant has come; at speed 0 never wait."""
    if not speed:
        return lambda at: None
    began: list[int] = []
    nap = threading.Event()

    def wait_for(at: int) -> None:
        if not began:
            began.extend((at, clock.now()))
        wait = (at - began[0]) / speed - (clock.now() - began[1])
        if wait > 0:
            nap.wait(wait / SECOND)

    return wait_for


def _verify(opened: Opened) -> str:
    """`ok`, or what is wrong with the journal and the first `seq` at which."""
    report = verify(opened.questions)
    return "ok" if report.ok else f"{report.fault} at {report.bad_seq}"


def iso(at: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).isoformat(timespec="seconds")


def _memory_mb() -> float:
    """The most memory that this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)
