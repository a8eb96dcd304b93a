"""Packs on disk and in the package: a name or a folder → files → `Pack`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from huying.base.refusal import Refusal
from huying.domain.pack import Pack
from huying.geo.roads.graph import RoadGraph
from huying.service.packs import FILE_BYTES_MAX, ROADS, Checked, check_pack, parse_pack
from huying.service.packs.tables import CODE
from huying.store.calendars import country_calendar
from huying.store.roads.file import read_graph

SETTINGS = "pack.toml"
POLICY = "policy.csv"
_READ = (".csv", ".geojson", ".toml", ROADS)

# A pack has seventeen files; a folder with more than this is not a pack.
FILES_MAX = 200
# Packs kept as they were read last: one that is read again with the same bytes is the same.
PACKS_KEPT = 4


def read_pack(name_or_dir: str) -> Pack:
    """The pack of that name in the package, or in that folder.

    Refuses with `pack_not_found`, `pack_unreadable` or `pack_faulty`.
    """
    return _parsed(tuple(read_files(name_or_dir).items()))


@lru_cache(PACKS_KEPT)
def _parsed(files: tuple[tuple[str, bytes], ...]) -> Pack:
    return parse_pack(dict(files), country_calendar, base_policy())


def check_files(files: Mapping[str, bytes]) -> Checked:
    """What the check of a pack says of these files."""
    return check_pack(files, country_calendar, base_policy())


@cache
def base_policy() -> bytes:
    """The table of who may do what that comes with the house; a pack's own `policy.csv` narrows it."""
    return (_packaged() / POLICY).read_bytes()


def read_files(name_or_dir: str) -> dict[str, bytes]:
    """The tables of a pack by file name, each at most one byte longer than is allowed."""
    folder = find_folder(name_or_dir)
    contents: dict[str, bytes] = {}
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.name.endswith(_READ) and not each.name.startswith("."):
            if len(contents) == FILES_MAX:
                raise Refusal("pack_not_found", name=name_or_dir, known=", ".join(packs_known()))
            contents[each.name] = _read(each)
    return contents


def read_net(name_or_dir: str) -> RoadGraph | None:
    """The road net of that pack; None when it has none. Refuses with `roads_unreadable`, `roads_broken`."""
    file = find_folder(name_or_dir) / ROADS
    if not file.is_file():
        return None
    with file.open("rb") as opened:
        return read_graph(opened)


def find_folder(name_or_dir: str) -> Traversable:
    """A folder that exists wins over a pack of the same name in the package."""
    if name_or_dir and Path(name_or_dir).is_dir():
        return Path(name_or_dir)
    if CODE.fullmatch(name_or_dir) and name_or_dir in packs_known():
        return _packaged() / name_or_dir
    raise Refusal("pack_not_found", name=name_or_dir, known=", ".join(packs_known()))


def packs_known() -> list[str]:
    """Names of the packs that come with the package."""
    return sorted(
        each.name for each in _packaged().iterdir() if each.is_dir() and (each / SETTINGS).is_file()
    )


def _packaged() -> Traversable:
    return files("huying") / "packs"


def _read(file: Traversable) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise Refusal("pack_unreadable", file=file.name) from error
