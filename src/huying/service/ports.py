"""What the service needs from the outside. Stores, travel, triage are put in by `huying.bootstrap`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from msgspec import Struct, field

from huying.base.text import Text
from huying.domain.account import Account, PartnerKey
from huying.domain.call import Call
from huying.domain.closure import Closure
from huying.domain.contact import Contact
from huying.domain.deployment import Deployment
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.measure import Period as Period
from huying.domain.pack import Pack
from huying.domain.photo import PhotoFile
from huying.domain.place import Place
from huying.domain.suggestion import Likely
from huying.domain.suggestion import Suggestion as Suggestion
from huying.domain.unit import Unit
from huying.geo.finding.spots import Answer
from huying.geo.travel import TravelTime as TravelTime
from huying.privacy.policy import Policy
from huying.triage.reading import Reader, Words
from huying.triage.scams import Sign


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────
class Head(Struct, frozen=True):
    """The end of the journal: the last `seq` (0 when empty), the instant of the last fact, and the digest
    of the pack in use (empty before the first)."""

    seq: int = 0
    at: int = 0
    pack: str = ""


class Timer(Struct, frozen=True, order=True, gc=False):
    """At `due` (UTC µs) the clock `key` of `incident` runs out."""

    due: int
    incident: int
    key: str


class Receipt(Struct, frozen=True):
    """The answer once given to an idempotency key: `key` is 32 bytes of hash over actor and key,
    `fingerprint` 32 bytes of hash over the command, `answer` JSON."""

    key: bytes
    fingerprint: bytes
    at: int
    answer: bytes


class Batch(Struct):
    """All that one transaction writes. Facts are in order of `seq`, which continues the head without gap.

    `calls`, `incidents` and `units` are whole new states by id; the store derives the rows by which they
    are found. `sealed` are contacts to seal under a fresh key each, `erased` contacts whose key goes,
    `forgotten` the numbers of earlier facts whose payload and salt go; `originals` those of them that are
    sealed first, each under the number of the fact that corrects it;
    `pack` is a new digest for the head, empty to leave it. `doors` are names under which accounts and keys
    are found (0 takes a name down), `seen` when sessions and keys were last used; that alone makes no fact.
    `photos` are new pictures by token, `photos_named` those that a fact attaches, by its number; pictures
    nobody named that came at or before `photos_before` go.
    """

    facts: list[Fact] = field(default_factory=list)
    calls: dict[int, Call] = field(default_factory=dict)
    incidents: dict[int, Incident] = field(default_factory=dict)
    units: dict[int, Unit] = field(default_factory=dict)
    timers_set: set[Timer] = field(default_factory=set)
    timers_gone: set[Timer] = field(default_factory=set)
    receipts: list[Receipt] = field(default_factory=list)
    sealed: dict[int, Contact] = field(default_factory=dict)
    erased: list[int] = field(default_factory=list)
    forgotten: list[int] = field(default_factory=list)
    originals: dict[int, list[int]] = field(default_factory=dict)
    pack: str = ""
    closures: dict[int, Closure] = field(default_factory=dict)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    partner_keys: dict[int, PartnerKey] = field(default_factory=dict)
    doors: dict[str, int] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    photos: dict[str, tuple[PhotoFile, bytes]] = field(default_factory=dict)
    photos_named: dict[str, int] = field(default_factory=dict)
    photos_before: int = 0


class Store(Protocol):
    """The journal and its projections, as its one writer sees them. Not for use from two threads at once.

    `begin` takes the lock that orders commits, so whatever is decided until `commit` or `rollback` is
    decided about the latest state. Loads see the committed state only.
    """

    def begin(self) -> Head: ...
    def commit(self, batch: Batch) -> None: ...
    def rollback(self) -> None: ...

    def load_incidents(self, ids: Iterable[int]) -> dict[int, Incident]: ...
    def load_calls(self, ids: Iterable[int]) -> dict[int, Call]: ...
    def load_units(self) -> list[Unit]: ...
    def load_unfinished(self, since: int, limit: int) -> list[Incident]:
        """Incidents not closed and opened at or after `since`, newest first: what a new call may join."""
        ...

    def timers_due(self, after: int, until: int, limit: int) -> list[Timer]:
        """The earliest timers with `after` < `due` ≤ `until`, in order."""
        ...

    def load_receipts(self, keys: Sequence[bytes]) -> dict[bytes, Receipt]: ...
    def streams_since(self, seq: int) -> set[int]:
        """Streams that have a fact after `seq`: what another process changed."""
        ...

    def open_contact(self, contact: int) -> Contact:
        """Unseal; refuses with `contact_erased` or `not_found`."""
        ...

    def load_streams(self, streams: Sequence[int]) -> list[Fact]:
        """The facts of these streams in order of `seq`; of one whose payload is gone what is left of it."""
        ...

    def load_closure(self, id: int) -> Closure | None: ...
    def load_closures(self, at: int) -> list[Closure]:
        """Those that may be in force at the instant, in order."""
        ...

    def load_deployment(self, id: int) -> Deployment | None: ...
    def load_deployments(self) -> list[Deployment]:
        """Those that have not ended, in order."""
        ...

    def open_originals(self, under: int) -> list[dict[str, Any]]:
        """Payloads that were sealed under a fact's number, with `seq` and `salt` (hex); refuses with
        `contact_erased` or `not_found`."""
        ...

    def disclosed_to(self, seq: int) -> list[str]:
        """To whom records were disclosed that held this fact."""
        ...

    def load_account(self, id: int) -> Account | None: ...
    def load_accounts(self) -> list[Account]: ...
    def load_key(self, id: int) -> PartnerKey | None: ...
    def load_door(self, name: str) -> int:
        """The id of the account or key under this name; 0 for none."""
        ...

    def load_photos(self, tokens: Sequence[str]) -> dict[str, PhotoFile]: ...
    def photos_waiting(self, after: int) -> int:
        """How many pictures that came after the instant wait to be named."""
        ...

    def close(self) -> None: ...


# ── understanding and going ─────────────────────────────────────────────────────────────────────────────
class Triage(Protocol):
    """Understands words. May raise urgency above the type's own, never lower it."""

    def understand(
        self, words: Words, lang: str, stated_type: str, answers: dict[str, str]
    ) -> Suggestion: ...


class Locate(Protocol):
    """Makes a place of what was given, and finds the areas that hold it.

    A point is converted to WGS-84 and never moved; outside the jurisdiction it has no areas. Without a
    point, places named in `address` or else in the caller's `words` are looked up.
    """

    def place(
        self,
        lat: float | None,
        lon: float | None,
        address: str,
        datum: str,
        error_m: float | None,
        words: str = "",
    ) -> Place: ...

    def point(self, lat: float, lon: float, datum: str) -> tuple[float, float, str]:
        """The point in WGS-84, and the datum by its own name."""
        ...

    def name_of(self, code: str) -> Text:
        """What the city calls the place with this code; empty for none."""
        ...

    def complete(self, typed: str, near: tuple[float, float] | None = None) -> Answer:
        """Candidates for what somebody has typed so far, the likeliest first."""
        ...


class Scams(Protocol):
    """Finds signs that somebody is being scammed right now."""

    def sign(self, words: Words, likely: Sequence[Likely] = (), type: str = "") -> Sign | None: ...


class House(Struct, frozen=True):
    """The parts that decide: one city's pack and what understands, locates and times for it."""

    pack: Pack
    triage: Triage
    locate: Locate
    travel: TravelTime
    policy: Policy
    scams: Scams
    reader: Reader
