"""What outsiders ask of the record: checkpoints, tiles, entries and proofs, from any thread."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.record.checkpoint import read_checkpoint
from huying.record.note import with_lines
from huying.record.tiles import ENTRIES, bundle
from huying.service.ports import Head
from huying.store.codec import FactRow
from huying.store.export import line_of
from huying.store.tree import HASH_BYTES, TILE, consistency_parts, inclusion_parts, subtree, tiles_of


class Asked(Protocol):
    """What is needed of `SqlQuestions`."""

    def head(self) -> Head: ...
    def fact_rows(self, after: int, limit: int) -> list[FactRow]: ...
    def tiles(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]: ...
    def checkpoint(self, size: int = 0, cosigned: int = 0) -> tuple[int, int, str, list[str]] | None: ...
    def witnesses(self) -> list[tuple[str, int, int, str, int]]: ...


class WitnessShown(Struct, frozen=True):
    """`size` facts had its last signature, given at `at` (µs; 0: never); `fault` is why it gives none."""

    name: str
    size: int
    at: int
    fault: str


class Entry(Struct, frozen=True):
    """A fact without what was said: when (µs) whoever did what, in which stream."""

    seq: int
    stream: int
    version: int
    type: str
    at: int
    actor: str


class Standing(Struct, frozen=True):
    """How the record stands: the newest checkpoint, and every witness. `fault` is `forked` when the journal
    was found not to go on from what was signed."""

    size: int
    at: int
    fault: str
    witnesses: list[WitnessShown]


class Book:
    """The record to be read. `origin` and `vkeys` are those of the checkpoints that are made now; `names` are
    the witnesses that are asked now."""

    def __init__(
        self, questions: Asked, origin: str, vkeys: tuple[str, ...], names: frozenset[str] = frozenset()
    ) -> None:
        self.origin, self.vkeys = origin, vkeys
        self._names = names
        self._questions = questions

    def checkpoint(self, size: int = 0, cosigned: int = 0) -> str:
        """The newest checkpoint, that over `size` facts, or the newest with so many cosignatures, as text.

        Refuses `no_checkpoint` when there is none.
        """
        found = self._questions.checkpoint(size, cosigned)
        if found is None:
            raise Refusal("no_checkpoint", size=size, cosigned=cosigned)
        return with_lines(found[2], found[3])

    def tile(self, level: int | str, n: int, width: int) -> bytes:
        """The first `width` hashes of a tile, or the first entries of a bundle; refuses `not_found`."""
        if level == ENTRIES:
            rows = self._questions.fact_rows(n * TILE, width)
            packed, there = bundle(rows), len(rows)
        else:
            packed = self._questions.tiles([(int(level), n)]).get((int(level), n), b"")
            packed, there = packed[: width * HASH_BYTES], len(packed) // HASH_BYTES
        if there < width:
            raise Refusal("not_found", noun="tile", id=f"{level}/{n}")
        return packed

    def tail(self, most: int) -> list[Entry]:
        """The newest facts as entries have them, newest first."""
        rows = self._questions.fact_rows(max(0, self._questions.head().seq - most), most)
        return [Entry(*row[:6]) for row in reversed(rows)]

    def proof(self, seq: int, size: int = 0, *, body: bool | None = None) -> str:
        """That fact `seq` is in the tree of a checkpoint, as a C2SP tlog-proof.

        Args:
            size: of the checkpoint; the newest by default.
            body: put the fact's line beside the proof (True), or its line without what was said (False), so
                that it can be checked from the one text.

        Refuses `not_found`, and `not_signed_yet` for a fact after the checkpoint.
        """
        text = self.checkpoint(size)
        size = read_checkpoint(text)[0].size
        if not 0 < seq <= size:
            if seq > size and seq <= self._questions.head().seq:
                raise Refusal("not_signed_yet", seq=seq, size=size)
            raise Refusal("not_found", noun="fact", id=seq)
        lines = ["c2sp.org/tlog-proof@v1"]
        if body is not None:
            row = self._questions.fact_rows(seq - 1, 1)[0]
            lines.append(f"extra {b64encode(line_of(row, body=body)).decode()}")
        lines.append(f"index {seq - 1}")
        lines += [b64encode(each).decode() for each in self.path(seq, size)]
        return "\n".join(lines) + "\n\n" + text

    def path(self, seq: int, size: int) -> list[bytes]:
        """The audit path of fact `seq` in the tree over `size` facts; one statement, some 25 hashes."""
        return self._hashes(inclusion_parts(seq - 1, size))

    def consistency(self, old: int, size: int) -> list[bytes]:
        """The proof that the tree over `size` facts begins with that over `old`; refuses `not_found`."""
        if not 0 <= old <= size or size > self._questions.head().seq:
            raise Refusal("not_found", noun="tree", id=f"{old}–{size}")
        return self._hashes(consistency_parts(old, size)) if old else []

    def _hashes(self, parts: list[tuple[int, int]]) -> list[bytes]:
        found = self._questions.tiles(tiles_of(parts))
        return [subtree(start, end, lambda level, n: found.get((level, n), b"")) for start, end in parts]

    def standing(self) -> Standing:
        newest = self._questions.checkpoint()
        rows = self._questions.witnesses()
        fault = next((row[3] for row in rows if row[0] == self.origin), "")
        known = {row[0]: WitnessShown(*row[:4]) for row in rows if row[0] in self._names}
        those = [known.get(name, WitnessShown(name, 0, 0, "")) for name in sorted(self._names)]
        return Standing(newest[0] if newest else 0, newest[1] if newest else 0, fault, those)
