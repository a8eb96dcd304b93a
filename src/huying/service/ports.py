"""What the service needs from the outside. Stores, travel, triage are put in by `huying.bootstrap`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from msgspec import Struct, field

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
from huying.service.ports_measures import MeasureQuestions
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


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────
class IncidentFilter(Struct, frozen=True, omit_defaults=True):
    """Which incidents; empty conditions hold for all. `box` is (south, west, north, east) degrees,
    `since`/`until` bound `opened_at`, `agency` means a referral to it or a unit of it, `left` that it is
    closed and something of this kind has not been erased."""

    status: tuple[str, ...] = ()
    type: str = ""
    priority_max: int = 5
    agency: str = ""
    area: str = ""
    since: int = 0
    until: int = 0
    box: tuple[float, float, float, float] | None = None
    duty_desk: bool | None = None
    left: str = ""


Among = tuple[tuple[tuple[str, str], ...], ...]
"""Only things that have, of each group, one of its (kind, value) pairs: kinds are `area`, `agency`, `unit`,
`glass`, `status`, `type`. An empty group holds for nothing."""


class IncidentLine(Struct, frozen=True, omit_defaults=True):
    """One line of a list: enough to show it, from one statement for the page."""

    id: int
    status: str
    type: str
    priority: int
    title: str
    opened_at: int
    changed_at: int
    lat: float | None
    lon: float | None
    address: str
    agencies: tuple[str, ...]
    units: tuple[str, ...]
    calls: int
    next_due: int
    escalations: int
    duty_desk: bool
    version: int
    backup_at: int = 0


class ReferralLine(Struct, frozen=True, omit_defaults=True):
    incident: int
    n: int
    agency: str
    status: str
    offered_at: int
    accept_due: int
    due: int
    ended_at: int
    type: str
    priority: int
    title: str
    escalations: int
    address: str = ""


class Notice(Struct, frozen=True, omit_defaults=True):
    """`to` was told at `at` that a deadline had passed."""

    seq: int
    at: int
    to: str
    incident: int
    key: str
    rung: int
    due: int


class Page(Struct, frozen=True):
    """`items` and the cursor of the next page, empty at the end."""

    items: list[Any]
    next: str = ""


class Counts(Struct, frozen=True):
    """The state of the house at a glance."""

    calls: int
    incidents: int
    unfinished: int
    referrals_running: int
    referrals_overdue: int
    duty_desk: int
    escalations: int


class Questions(MeasureQuestions, Protocol):
    """Reading, from any thread, of what is committed. Every list is bounded and paged by cursor; the
    number of statements does not depend on the number of rows."""

    def head(self) -> Head: ...
    def looked(self, call: Call) -> list[Fact]:
        """Facts that tell who looked at a call, its contact or its incident behind broken glass, in order."""
        ...

    def incidents(self, which: IncidentFilter, cursor: str, limit: int, among: Among = ()) -> Page: ...
    def states(self, which: IncidentFilter, cursor: str, limit: int, among: Among = ()) -> Page:
        """The same page as of `incidents`, of whole incidents."""
        ...

    def incident(self, id: int) -> Incident: ...
    def timeline(self, incident: int, limit: int, among: Among = ()) -> list[Fact]:
        """Facts of the incident's stream and of its calls, in order of `seq`. Here and below `among` lets a
        store with a second wall leave out what the asker may not see; it decides nothing elsewhere."""
        ...

    def call(self, id: int) -> Call: ...
    def calls(self, ids: Sequence[int], among: Among = ()) -> list[Call]: ...
    def call_by_code(self, code_hash: str) -> Call: ...
    def calls_received(
        self,
        since: int,
        until: int,
        cursor: str,
        limit: int,
        types: Sequence[str] | None = None,
        status: Sequence[str] | None = None,
        among: Among = (),
    ) -> Page:
        """Calls by time of receipt, newest first, each as (Call, Incident); of incidents of one of `types`
        and in one of `status` where these are given. Such a page may be shorter than `limit` and still not
        be the last."""
        ...

    def referrals(
        self,
        agency: str,
        status: tuple[str, ...],
        overdue_at: int,
        cursor: str,
        limit: int,
        among: Among = (),
    ) -> Page:
        """Referral lines by due time; `overdue_at` > 0 keeps running ones due before it. In `among`, `agency`
        is that of the referral itself."""
        ...

    def told(self, actor: str, key: str) -> dict[str, Any] | None:
        """What `actor` was answered under an idempotency key; None when nothing is known of it."""
        ...

    def units(self) -> list[Unit]: ...
    def notices(self, to: str, after: int, limit: int) -> list[Notice]: ...
    def incidents_of(self, streams: Sequence[int], among: Among = ()) -> dict[int, Incident]:
        """For each stream that is an incident or a call in one: that incident."""
        ...

    def facts(self, after: int, limit: int) -> list[Fact]: ...
    def counts(self, at: int) -> Counts: ...
    def opened_in(self, spans: Sequence[tuple[int, int]]) -> list[int]:
        """How many incidents were opened from the first instant (UTC µs) up to the second, of each span."""
        ...

    def account_by(self, name: str) -> Account | None:
        """The account that is found under a name (`domain.account.by_…`)."""
        ...

    def closures(self, at: int) -> list[Closure]:
        """Closed and slowed roads in force at the instant (UTC µs), in order."""
        ...

    def deployment(self, id: int) -> Deployment:
        """Refuses with `not_found`."""
        ...

    def deployments(self, ended: bool) -> list[Deployment]:
        """Plans on the table and in force, newest first; with `ended` those too that no longer are."""
        ...

    def accounts(self) -> list[Account]: ...
    def key_by(self, name: str) -> PartnerKey | None: ...
    def keys(self) -> list[PartnerKey]:
        """All that were ever issued and some were revoked of, oldest first."""
        ...

    def labelled(self, calls: Sequence[int]) -> set[int]:
        """Those of the calls that a person has labelled."""
        ...

    def model_said(self, role: str) -> dict[str, Any]:
        """What the fact says that last gave the role `live`, `shadow` or `passed` to a model, and `at`, when;
        empty before the first."""
        ...

    def model_judged(self, digest: str) -> dict[str, Any]:
        """What the gate last said of a model; empty before it was first judged."""
        ...

    def seen(self, ids: Sequence[int]) -> dict[int, int]:
        """When sessions and keys were last used (UTC µs); none where nobody noted it."""
        ...

    def times(self) -> dict[str, float]:
        """`queue_time_s_p50/p90`, `response_time_s_p50/p90` over all finished assignments; first unit of
        an incident counts."""
        ...


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
