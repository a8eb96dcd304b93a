"""Plain tables of nodes and edges → the net.

A folder or zip with `nodes.csv` and `edges.csv` (or `arcs.csv`), as JEMSS writes them (Ridler, Mason, Raith,
A simulation and optimisation package for emergency medical services, EJOR 298, 2022) or with plain headers;
and the text form of CBEngine (`N`, nodes; `M`, two lines of lanes after each edge; KDD Cup 2021).
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from huying.base.refusal import Refusal
from huying.geo.points import distance_m
from huying.geo.roads.build import Built, Way, build
from huying.geo.roads.classes import CLASS_OF, FEET, WHEELS
from huying.store.packed import BROKEN

BYTES_MAX = 1 << 30
"""Read whole; a gigabyte of rows is a province."""

_NAMES = {
    "id": ("id", "index", "node", "node_id"),
    "lat": ("lat", "latitude", "y"),
    "lon": ("lon", "lng", "longitude", "x"),
    "a": ("a", "from", "fromnode", "from_node", "u", "source"),
    "b": ("b", "to", "tonode", "to_node", "v", "target"),
    "class": ("class", "highway"),
    "kmh": ("kmh", "maxspeed", "speed_kmh"),
    "name": ("name", "street"),
    "oneway": ("oneway",),
    "days": ("mode_1",),
}
_PLAIN = CLASS_OF["unclassified"]
_HEADS = 10
"""A file may begin with a few lines about itself; its header is among the first ten."""


def read_tables(file: Path) -> Built:
    """The net of the tables. Refuses with `roads_unreadable` or `roads_empty`."""
    try:
        if file.name.endswith((".txt", ".txt.gz")):
            return _text(_read(file))
        nodes, edges = _member(file, ("nodes.csv",)), _member(file, ("edges.csv", "arcs.csv"))
        places = {
            row["id"]: (float(row["lat"]), float(row["lon"])) for row in _rows(nodes, ("id", "lat", "lon"))
        }
        number = {key: n for n, key in enumerate(places)}
        ways = [_way(n, row, number, places) for n, row in enumerate(_rows(edges, ("a", "b")))]
    except (*BROKEN, LookupError, StopIteration, csv.Error) as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        raise Refusal("roads_unreadable", file=file.name, reason=reason) from error
    return build({number[key]: point for key, point in places.items()}, ways)


def _way(n: int, row: dict[str, str], number: dict[str, int], places: dict[str, tuple[float, float]]) -> Way:
    a, b = row["a"], row["b"]
    kmh = float(row.get("kmh") or 0)
    directed = "days" in row or row.get("oneway", "") in ("yes", "true", "1")
    if "days" in row:  # a time over the arc, which we keep as the speed that gives it
        hours = float(row["days"]) * 24
        kmh = distance_m(*places[a], *places[b]) / 1_000 / hours if hours > 0 else 0.0
    road = CLASS_OF.get(row.get("class") or "unclassified", _PLAIN)
    both = WHEELS | FEET
    return Way([number[a], number[b]], road, both, FEET if directed else both, kmh, row.get("name", ""), n)


def _text(text: str) -> Built:
    lines = iter(text.splitlines())
    places: dict[int, tuple[float, float]] = {}
    for _ in range(int(next(lines))):
        lat, lon, id, *_ = next(lines).split()
        places[int(id)] = float(lat), float(lon)
    ways = []
    for n in range(int(next(lines))):
        a, b, _, metres_per_s, lanes, lanes_back, *_ = next(lines).split()
        next(lines), next(lines)
        forth = WHEELS | FEET if int(lanes) else FEET
        back = WHEELS | FEET if int(lanes_back) else FEET
        ways.append(Way([int(a), int(b)], _PLAIN, forth, back, float(metres_per_s) * 3.6, "", n))
    return build(places, ways)


def _read(file: Path) -> str:
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
        found = opened.read(BYTES_MAX + 1)
    return _decoded(found)


def _member(file: Path, names: Sequence[str]) -> str:
    if file.is_dir():
        return _read(next(path for name in names if (path := file / name).is_file()))
    with zipfile.ZipFile(file) as packed:
        name = next(each for name in names for each in packed.namelist() if each.rpartition("/")[2] == name)
        with packed.open(name) as opened:
            return _decoded(opened.read(BYTES_MAX + 1))


def _decoded(found: bytes) -> str:
    if len(found) > BYTES_MAX:
        raise ValueError("too large")
    return found.decode("utf-8-sig")


def _rows(text: str, needed: Sequence[str]) -> Iterator[dict[str, str]]:
    """Rows by our own names of their columns."""
    rows = csv.reader(io.StringIO(text))
    for _, header in zip(range(_HEADS), rows, strict=False):
        spelt = [each.strip().lower() for each in header]
        columns = {
            ours: next(spelt.index(each) for each in theirs if each in spelt)
            for ours, theirs in _NAMES.items()
            if any(each in spelt for each in theirs)
        }
        if all(each in columns for each in needed):
            break
    else:
        raise ValueError(f"no header with {', '.join(needed)}")
    for row in rows:
        if len(row) > max(columns.values()):
            yield {ours: row[at].strip() for ours, at in columns.items()}
