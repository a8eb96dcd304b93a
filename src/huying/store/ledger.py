"""The ledger of erasures: what was erased, kept apart from the store so that a restored backup can't bring it
back.

A text file, a JSON object a line, each with the hash of the line before it; it holds numbers and no words. It
is a copy of the journal's own facts of erasing, brought up to the journal's end at every start. A journal in
which the ledger's last erasure is missing is older than the ledger: it was restored, and everything that it
lacks is erased again before anything is served (decision 0027).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.store.codec import FactRow, leaf_of

# Facts of erasing. A correction hides words too, but is no erasing: it is made again by a person.
ERASES = ("contact.erased", "incident.erased")
VARIABLE = "HUYING_ERASURES"
ENDING = ".erasures"
# The last line is looked for in so much of the end; a line is some kB at most.
TAIL_BYTES = 1_048_576


class Entry(Struct, frozen=True, omit_defaults=True):
    """`seq` and `leaf` (hex) name the fact of erasing. A journal that was restored begins anew after `seq`
    with an entry without a leaf."""

    seq: int
    leaf: str = ""
    incident: int = 0
    kinds: tuple[str, ...] = ()
    contacts: tuple[int, ...] = ()
    prev: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Entry).decode


def ledger_path(store: str, environment: Mapping[str, str], memory: str) -> Path | None:
    """Where a store's ledger is: as set, beside the file, or beside the key file of a store that has none."""
    if given := environment.get(VARIABLE, "").strip():
        return Path(given)
    if store == memory:
        return None
    if "://" not in store.removeprefix("sqlite:///"):
        return Path(store.removeprefix("sqlite:///") + ENDING)
    keys = environment.get("HUYING_KEYS", "").strip()
    return Path(keys + ENDING) if keys and ":" not in keys else None


class Ledger:
    """One file that only grows."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Entry | None:
        lines = self._tail()
        return _read(lines[-1], self.path) if lines else None

    def entries(self) -> Iterator[Entry]:
        """All of them; refuses with `ledger_broken` where a line doesn't continue the one before it."""
        prev = ""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                entry = _read(line, self.path)
                if entry.prev != prev:
                    raise Refusal("ledger_broken", path=str(self.path), seq=entry.seq)
                prev = _hash(line)
                yield entry

    def follow(self, rows: Callable[[int], Iterable[FactRow]]) -> int:
        """Take in the journal's facts of erasing (`rows` after a seq) that it doesn't have yet; how many."""
        if next(iter(rows(self._end())), None) is None:
            return 0
        with self._locked():
            return self._append(entry for row in rows(self._end()) if (entry := entry_of(row)) is not None)

    def _end(self) -> int:
        last = self.last()
        return last.seq if last else 0

    def begin_anew(self, seq: int) -> None:
        """The journal was restored and ends at `seq`: what comes after it is another past."""
        with self._locked():
            self._append([Entry(seq=seq)])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time among processes, where the system has locks for files."""
        try:
            import fcntl
        except ImportError:
            yield
            return
        try:
            handle = os.open(str(self.path) + ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Refusal("file_unwritable", path=str(self.path)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def missing(self, has: Iterable[tuple[int, str]]) -> list[Entry]:
        """Erasures that a journal lacks; `has` are (seq, leaf) of its own."""
        known = set(has)
        return [each for each in self.entries() if each.leaf and (each.seq, each.leaf) not in known]

    def _append(self, entries: Iterable[Entry]) -> int:
        lines = self._tail()
        prev, out = _hash(lines[-1]) if lines else "", []
        for each in entries:
            line = _encode(msgspec.structs.replace(each, prev=prev)) + b"\n"
            prev = _hash(line)
            out.append(line)
        if not out:
            return 0
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, b"".join(out))
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise Refusal("file_unwritable", path=str(self.path)) from error
        return len(out)

    def _tail(self) -> list[bytes]:
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL_BYTES))
                return file.read().splitlines(keepends=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Refusal("file_unwritable", path=str(self.path)) from error


def entry_of(row: FactRow) -> Entry | None:
    """The line for a fact of erasing; None for one whose own payload is gone (its line is there)."""
    if row[7] is None or row[3] not in ERASES:
        return None
    body = msgspec.json.decode(bytes(row[7]))
    contacts = (row[1],) if row[3] == "contact.erased" else tuple(body.get("contacts", ()))
    kinds = () if row[3] == "contact.erased" else tuple(body.get("kinds", ()))
    if body.get("facts"):
        kinds = tuple(dict.fromkeys((*kinds, "words")))
    incident = 0 if row[3] == "contact.erased" else row[1]
    return Entry(seq=row[0], leaf=leaf_of(row).hex(), incident=incident, kinds=kinds, contacts=contacts)


def _read(line: bytes, path: Path) -> Entry:
    try:
        return _decode(line)
    except msgspec.DecodeError:
        raise Refusal("ledger_broken", path=str(path), seq=0) from None


def _hash(line: bytes) -> str:
    return sha256(line).hexdigest()[:32]
