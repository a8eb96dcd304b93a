"""What every engine's store does alike: number, salt, hash, seal and derive; engines only read and write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from huying.base.clock import DAY, Chance
from huying.base.refusal import Refusal
from huying.domain.account import Account, PartnerKey
from huying.domain.call import Call
from huying.domain.closure import Closure
from huying.domain.contact import Contact
from huying.domain.deployment import Deployment
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.photo import PhotoFile
from huying.domain.unit import Unit
from huying.service.ports import Batch, Head, Receipt, Timer
from huying.store import docs, schema
from huying.store.changes import Changes, changes_of
from huying.store.codec import SALT_BYTES, FactRow, Left, encode, fact_of, fact_rows, leaf_parts
from huying.store.projections import (
    LookRow,
    NoticeRow,
    Rows,
    UnitRow,
    Was,
    disclosure_rows,
    index_recent,
    look_rows,
    notice_rows,
    remainder_rows,
    rows_of,
    telling,
    unit_row,
)
from huying.store.tree import Frontier, load_frontier
from huying.store.vault import Vault

# A network repeats a request within minutes; a week covers a unit's page that was offline for a holiday.
RECEIPT_AGE = 7 * DAY
# Receipts thrown away at most by one commit, so that no commit is slow.
RECEIPTS_PRUNED_MAX = 1_000
# Recent incidents whose terms wait: a question looks through them in 1 ms, moving them takes 20 ms.
RECENT_MAX = 2_000

# Facts of erasing read at a time: each may hold what is left of some hundred payloads.
ERASURES_AT_ONCE = 256

_PHOTOS = "SELECT token, id, at, sha256, seal, size, width, height FROM photo WHERE token {}"
_CLOSURES = "SELECT doc FROM closure WHERE ends_at > {} ORDER BY id"

_DEPLOYMENTS = "SELECT doc FROM deployment WHERE ended = 0 ORDER BY id"


class Write(Struct):
    """One commit as rows, ready for an engine."""

    facts: list[FactRow]
    tiles: list[tuple[int, int, bytes]]
    frontier: Frontier
    rows: Rows
    units: list[UnitRow]
    notices: list[NoticeRow]
    looks: list[LookRow]
    timers_gone: list[tuple[int, int, str]]
    timers_set: list[tuple[int, int, str]]
    receipts: list[tuple[bytes, bytes, int, bytes]]
    sealed: list[tuple[int, bytes, bytes]]
    erased: list[int]
    forgotten: list[tuple[bytes, int]]  # digest, seq
    changes: Changes
    seen: list[tuple[int, int]]
    head: Head
    indexed: int
    recent: int
    index: bool  # the terms of all recent incidents are among `rows.terms_new`, their codes are to follow


class Journal(ABC):
    """The store port but for the engine's own reading and writing (`_lock` … `_write`).

    Without a vault the store can be looked at, compared and filled, but holds no contact in the clear.
    `on_commit` is called with the fact rows of each commit, after it, by the committing thread.
    """

    shared = False  # whether other processes write to the same journal
    dialect_words: Mapping[str, str] = {}  # what this engine calls the types in `schema.MIGRATIONS`
    placeholder = "?"  # what stands for a value in this engine's statements

    def __init__(self, vault: Vault | None, chance: Chance) -> None:
        self._vault = vault
        self._chance = chance
        self._frontier = Frontier()
        self._head = Head()
        self._indexed, self._recent = 0, 0  # as in the table `head`, set by `_lock`
        self._open = False  # between begin and commit or rollback
        self.on_commit: Callable[[Sequence[FactRow]], None] | None = None

    @property
    def head(self) -> Head:
        """As of the last begin or commit."""
        return self._head

    # ── the transaction ──────────────────────────────────────────────────────────────────────────────────
    def begin(self) -> Head:
        self._head = self._lock()
        self._open = True
        if self._head.seq != self._frontier.size:  # another process has written, or this one just started
            self._frontier = load_frontier(self._head.seq, self._tile)
        return self._head

    def commit(self, batch: Batch) -> None:
        self._put(batch, record=True)

    def derive(self, batch: Batch) -> None:
        """Write what follows from facts that are recorded already (in another store): for rebuilding."""
        self.begin()
        self._put(batch, record=False)

    def _put(self, batch: Batch, record: bool) -> None:
        try:
            write = self._prepare(batch, record)
            self._write(write)
        except BaseException:
            self.rollback()
            raise
        self._open = False
        self._frontier, self._head = write.frontier, write.head
        if self.on_commit is not None:
            self.on_commit(write.facts)

    def rollback(self) -> None:
        if self._open:
            self._open = False
            self._unlock()

    def _check(self, edition: int, mark: bytes) -> list[str]:
        """Refuse a store of a newer edition, or one whose contacts another master key has sealed; the
        statements that bring an older one up to date."""
        if edition > schema.EDITION:
            raise Refusal("store_newer", edition=edition)
        if self._vault is not None and mark != self._vault.mark:
            raise Refusal("keys_of_another")
        steps = [step for each in range(edition, schema.EDITION) for step in schema.MIGRATIONS[each]]
        steps = [step.format(**self.dialect_words) for step in steps]
        return [*steps, f"UPDATE head SET edition = {schema.EDITION}"] if steps else []

    def _prepare(self, batch: Batch, record: bool) -> Write:
        old, facts = self._head, batch.facts
        if not self._open:
            raise RuntimeError("commit without begin")
        if [fact.seq for fact in facts] != list(range(old.seq + 1, old.seq + 1 + len(facts))):
            raise ValueError("facts must continue the journal without a gap")
        at = old.at
        for fact in facts:
            if fact.at < at:
                raise ValueError(f"fact {fact.seq} is older than the one before it")
            at = fact.at
        if record:
            rows, leaves = fact_rows(facts, self._chance.bytes(SALT_BYTES * len(facts)))
            frontier, tiles = self._frontier.append(leaves)
        else:
            rows, tiles, frontier = [], [], Frontier(old.seq + len(facts))
        older = [id for id in batch.incidents if id <= old.seq]
        was = self._was(older) if older else {}
        derived = rows_of(batch.calls, batch.incidents, old.seq, self._indexed, was)
        new = max(len(derived.incidents_new), len(derived.calls_new))
        indexed, recent, index = self._indexed, self._recent + new, False
        if recent >= RECENT_MAX:
            index_recent(derived, self._waiting() if self._recent else ())
            indexed, recent, index = old.seq + len(facts), 0, True
        gone = self._digests(batch.forgotten) if record and batch.forgotten else []
        told = telling(facts)
        return Write(
            facts=rows,
            tiles=tiles,
            frontier=frontier,
            rows=derived,
            units=[unit_row(each) for each in batch.units.values()],
            notices=notice_rows(told),
            looks=look_rows(told),
            timers_gone=[(each.due, each.incident, each.key) for each in batch.timers_gone],
            timers_set=[(each.due, each.incident, each.key) for each in batch.timers_set],
            receipts=[(each.key, each.fingerprint, each.at, each.answer) for each in batch.receipts],
            sealed=[
                *((id, *self._keys().seal(id, contact)) for id, contact in batch.sealed.items()),
                *(self._original(id, seqs) for id, seqs in batch.originals.items() if record),
            ],
            erased=batch.erased,
            forgotten=[(digest, seq) for digest, seq, _ in gone],
            changes=changes_of(
                batch,
                [self._keys().photo_row(*each) for each in batch.photos.values()],
                [seq for _, seq, type in gone if type == "photo.attached"],
                list(remainder_rows(told)),
                disclosure_rows(told),
            ),
            seen=list(batch.seen.items()),
            indexed=indexed,
            recent=recent,
            index=index,
            head=Head(seq=old.seq + len(facts), at=at, pack=batch.pack or old.pack),
        )

    # ── the record (`huying.record`) ─────────────────────────────────────────────────────────────────────
    def tree_head(self) -> bytes:
        """The tree head over all facts, as of the last begin or commit."""
        return self._frontier.head()

    def tile(self, level: int, n: int) -> bytes:
        """The hashes of a tile as stored; none where there is no such tile."""
        return self._tile(level, n)

    def put(self, table: sa.Table, rows: Sequence[Sequence[Any]]) -> None:
        """Put in rows of the record beside the facts, in place of those with the same key; by itself."""
        self.begin()
        try:
            self._replace(table, rows)
        except BaseException:
            self.rollback()
            raise
        self.settle()

    def thin(self, before: int, every: int, limit: int) -> None:
        """Of the checkpoints from before an instant (µs) leave the last one of every so many µs."""
        old = (
            f"SELECT size FROM checkpoint c WHERE at < {before} AND EXISTS (SELECT 1 FROM checkpoint d "
            f"WHERE d.size > c.size AND d.at / {every} = c.at / {every}) ORDER BY size LIMIT {limit}"
        )
        self.begin()
        try:
            self._run(f"DELETE FROM cosignature WHERE size IN ({old})")
            self._run(f"DELETE FROM checkpoint WHERE size IN ({old})")
        except BaseException:
            self.rollback()
            raise
        self.settle()

    # ── loading ──────────────────────────────────────────────────────────────────────────────────────────
    def load_incidents(self, ids: Iterable[int]) -> dict[int, Incident]:
        return {id: docs.read_incident(doc) for id, doc in self._docs("incident", ids)}

    def load_calls(self, ids: Iterable[int]) -> dict[int, Call]:
        return {id: docs.read_call(doc) for id, doc in self._docs("call", ids)}

    def load_streams(self, streams: Sequence[int]) -> list[Fact]:
        rows = self._stream_rows(streams)
        gone = [row[0] for row in rows if row[7] is None]
        left = self.left_of(gone) if gone else {}
        return [fact_of(row, left.get(row[0])) for row in rows]

    def _stream_rows(self, streams: Sequence[int]) -> list[FactRow]:
        return sorted(self._in("SELECT * FROM fact WHERE stream {}", streams))

    def left_of(self, seqs: Sequence[int]) -> dict[int, Left]:
        """What is left of payloads that are gone, by the fact's number."""
        rows = self._in("SELECT seq, how, payload FROM remainder WHERE seq {}", seqs)
        return {seq: (how, payload) for seq, how, payload in rows}

    def erasures(self, after: int = 0) -> Iterator[FactRow]:
        """Rows of the facts that took payloads or keys away, in order, streamed."""
        while rows := self._erasures(after, ERASURES_AT_ONCE):
            yield from rows
            after = rows[-1][0]

    def _original(self, id: int, seqs: Sequence[int]) -> tuple[int, bytes, bytes]:
        """The row of the vault that keeps these facts as they were."""
        rows = (row for seq in seqs for row in self.rows_after(seq - 1, 1))
        kept = [
            {"seq": row[0], "payload": row[7].decode(), "salt": (row[8] or b"").hex()}
            for row in rows
            if row[7] is not None
        ]
        return id, *self._keys().seal_bytes(id, encode(kept))

    def open_originals(self, under: int) -> list[dict[str, Any]]:
        found = self._contact(under)
        if found is None:
            raise Refusal("not_found", contact=under)
        kept: list[dict[str, Any]] = msgspec.json.decode(self._keys().open_bytes(under, *found))
        return kept

    def disclosed_to(self, seq: int) -> list[str]:
        # Some hundred rows at most: a disclosure with words needs a person and a law each time.
        rows = self.scan(schema.disclosure)
        return list(dict.fromkeys(to for _, to, after, until in rows if after < seq <= until))

    def _digests(self, seqs: Sequence[int]) -> list[tuple[bytes, int, str]]:
        """(digest, seq, type) of facts whose payloads go; of one that is gone already nothing is changed."""
        rows = (row for seq in seqs for row in self.rows_after(seq - 1, 1))
        return [(leaf_parts(row)[1], row[0], row[3]) for row in rows if row[7] is not None]

    def load_closure(self, id: int) -> Closure | None:
        return next((docs.read_closure(doc) for _, doc in self._docs("closure", (id,))), None)

    def load_closures(self, at: int) -> list[Closure]:
        return [docs.read_closure(doc) for (doc,) in self._rows(_CLOSURES.format(self.placeholder), (at,))]

    def load_deployment(self, id: int) -> Deployment | None:
        return next((docs.read_deployment(doc) for _, doc in self._docs("deployment", (id,))), None)

    def load_deployments(self) -> list[Deployment]:
        return [docs.read_deployment(doc) for (doc,) in self._rows(_DEPLOYMENTS)]

    def load_account(self, id: int) -> Account | None:
        return next((docs.read_account(doc) for _, doc in self._docs("account", (id,))), None)

    def load_key(self, id: int) -> PartnerKey | None:
        return next((docs.read_key(doc) for _, doc in self._docs("partner_key", (id,))), None)

    def load_accounts(self) -> list[Account]:
        return [docs.read_account(doc) for _, doc in self.scan(schema.account)]

    def open_contact(self, contact: int) -> Contact:
        found = self._contact(contact)
        if found is None:
            raise Refusal("not_found", contact=contact)
        return self._keys().open(contact, *found)

    def load_photos(self, tokens: Sequence[str]) -> dict[str, PhotoFile]:
        return {row[0]: PhotoFile(*row) for row in self._in(_PHOTOS, tokens)}

    def photos_waiting(self, after: int) -> int:
        return int(self._rows(f"SELECT count(*) FROM photo WHERE id = 0 AND at > {int(after)}")[0][0])

    def open_photo(self, token: str, wrapped: bytes | None, sealed: bytes | None) -> bytes:
        """Unseal a picture, from any thread."""
        return self._keys().open_photo(token, wrapped, sealed)

    def _keys(self) -> Vault:
        if self._vault is None:
            raise Refusal("keys_missing")
        return self._vault

    @property
    def mark(self) -> bytes:
        """Of the master key; empty without one."""
        return self._vault.mark if self._vault is not None else b""

    # ── the engine's part ────────────────────────────────────────────────────────────────────────────────
    @abstractmethod
    def _lock(self) -> Head: ...
    @abstractmethod
    def _unlock(self) -> None: ...
    @abstractmethod
    def _write(self, write: Write) -> None: ...
    @abstractmethod
    def _tile(self, level: int, n: int) -> bytes: ...
    @abstractmethod
    def _was(self, ids: Sequence[int]) -> dict[int, Was]: ...
    @abstractmethod
    def _waiting(self) -> list[tuple[int, bytes]]:
        """Recent incidents and their terms."""

    @abstractmethod
    def _docs(self, table: str, ids: Iterable[int]) -> list[tuple[int, bytes]]: ...
    @abstractmethod
    def _contact(self, id: int) -> tuple[bytes | None, bytes | None] | None: ...

    # ── the rest of the port ─────────────────────────────────────────────────────────────────────────────
    @abstractmethod
    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """What a statement of both engines' SQL finds; `placeholder` stands for each value."""

    @abstractmethod
    def load_units(self) -> list[Unit]: ...
    @abstractmethod
    def load_unfinished(self, since: int, limit: int) -> list[Incident]: ...
    @abstractmethod
    def timers_due(self, after: int, until: int, limit: int) -> list[Timer]: ...
    @abstractmethod
    def load_door(self, name: str) -> int: ...
    @abstractmethod
    def load_receipts(self, keys: Sequence[bytes]) -> dict[bytes, Receipt]: ...
    @abstractmethod
    def streams_since(self, seq: int) -> set[int]: ...
    @abstractmethod
    def _in(self, statement: str, ids: Sequence[int] | Sequence[str]) -> list[Any]:
        """Rows of a statement whose `{}` stands for "is one of `ids`"."""

    @abstractmethod
    def _erasures(self, after: int, limit: int) -> list[FactRow]:
        """Rows of facts of erasing after `after`, in order."""

    @abstractmethod
    def scrub(self) -> None:
        """After erasing: what was overwritten is not to be found in logs and dead rows of this engine."""

    @abstractmethod
    def rows_after(self, seq: int, limit: int) -> list[FactRow]:
        """Rows of the facts after `seq`, in order."""

    # ── whole tables, for rebuilding, backup and restoring ──────────────────────────────────────────────
    @abstractmethod
    def scan(self, table: sa.Table) -> Iterator[tuple[Any, ...]]:
        """Every row in the order of the key, streamed; texts are ordered by their bytes."""

    @abstractmethod
    def fill(self, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
        """Empty the table and put in these rows, streamed; inside begin and `settle`."""

    @abstractmethod
    def _run(self, statement: str) -> None: ...
    @abstractmethod
    def _replace(self, table: sa.Table, rows: Sequence[Sequence[Any]]) -> None: ...

    @abstractmethod
    def settle(self) -> None:
        """Commit what `fill` has done."""

    @abstractmethod
    def close(self) -> None: ...
