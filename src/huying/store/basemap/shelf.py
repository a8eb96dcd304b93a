"""A pack's map, kept open to be read by ranges."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.pack import Pack
from huying.service.packs import MAP
from huying.store.basemap.archive import HEADER_BYTES, MAGIC
from huying.store.packdir import find_folder

BYTES_MAX = 256 << 20
"""A county has half a MiB, a province with every lane some 200; more is not this city's map."""


class Shelved(Struct, frozen=True):
    """An open file of `size` bytes; `etag` changes with its content."""

    file: int
    size: int
    etag: str

    def read(self, at: int, count: int) -> bytes:
        return os.pread(self.file, count, at)


def shelve(pack: Pack, name_or_dir: str) -> Shelved | None:
    """The map in the folder of the pack; None when it has none. Refuses with `map_broken`."""
    try:
        found = Path(str(find_folder(name_or_dir))) / MAP
    except Refusal:  # a pack that was handed in, not read from a folder
        return None
    if not found.is_file():
        return None
    return _open(found, found.stat().st_mtime_ns, pack.name)


@lru_cache(maxsize=8)
def _open(path: Path, changed: int, name: str) -> Shelved:
    """Opened once in a process, however many desks look at it; anew when the file has `changed`."""
    file = os.open(path, os.O_RDONLY)
    size, head = os.fstat(file).st_size, os.pread(file, HEADER_BYTES, 0)
    if len(head) < HEADER_BYTES or not head.startswith(MAGIC) or size > BYTES_MAX:
        os.close(file)
        raise Refusal("map_broken", file=path.name, pack=name)
    # What `huying map build` writes has the digest of all tiles in its first part.
    sha = hashlib.sha256(os.pread(file, 1 << 20, 0) + size.to_bytes(8, "big"))
    return Shelved(file, size, f'"{sha.hexdigest()[:20]}"')
