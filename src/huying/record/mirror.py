"""Writes checkpoint, tiles and entries into a folder as C2SP tlog-tiles lays it out, for any file server."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from huying.base.refusal import Refusal
from huying.record.book import Book
from huying.record.checkpoint import read_checkpoint
from huying.record.tiles import ENTRIES, path_of, widths
from huying.store.tree import TILE

Progress = Callable[[int, int], None]


def write_mirror(book: Book, folder: Path, progress: Progress | None = None, *, entries: bool = True) -> int:
    """Bring a folder up to the newest checkpoint; full tiles that are there already stay. How many facts.

    The checkpoint is put in its place last, so that a reader never finds one whose tiles are missing.
    Refuses `no_checkpoint` and `file_unwritable`.
    """
    text = book.checkpoint()
    size = read_checkpoint(text)[0].size
    wanted: list[tuple[int | str, int, int]] = list(widths(size))
    if entries:
        wanted += [(ENTRIES, n, width) for level, n, width in wanted if level == 0]
    try:
        for done, (level, n, width) in enumerate(wanted):
            path = folder / "tile" / path_of(level, n, width)
            if width < TILE or not path.exists():
                _put(path, book.tile(level, n, width))
            if progress:
                progress(done + 1, len(wanted))
        _put(folder / "checkpoint", text.encode())
    except OSError as error:
        raise Refusal("file_unwritable", path=str(folder)) from error
    return size


def _put(path: Path, packed: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(packed)
    os.replace(fresh, path)
