"""The journal against its checkpoints: those in the store, and those that somebody kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from huying.base.refusal import Refusal
from huying.record.checkpoint import Checkpoint, read_checkpoint
from huying.record.note import Note, Verifier, read_lines
from huying.record.tiles import path_of
from huying.store.tree import HASH_BYTES, TILE
from huying.store.verify import Fault, Mirror, Progress, Readable, Report, verify

# Checkpoints read at a time, 300 bytes each.
PAGE = 1_000


class Signed(Readable, Protocol):
    """The part of `SqlQuestions` that is read here."""

    def checkpoints(self, after: int, limit: int) -> list[tuple[int, int, str]]: ...
    def cosignatures(self, after: int, limit: int) -> list[tuple[int, str, str]]: ...


def verify_record(
    journal: Signed,
    keys: Sequence[Verifier] = (),
    kept: Iterable[str] = (),
    witnesses: Sequence[Verifier] = (),
    need: int = 0,
    mirror: Mirror = lambda n: b"",
    progress: Progress | None = None,
) -> Report:
    """`verify`, and that the journal begins with every checkpoint.

    Args:
        keys: who must have signed: the newest checkpoint in the store, and every one that was kept.
        kept: checkpoints as text, from where the owner of the store can't write.
        witnesses: whose cosignatures are checked, those in the store too.
        need: so many of them must be under every one that was kept.

    Faults beside those of `verify`: `checkpoint` (one in the store can't be read), `resigned` (the newest one
    bears no signature of the keys), `cosigned` (a cosignature in the store is forged).
    Refuses `kept_untrue` when what was kept is itself not signed as it must be.
    """
    points = [_trusted(text, keys, witnesses, need) for text in kept]
    try:
        stored = list(_stored(journal))
    except Fault as found:
        return Report(journal.head().seq, "", found.fault, found.seq)
    groups = (points, [(point.size, point.root) for point, _ in stored])
    report = verify(journal, progress, points=groups, mirror=mirror)
    if not report.ok:
        return report
    try:
        _check_signatures(stored, keys)
        _check_cosignatures(journal, stored, witnesses)
    except Fault as found:
        return msgspec.structs.replace(report, fault=found.fault, bad_seq=found.seq, bad_until=found.until)
    return report


def read_mirror(folder: Path, size: int) -> Mirror:
    """Tiles of level 0 as a folder of `huying record export` has them, over `size` facts."""

    def tile(n: int) -> bytes:
        width = min(TILE, size - n * TILE)
        if width <= 0:
            return b""
        try:
            return (folder / "tile" / path_of(0, n, width)).read_bytes()[: width * HASH_BYTES]
        except OSError as error:
            raise Refusal("file_unreadable", path=str(error.filename)) from error

    return tile


def _trusted(
    text: str, keys: Sequence[Verifier], witnesses: Sequence[Verifier], need: int
) -> tuple[int, bytes]:
    point, note = read_checkpoint(text)
    cosigned = sum(each.signed(note) for each in {each.public: each for each in witnesses}.values())
    if (keys and not _by(keys, point, note)) or cosigned < need:
        raise Refusal("kept_untrue", size=point.size, cosigned=cosigned, need=need)
    return point.size, point.root


def _by(keys: Sequence[Verifier], point: Checkpoint, note: Note) -> bool:
    return any(key.name == point.origin and key.signed(note) for key in keys)


def _stored(journal: Signed) -> Iterator[tuple[Checkpoint, Note]]:
    after = -1
    while rows := journal.checkpoints(after, PAGE):
        for size, _, text in rows:
            try:
                point, note = read_checkpoint(text)
            except Refusal:
                raise Fault("checkpoint", max(after, 0) + 1, size) from None
            if point.size != size:
                raise Fault("checkpoint", max(after, 0) + 1, size)
            yield point, note
            after = size


def _check_signatures(stored: list[tuple[Checkpoint, Note]], keys: Sequence[Verifier]) -> None:
    """Older ones may bear a key that was let go since; what they say is in the newest one too."""
    if keys and stored and not _by(keys, *stored[-1]):
        good = max((point.size for point, note in stored if _by(keys, point, note)), default=0)
        raise Fault("resigned", good + 1, stored[-1][0].size)


def _check_cosignatures(
    journal: Signed, stored: list[tuple[Checkpoint, Note]], witnesses: Sequence[Verifier]
) -> None:
    bodies = {point.size: note.body for point, note in stored}
    by_name = {each.name: each for each in witnesses}
    after = -1
    while rows := journal.cosignatures(after, PAGE):
        for size, name, text in rows:
            witness = by_name.get(name)
            try:
                lines = read_lines(text)
            except Refusal:
                lines = []
            true = lines and witness and witness.time_of(lines[0], bodies.get(size, "")) is not None
            if witness and not true:
                raise Fault("cosigned", 1, size)
        after = rows[-1][0]
