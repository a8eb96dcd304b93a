"""One reader for every kind of road file, by its name."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from huying.base.refusal import Refusal
from huying.geo.roads.build import Built
from huying.store.packed import BROKEN
from huying.store.roads.file import read_graph
from huying.store.roads.lines import read_lines
from huying.store.roads.osm import read_osm
from huying.store.roads.tables import read_tables

UNPACKED_MAX = 2 << 30
"""An extract inside a zip is unpacked to read it; two gigabytes of XML are a large city."""


def read_roads(file: Path) -> Built:
    """The net in the file: `.osm.pbf`, `.osm`, `.geojson`, `.npz`, tables in a folder, zip or text; or an
    `.osm` in a zip. Refuses with `roads_unreadable`, `roads_empty`, `roads_broken`, `roads_needs`."""
    if not file.exists():
        raise Refusal("roads_unreadable", file=file.name, reason="no such file")
    if file.name.endswith((".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")):
        return read_osm(file)
    if file.suffix in (".geojson", ".json"):
        return read_lines(file)
    if file.suffix == ".npz":
        return Built(read_graph(file), {})
    if file.suffix == ".zip":
        return _zipped(file)
    return read_tables(file)


def _zipped(file: Path) -> Built:
    try:
        with zipfile.ZipFile(file) as packed:
            maps = [each for each in packed.infolist() if each.filename.endswith((".osm", ".osm.pbf"))]
            if not maps:
                return read_tables(file)
            if maps[0].file_size > UNPACKED_MAX:
                raise ValueError("too large")
            suffix = ".osm.pbf" if maps[0].filename.endswith(".pbf") else ".osm"
            with tempfile.NamedTemporaryFile(suffix=suffix) as unpacked:
                unpacked.write(packed.read(maps[0]))
                unpacked.flush()
                return read_osm(Path(unpacked.name))
    except BROKEN as error:
        raise Refusal("roads_unreadable", file=file.name, reason=str(error)[:200]) from error
