"""The graph's own file: arrays in a zip (`.npz`), names as JSON; nothing in it can run."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO, Any

import msgspec
import numpy as np

from huying.base.refusal import Refusal
from huying.geo.roads.graph import RoadGraph
from huying.store.packed import BROKEN

EDITION = 1
BYTES_MAX = 4 << 30
"""Unpacked. A graph of the greatest size that is taken (20 million edges) has about 3 GiB."""

NAMES_MAX = 5_000_000


def write_graph(graph: RoadGraph, file: Path) -> None:
    """The same graph gives the same bytes. Refuses with `file_unwritable`."""
    names = np.frombuffer(msgspec.json.encode(graph.names), np.uint8)
    beside = file.with_name(file.name + ".part")
    try:
        with beside.open("wb") as out:
            arrays: dict[str, Any] = {"edition": np.array([EDITION]), "names": names, **graph.arrays()}
            np.savez_compressed(out, **arrays)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Refusal("file_unwritable", path=str(file)) from error


def read_graph(file: Path | IO[bytes]) -> RoadGraph:
    """The graph in the file, checked. Refuses with `roads_unreadable` or `roads_broken`."""
    name = file.name if isinstance(file, Path) else str(getattr(file, "name", "graph"))
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(each.file_size for each in packed.infolist()) > BYTES_MAX:
                raise ValueError("too large")
        if not isinstance(file, Path):
            file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            if arrays["edition"].tolist() != [EDITION]:
                raise ValueError(f"edition {arrays['edition'].tolist()}")
            names = msgspec.json.decode(arrays["names"].tobytes(), type=tuple[str, ...])
            fields = {key: arrays[key] for key in RoadGraph.__struct_fields__ if key != "names"}
    except (*BROKEN, msgspec.DecodeError) as error:
        raise Refusal("roads_unreadable", file=name, reason=str(error)[:200]) from error
    if len(names) > NAMES_MAX or any(
        each.ndim != 1 or each.dtype.kind not in "uif" for each in fields.values()
    ):
        raise Refusal("roads_broken", what="columns")
    graph = RoadGraph(names=names, **fields)
    graph.check()
    return graph
